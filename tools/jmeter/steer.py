"""Steering: the control files that a running plan reads its rate from, written to follow the curve."""

from __future__ import annotations

from pathlib import Path

from perfpilot.domain.plan import Engine
from perfpilot.tools.history.run_directory import write_atomically
from perfpilot.tools.jmeter.prepare import Prepared


class Steering:
    """Writes `control/rate_N` of every steered scenario whenever its curve asks for another rate."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._written: dict[int, str] = {}

    def follow(self, t_s: float) -> None:
        """Bring the control files to the level of the curves at this moment. Blocks on files."""
        for number, scenario in enumerate(self._prepared.plan.scenarios, start=1):
            if scenario.engine is not Engine.STEERED_RATE:
                continue
            per_minute = scenario.curve.level_at(max(t_s, 0.0)) * scenario.requests * 60
            text = f"{per_minute:.3f}"
            if self._written.get(number) != text:
                write_atomically(Path(self._prepared.directory) / "control" / f"rate_{number}", text)
                self._written[number] = text
