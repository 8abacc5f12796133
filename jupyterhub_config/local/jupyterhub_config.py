"""JupyterHub on one machine: every user their own Go.

    pip install 'jupyter-gokernel[local-hub]'  # in a clone: '.[local-hub]'
    jupyterhub -f jupyterhub_config/local/jupyterhub_config.py

As yourself it is for trying out: any name and one password, on this machine's own address,
every server under your account.  As root each user has a server under their own account.
README.md beside this file tells the settings, all of which are variables.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import sys
from pathlib import Path
from typing import Any, NoReturn

from go_kernel import entry, inventory
from go_kernel.engines.store import Stores
from go_kernel.files import read_json, write_json
from go_kernel.findings import GoKernelError
from go_kernel.folders import data_folder
from go_kernel.hub import check, single
from go_kernel.process import run

c = get_config()  # noqa: F821

AS_ROOT = os.geteuid() == 0
# The site map of the servers, if this machine has one, is as good a list for the Hub.
SITE_MAP = Path("/etc/jupyter-gokernel/environments.json")


def setting(name: str, default: str) -> str:
    """What the variable GOKERNEL_LOCAL_<name> says."""
    return os.environ.get(f"GOKERNEL_LOCAL_{name}", default)


def stop(sentence: str) -> NoReturn:
    """End the Hub before it starts, with a sentence and no traceback."""
    raise SystemExit(f"jupyterhub_config.py: {sentence}")


def word(name: str, default: str, *allowed: str) -> str:
    """A setting that is one of a few words."""
    said = setting(name, "") or default
    if said not in allowed:
        stop(f"GOKERNEL_LOCAL_{name}={said} is neither {' nor '.join(allowed)}.")
    return said


def listed(file: Path) -> dict[str, Any]:
    """The environments that a file lists: {"environments": {"ID": {"prefix": "/…"}}}."""
    if not file.is_file():
        stop(f"there is no file {file}, which is to list the environments.")
    content = read_json(file)
    environments = content.get("environments") if isinstance(content, dict) else None
    entries = environments.values() if isinstance(environments, dict) else ()
    if not entries or not all(isinstance(one, dict) for one in entries):
        stop(f'{file} is no JSON like {{"environments": {{"go-1.26": {{"prefix": "/…"}}}}}}.')
    return {
        # What the site map calls a name is part of what people are shown.
        name: {("display_name" if key == "name" else key): value for key, value in one.items()}
        for name, one in environments.items()
    }


def everybody_enters(prefix: Path) -> bool:
    """Whether other accounts than ours may enter an environment."""
    folders = [prefix, *prefix.parents]
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in folders)


def found() -> dict[str, Any]:
    """The conda environments with Go that this account knows and all users can enter."""
    environments: dict[str, Any] = {}
    for one in inventory.with_go(os.environ):
        if one.problem or (ACCOUNTS and not everybody_enters(one.prefix.resolve())):
            continue
        plain = re.sub(r"[^a-z0-9.]+", "-", one.name.lower())[:50].strip("-.") or "go"
        numbered = (f"{plain}-{number}" for number in range(2, 1000))
        name = next(name for name in (plain, *numbered) if name not in environments)
        environments[name] = {"prefix": str(one.prefix)}
    if not environments:
        stop(
            "no conda environment with Go was found; make one: jupyter gokernel create NAME, "
            "which needs pip install 'jupyter-gokernel[conda]' (in a clone '.[conda]')."
        )
    return environments


def for_servers(folder: Path) -> dict[str, str]:
    """Write what the users' servers read, into a folder of the Hub; the variables that say so.

    The kernel "Go (this server)", and the extension with the panel.
    """
    command = [*entry.command("cli.main"), "install", "--hub", "--replace"]
    done = run([*command, f"--prefix={folder}"], env=os.environ, timeout=60, check=False)
    if done.returncode:
        stop(done.stderr.strip())
    config = {
        # What servers say goes into the Hub's log.
        "ServerApp": {"jpserver_extensions": {"go_kernel.server": True}, "log_level": "WARN"},
        "JupyterHubSingleUser": {"log_level": "WARN"},
        "LabApp": {"log_level": "WARN"},
        "GoKernelProvisioner": {"build_at_launch": not ACCOUNTS},
    }
    file = folder / "etc" / "jupyter" / "jupyter_server_config.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_json(file, config)
    # Whatever the umask of who started the Hub: all users read it.
    for one in (folder, *folder.rglob("*")):
        one.chmod(0o755 if one.is_dir() else 0o644)
    own = {"JUPYTER_PATH": "share/jupyter", "JUPYTER_CONFIG_PATH": "etc/jupyter"}
    return {
        name: os.pathsep.join(filter(None, [str(folder / place), os.environ.get(name, "")]))
        for name, place in own.items()
    }


# ---- As whom: one account for all servers, in folders of their own, or this machine's accounts.
ACCOUNTS = word("SPAWNER", "local" if AS_ROOT else "simple", "simple", "local") == "local"
# Accounts have their own passwords; one password for all of them is only for who asks for it.
PAM = word("AUTH", "pam" if ACCOUNTS else "password", "pam", "password") == "pam"
if not AS_ROOT and (PAM or ACCOUNTS):
    what = "GOKERNEL_LOCAL_SPAWNER=local" if ACCOUNTS else "GOKERNEL_LOCAL_AUTH=pam"
    stop(f"{what} needs root: nobody else checks the passwords of others and starts their servers.")
PASSWORD = setting("PASSWORD", "")
if PAM and PASSWORD:
    stop("GOKERNEL_LOCAL_PASSWORD is for GOKERNEL_LOCAL_AUTH=password: accounts have their own.")
if PASSWORD and len(PASSWORD) < 8:
    stop("the password in GOKERNEL_LOCAL_PASSWORD needs 8 letters or more.")

# ---- The Hub and its proxy: of this machine only, until somebody puts HTTPS before it.
# Two ports more, between Hub, proxy and servers, follow it, so that two Hubs keep apart.
PORT = int(setting("PORT", "8000")) if re.fullmatch("[0-9]{1,5}", setting("PORT", "8000")) else 0
if not 0 < PORT <= 65535 - 81:
    stop(f"GOKERNEL_LOCAL_PORT={setting('PORT', '')} is no number from 1 to {65535 - 81}.")
URL = f"http://127.0.0.1:{PORT}"

USUAL = "/var/lib/jupyter-gokernel-hub" if AS_ROOT else str(data_folder(os.environ) / "hub")
FOLDER = Path(setting("FOLDER", USUAL)).absolute()
PRIVATE = FOLDER / "private"
try:
    PRIVATE.mkdir(mode=0o700, parents=True, exist_ok=True)
    single.hold(PRIVATE, URL)
    single.look_at_ports(
        *(PORT, PORT + 1, PORT + 81),
        pid_file=PRIVATE / "proxy.pid",
        token=os.environ.get("CONFIGPROXY_AUTH_TOKEN", ""),
    )
except OSError as error:
    stop(f"the Hub's folder {FOLDER} can't be used ({error.strerror}): set GOKERNEL_LOCAL_FOLDER.")
except GoKernelError as error:
    stop(str(error))

c.JupyterHub.bind_url = URL
c.JupyterHub.hub_port = PORT + 81
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PORT + 1}"
c.JupyterHub.db_url = f"sqlite:///{PRIVATE / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(PRIVATE / "cookie_secret")
c.JupyterHub.allow_named_servers = True
# The one in Python, which pip installs: no Node.js is needed.  Unless told otherwise it gives up
# after 20 s (503), while a kernel's engine is being built.  It passes on ten requests at a time,
# which is too few for a course: Node's is taken where somebody names it.
PROXY = setting("PROXY", str(Path(sys.executable).with_name("configurable-http-proxy")))
c.ConfigurableHTTPProxy.command = [PROXY, "--proxy-timeout=1800000"]
c.ConfigurableHTTPProxy.log_level = "error"
c.ConfigurableHTTPProxy.pid_file = str(PRIVATE / "proxy.pid")

# ---- Who may log in.
c.Authenticator.allow_all = True
if PAM:
    # The accounts of this machine with their own passwords; not for all of them: allowed_users,
    # or allowed_groups, in place of allow_all.
    c.JupyterHub.authenticator_class = "pam"
    HOW = "with an account of this machine"
else:
    # For trying out: whoever has the password is whoever they say.
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = PASSWORD or secrets.token_urlsafe(9)
    HOW = "with any name and the password " + (
        "in GOKERNEL_LOCAL_PASSWORD" if PASSWORD else c.SharedPasswordAuthenticator.user_password
    )
    if ACCOUNTS:
        HOW += "\nWarning: this one password opens every account of this machine but root."
single.say_when_up(f"\nJupyterHub: {URL}\nLog in {HOW}\nCtrl-C ends it.\n", PORT, PORT + 81)
c.Authenticator.blocked_users = {"root"}
# A name becomes a folder's, so it may not be one like `..`.  The Hub asks how a name begins.
c.Authenticator.username_pattern = r"[a-z_][a-z0-9_-]{0,31}\Z"

# ---- Their servers.
c.JupyterHub.spawner_class = "gokernel-local" if ACCOUNTS else "gokernel-simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(FOLDER / "homes" / "{username}")
c.Spawner.cmd = [str(Path(sys.executable).with_name("jupyterhub-singleuser"))]
if AS_ROOT and not ACCOUNTS:
    c.Spawner.args = ["--allow-root"]  # in a container, to try it out
c.Spawner.default_url = "/lab"
c.Spawner.environment = for_servers(FOLDER / "site")
if not ACCOUNTS:
    # One account runs all servers, so one store of engines serves them: built once.
    c.Spawner.environment["GOKERNEL_STORE"] = str(Stores.from_environment(os.environ).user)

# ---- Their Go.
LIST = Path(setting("ENVIRONMENTS", str(SITE_MAP)))
if "GOKERNEL_LOCAL_ENVIRONMENTS" in os.environ or LIST.exists():
    c.GoSpawnerMixin.go_environments = listed(LIST)
else:
    c.GoSpawnerMixin.go_environments = found()
# What else an administrator may say:
# c.GoSpawnerMixin.go_default = "go-1.26"
# c.GoSpawnerMixin.goproxy = "https://athens.example.invalid"
# c.GoSpawnerMixin.gocache = "/scratch/{username}/{environment}/go-build"

# A mistake in what stands above ends the Hub here, with a sentence.
check(c)
