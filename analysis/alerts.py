"""Alerts while the load runs: built-in rules with hysteresis, so that one trouble speaks once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """Raise when a metric stays at or above `raise_at` for `hold_s`; clear when it falls below `clear_at`."""

    name: str
    metric: str
    raise_at: float
    clear_at: float
    hold_s: float
    text: str  # with {value}, shown in percent


BUILT_IN = (
    Rule("error burst", "error_rate", 0.10, 0.05, 2.0, "{value} of the samples fail"),
    Rule("generator saturated", "cpu.jmeter", 0.80, 0.70, 5.0, "JMeter uses {value} of the host's processor"),
    Rule("host saturated", "cpu.host", 0.95, 0.90, 5.0, "the host's processor is {value} busy"),
    Rule("load falls short", "shortfall", 0.20, 0.10, 5.0, "{value} of the load asked for is missing"),
)


class Alerts:
    """Feed metrics with their time; get the texts of alerts that begin, and ask which are on."""

    def __init__(self, rules: tuple[Rule, ...] = BUILT_IN) -> None:
        self._rules = rules
        self._since: dict[str, float] = {}
        self._on: dict[str, str] = {}

    def feed(self, t_s: float, metrics: dict[str, float]) -> tuple[str, ...]:
        """Alerts that begin at this moment. A metric that is absent neither raises nor clears."""
        begun = []
        for rule in self._rules:
            value = metrics.get(rule.metric)
            if value is None:
                continue
            text = f"{rule.name}: {rule.text.format(value=f'{value:.0%}')}"
            if value >= rule.raise_at:
                since = self._since.setdefault(rule.name, t_s)
                if rule.name not in self._on and t_s - since >= rule.hold_s:
                    self._on[rule.name] = text
                    begun.append(text)
            elif value < rule.clear_at:
                self._since.pop(rule.name, None)
                self._on.pop(rule.name, None)
        return tuple(begun)

    def active(self) -> tuple[str, ...]:
        """Texts of the alerts that are on."""
        return tuple(self._on.values())
