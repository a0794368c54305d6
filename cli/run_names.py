"""Which run a person means: an id, the unique beginning of one, `last`, or a path."""

from __future__ import annotations

from pathlib import Path

from perfpilot.domain.errors import RunDirectoryError
from perfpilot.tools.history.run_directory import RunDirectory, is_run_id

_SHOWN = 5


def find_run(name: str, runs_dir: Path) -> RunDirectory:
    """Open the run that is meant. Raises RunDirectoryError: none, several, or of another major version."""
    ids = run_ids(runs_dir)
    if name == "last":
        if not ids:
            raise RunDirectoryError(f"{runs_dir} holds no run", mend="perfpilot run SPEC makes one")
        return RunDirectory.open(runs_dir / ids[-1])
    if "/" in name or name in (".", ".."):
        return RunDirectory.open(Path(name))
    meant = [name] if name in ids else [id_ for id_ in ids if name and id_.startswith(name)]
    if len(meant) == 1:
        return RunDirectory.open(runs_dir / meant[0])
    if name and not meant and Path(name).is_dir():
        return RunDirectory.open(Path(name))
    if not meant:
        raise RunDirectoryError(f"{runs_dir} holds no run {name!r}", mend=f"perfpilot runs --runs {runs_dir}")
    several = ", ".join(meant[:_SHOWN]) + (", ..." if len(meant) > _SHOWN else "")
    raise RunDirectoryError(f"{name!r} begins {len(meant)} runs: {several}", mend="give more of the id")


def run_ids(runs_dir: Path) -> list[str]:
    """Ids of the runs in a directory, the oldest first: an id begins with its UTC time."""
    if not runs_dir.is_dir():
        return []
    return sorted(path.name for path in runs_dir.iterdir() if is_run_id(path.name) and path.is_dir())
