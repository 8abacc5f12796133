"""The looking itself: a credential is found however deep it is packed."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import zstandard

from tests.private import host, leaks


def test_a_credential_is_found_in_an_archive_of_an_archive(tmp_path: Path) -> None:
    """A zip in a tar in zstd, each compressed; and a file's name."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m@v1/config", f"url = https://{host.USER}:{host.PASSWORD}@h/")
    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w") as tar:
        member = tarfile.TarInfo("proxy/m/@v/v1.zip")
        member.size = len(zipped.getvalue())
        tar.addfile(member, io.BytesIO(zipped.getvalue()))
    (tmp_path / "bundle").write_bytes(zstandard.compress(tarred.getvalue()))
    (tmp_path / f"log-of-{host.TOKEN}").touch()
    (tmp_path / "harmless").write_text(host.USER)
    found = [name.removeprefix(f"{tmp_path}/") for name in leaks.in_folder(tmp_path)]
    assert found == [
        "bundle (unpacked): proxy/m/@v/v1.zip: m@v1/config",
        f"log-of-{host.TOKEN}",
    ]
