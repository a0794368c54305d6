"""Per-second series of a 60-second run and what was monitored meanwhile, with realistic figures."""

from __future__ import annotations

import math
import random

from perfpilot.domain.measure import ResourceSeries, Series
from perfpilot.domain.result import Charts
from tests.reporting.sample_results import START_MS


def charts(seconds: int = 60, seed: int = 7) -> Charts:
    """Per-second series of a run that ramps up in 10 s, and what was monitored meanwhile."""
    chance = random.Random(seed)
    level = [min(1.0, (t + 1) / 10) for t in range(seconds)]
    samples = tuple(max(0, round(300 * share + chance.gauss(0, 9))) for share in level)
    slow = [1 + 1.6 * math.exp(-((t - seconds * 0.7) ** 2) / (seconds / 3)) for t in range(seconds)]
    p50 = tuple(28 * s * chance.lognormvariate(0, 0.07) for s in slow)
    users = tuple(round(300 * share * 0.04 * s) + 1 for share, s in zip(level, slow, strict=True))
    moments = tuple(t + 0.4 for t in range(-5, seconds))

    def resource(
        component: str, metric: str, base: float, swing: float, grows: float = 0.0
    ) -> ResourceSeries:
        values = tuple(max(0.0, base + swing * chance.gauss(0, 1) + grows * max(t, 0)) for t in moments)
        return ResourceSeries(component=component, metric=metric, t_s=moments, values=values)

    return Charts(
        series=Series(
            start_ms=START_MS,
            asked_per_s=tuple(300 * share for share in level),
            samples=samples,
            errors=tuple(chance.choice((0, 0, 0, 1, 2)) if s > 1.3 else 0 for s in slow),
            users=users,
            p50_ms=p50,
            p95_ms=tuple(p * 2.9 * chance.lognormvariate(0, 0.1) for p in p50),
            p99_ms=tuple(
                None if t == 3 else p * 6.1 * chance.lognormvariate(0, 0.2) for t, p in enumerate(p50)
            ),
        ),
        resources=(
            resource("host", "cpu_share", 0.55, 0.03),
            resource("target", "cpu_share", 0.31, 0.03),
            resource("jmeter", "cpu_share", 0.17, 0.02),
            resource("neighbours", "cpu_share", 0.03, 0.01),
            resource("target", "rss_bytes", 182e6, 4e5, 1.1e5),
            resource("jmeter", "rss_bytes", 512e6, 2e6),
            resource("shop-db", "active_connections", 7, 1.2),
            resource("shop-cache", "hit_share", 0.93, 0.01),
            resource("shop-cache", "evicted_keys", 0.0, 0.0),
        ),
        steady_from_s=12.0,
        steady_to_s=float(seconds),
    )
