"""The words that the Hub, its users and their servers share."""

from __future__ import annotations

from go_kernel.hub_choice import ENVIRONMENT, ID, PREFIX

__all__ = ["ENVIRONMENT", "ID", "OPTION", "PREFIX"]

# The user option, the form's field and the query's key.
OPTION = "go_environment"
