"""Logging in by the endpoint that the spec declares."""

from __future__ import annotations

import json
from base64 import b64encode
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from perfpilot.domain.errors import NotReadyError, SpecError
from perfpilot.domain.spec import Spec
from perfpilot.tools.probes.json_path import take
from perfpilot.tools.probes.login import log_in
from tests import servers

pytestmark = pytest.mark.usefixtures("no_blocking")
TOKEN = "abc.def-123"


def _spec(port: int, *, environment: dict[str, Any] | None = None, **changes: Any) -> Spec:
    environment = environment or {}
    auth = {"login": "login", "token": changes.pop("token", "$.token")}
    body = {"user": "${user}", "password": "${env:PERFPILOT_SECRET_PASSWORD}"}
    login = {"name": "login", "method": "POST", "path": "/login", "body": body, **changes}
    return Spec.model_validate(
        {
            "test_name": "shop",
            "environment": {"base_url": f"http://127.0.0.1:{port}", "auth": auth, **environment},
            "endpoints": [login],
            "load_patterns": [{"stages": [{"rate_per_s": 1, "duration": "1s"}]}],
            "test_data": {"values": {"user": ["ann ${env:HOME}", "bob"]}},
        }
    )


class _Door:
    """Answers every login with `document` and keeps what was sent."""

    def __init__(self, document: object, status: int = 200) -> None:
        self._document, self._status = document, status
        self.sent: list[tuple[str, str, bytes]] = []

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        self.sent.append((handler.command, handler.headers["Content-Type"], body))
        data = self._document if isinstance(self._document, bytes) else json.dumps(self._document).encode()
        handler.send_response(self._status)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)


async def test_the_token_comes_from_the_declared_endpoint_with_its_references_filled_once() -> None:
    door = _Door({"token": TOKEN})
    with servers.http_server(door) as port:
        token = await log_in(_spec(port), secrets={"PERFPILOT_SECRET_PASSWORD": 'pa"ss'})
    assert token == TOKEN
    method, kind, body = door.sent[0]
    assert (method, kind) == ("POST", "application/json")
    assert json.loads(body) == {"user": "ann ${env:HOME}", "password": 'pa"ss'}


@pytest.mark.parametrize(
    ("path", "document", "found"),
    [
        ("$.token", {"token": "a"}, "a"),
        ("$.a.b[0].c", {"a": {"b": [{"c": "x"}]}}, "x"),
        ("$[1]", ["a", "b"], "b"),
        ("$", "bare", "bare"),
        ("$.a.b", {"a": []}, None),
        ("$.a[7]", {"a": [1]}, None),
        ("$.a-b_c", {"a-b_c": 1}, 1),
    ],
)
def test_a_path_finds_its_value_or_nothing(path: str, document: object, found: object) -> None:
    assert take(path, document) == found


@pytest.mark.parametrize(
    "path", ["token", "$..token", "$.a[*]", "$[?(@.b)]", "$['a']", "$.a[-1]", "", "$.a\n"]
)
async def test_any_other_path_is_refused_before_anything_is_sent(path: str) -> None:
    door = _Door({"token": TOKEN})
    with servers.http_server(door) as port, pytest.raises(SpecError, match="not a path"):
        await log_in(_spec(port, token=path), secrets={"PERFPILOT_SECRET_PASSWORD": "x"})
    assert door.sent == []


async def test_a_secret_without_a_value_is_an_error_before_anything_is_sent() -> None:
    door = _Door({"token": TOKEN})
    with servers.http_server(door) as port, pytest.raises(SpecError, match="PERFPILOT_SECRET_PASSWORD"):
        await log_in(_spec(port))
    assert door.sent == []


@pytest.mark.parametrize(
    ("document", "status", "words"),
    [
        ({"token": TOKEN}, 401, "answered 401"),
        ({"token": TOKEN}, 302, "302|no usable token"),
        ({"other": TOKEN}, 200, "no usable token"),
        ({"token": "a\r\nX-Injected: 1"}, 200, "no usable token"),
        ({"token": ""}, 200, "no usable token"),
        ({"token": {"nested": TOKEN}}, 200, "no usable token"),
        (b"<html>" + TOKEN.encode(), 200, "no usable token"),
        (b"[" * 100_000, 200, "no usable token"),
    ],
)
async def test_without_a_usable_token_the_environment_is_not_ready(
    document: object, status: int, words: str
) -> None:
    with servers.http_server(_Door(document, status)) as port:
        if status == 302:
            assert await log_in(_spec(port), secrets={"PERFPILOT_SECRET_PASSWORD": "hush"}) == TOKEN
            return
        with pytest.raises(NotReadyError, match=words) as raised:
            await log_in(_spec(port), secrets={"PERFPILOT_SECRET_PASSWORD": "hush"})
    assert "hush" not in str(raised.value) and TOKEN not in str(raised.value)


async def test_a_target_that_is_not_there_is_told_without_the_secret() -> None:
    spec = _spec(servers.free_port(), headers={"X-Key": "${env:PERFPILOT_SECRET_PASSWORD}"})
    with pytest.raises(NotReadyError, match="connection refused") as raised:
        await log_in(spec, secrets={"PERFPILOT_SECRET_PASSWORD": "hush"})
    illegal = _spec(servers.free_port(), headers={"X-Key": "${env:PERFPILOT_SECRET_PASSWORD}"})
    with pytest.raises(NotReadyError) as broken:
        await log_in(illegal, secrets={"PERFPILOT_SECRET_PASSWORD": "hush\r\n"})
    assert "hush" not in str(raised.value) + str(broken.value)


class _Reception(_Door):
    """A door that also keeps where it was asked, and by whom."""

    def __init__(self, document: object, status: int = 200) -> None:
        super().__init__(document, status)
        self.asked: list[tuple[str, str | None]] = []

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append((handler.path, handler.headers["Authorization"]))
        super().__call__(handler)


async def test_a_login_by_form_query_and_basic_authentication_is_sent_as_jmeter_sends_it() -> None:
    door = _Reception({"token": TOKEN})
    changes = {
        "path": "/login?a=1",
        "query": {"q": "é &${user}"},
        "body": None,
        "form": {"grant type": "client credentials", "user": "${user}", "key": "${env:PERFPILOT_SECRET_K}"},
    }
    basic = {"user": "shop", "password": "${env:PERFPILOT_SECRET_P}"}
    environment = {"basic_auth": basic, "headers": {"content-type": "text/odd"}}
    with servers.http_server(door) as port:
        spec = _spec(port, environment=environment, **changes)
        secrets = {"PERFPILOT_SECRET_K": "k=&", "PERFPILOT_SECRET_P": "p:w"}
        assert await log_in(spec, secrets=secrets) == TOKEN
    user = "ann ${env:HOME}"
    [(target, authorization)] = door.asked
    assert parse_qsl(urlsplit(target).query) == [("a", "1"), ("q", f"é &{user}")]
    assert authorization == "Basic " + b64encode(b"shop:p:w").decode()
    [(method, kind, body)] = door.sent
    assert (method, kind) == ("POST", "application/x-www-form-urlencoded")
    fields = [("grant type", "client credentials"), ("user", user), ("key", "k=&")]
    assert parse_qsl(body.decode("ascii")) == fields


async def test_basic_authentication_is_not_sent_where_the_login_does_without() -> None:
    door = _Reception({"token": TOKEN})
    basic = {"user": "shop", "password": "p"}
    with servers.http_server(door) as port:
        spec = _spec(port, environment={"basic_auth": basic}, authenticated=False, body="x")
        await log_in(spec)
    assert door.asked == [("/login", None)]


async def test_what_only_jmeter_can_send_is_refused_before_anything_is_sent() -> None:
    door = _Reception({"token": TOKEN}, 302)
    with servers.http_server(door) as port:
        upload = {"field": "f", "path": "a.txt"}
        with pytest.raises(SpecError, match="scope: iteration"):
            await log_in(_spec(port, body=None, files=[upload]))
        odd = {"basic_auth": {"user": "zoë", "password": "p"}}
        with pytest.raises(NotReadyError, match="ASCII"):
            await log_in(_spec(port, environment=odd, body="x"))
        assert door.asked == []
        with pytest.raises(NotReadyError, match="redirect"):
            await log_in(_spec(port, body="x", redirects=True))
