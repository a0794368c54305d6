"""Endpoint figures of a 60-second run against the demo shop."""

from __future__ import annotations

from typing import Any

from perfpilot.domain.measure import ErrorCause, LabelStats, PhaseStats


def label(name: str, count: int, errors: int, rate: float, p50: float, **more: Any) -> LabelStats:
    """An endpoint whose percentiles follow from its median."""
    figures: dict[str, Any] = {
        "mean_ms": p50 * 1.21,
        "min_ms": p50 * 0.31,
        "max_ms": p50 * 31.2,
        "p50_ms": p50,
        "p90_ms": p50 * 2.1,
        "p95_ms": p50 * 2.93,
        "p99_ms": p50 * 6.4,
        "p999_ms": p50 * 17.7,
        "connect_ms": 0.4,
        "latency_ms": p50 * 1.19,
        "received_bytes": count * 812,
        "apdex": 0.97,
        "apdex_t_ms": 500.0,
    }
    return LabelStats(label=name, count=count, errors=errors, rate_per_s=rate, **(figures | more))


def phases() -> tuple[PhaseStats, ...]:
    steady = PhaseStats(
        phase="steady",
        from_s=12.0,
        to_s=60.0,
        pooled=label("all", 14_371, 38, 299.4, 28.4, max_ms=3_680.0, p999_ms=1_210.0),
        labels=(
            label("list products", 7_190, 0, 149.8, 21.3),
            label("search", 2_874, 0, 59.9, 44.9, apdex=0.94),
            label(
                "add to basket",
                2_871,
                6,
                59.8,
                30.2,
                causes=(
                    ErrorCause(
                        code="timeout", count=6, example="java.net.SocketTimeoutException: Read timed out"
                    ),
                ),
            ),
            label(
                "checkout",
                1_436,
                32,
                29.9,
                118.0,
                apdex=0.81,
                causes=(
                    ErrorCause(
                        code="503", count=29, example="Service Unavailable: connection pool exhausted"
                    ),
                    ErrorCause(code="500", count=3, example="Internal Server Error"),
                ),
            ),
        ),
    )
    whole = steady.model_copy(update={"phase": "all", "from_s": 0.0})
    return (whole, steady)
