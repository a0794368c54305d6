"""Live figures made up for tests."""

from __future__ import annotations

from typing import Any

from perfpilot.domain.judgement import Severity
from perfpilot.domain.live import LiveAlert, LiveFigures, LiveGenerator, LiveLabel, LiveThreshold

HOSTILE = "cart\x1b[31m [bold red]x[/] \u202egnp"


def label(name: str, **changes: Any) -> LiveLabel:
    fields: dict[str, Any] = {
        "label": name, "count": 1234, "errors": 0, "rate_per_s": 25.5,
        "p50_ms": 1.2, "p95_ms": 4.1, "p99_ms": 12.5,
    }  # fmt: skip
    return LiveLabel(**(fields | changes))


def alert(name: str = "error burst", **changes: Any) -> LiveAlert:
    fields: dict[str, Any] = {
        "name": name, "severity": Severity.HIGH, "text": "12 % of the samples fail", "since_s": 30.0,
    }  # fmt: skip
    return LiveAlert(**(fields | changes))


def figures(**changes: Any) -> LiveFigures:
    """Half a minute into the demo's load; checkout fails and is slow."""
    fields: dict[str, Any] = {
        "attempt": 1,
        "t_s": 35.2,
        "remaining_s": 4.8,
        "asked_per_s": 154.0,
        "reached_per_s": 149.6,
        "users": 12,
        "count": 5210,
        "errors": 26,
        "labels": (
            label("browse"),
            label("product page"),
            label("checkout", errors=26, p95_ms=212.4, p99_ms=1510.0),
        ),
        "thresholds": (
            LiveThreshold(text="p95(checkout) < 100ms", value=212.4, unit="ms", state="breached"),
            LiveThreshold(text="error_rate < 1%", value=0.5, unit="%", state="holding"),
            LiveThreshold(text="throughput >= 140/s", value=None, unit="/s", state="waiting"),
        ),
        "cpu_shares": {"host": 0.43, "target": 0.214, "jmeter": 0.91},
        "alerts": (alert(),),
        "generator": LiveGenerator(cpu_share=0.91, behind=0.03),
    }
    return LiveFigures(**(fields | changes))


def live(**changes: Any) -> dict[str, Any]:
    """The message that a run sends."""
    return {"kind": "live", "figures": figures(**changes).model_dump(mode="json")}


def node(name: str, state: str, seconds: float = 0.0) -> dict[str, Any]:
    return {"kind": "node", "node": name, "state": state} | ({"seconds": seconds} if state == "ended" else {})
