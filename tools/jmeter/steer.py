"""Steering: the control files that a running plan reads its load from, written to follow the curves."""

from __future__ import annotations

import math
from pathlib import Path

from perfpilot.domain.plan import Scenario
from perfpilot.tools.history.run_directory import write_atomically
from perfpilot.tools.jmeter.jmx.groups import control_file, control_text
from perfpilot.tools.jmeter.prepare import Prepared

AHEAD_S = 0.5
"""From a number's moment on the curve to its use, on average: half the period in which files are written,
and what JMeter takes to read and to follow them. Numbers are written ahead by so much."""


class Steering:
    """Writes the control file of every steered scenario whenever its curve asks for another level."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._written: dict[str, str] = {}

    def follow(self, t_s: float) -> None:
        """Bring the control files to the level of the curves at this moment. Blocks on files."""
        for number, scenario in enumerate(self._prepared.plan.scenarios, start=1):
            if not scenario.engine.steered:
                continue
            name, text = control_file(number, scenario), control_text(scenario, _ahead(scenario, t_s))
            if self._written.get(name) != text:
                write_atomically(Path(self._prepared.directory) / name, text)
                self._written[name] = text


def _ahead(scenario: Scenario, t_s: float) -> float:
    """The moment of the curve to write now. The plan itself begins and ends the load to the moment."""
    last_s = math.nextafter(scenario.curve.duration_s, 0.0)
    return max(0.0, t_s if t_s > last_s else min(t_s + AHEAD_S, last_s))
