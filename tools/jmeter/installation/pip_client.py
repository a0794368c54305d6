"""The Python package client, as the user has set it up: index, proxy and certificates stay theirs."""

from __future__ import annotations

import asyncio
import importlib.resources
import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from perfpilot.tools.jmeter.installation.command import run_to_end
from perfpilot.tools.jmeter.installation.install import SourceFailed

_TIMEOUT_S = 600.0


async def run_pip(*arguments: str | Path, extra_env: Mapping[str, str] | None = None) -> None:
    """Run `pip <arguments>` and wait for its end.

    Raises:
        SourceFailed: this Python has no pip, or pip failed; the message carries its last words.
    """
    argv = await asyncio.to_thread(_pip)
    # One retry instead of pip's five: without a network, failing takes seconds instead of minutes.
    env = {"PIP_RETRIES": "1", **os.environ, **(extra_env or {})}
    try:
        done = await run_to_end([*argv, *arguments, "--quiet"], timeout_s=_TIMEOUT_S, env=env)
    except TimeoutError:
        raise SourceFailed(f"pip did not end within {_TIMEOUT_S:.0f} s") from None
    if done.returncode != 0:
        raise SourceFailed(f"pip ended with {done.returncode}: {done.last_words()}")


def requirements(name: str) -> str:
    """The text of a hashed requirements file that lies beside this module."""
    return (importlib.resources.files("perfpilot.tools.jmeter.installation") / name).read_text(
        encoding="utf-8"
    )


def _pip() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    # Environments made by uv have no pip, but Python itself carries a wheel of it, which runs as it is.
    bundle = importlib.util.find_spec("ensurepip")
    places = list(bundle.submodule_search_locations or ()) if bundle else []
    for wheel in (wheel for place in places for wheel in Path(place).glob("_bundled/pip-*.whl")):
        return [sys.executable, str(wheel / "pip")]
    raise SourceFailed(f"{sys.executable} has no pip", mend=f"{sys.executable} -m ensurepip")
