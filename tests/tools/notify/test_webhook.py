"""Telling a webhook: only where it may, within bounds, never raising, never showing its path."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from perfpilot.domain.errors import PolicyError
from perfpilot.domain.policy import Policy
from perfpilot.tools.face import call
from perfpilot.tools.notify.webhook import notify, notify_webhook
from tests import servers

pytestmark = pytest.mark.usefixtures("no_blocking")
PAYLOAD = {"run_id": "r-1", "verdict": "GO"}


class _Hook:
    """Answers with the statuses in turn (the last one again and again) and keeps what it was told."""

    def __init__(self, *statuses: int) -> None:
        self._statuses = list(statuses)
        self.told: list[dict[str, Any]] = []
        self.keys: list[str] = []

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.told.append(json.loads(body))
        self.keys.append(handler.headers["Idempotency-Key"])
        status = self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]
        handler.send_response(status)
        handler.send_header("Location", "http://127.0.0.1:1/elsewhere")
        handler.send_header("Content-Length", "0")
        handler.end_headers()


@pytest.mark.parametrize(
    ("statuses", "delivered", "posts"),
    [
        ([204], True, 1), ([503, 200], True, 2), ([429, 500, 201], True, 3), ([500], False, 3),
        ([404], False, 1), ([302], False, 1), ([401], False, 1),
    ],
)  # fmt: skip
async def test_it_tries_again_only_where_that_makes_sense(
    statuses: list[int], delivered: bool, posts: int
) -> None:
    hook = _Hook(*statuses)
    with servers.http_server(hook) as port:
        delivery = await notify(f"http://127.0.0.1:{port}/hush", PAYLOAD, Policy(), pause_s=0.01)
    assert (delivery.delivered, len(hook.told), delivery.attempts) == (delivered, posts, posts)
    assert hook.told[0] == PAYLOAD and set(hook.keys) == {"r-1"}
    assert "hush" not in delivery.sentence


@pytest.mark.parametrize(
    ("url", "hosts", "words"),
    [
        ("http://127.0.0.1:{dead}/hush", (), "connection refused"),
        ("http://192.0.2.1/hush", (), "does not list 192.0.2.1"),
        ("http://169.254.169.254/hush", ("169.254.169.254",), "nothing may be sent to"),
        ("http://no-such-host.invalid/hush", ("no-such-host.invalid",), "does not resolve"),
        ("http://[::ffff:169.254.169.254]/hush", (), "nothing may be sent to"),
        ("ftp://127.0.0.1/hush", (), "not a web address"),
        ("http://127.0.0.1:99999/hush", (), "not a web address"),
        ("", (), "not a web address"),
    ],
)
async def test_what_can_not_be_told_is_a_sentence(url: str, hosts: tuple[str, ...], words: str) -> None:
    url = url.format(dead=servers.free_port())
    delivery = await notify(url, PAYLOAD, Policy(webhook_hosts=hosts), pause_s=0.01)
    assert not delivery.delivered and words in delivery.sentence and "hush" not in delivery.sentence


async def test_a_listed_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    hook = _Hook(200)
    with servers.http_server(hook) as port:
        delivery = await notify(f"http://LOCALHOST:{port}/", PAYLOAD, Policy(webhook_hosts=("localhost",)))
    assert delivery.delivered and delivery.sentence == "localhost was notified"


async def _tell(run: Path, url: str) -> Any:
    return await call(
        notify_webhook, run_dir=str(run), url=url, webhook_hosts=[], test_name="shop", status="completed",
        verdict="NO_GO", reasons=["p95 broke"],
    )  # fmt: skip


async def test_the_face_tells_run_outcome_and_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = _Hook(200)
    with servers.http_server(hook) as port:
        monkeypatch.setenv("PERFPILOT_SECRET_HOOK", f"http://127.0.0.1:{port}/hush")
        message = await _tell(tmp_path, "${env:PERFPILOT_SECRET_HOOK}")
    assert message.artifact.delivered and "hush" not in str(message.content)
    assert hook.told[0] == {
        "version": 1, "run_id": tmp_path.name, "test_name": "shop", "status": "completed",
        "verdict": "NO_GO", "reasons": ["p95 broke"], "report": str(tmp_path / "report.html"),
    }  # fmt: skip


async def test_a_variable_that_the_policy_does_not_allow_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="HOME"):
        await _tell(tmp_path, "${env:HOME}")
