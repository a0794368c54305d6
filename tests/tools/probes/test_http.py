"""The HTTP probe against a real server that behaves and misbehaves."""

from __future__ import annotations

import gzip
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from perfpilot.domain.errors import PolicyError, SpecError
from perfpilot.tools.probes.http import probe_http
from perfpilot.tools.probes.target import probe_target
from tests import servers
from tests.certificates import make_certificate

pytestmark = pytest.mark.usefixtures("no_blocking")


def _answer(handler: BaseHTTPRequestHandler, status: int = 200, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


async def test_an_answer_carries_status_time_and_body() -> None:
    with servers.http_server(lambda h: _answer(h, 200, b'{"up": true}', Content_Type="text/json")) as port:
        answer = await probe_http(f"http://127.0.0.1:{port}/health?key=secret")
    assert (answer.status, answer.body, answer.content_type) == (200, '{"up": true}', "text/json")
    assert answer.connectivity.ok and 0 < answer.elapsed_ms <= answer.connectivity.duration_ms
    assert answer.connectivity.subject == f"http://127.0.0.1:{port}/health"


async def test_the_name_is_sent_while_the_connection_goes_to_the_pinned_address() -> None:
    seen: list[str] = []

    def remember(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers["Host"])
        _answer(handler)

    with servers.http_server(remember) as port:
        answer = await probe_http(f"http://no-such-host.invalid:{port}/", address="127.0.0.1")
    assert answer.status == 200 and seen == [f"no-such-host.invalid:{port}"]
    assert answer.connectivity.subject.endswith("(127.0.0.1)")


async def test_tls_is_verified_against_the_name_and_not_the_pinned_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_certificate(tmp_path, "shop.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    with servers.http_server(_answer, tls=(made.file, made.key)) as port:
        good = await probe_target(f"https://shop.test:{port}", address="127.0.0.1")
        bad = await probe_http(f"https://other.test:{port}/", address="127.0.0.1")
    assert [step.kind for step in good.connectivity] == ["tcp", "tls", "http"] and good.ok
    assert bad.connectivity.detail == "certificate is for another host name"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_method_that_changes_things_is_never_sent(method: str) -> None:
    with pytest.raises(PolicyError, match=method):
        await probe_http("http://127.0.0.1:1/", method=method)


async def test_a_redirect_is_reported_and_not_followed() -> None:
    asked: list[str] = []

    def redirect(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        _answer(handler, 302, Location="http://elsewhere.invalid/")

    with servers.http_server(redirect) as port:
        answer = await probe_http(f"http://127.0.0.1:{port}/")
    assert (answer.status, answer.location, asked) == (302, "http://elsewhere.invalid/", ["/"])


async def test_an_endless_answer_is_cut_off() -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 4096)

    with servers.http_server(endless) as port:
        answer = await probe_http(f"http://127.0.0.1:{port}/", body_limit=10_000)
    assert (answer.status, len(answer.body), answer.truncated) == (200, 10_000, True)


async def test_a_compression_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b"0" * 5_000_000)
    with servers.http_server(lambda h: _answer(h, 200, bomb, Content_Encoding="gzip")) as port:
        answer = await probe_http(f"http://127.0.0.1:{port}/")
    assert (answer.status, answer.body) == (200, "")


async def test_a_trickling_answer_ends_in_the_time_out() -> None:
    over = threading.Event()

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not over.wait(0.05):
            handler.wfile.write(b".")

    with servers.http_server(trickle) as port:
        answer = await probe_http(f"http://127.0.0.1:{port}/", timeout_s=0.3)
        over.set()
    assert answer.status is None and answer.connectivity.detail == "no answer within 0.3 s"


async def test_control_characters_of_the_target_are_not_shown() -> None:
    body = "\x1b[31mred\x00\u202egnp.exe".encode()
    with servers.http_server(lambda h: _answer(h, 200, body)) as port:
        answer = await probe_http(f"http://127.0.0.1:{port}/")
    assert answer.body == "[31mredgnp.exe"


@pytest.mark.parametrize("value", ["a\r\nX-Injected: b", "ü\u2028", "a\x00"])
async def test_a_header_that_can_not_be_sent_is_told_and_reaches_nobody(value: str) -> None:
    asked: list[str] = []
    with servers.http_server(lambda h: asked.append(h.path)) as port:
        answer = await probe_http(f"http://127.0.0.1:{port}/", headers={"X-A": value})
    assert not answer.connectivity.ok and answer.status is None and answer.connectivity.detail
    assert asked == [] and "Injected" not in answer.connectivity.detail


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:99999/", "http://[::1/", "ftp://a/", "shop.test/a", "http:///a"]
)
async def test_what_is_no_web_address_is_an_error_of_the_spec(url: str) -> None:
    for probe in (probe_http, probe_target):
        with pytest.raises(SpecError, match="not a web address"):
            await probe(url)


@pytest.mark.parametrize(
    ("health", "status", "ok"),
    [("", 404, True), ("", 401, True), ("", 503, False), ("/health", 204, True), ("/health", 404, False)],
)
async def test_a_root_may_be_missing_but_health_must_be_well(health: str, status: int, ok: bool) -> None:
    with servers.http_server(lambda h: _answer(h, status)) as port:
        probe = await probe_target(f"http://localhost:{port}", health=health)
    assert probe.ok is ok and probe.address == "127.0.0.1"
    assert probe.answer is not None and probe.answer.status == status


async def test_the_first_step_that_fails_is_the_last() -> None:
    gone = await probe_target(f"http://localhost:{servers.free_port()}")
    unknown = await probe_target("http://no-such-host.invalid", timeout_s=20)
    assert gone.connectivity[0].ok and not gone.connectivity[-1].ok
    assert {step.kind for step in gone.connectivity} == {"dns", "tcp"} and gone.answer is None
    assert [step.kind for step in unknown.connectivity] == ["dns"] and not unknown.ok
