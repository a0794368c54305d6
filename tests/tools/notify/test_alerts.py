"""Alerts reach the webhook while the load runs, and nothing that a webhook does reaches the load."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from perfpilot.domain.judgement import Severity
from perfpilot.domain.live import LiveAlert
from perfpilot.domain.policy import Policy
from perfpilot.tools.notify.alerts import AlertDelivery
from perfpilot.tools.spec.secrets import Redactor
from tests import servers

pytestmark = pytest.mark.usefixtures("no_blocking")


class _Hook:
    """Answers with the statuses in turn, the last one again and again, each after `wait_s`."""

    def __init__(self, *statuses: int, wait_s: float = 0.0) -> None:
        self._statuses, self._wait_s = list(statuses), wait_s
        self._lock = threading.Lock()
        self.told: list[dict[str, Any]] = []
        self.keys: list[str] = []

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        time.sleep(self._wait_s)
        with self._lock:
            self.told.append(json.loads(body))
            self.keys.append(handler.headers["Idempotency-Key"])
            status = self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]
        handler.send_response(status)
        handler.send_header("Location", "http://127.0.0.1:1/elsewhere")
        handler.send_header("Content-Length", "0")
        handler.end_headers()


def alert(name: str = "error burst", severity: Severity = Severity.HIGH, text: str = "") -> LiveAlert:
    return LiveAlert(name=name, severity=severity, text=text or f"{name}: 34%", since_s=41.23)


def delivery(port: int, **keys: Any) -> AlertDelivery:
    url = f"http://127.0.0.1:{port}/hush"
    return AlertDelivery(
        url, Policy(), **({"run_id": "r-1", "test_name": "shop", "cool_s": (0.05,), "drain_s": 2.0} | keys)
    )


async def until(condition: Callable[[], bool], limit_s: float = 10.0) -> None:
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110 (a server in another thread fills a list)
            await asyncio.sleep(0.01)


async def test_beginnings_and_ends_are_told_at_once_and_in_order() -> None:
    hook = _Hook(204)
    with servers.http_server(hook) as port:
        async with delivery(port) as telling:
            telling.tell([alert()], t_s=41.23)
            await until(lambda: len(hook.told) == 1)  # while the load goes on
            telling.tell(ended=[alert()], t_s=50)
            await until(lambda: len(hook.told) == 2)
    assert hook.told[0] == {
        "version": 1, "event": "alert", "run_id": "r-1", "test_name": "shop", "state": "begun",
        "severity": "high", "name": "error burst", "text": "error burst: 34%", "since_s": 41.2, "t_s": 41.2,
    }  # fmt: skip
    assert (hook.told[1]["state"], hook.told[1]["t_s"]) == ("ended", 50)
    assert len(set(hook.keys)) == 2 and telling.degradations == ()


async def test_a_webhook_that_was_down_for_a_while_misses_nothing() -> None:
    hook = _Hook(500, 500, 503, 200)
    with servers.http_server(hook) as port:
        async with delivery(port) as telling:
            telling.tell([alert("one"), alert("two")])
            await until(lambda: len(hook.told) == 5)
    assert [message["name"] for message in hook.told] == ["one"] * 4 + ["two"]
    assert len(set(hook.keys)) == 2 and telling.degradations == ()


async def test_a_slow_webhook_never_holds_the_load_up() -> None:
    hook = _Hook(200, wait_s=0.4)
    with servers.http_server(hook) as port:
        async with delivery(port, drain_s=0.5) as telling:
            begin_s = time.monotonic()
            for number in range(300):
                telling.tell([alert(f"rule {number}")])
            assert time.monotonic() - begin_s < 0.2
            begin_s = time.monotonic()
        assert time.monotonic() - begin_s < 1.5
    (first, second) = telling.degradations
    assert "were not delivered, only recorded: the webhook took too long" in first
    assert "50 alert messages" in second
    assert len(hook.told) <= 3


@pytest.mark.parametrize("kind", ["dead", "mute", "broken"])
async def test_a_dead_webhook_costs_one_sentence(kind: str) -> None:
    with servers.mute_server() as mute, servers.http_server(_Hook(500)) as broken:
        port = {"dead": servers.free_port(), "mute": mute, "broken": broken}[kind]
        begin_s = time.monotonic()
        async with delivery(port, drain_s=0.3) as telling:
            telling.tell([alert()], [alert("other")])
            await asyncio.sleep(0.1)
        assert time.monotonic() - begin_s < 2
    (sentence,) = telling.degradations
    assert sentence.startswith("2 alert messages were not delivered") and "hush" not in sentence


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://192.0.2.1/hush", "does not list 192.0.2.1"),
        ("http://169.254.169.254/hush", "nothing may be sent to"),
        ("ftp://127.0.0.1/hush", "not a web address"),
        ("${env:HOME}", "the policy does not allow"),
    ],
)
async def test_what_may_not_be_told_is_given_up_at_once(url: str, words: str) -> None:
    async with AlertDelivery(url, Policy(), run_id="r", test_name="t", cool_s=(60,)) as telling:
        telling.tell([alert()])
        await until(lambda: bool(telling.degradations))
        telling.tell([alert("later")])
    (sentence,) = telling.degradations
    assert sentence.startswith("2 alert messages were not") and words in sentence and "hush" not in sentence


@pytest.mark.parametrize("status", [302, 404])
async def test_a_redirect_or_a_refusal_is_not_tried_again(status: int) -> None:
    hook = _Hook(status)
    with servers.http_server(hook) as port:
        async with delivery(port) as telling:
            telling.tell([alert("one"), alert("two")])
            await until(lambda: bool(telling.degradations))
            telling.tell([alert("three")])
    assert len(hook.told) == 1
    assert telling.degradations == (
        f"3 alert messages were not delivered, only recorded: the webhook on 127.0.0.1: it answered {status}",
    )


async def test_after_the_most_one_message_says_that_the_rest_is_only_recorded() -> None:
    hook = _Hook(200)
    with servers.http_server(hook) as port:
        async with delivery(port, most=3) as telling:
            for number in range(10):
                telling.tell([alert(f"rule {number}")], t_s=number)
            await until(lambda: len(hook.told) == 4)
    assert [message["state"] for message in hook.told] == ["begun"] * 3 + ["limit"]
    assert "only recorded" in hook.told[-1]["text"]
    assert telling.degradations == ("3 alert messages were delivered; 7 more are only recorded",)


async def test_without_a_webhook_nothing_happens_and_info_is_only_recorded() -> None:
    async with AlertDelivery("", Policy(), run_id="r", test_name="t") as silent:
        silent.tell([alert()])
    assert silent.degradations == ()
    hook = _Hook(200)
    with servers.http_server(hook) as port:
        async with delivery(port) as telling:
            telling.tell([alert(severity=Severity.INFO)])
            telling.tell([alert("low one", Severity.LOW)])
    assert [message["name"] for message in hook.told] == ["low one"]


async def test_texts_are_bounded_on_one_line_and_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    hook = _Hook(200)
    hostile = "p95: \x1b[31m\u202e\r\n hunter2hunter2 " + "x" * 5000
    with servers.http_server(hook) as port:
        monkeypatch.setenv("PERFPILOT_SECRET_HOOK", f"http://127.0.0.1:{port}/hush")
        where = AlertDelivery(
            "${env:PERFPILOT_SECRET_HOOK}", Policy(), run_id="r", test_name="t",
            redactor=Redactor(["hunter2hunter2"]),
        )  # fmt: skip
        async with where as telling:
            telling.tell([alert(text=hostile)])
    text = hook.told[0]["text"]
    assert text.startswith("p95: [31m [secret] xxx") and len(text) == 400


async def test_a_cancelled_run_does_not_wait_for_its_webhook() -> None:
    with servers.mute_server() as port:

        async def run() -> None:
            async with delivery(port, drain_s=30.0) as telling:
                telling.tell([alert()])
                await asyncio.sleep(30)

        task = asyncio.create_task(run())
        await asyncio.sleep(0.1)
        begin_s = time.monotonic()
        task.cancel()
        await asyncio.sleep(0.05)
        task.cancel()  # the first one ends the load; a second one has enough of the draining, too
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - begin_s < 2
