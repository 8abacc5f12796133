"""The words that the Hub, its users and their servers share."""

from __future__ import annotations

import re

# Variables of the server's process.
ENVIRONMENT = "GOKERNEL_HUB_ENVIRONMENT"
PREFIX = "GOKERNEL_HUB_PREFIX"
# The user option, the form's field and the query's key.
OPTION = "go_environment"

ID = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")
