"""Servers that tests of the tools share. A session has one of each, started by the first test that asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from blockbuster import blockbuster_ctx

from tests import servers


@pytest.fixture(scope="session")
def redis_server() -> Iterator[servers.DataServer]:
    """A private Redis without a password."""
    with servers.redis_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[servers.DataServer]:
    """A private PostgreSQL; its user is `tester`."""
    with servers.postgresql_server() as server:
        yield server


ROOMS = ["perfpilot.tools", "perfpilot.planning", "perfpilot.analysis", "perfpilot.prompts"]
FIRST_IMPORT = ("os.getcwd", "os.path.abspath", "os.stat")
"""What a first import of httpx, asyncpg or an OpenAI client calls once; never anything that waits."""


@pytest.fixture
def no_blocking() -> Iterator[None]:
    """Any blocking call that our code makes within an event loop is an error, as on LangGraph's server.

    The rooms are named one by one: their files do not lie in the folder of the package `perfpilot`.
    """
    with blockbuster_ctx(ROOMS) as watch:
        for name in FIRST_IMPORT:
            watch.functions[name].deactivate()
        yield
