"""JupyterHub on one machine, each user's server a systemd unit of that user's.

The Hub runs as root: only root starts units for others. Prefixes that root owns are
activated by the Hub, so the whole server has the chosen Go, its terminals included.
"""

from go_kernel.hub import check

c = get_config()  # noqa: F821 - traitlets gives it

c.JupyterHub.spawner_class = "gokernel-systemd"
c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # TLS ends in the web server before it
c.JupyterHub.cleanup_servers = False
c.JupyterHub.db_url = "sqlite:////var/lib/jupyterhub/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "/var/lib/jupyterhub/cookie_secret"  # noqa: S105

# --- who may in: accounts of this machine ---

c.JupyterHub.authenticator_class = "pam"
# Who isn't in the group has no Hub either. Names go into paths and unit names below.
c.PAMAuthenticator.allowed_groups = {"jupyterhub"}
# (\Z: the Hub asks only whether a name begins like that.)
c.Authenticator.username_pattern = r"[a-z_][a-z0-9_]{0,30}\Z"

# --- the units ---

# By its path: a Go environment has its own folders first on PATH, and perhaps its own
# jupyterhub-singleuser in one of them.
c.SystemdSpawner.cmd = ["/opt/jupyter/bin/jupyterhub-singleuser"]
# A /tmp of one's own: nobody sees another's kernels, builds and sockets.
c.SystemdSpawner.isolate_tmp = True
c.SystemdSpawner.isolate_devices = True
# NoNewPrivileges: no sudo from a notebook.
c.SystemdSpawner.disable_user_sudo = True
# All of the machine is read-only but one's home and what CacheDirectory gives.
c.SystemdSpawner.readonly_paths = ["/"]
c.SystemdSpawner.readwrite_paths = ["/home/{USERNAME}"]
c.SystemdSpawner.unit_extra_properties = {
    # systemd makes /var/cache/jupyter-go/NAME, and gives it to the user.
    "CacheDirectory": "jupyter-go/{USERNAME}",
    "CacheDirectoryMode": "0700",
    "TasksMax": "2048",
}
c.SystemdSpawner.mem_limit = "4G"
c.SystemdSpawner.cpu_limit = 4.0

# --- Go ---

c.GoSpawnerMixin.go_environments = {
    "go-1.26": {"prefix": "/opt/conda/envs/go-1.26"},
    "go-1.27": {"prefix": "/opt/conda/envs/go-1.27"},
}
c.GoSpawnerMixin.go_default = "go-1.26"
# On this machine's disk, where homes are on a network file system. Leave the two lines out
# where homes are local, and with dynamic_users.
c.GoSpawnerMixin.gocache = "/var/cache/jupyter-go/{unescaped_username}/go-build"
c.GoSpawnerMixin.gomodcache = "/var/cache/jupyter-go/{unescaped_username}/mod"
# c.GoSpawnerMixin.goproxy = "file:///srv/go/modules"

# A mistake in what stands above ends the Hub here, with a sentence.
check(c)
