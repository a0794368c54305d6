"""Fixtures that every room may use."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from perfpilot.demo.launch import Service, start

# What a test run must not depend on: the developer's own settings.
for name in (
    "OPENAI_API_KEY", "OPENAI_BASE_URL", "PERFPILOT_POLICY", "PERFPILOT_RUNS", "PERFPILOT_MODEL",
    "PERFPILOT_HISTORY",
):  # fmt: skip
    os.environ.pop(name, None)

# Speed is judged in benchmarks: on a busy machine a deadline fails tests that are right.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session", autouse=True)
def _own_locks(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Loads of other test runs on this machine are no reason to refuse ours."""
    os.environ["PERFPILOT_LOCKS"] = str(tmp_path_factory.mktemp("locks"))


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Service]:
    """A healthy demo service on loopback."""
    service = await start(directory=tmp_path / "shop")
    yield service
    await service.stop()
