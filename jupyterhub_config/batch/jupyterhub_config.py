"""JupyterHub before a Slurm cluster: each user's server is a job of that user's.

The Hub has an account of its own, and sudo for three commands (README.md). The file
system with the Go environments and the homes is shared by the Hub and all nodes.
"""

import socket

import batchspawner  # noqa: F401 - registers where a job says its port
from tornado import web

from go_kernel.hub import check

c = get_config()  # noqa: F821 - traitlets gives it

c.JupyterHub.spawner_class = "gokernel-batch"
c.JupyterHub.hub_ip = "0.0.0.0"  # noqa: S104 - the nodes have to reach it
c.JupyterHub.hub_connect_ip = socket.getfqdn()
c.JupyterHub.cleanup_servers = False
c.JupyterHub.db_url = "sqlite:////var/lib/jupyterhub/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "/var/lib/jupyterhub/cookie_secret"  # noqa: S105
# At DEBUG, batchspawner logs each job's whole environment, its API token included.
c.JupyterHub.log_level = "INFO"

# --- who may in: accounts of the cluster ---

c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {"jupyterhub"}
# The name goes into a command line of a shell (sudo -u NAME): nothing but these.
# (\Z: the Hub asks only whether a name begins like that.)
c.Authenticator.username_pattern = r"[a-z_][a-z0-9_-]{0,30}\Z"

# --- the jobs ---

c.SlurmSpawner.exec_prefix = "sudo -E -u {username}"
# By their paths, and for the nodes, too: a Go environment has its own folders first on PATH.
c.SlurmSpawner.batchspawner_singleuser_cmd = "/opt/jupyter/bin/batchspawner-singleuser"
c.SlurmSpawner.cmd = ["/opt/jupyter/bin/jupyterhub-singleuser"]
c.SlurmSpawner.req_partition = "jupyter"
c.SlurmSpawner.req_runtime = "8:00:00"
c.SlurmSpawner.req_memory = "4G"
c.SlurmSpawner.req_nprocs = "2"
# `--export` of the job gets the names of all variables that the Hub sends; these are more of
# the Hub's own.
c.SlurmSpawner.req_keepvars_extra = "LANG"
c.SlurmSpawner.start_timeout = 600


def only_known_options(spawner):
    """Refuse what batchspawner would put into the job's script, in place of the settings above.

    The REST API takes any JSON from a user: {"runtime": "30-0", "cmd": "..."}.
    """
    unknown = sorted(spawner.user_options.keys() - {"go_environment"})
    if unknown:
        error = web.HTTPError(400, "unknown options")
        error.jupyterhub_message = f"This Hub takes no option {unknown[0]!r}."
        raise error


c.Spawner.pre_spawn_hook = only_known_options

# Where the engines are that were built ahead.
c.Spawner.environment = {"GOKERNEL_SITE_STORES": "/shared/go/engines"}

# --- Go ---

c.GoSpawnerMixin.go_environments = {
    "go-1.26": {"prefix": "/shared/conda/envs/go-1.26"},
    "go-1.27": {"prefix": "/shared/conda/envs/go-1.27"},
}
c.GoSpawnerMixin.go_default = "go-1.26"
# Compiled packages on the node's own disk: a network file system is slow at many small files.
# The launch makes the folder, on whatever node it is.
c.GoSpawnerMixin.gocache = "/scratch/{username}/go-build"
# Nodes without a way out get modules from the shared file system, and from nowhere else.
c.GoSpawnerMixin.goproxy = "file:///shared/go/modules,off"
c.GoSpawnerMixin.gosumdb = "off"

# A mistake in what stands above ends the Hub here, with a sentence.
check(c)
