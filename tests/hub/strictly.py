"""Looks for settings that no class has: traitlets takes a misspelled name without a word."""

from __future__ import annotations

from typing import Any

from jupyterhub.app import JupyterHub
from jupyterhub.auth import DummyAuthenticator, PAMAuthenticator
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from jupyterhub.proxy import ConfigurableHTTPProxy
from traitlets.config import Config

ALWAYS: tuple[type, ...] = (
    *(JupyterHub, ConfigurableHTTPProxy),
    *(DummyAuthenticator, PAMAuthenticator, SharedPasswordAuthenticator),
)


def nothing_unknown(config: Config) -> None:
    """Fail, naming what is set and nobody has."""
    spawner: type = JupyterHub(config=config).spawner_class
    classes: dict[str, Any] = {c.__name__: c for one in (*ALWAYS, spawner) for c in one.__mro__}
    unknown = []
    for section, settings in config.items():
        known = getattr(classes.get(section), "class_trait_names", lambda **_: [])(config=True)
        unknown += [f"{section}.{name}" for name in settings if name not in known]
    assert unknown == []
