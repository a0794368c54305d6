"""Alerts to the webhook while the load runs. The load never waits; a dead webhook costs a sentence."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections import deque
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from perfpilot.domain.errors import PerfpilotError
from perfpilot.domain.judgement import Severity
from perfpilot.domain.live import LiveAlert
from perfpilot.domain.policy import Policy
from perfpilot.tools.foreign_text import one_line
from perfpilot.tools.notify.webhook import Delivery, notify
from perfpilot.tools.spec.secrets import Redactor, resolve_secrets

MOST = 50
"""Alerts that are delivered in one run; beginnings and ends count alike."""

_WAITING = 100
_ATTEMPTS = 2
_ROUNDS = 60  # of attempts, over the whole run: a dead webhook is not asked for ever
_COOL_S = (5.0, 15.0, 60.0, 300.0)  # pauses after failed rounds in a row
_DRAIN_S = 5.0
_LONGEST = 400  # characters of a text


class AlertDelivery:
    """`async with AlertDelivery(...) as delivery`, then `delivery.tell(...)` at every change.

    `url` may hold `${env:NAME}`; empty: nobody is told, and every call costs nothing. Alerts of severity
    `info` are only recorded. Guards are those of `tools.notify.webhook`. Texts are one line, bounded, and
    without what `redactor` knows.
    """

    def __init__(
        self,
        url: str,
        policy: Policy,
        *,
        run_id: str,
        test_name: str,
        redactor: Redactor | None = None,
        most: int = MOST,
        cool_s: Sequence[float] = _COOL_S,
        drain_s: float = _DRAIN_S,
    ) -> None:
        self._policy, self._run_id, self._test_name = policy, run_id, test_name
        self._redactor = redactor or Redactor(())
        self._most, self._cool_s, self._drain_s = most, tuple(cool_s), drain_s
        self._queue: deque[dict[str, Any]] = deque()
        self._news, self._closing = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._taken = self._left_out = self._lost = 0
        self._problem = ""
        self._given_up = False
        try:
            self._url = resolve_secrets(url, policy, os.environ)
        except PerfpilotError as error:
            self._url, self._problem = "", error.problem
            self._given_up = True

    async def __aenter__(self) -> AlertDelivery:
        if self._url:
            self._task = asyncio.create_task(self._deliver())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Deliver what waits, for 5 s at most."""
        self._closing.set()
        self._news.set()
        task, self._task = self._task, None
        if task is None:
            return
        try:
            await asyncio.wait({task}, timeout=self._drain_s)
        finally:
            task.cancel()
        await asyncio.wait({task}, timeout=1.0)
        self._lost += len(self._queue)
        self._queue.clear()

    def tell(
        self, begun: Sequence[LiveAlert] = (), ended: Sequence[LiveAlert] = (), t_s: float = 0.0
    ) -> None:
        """Have alerts that began and ended delivered, `t_s` after the load began.

        Returns at once. To be called in the event loop that entered.
        """
        for state, alerts in (("begun", begun), ("ended", ended)):
            for alert in alerts:
                if alert.severity is not Severity.INFO:
                    self._take(alert, state, t_s)
        if self._queue:
            self._news.set()

    @property
    def degradations(self) -> tuple[str, ...]:
        """What was not delivered, in sentences that name the webhook's host at most. After the exit."""
        found = []
        if self._lost:
            count = f"{self._lost} alert message{' was' if self._lost == 1 else 's were'}"
            reason = self._problem or "the webhook took too long"
            found.append(f"{count} not delivered, only recorded: {reason}")
        if self._left_out:
            found.append(
                f"{self._most} alert messages were delivered; {self._left_out} more are only recorded"
            )
        return tuple(found)

    def _take(self, alert: LiveAlert, state: str, t_s: float) -> None:
        if self._given_up:
            self._lost += 1
        elif not self._url:
            return
        elif self._taken >= self._most:
            self._left_out += 1
            if self._left_out == 1:
                self._queue.append(self._last_message(t_s))
        elif len(self._queue) >= _WAITING:
            self._lost += 1
        else:
            self._taken += 1
            self._queue.append(self._message(alert, state, t_s))

    def _message(self, alert: LiveAlert, state: str, t_s: float) -> dict[str, Any]:
        return {
            **self._head(),
            "state": state,
            "severity": alert.severity.value,
            "name": self._clean(alert.name),
            "text": self._clean(alert.text),
            "since_s": round(alert.since_s, 1),
            "t_s": round(t_s, 1),
        }

    def _last_message(self, t_s: float) -> dict[str, Any]:
        text = f"{self._most} alert messages were sent: further ones of this run are only recorded"
        own = {"severity": Severity.INFO.value, "name": "further alerts", "text": text}
        return {**self._head(), "state": "limit", **own, "since_s": round(t_s, 1), "t_s": round(t_s, 1)}

    def _head(self) -> dict[str, Any]:
        return {"version": 1, "event": "alert", "run_id": self._run_id, "test_name": self._test_name}

    def _clean(self, text: str) -> str:
        return one_line(self._redactor.redact(text), _LONGEST)

    async def _deliver(self) -> None:
        """In order; what failed stays first and is tried again after a pause that grows."""
        failed = 0
        for _ in range(self._most + _ROUNDS):
            while not self._queue:
                if self._closing.is_set():
                    return
                self._news.clear()
                await self._news.wait()
            delivery = await self._post(self._queue[0])
            if delivery.delivered:
                self._queue.popleft()
                self._problem, failed = "", 0
                continue
            self._problem, failed = delivery.sentence, failed + 1
            if delivery.in_vain or self._closing.is_set():
                break
            await self._pause(self._cool_s[min(failed, len(self._cool_s)) - 1])
        self._given_up = True
        self._lost += len(self._queue)
        self._queue.clear()

    async def _post(self, message: Mapping[str, Any]) -> Delivery:
        # By content: a run that is resumed counts anew, and another alert is another message.
        digest = hashlib.sha256(json.dumps(message, sort_keys=True).encode()).hexdigest()[:16]
        key = f"{self._run_id}/{digest}"
        try:
            return await notify(self._url, message, self._policy, _ATTEMPTS, key=key)
        except Exception as error:  # a fault of ours must not end the delivery without a word
            return Delivery(delivered=False, sentence=f"{type(error).__name__}: {error}", in_vain=True)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            pass
