"""Which versions an engine is made of, in one hash: so a bundle says for which engine it is."""

from __future__ import annotations

import hashlib
from pathlib import Path


def of(engine: Path) -> str:
    """SHA-256 over an engine's go.mod and go.sum, which `engine`, its folder, holds."""
    digest = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        digest.update((engine / name).read_bytes())
    return digest.hexdigest()
