"""One run as the rules for causes see it: observations, facts, and the few judgements they share."""

from __future__ import annotations

from dataclasses import dataclass

from perfpilot.analysis.facts.book import FactBook, fact_name
from perfpilot.analysis.observations import Observations
from perfpilot.domain.judgement import Decision, Severity

SLOW_TIMES = 2.0
"""Under load the pooled median is `slow` from twice the unloaded one: it waits as long as it works."""

SLOW_BY_MS = 5.0
"""A doubling of less than this is the noise of schedulers and sockets, not a symptom."""

FAR_ABOVE_FASTEST = 6.0
"""Where no unloaded time is known: median over fastest answer. A log-normal body with sigma 0.45 and some
thousand samples has about 4 without any load."""


@dataclass(frozen=True)
class Case:
    """Observations and their facts."""

    seen: Observations
    book: FactBook

    def named(self, metric: str, label: str = "") -> str:
        """Full name of a fact of the judged phase."""
        return fact_name(f"{self.book.phase}.{metric}", label)

    def figure(self, metric: str, label: str = "") -> float | None:
        """Value of a fact of the judged phase."""
        return self.book.value(f"{self.book.phase}.{metric}", label)

    @property
    def broken(self) -> bool:
        """Whether any threshold was broken."""
        return any(result.decision is Decision.BROKEN for result in self.seen.thresholds)

    @property
    def severity(self) -> Severity:
        """How much a bottleneck matters: high once it broke a threshold."""
        return Severity.HIGH if self.broken else Severity.MEDIUM

    @property
    def generator_limited(self) -> bool:
        """Whether the load generator, and not the target, may have made the figures."""
        return self.seen.attempt.generator.limited

    @property
    def load_short(self) -> bool:
        """Whether less than 95 % of the load asked was reached."""
        achieved = self.book.value("generator.achieved_load")
        return achieved is not None and achieved < 95

    def slow_names(self) -> tuple[str, ...]:
        """Names of the facts that show response times far above the unloaded ones; empty: they do not."""
        times, unloaded = self.book.value("signal.slowdown"), self.book.value("unloaded.p50_ms")
        median = self.figure("p50_ms")
        if times is not None and unloaded is not None:
            if times >= SLOW_TIMES and unloaded * (times - 1) >= SLOW_BY_MS:
                return ("signal.slowdown", self.named("p50_ms"), "unloaded.p50_ms")
            return ()
        phase = self.seen.judged
        fastest = phase.pooled.min_ms if phase is not None else None
        if median is None or fastest is None:
            return ()
        if median >= FAR_ABOVE_FASTEST * max(fastest, 1.0) and median - fastest >= SLOW_BY_MS:
            return (self.named("p50_ms"), self.named("min_ms"))
        return ()

    @property
    def unloaded_known(self) -> bool:
        """Whether response times without load were measured."""
        return self.book.get("signal.slowdown") is not None


def bounded(confidence: float) -> float:
    """A confidence within 0.05 and 0.95, to two digits: rules of thumb are never certain."""
    return round(min(0.95, max(0.05, confidence)), 2)
