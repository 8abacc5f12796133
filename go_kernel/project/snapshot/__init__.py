"""A snapshot of a project and its environment: made, kept in a file, compared later."""
