"""Alerts while the load runs: rules with hysteresis, so that one trouble speaks once.

An alert begins when its rule was bad for the rule's time without a break. It stays on for 5 s at the least
and ends when the rule was calm for 3 s. Between the two limits nothing changes. Where a metric is not known
nothing changes either; after 5 s without a reading the time before an alert counts anew.

Flapping: with the fourth beginning of one rule within a minute the alert stays on until the rule was calm for
30 s. What comes and goes in between is not told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from perfpilot.analysis.alerts.looks import Look, OwnLine, Rule
from perfpilot.analysis.alerts.metrics import subjects
from perfpilot.analysis.alerts.rules import OF_COMPONENTS, rules
from perfpilot.domain.alerts import AlertRule
from perfpilot.domain.judgement import Severity
from perfpilot.domain.live import LiveAlert

LEAST_ON_S = 5.0
CALM_S = 3.0
FLAPS = 4  # beginnings
FLAPS_WITHIN_S = 60.0
QUIET_CALM_S = 30.0
_GAP_S = 5.0
_RANK = {severity: number for number, severity in enumerate(reversed(Severity))}


class AlertChanges(NamedTuple):
    """Alerts that began and that ended at one moment."""

    begun: tuple[LiveAlert, ...] = ()
    ended: tuple[LiveAlert, ...] = ()


class Alerts:
    """Fed with figures and their time; says which alerts begin, end and are on. One for each load."""

    def __init__(self, lines: Sequence[AlertRule] = ()) -> None:
        self._lamps = [_Lamp(rule) for rule in rules(lines)]
        self._components: set[tuple[str, str]] = set()

    def feed(self, t_s: float, metrics: Mapping[str, float], concerns: Sequence[str] = ()) -> AlertChanges:
        """What changes at this moment, seconds since the load began.

        `metrics` as `analysis.alerts.metrics` makes them; `concerns` are those of `LiveGenerator`, in words.
        """
        self._meet(metrics)
        begun, ended = [], []
        for lamp in self._lamps:
            words = "; ".join(concerns) if lamp.rule.name == "generator limited" else ""
            before, now = lamp.alert, lamp.see(t_s, metrics, words)
            if now and not before:
                begun.append(now)
            elif before and not now:
                ended.append(before)
        return AlertChanges(_by_severity(begun), _by_severity(ended))

    def active(self) -> tuple[LiveAlert, ...]:
        """Alerts that are on, the most severe first, then the oldest."""
        return _by_severity([lamp.alert for lamp in self._lamps if lamp.alert])

    def unseen(self) -> tuple[str, ...]:
        """Own lines whose metric was never known: nothing was watched, which is not the same as calm."""
        return tuple(
            lamp.rule.name for lamp in self._lamps if isinstance(lamp.rule, OwnLine) and not lamp.looked
        )

    def _meet(self, metrics: Mapping[str, float]) -> None:
        for metric, rule_for in OF_COMPONENTS.items():
            for component in subjects(metrics, metric):
                if (metric, component) not in self._components:
                    self._components.add((metric, component))
                    self._lamps.append(_Lamp(rule_for(component)))


class _Lamp:
    """One rule's alert: off, on, or on and quiet."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.alert: LiveAlert | None = None
        self.looked = False
        self._seen_s = 0.0
        self._bad_since_s: float | None = None
        self._calm_since_s: float | None = None
        self._begun_s: deque[float] = deque(maxlen=FLAPS)

    def see(self, t_s: float, metrics: Mapping[str, float], words: str = "") -> LiveAlert | None:
        """The alert that is on now."""
        look = self.rule.look(t_s, metrics)
        if look is None:
            return self.alert
        if not self.looked or t_s - self._seen_s > _GAP_S:
            self._bad_since_s = self._calm_since_s = None
        self.looked, self._seen_s = True, t_s
        self._bad_since_s = _since(self._bad_since_s, look.bad, t_s)
        self._calm_since_s = _since(self._calm_since_s, look.calm, t_s)
        if self.alert is None:
            self._may_begin(t_s, look, words)
        elif self._is_over(t_s):
            self.alert = None
        return self.alert

    def _may_begin(self, t_s: float, look: Look, words: str) -> None:
        if self._bad_since_s is None or t_s - self._bad_since_s < self.rule.hold_s:
            return
        self._begun_s.append(t_s)
        text = f"{self.rule.name}: {words}" if words else look.text
        if self._flaps:
            text += f" (it comes and goes: told again when it was calm for {QUIET_CALM_S:.0f} s)"
        self.alert = LiveAlert(name=self.rule.name, severity=self.rule.severity, text=text, since_s=t_s)

    def _is_over(self, t_s: float) -> bool:
        calm_s = 0.0 if self._calm_since_s is None else t_s - self._calm_since_s
        long_on = t_s - self._begun_s[-1] >= LEAST_ON_S
        if self._calm_since_s is None or not long_on or calm_s < (QUIET_CALM_S if self._flaps else CALM_S):
            return False
        if self._flaps:
            self._begun_s.clear()
        return True

    @property
    def _flaps(self) -> bool:
        return len(self._begun_s) == FLAPS and self._begun_s[-1] - self._begun_s[0] <= FLAPS_WITHIN_S


def _since(since_s: float | None, now: bool, t_s: float) -> float | None:
    return (t_s if since_s is None else since_s) if now else None


def _by_severity(alerts: Sequence[LiveAlert]) -> tuple[LiveAlert, ...]:
    return tuple(sorted(alerts, key=lambda alert: (_RANK[alert.severity], alert.since_s, alert.name)))
