"""What the analysis found beside facts and findings, as the rules speak of it."""

from __future__ import annotations

from dataclasses import dataclass

from perfpilot.domain.capacity import Capacity
from perfpilot.domain.comparison import Comparison
from perfpilot.domain.judgement import ThresholdResult
from perfpilot.domain.measure import GeneratorHealth
from perfpilot.domain.outcome import Outcome
from perfpilot.domain.soak import Soak
from perfpilot.domain.trend import Trend


@dataclass(frozen=True)
class Results:
    """The outcome and the single results; None where one was not looked at."""

    outcome: Outcome
    thresholds: tuple[ThresholdResult, ...] = ()
    capacity: Capacity | None = None
    comparison: Comparison | None = None
    trend: Trend | None = None
    soak: Soak | None = None
    generator: GeneratorHealth | None = None
