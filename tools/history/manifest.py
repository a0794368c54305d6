"""The manifest: SHA-256 of every file of a run, so that an edited byte is seen."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

from perfpilot.domain.base import Frozen
from perfpilot.domain.result import Artifact
from perfpilot.tools.history.run_directory import LOCK, RunDirectory

_LEFT_OUT = (
    "manifest.json", "checkpoint.sqlite", "checkpoint.sqlite-wal", "checkpoint.sqlite-shm", "stop", LOCK,
)  # fmt: skip


class Manifest(Frozen):
    """All files of a run."""

    version: int = 1
    files: tuple[Artifact, ...]


def artifacts_of(run: RunDirectory) -> tuple[Artifact, ...]:
    """Every file of the run by its path in it, sorted. Blocks: reads them all."""
    paths = (path for path in sorted(run.path.rglob("*")) if path.is_file() and path.name not in _LEFT_OUT)
    return tuple(
        Artifact(path=path.relative_to(run.path).as_posix(), sha256=_sha256(path), bytes=path.stat().st_size)
        for path in paths
    )


def write_manifest(run: RunDirectory) -> None:
    """Write `manifest.json` over everything that is there now."""
    run.write("manifest.json", Manifest(files=artifacts_of(run)))


def renew_manifest(run: RunDirectory, written: Collection[str]) -> None:
    """New digests for what was written now and for nothing else: an edited byte elsewhere is still seen.

    `written`: paths in the run. A run without a manifest gets none.
    """
    manifest = run.read_or_none("manifest.json", Manifest)
    if manifest is None:
        return
    kept = [artifact for artifact in manifest.files if artifact.path not in written]
    new = [artifact for artifact in artifacts_of(run) if artifact.path in written]
    files = tuple(sorted([*kept, *new], key=lambda artifact: artifact.path))
    run.write("manifest.json", Manifest(version=manifest.version, files=files))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
