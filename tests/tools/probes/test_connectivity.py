"""Name, port and TLS: what a person reads when something is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.tools.probes.resolve import resolve
from perfpilot.tools.probes.tcp import probe_tcp
from perfpilot.tools.probes.tls import probe_tls
from tests import servers
from tests.certificates import make_certificate

pytestmark = pytest.mark.usefixtures("no_blocking")


async def test_a_name_resolves_to_all_its_addresses_ipv4_first() -> None:
    found = await resolve("localhost")
    assert found.addresses[0] == "127.0.0.1"
    assert len(set(found.addresses)) == len(found.addresses)
    assert found.connectivity.ok and found.connectivity.detail == ", ".join(found.addresses)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "[::1]"])
async def test_an_address_resolves_to_itself(host: str) -> None:
    assert (await resolve(host)).addresses == (host.strip("[]"),)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "", "a b", "a/b", "x" * 300, "user@host", "a..b"])
async def test_a_name_that_is_none_is_told_and_not_raised(host: str) -> None:
    result = (await resolve(host, timeout_s=20)).connectivity
    assert not result.ok and result.kind == "dns"
    assert "does not resolve" in result.detail or "not a name" in result.detail


async def test_a_listening_port_is_connected_to() -> None:
    with servers.mute_server() as port:
        result = await probe_tcp("localhost", port, address="127.0.0.1")
    assert result.ok and result.subject == f"localhost:{port} (127.0.0.1)"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_nothing_that_listens_is_a_refused_connection(host: str) -> None:
    result = await probe_tcp(host, servers.free_port())
    assert (result.ok, result.detail) == (False, "connection refused: nothing listens there")


async def test_a_handshake_names_the_protocol_and_the_last_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_certificate(tmp_path, "shop.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    with servers.http_server(lambda handler: None, tls=(made.file, made.key)) as port:
        result = await probe_tls("shop.test", port, address="127.0.0.1")
    assert result.ok and result.detail.startswith("TLSv1.3, certificate valid until ")
    assert "(89 days)" in result.detail


@pytest.mark.parametrize(
    ("made_for", "days", "trusted", "words"),
    [
        ("shop.test", (-9, -1), True, "certificate expired"),
        ("shop.test", (3, 9), True, "certificate is not valid yet"),
        ("other.test", (-1, 9), True, "certificate is for another host name"),
        ("shop.test", (-1, 9), False, "certificate is self-signed and not trusted here"),
    ],
)
async def test_a_bad_certificate_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    made_for: str, days: tuple[int, int], trusted: bool, words: str,
) -> None:  # fmt: skip
    made = make_certificate(tmp_path, made_for, first_day=days[0], last_day=days[1])
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    with servers.http_server(lambda handler: None, tls=(made.file, made.key)) as port:
        result = await probe_tls("shop.test", port, address="127.0.0.1")
    assert (result.ok, result.detail) == (False, words)


async def test_plain_http_on_a_tls_port_is_told() -> None:
    with servers.http_server(lambda handler: handler.send_error(404)) as port:
        result = await probe_tls("127.0.0.1", port)
    assert not result.ok and result.detail.startswith("no TLS there")


async def test_a_server_that_says_nothing_ends_in_the_time_out() -> None:
    with servers.mute_server() as port:
        result = await probe_tls("127.0.0.1", port, timeout_s=0.2)
    assert (result.ok, result.detail) == (False, "no answer within 0.2 s")
