"""JupyterHub in Docker: each user a container, in it the Go environments of its image.

All that differs from site to site comes from compose.yaml's variables and from site.d.
"""

import os
import sys
from pathlib import Path

from go_kernel.hub import check

c = get_config()  # noqa: F821 - traitlets gives it

SITE = Path("/etc/jupyterhub/site.d")


def setting(name):
    """A variable that compose.yaml passes on; without it the Hub does not start."""
    value = os.environ.get(name, "").strip()
    if not value:
        sys.exit(f"{name} is not set: fill in .env and start with `docker compose up`.")
    return value


# --- the Hub ---

c.JupyterHub.spawner_class = "gokernel-docker"
c.JupyterHub.hub_ip = "0.0.0.0"  # noqa: S104 - inside of its container
c.JupyterHub.hub_connect_ip = "hub"
c.JupyterHub.db_url = "sqlite:////srv/jupyterhub/data/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "/srv/jupyterhub/data/cookie_secret"  # noqa: S105
# Users' containers, and the proxy, outlive a restart of the Hub.
c.JupyterHub.cleanup_servers = False
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = "http://proxy:8001"

# --- who may in ---

authenticator = setting("HUB_AUTHENTICATOR")
c.JupyterHub.authenticator_class = authenticator
if authenticator in ("dummy", "shared-password"):
    # One password for all names: only for whoever asked for it by setting one.
    password = os.environ.get("HUB_TRY_OUT_PASSWORD", "")
    if len(password) < 8:
        sys.exit(
            f"HUB_AUTHENTICATOR is {authenticator}, which lets everybody in under any name: set "
            "HUB_TRY_OUT_PASSWORD (8 characters or more) to try things out with it, or choose a "
            "real authenticator."
        )
    if authenticator == "dummy":
        c.DummyAuthenticator.password = password
    else:
        c.SharedPasswordAuthenticator.user_password = password
    c.Authenticator.allow_all = True

# --- the containers ---

images = setting("SINGLEUSER_IMAGES").split()
c.DockerSpawner.image = images[0]
# With more than one, people choose; any other image is refused.
c.DockerSpawner.allowed_images = images
c.DockerSpawner.pull_policy = "ifnotpresent"
c.DockerSpawner.network_name = setting("HUB_USERS_NETWORK")
c.DockerSpawner.use_internal_ip = True
c.DockerSpawner.remove = True
# One home for each user, shared by their named servers. {username} is escaped.
c.DockerSpawner.volumes = {"jupyterhub-user-{username}": "/home/jovyan"}
c.DockerSpawner.notebook_dir = "/home/jovyan"
c.DockerSpawner.mem_limit = setting("USER_MEMORY")
c.DockerSpawner.cpu_limit = float(setting("USER_CPUS"))
c.DockerSpawner.extra_host_config = {
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    # A kernel that starts processes without end takes its own container along, not the machine.
    "pids_limit": 2048,
}
c.DockerSpawner.start_timeout = 120

# --- Go ---

# The ids of the image's site map. No prefix is needed here: the Hub sends the id, and the
# server inside looks it up.
c.GoSpawnerMixin.go_environments = {
    "go-1.26": {"display_name": "Go 1.26 (conda env: go-1.26)"},
    "go-1.27": {"display_name": "Go 1.27 (conda env: go-1.27)"},
}
c.GoSpawnerMixin.go_default = "go-1.26"
# Athens fetches and keeps; the checksum database is asked through it, too.
c.GoSpawnerMixin.goproxy = "http://athens:3000"

# --- servers that nobody uses ---

c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"],
    }
]

for path in sorted(SITE.glob("*.py")):
    load_subconfig(str(path))  # noqa: F821 - traitlets gives it

# A mistake in what stands above ends the Hub here, with a sentence.
check(c)
