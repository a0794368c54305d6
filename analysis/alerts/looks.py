"""What a rule says of one moment, and the plainest rule: a metric against two limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from perfpilot.domain.alerts import AlertRule, shown
from perfpilot.domain.judgement import Severity


class Look(NamedTuple):
    """One look at the figures: `bad` raises, `calm` clears, neither holds what there is."""

    bad: bool
    calm: bool
    text: str  # with the value, for an alert that begins now


class Rule(Protocol):
    """What can be told. A rule may remember what it saw; whether its alert is on is not its affair."""

    @property
    def name(self) -> str:
        """What the alert is called: `error burst`, or the line as written."""

    @property
    def severity(self) -> Severity:
        """How much it matters."""

    @property
    def hold_s(self) -> float:
        """How long it must be bad, without a break, before it is told."""

    def look(self, t_s: float, metrics: Mapping[str, float]) -> Look | None:
        """The figures `t_s` after the load began; None where nothing is known."""


@dataclass(frozen=True)
class Above:
    """Bad from `raise_at` on, calm below `clear_at`. `text` holds {value}."""

    name: str
    severity: Severity
    hold_s: float
    metric: str
    raise_at: float
    clear_at: float
    text: str
    unit: str = "%"

    def look(self, t_s: float, metrics: Mapping[str, float]) -> Look | None:
        """The metric against its limits."""
        value = metrics.get(self.metric)
        if value is None:
            return None
        text = f"{self.name}: {self.text.format(value=shown(value, self.unit))}"
        return Look(value >= self.raise_at, value < self.clear_at, text)


@dataclass(frozen=True)
class OwnLine:
    """A line of the description."""

    rule: AlertRule

    @property
    def name(self) -> str:
        """The line as written."""
        return self.rule.text

    @property
    def severity(self) -> Severity:
        """As the line says."""
        return self.rule.severity

    @property
    def hold_s(self) -> float:
        """The line's `for`."""
        return self.rule.for_s

    def look(self, t_s: float, metrics: Mapping[str, float]) -> Look | None:
        """The metric against the line's limits."""
        value = metrics.get(self.rule.key)
        if value is None:
            return None
        text = f"{self.rule.text}: {shown(value, self.rule.unit)}"
        return Look(self.rule.holds(value), self.rule.is_calm(value), text)


RuleFor = Callable[[str], Rule]
"""Makes the rule of one component."""
