"""`LiveMeasurement`: a measurement that is looked at while it grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from perfpilot.analysis.certain_load import certain_load
from perfpilot.analysis.counting.measurement import PHASES, Measurement
from perfpilot.analysis.counting.recent import RecentRates
from perfpilot.analysis.rows import IntColumn, Rows
from perfpilot.domain.labels import is_measured
from perfpilot.domain.live import LiveAlert, LiveFigures, LiveGenerator, LiveLabel, LiveThreshold


class LiveMeasurement(Measurement):
    """As `Measurement`, with the rates of the last seconds and a figure of everything for each tick."""

    def live(
        self,
        now_ms: int,
        *,
        asked_per_s: float | None = None,
        thresholds: Sequence[LiveThreshold] = (),
        cpu_shares: Mapping[str, float] | None = None,
        alerts: Sequence[LiveAlert] = (),
        generator: LiveGenerator = LiveGenerator(),  # noqa: B008 - it is frozen
        steering: str = "",
    ) -> LiveFigures:
        """One tick of the live view.

        Counts, errors and percentiles are of every sample added so far, those of the running second too.
        Rates are of the last whole seconds that are over for a second (`recent`), so that a second whose last
        rows are on their way does not look like a dip. `asked_per_s`: what is asked now, where a search or a
        back-off and not the plan says so.
        """
        now_s = (now_ms - self.start_ms) / 1000
        rates = self._recent.per_s(now_s)
        numbers = self._numbers(is_measured)
        groups = np.array(numbers, np.int64).reshape(-1, 1) * PHASES + np.arange(PHASES)
        counts, errors = self._sums.counts(groups)
        percentiles = self._sums.quantiles(groups, (0.5, 0.95, 0.99))
        return LiveFigures(
            attempt=self.plan.attempt,
            t_s=now_s,
            remaining_s=max(self.plan.duration_s - now_s, 0.0),
            asked_per_s=self.plan.asked_per_s(now_s) if asked_per_s is None else asked_per_s,
            reached_per_s=sum(rates.values()),
            asked_is_all=self._asked_is_all,
            users=self._series.last_users() or 0,
            count=sum(counts),
            errors=sum(errors),
            labels=tuple(
                LiveLabel(
                    label=self._labels[number],
                    count=count,
                    errors=failed,
                    rate_per_s=rates.get(number, 0.0),
                    p50_ms=p50,
                    p95_ms=p95,
                    p99_ms=p99,
                )
                for number, count, failed, (p50, p95, p99) in zip(
                    numbers, counts, errors, percentiles, strict=True
                )
            ),
            thresholds=tuple(thresholds),
            cpu_shares=dict(cpu_shares or {}),
            alerts=tuple(alerts),
            generator=generator,
            steering=steering,
        )

    @cached_property
    def _recent(self) -> RecentRates:
        return RecentRates(self._most_s)

    @cached_property
    def _asked_is_all(self) -> bool:
        return certain_load(self.plan).whole

    def _add_measured(self, rows: Rows, began_ms: IntColumn, ended_s: IntColumn) -> None:
        super()._add_measured(rows, began_ms, ended_s)
        self._recent.add(ended_s, rows.label)
