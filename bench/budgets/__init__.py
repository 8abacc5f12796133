"""One module a budget; BUDGETS in `table` lists them."""
