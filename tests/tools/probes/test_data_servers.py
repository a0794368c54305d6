"""PostgreSQL and Redis: real ones, and ports where something else lives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from perfpilot.tools.probes.postgresql import probe_postgresql
from perfpilot.tools.probes.redis import probe_redis
from tests import servers
from tests.servers import DataServer

pytestmark = pytest.mark.usefixtures("no_blocking")


async def test_postgresql_tells_its_version_and_connections(postgresql_server: DataServer) -> None:
    server = postgresql_server
    result = await probe_postgresql(
        server.host, server.port, user=server.user, password=server.password, database=server.database
    )
    assert result.ok, result.detail
    assert result.detail.startswith("PostgreSQL ") and result.detail.endswith(" of 20 connections")


@pytest.mark.parametrize(
    ("password", "database", "words"),
    [
        ("wrong", "postgres", "the server refused the user or the password"),
        ("", "postgres", "the server refused the user or the password"),
        ("secret", "nowhere", 'database "nowhere" does not exist'),
    ],
)
async def test_postgresql_says_why_it_does_not_let_us_in(
    postgresql_server: DataServer, password: str, database: str, words: str
) -> None:
    server = postgresql_server
    result = await probe_postgresql(
        server.host, server.port, user=server.user, password=password, database=database
    )
    assert (result.ok, result.detail) == (False, words)


async def test_redis_tells_its_version(redis_server: DataServer) -> None:
    result = await probe_redis("localhost", redis_server.port, address="127.0.0.1")
    assert result.ok and result.detail.startswith("Redis ") and "clients" in result.detail


async def test_redis_says_why_it_does_not_let_us_in() -> None:
    with servers.redis_server(password="open sesame") as server:
        right = await probe_redis(server.host, server.port, password="open sesame")
        none = await probe_redis(server.host, server.port)
        wrong = await probe_redis(server.host, server.port, password="wrong")
    assert right.ok, right.detail
    assert (none.detail, wrong.detail) == (
        "the server wants a password", "the server refused the user or the password",
    )  # fmt: skip


@pytest.mark.parametrize("probe", [probe_postgresql, probe_redis])
async def test_a_port_where_nothing_or_something_else_lives_is_told(probe: Callable[..., Any]) -> None:
    gone = await probe("127.0.0.1", servers.free_port())
    with servers.mute_server() as port:
        mute = await probe("127.0.0.1", port, timeout_s=0.2)
    with servers.http_server(lambda handler: handler.send_error(400)) as port:
        other = await probe("127.0.0.1", port, timeout_s=1)
    assert gone.detail == "connection refused: nothing listens there"
    assert mute.detail == "no answer within 0.2 s"
    assert not other.ok and other.detail
