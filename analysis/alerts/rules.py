"""The built-in rules of alerts. `docs/spec.md` shows them in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from perfpilot.analysis.alerts.latency_jump import LatencyJump
from perfpilot.analysis.alerts.looks import Above, Look, OwnLine, Rule, RuleFor
from perfpilot.analysis.alerts.memory_climb import MemoryClimbing
from perfpilot.analysis.alerts.metrics import AGE, ASKED, CONCERNS, ERROR_BURST, MONITOR, RECENT
from perfpilot.domain.alerts import AlertRule, shown
from perfpilot.domain.judgement import Severity

_HIGH, _MEDIUM = Severity.HIGH, Severity.MEDIUM

_LEVELS = (
    Above("error burst", _HIGH, 0, ERROR_BURST, 0.10, 0.05,
          "{value} of the requests of the last seconds failed"),
    Above("generator limited", _HIGH, 5, CONCERNS, 1, 0.5, "the load generator may be the limit", ""),
    Above("generator saturated", _HIGH, 5, "cpu_share(jmeter)", 0.80, 0.70,
          "JMeter uses {value} of its host's processor"),
    Above("host saturated", _MEDIUM, 5, "cpu_share(host)", 0.95, 0.90,
          "this machine's processor is {value} busy"),
    Above("target saturated", _MEDIUM, 10, "cpu(target)", 0.90, 0.85,
          "the target uses {value} of the processor that it may use"),
    Above("load falls short", _MEDIUM, 5, "behind", 0.20, 0.10, "{value} of the load asked for is missing"),
)  # fmt: skip

_FIRST_WINDOW_S = 8.0  # the first whole one, and room for requests that are still under way
_FLOWING = 15  # answers in 5 s: three a second

_MOST_FREE = 10e9  # a share of a large disk says little: 5 % of 2 TB are plenty


class DiskNearlyFull:
    """The file system of the run directory: a full one ends the record of the run, and its results."""

    name = "disk nearly full"
    severity = Severity.HIGH
    hold_s = 2.0

    def look(self, t_s: float, metrics: Mapping[str, float]) -> Look | None:
        """Less than 1 GB free, or less than 5 % and 10 GB; calm from half as much again."""
        free, share = metrics.get("disk_free_bytes(host)"), metrics.get("disk_free_share(host)")
        if free is None:
            return None

        def below(times: float) -> bool:
            few = share is not None and share < 0.05 * times and free < _MOST_FREE * times
            return free < 1e9 * times or few

        part = "" if share is None else f" ({share:.1%})"
        text = f"{self.name}: {shown(free, 'bytes')}{part} free where this run is recorded"
        return Look(below(1.0), not below(1.5), text)


class TargetSilent:
    """No answer in the last 5 s, good or bad, although the load goes on: requests hang, or nothing is sent.

    A time-out tells the same only when it is over.
    """

    name = "target silent"
    severity = Severity.HIGH
    hold_s = 1.0

    def __init__(self) -> None:
        self._flowing = False  # so many answers came before that a window without any is no chance

    def look(self, t_s: float, metrics: Mapping[str, float]) -> Look | None:
        """Answers of the last 5 s."""
        answers, asked = metrics.get(RECENT), metrics.get(ASKED, 0.0)
        if answers is None or t_s < _FIRST_WINDOW_S:
            return None
        self._flowing |= answers >= _FLOWING
        text = f"{self.name}: no answer came in the last 5 s although the load goes on"
        return Look(not answers and asked > 0 and self._flowing, answers > 0 or asked <= 0, text)


def monitor_lost(component: str) -> Rule:
    """A component that had readings has none for 10 s."""
    name = "monitor lost" if component == MONITOR else f"monitor lost ({component})"
    subject = "nothing" if component == MONITOR else f"nothing of {component}"
    return Above(name, _MEDIUM, 1, f"{AGE}({component})", 10, 5, subject + " was read for {value}", "s")


def connections_nearly_used_up(component: str) -> Rule:
    """A database that soon lets nobody in."""
    return Above(
        f"connections nearly used up ({component})", _HIGH, 5, f"connections_share({component})", 0.90, 0.80,
        f"{{value}} of those that {component} allows are open",
    )  # fmt: skip


OF_COMPONENTS: Mapping[str, RuleFor] = {AGE: monitor_lost, "connections_share": connections_nearly_used_up}
"""Rules that are made for each component with a metric of that name, when it has its first reading."""


def rules(lines: Sequence[AlertRule] = ()) -> tuple[Rule, ...]:
    """New rules of a load: the built-in ones, and the description's own. They remember: one set a load."""
    own = tuple(OwnLine(line) for line in lines)
    return (*_LEVELS, TargetSilent(), LatencyJump(), MemoryClimbing(), DiskNearlyFull(), *own)
