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


@pytest.fixture
def no_blocking() -> Iterator[None]:
    """Any blocking call that our code makes within an event loop is an error, as on LangGraph's server."""
    with blockbuster_ctx("perfpilot"):
        yield
