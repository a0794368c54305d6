"""How often a comparison raises a false alarm, and how often it finds a change, on imagined runs.

    python -m benchmarks.regression_power [--seeds 1000] [--grid-seeds 200]

An alarm is a comparison with a REGRESSION in any of its rows: every metric, pooled and by label. A planted
change slows all response times. Rows beside the aims show other rates, lengths and noises, and where a run is
too short. The smallest change that comparisons say they would have seen is planted, too: it is counted how
often its row was found. Exits 1 where an aim is missed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.simulated_runs import Service, imagine
from perfpilot.analysis.comparison.compare import compare_runs
from perfpilot.analysis.comparison.measured import Measured
from perfpilot.domain.comparison import ChangeDecision, Comparison

CHANGES = (0.0, 0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True)
class Design:
    """So many runs against so many, of one imagined service. `noise`: as measured before, if it was."""

    before: int = 1
    after: int = 1
    service: Service = field(default_factory=Service)
    noise: float | None = None

    def comparisons(self, seed: int, changes: Sequence[float]) -> list[Comparison]:
        """One comparison for each planted change, of the same samples otherwise."""
        random = np.random.default_rng(seed)
        old = [imagine(self.service, random, 0.0)[0] for _ in range(self.before)]
        new = [imagine(self.service, random, *changes) for _ in range(self.after)]
        sides: list[list[Measured]] = [[runs[n] for runs in new] for n in range(len(changes))]
        return [compare_runs(old, side, noise=self.noise) for side in sides]

    def __str__(self) -> str:
        s = self.service
        told = "" if self.noise is None else f", {100 * self.noise:g} % known"
        return (
            f"{self.before} against {self.after}, {s.seconds} s at {s.rate:g}/s, "
            f"drift {100 * s.drift:g} %, between runs {100 * s.between:g} %{told}"
        )


@dataclass(frozen=True)
class Shares:
    """Of the comparisons, by planted change: with any regression, any improvement, one of the pooled p95."""

    alarms: tuple[float, ...]
    improvements: tuple[float, ...]
    p95: tuple[float, ...]
    visible: float  # median of what was stated for the pooled p95; NaN: nothing was


def shares(design: Design, seeds: int, changes: Sequence[float] = CHANGES, *, first: int = 0) -> Shares:
    """Count decisions over seeds `first`, `first` + 1, ..."""
    counts = np.zeros((3, len(changes)))
    visible: list[float] = []
    for seed in range(first, first + seeds):
        for n, made in enumerate(design.comparisons(seed, changes)):
            decisions = {change.decision for change in made.changes}
            p95 = next(c for c in made.changes if (c.metric, c.label) == ("p95", ""))
            counts[:, n] += (
                ChangeDecision.REGRESSION in decisions,
                ChangeDecision.IMPROVEMENT in decisions,
                p95.decision is ChangeDecision.REGRESSION,
            )
            visible.append(float("nan") if p95.visible is None else p95.visible)
    rows = [tuple(float(value) for value in row / seeds) for row in counts]
    known = [value for value in visible if value == value]
    return Shares(*rows, visible=float(np.median(known)) if known else float("nan"))


class Report:
    """Prints rows and remembers whether an aim was missed."""

    def __init__(self) -> None:
        self.missed = False

    def row(self, design: Design, found: Shares) -> None:
        """Shares by planted change, in percent."""
        print(f"{design}")
        for name, values in (("any", found.alarms), ("pooled p95", found.p95)):
            print(f"    {name:11}" + "".join(f"{100 * value:8.1f}" for value in values), flush=True)
        better = f"improvement where nothing changed {100 * found.improvements[0]:.1f} %"
        print(f"    {better}, visible {_percent(found)}")

    def aim(self, what: str, value: float, low: float, high: float) -> None:
        """Hold a share against its aim."""
        good = low <= value <= high
        self.missed |= not good
        wanted = f"at most {100 * high:g} %" if low <= 0 else f"at least {100 * low:g} %"
        wanted = f"{100 * low:g} to {100 * high:g} %" if low > 0 and high < 1 else wanted
        print(f"    {what}: {100 * value:.1f} %, aim {wanted}: {'met' if good else 'MISSED'}", flush=True)


def _percent(found: Shares) -> str:
    return f"{100 * found.visible:.1f} %" if found.visible == found.visible else "nothing"


def against_aims(seeds: int, report: Report) -> None:
    """The designs that have aims."""
    one = Design()
    found = shares(one, seeds)
    report.row(one, found)
    report.aim("false alarms", found.alarms[0], 0, 0.02)
    report.aim("+20 % found", found.alarms[3], 0.95, 1)
    five = Design(5, 5, FIVE)
    found_of_five = shares(five, seeds, (0.0, 0.05, 0.1))
    report.row(five, found_of_five)
    report.aim("false alarms", found_of_five.alarms[0], 0, 0.01)
    report.aim("+10 % found", found_of_five.alarms[2], 0.95, 1)
    for design, stated in ((one, found.visible), (five, found_of_five.visible)):
        planted = shares(design, seeds, (stated,), first=100_000)
        print(f"{design}: the stated {100 * stated:.1f} % planted")
        report.aim("pooled p95 found", planted.p95[0], 0.85, 0.95)


FIVE = Service(seconds=300, drift=0.03)
"""Noise between the figures of runs is to be 2 %: drift that adds a per cent at most to what `between` is."""


def grid(seeds: int, report: Report) -> None:
    """Other designs, without aims."""
    services = [Service(seconds=s, rate=r) for s in (60, 120, 300, 600) for r in (20.0, 200.0)]
    services += [Service(seconds=s, drift=0.03) for s in (60, 120, 300)]
    designs = [Design(service=service) for service in services]
    designs += [Design(service=Service(between=between)) for between in (0.0, 0.05)]
    designs += [Design(service=Service(between=0.05), noise=0.05)]
    designs += [Design(before, after, FIVE) for before, after in ((5, 1), (10, 1), (3, 3), (3, 1), (2, 2))]
    designs += [Design(5, 5, Service()), Design(5, 5, Service(seconds=300, drift=0.03, between=0.05))]
    for design in designs:
        report.row(design, shares(design, seeds))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1000, help="for each design with an aim")
    parser.add_argument("--grid-seeds", type=int, default=200, help="for each of the others; 0: none")
    asked = parser.parse_args(arguments)
    report = Report()
    print("share of comparisons with a regression, in %, by planted change: 0, 5, 10, 20, 50 %")
    against_aims(asked.seeds, report)
    if asked.grid_seeds:
        grid(asked.grid_seeds, report)
    return int(report.missed)


if __name__ == "__main__":
    sys.exit(main())
