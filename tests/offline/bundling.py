"""Small bundles for tests: one module, an engine's pins, a Go that is none."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from go_kernel import platforms
from go_kernel.engines import catalogue
from go_kernel.offline import gohash
from go_kernel.offline.manifest import Engine, Manifest, Module, Toolchain
from go_kernel.offline.pack import describe, pack
from go_kernel.offline.wanted import pins_of

_HOST = platforms.host()
PLATFORM = f"{_HOST.goos}-{_HOST.goarch}"


@dataclass(frozen=True)
class Made:
    """A bundle: as a folder, as an archive, its manifest, the archive's SHA-256."""

    folder: Path
    archive: Path
    manifest: Manifest
    sha256: str


def make(
    base: Path,
    *,
    version: str = "v1.0.0",
    name: str = "",
    engine_pins: str = "",
    platform: str = PLATFORM,
    weight: int = 0,
) -> Made:
    """A bundle of example.invalid/m at `version`; `weight` bytes more make it that much heavier."""
    folder = base / f"bundle-{version}"
    files = _module("example.invalid/m", version)
    goroot = f"toolchain/{platform}/go"
    files[f"{goroot}/bin/go"] = b"#!/bin/sh\n"
    if weight:
        files[f"{goroot}/pkg/weight"] = bytes(range(256)) * (weight // 256)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    (folder / goroot / "bin/go").chmod(0o755)
    mod = files[f"proxy/example.invalid/m/@v/{version}.mod"]
    content = files[f"proxy/example.invalid/m/@v/{version}.zip"]
    module = Module(
        "example.invalid/m",
        version,
        gohash.of_go_mod(mod),
        gohash.of_zip(io.BytesIO(content)),
    )
    (folder / "go.sum").write_text(
        f"{module.path} {version} {module.sum}\n"
        f"{module.path} {version}/go.mod {module.go_mod_sum}\n"
    )
    engine = catalogue.get("gophernotes")
    manifest = Manifest(
        made_by="jupyter-gokernel 1.0",
        go_version="1.26.8",
        files=tuple(describe(folder, path) for path in sorted([*files, "go.sum"])),
        modules=(module,),
        engines=(Engine(engine.name, engine_pins or pins_of(engine)),),
        toolchains=(Toolchain(platform, "1.26.8", describe(folder, f"{goroot}/bin/go").sha256),),
        name=name,
    )
    (folder / "manifest.json").write_bytes(manifest.to_bytes())
    archive = base / f"{version}.gokernel.tar.zst"
    packed = pack(folder, manifest, archive)
    return Made(folder, archive, manifest, packed.sha256)


def _module(path: str, version: str) -> dict[str, bytes]:
    mod = f"module {path}\n".encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(f"{path}@{version}/go.mod"), mod)
        archive.writestr(zipfile.ZipInfo(f"{path}@{version}/m.go"), b"package m\n")
    at = f"proxy/{path}/@v"
    info = f'{{"Version":"{version}","Time":"2026-01-01T00:00:00Z"}}'.encode()
    return {
        f"{at}/list": f"{version}\n".encode(),
        f"{at}/{version}.info": info,
        f"{at}/{version}.mod": mod,
        f"{at}/{version}.zip": packed.getvalue(),
        f"proxy/{path}/@latest": info,
    }
