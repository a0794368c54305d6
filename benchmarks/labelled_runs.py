"""Verdicts over runs whose right verdict is known, because the target was made.

    python -m benchmarks.labelled_runs [--seeds 3] [--first 0] [--only NAME] [--all]

Each run is a directory as `collect` finds it; it is closed and judged by what the workflow uses. The truth
is that of the target, not of the samples. For each seed and variant there is a run whose thresholds are truly
met and one in which a threshold is truly broken: 110 runs a seed.

- unsafe: a GO that is not right. The aim is none.
- needless: a NO_GO although everything is truly met. The aim is 5 % of such runs at most.
- hasty: a NO_GO that the data don't allow, although the target is bad. The aim is none.
- timid: INCONCLUSIVE where the data can tell. The aim is 5 % of such runs at most.

Runs that are too near the limit for their length are a part of their own: there a wrong verdict should be
told to be marginal, which an interval of 95 % does in all but 5 % of runs. Every verdict must name a reason.
Exits 1 where an aim is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.labelled.kinds import DECIDED, Labelled, Maker
from benchmarks.labelled.run_files import lay_out
from benchmarks.labelled.undecidable import NEAR, UNDECIDABLE
from perfpilot.analysis.conclude import Surroundings, conclude
from perfpilot.domain.outcome import Verdict
from perfpilot.domain.result import Analysis
from perfpilot.tools.jmeter.measure import close_attempt

NEEDLESS_AIM = TIMID_AIM = SILENT_AIM = 0.05
_VACUOUS, _SILENT, _NONE = "without a reason", "not told to be marginal", "no verdict"
KINDS: Mapping[str, Mapping[str, Maker]] = {"decidable": DECIDED, **UNDECIDABLE, "near the limit": NEAR}


@dataclass(frozen=True)
class Judged:
    """A run with the verdict that it got."""

    kind: str
    variant: str
    seed: int
    run: Labelled
    verdict: Verdict | None
    marginal: bool
    reasons: tuple[str, ...]

    @property
    def wrong(self) -> str:
        """In which way the verdict is wrong; empty: it is not."""
        if self.verdict in self.run.right:
            return "" if self.reasons else _VACUOUS
        if self.run.near:
            return "" if self.marginal else _SILENT
        if self.verdict is Verdict.GO:
            return "unsafe"
        if self.verdict is Verdict.NO_GO:
            return "needless" if self.run.met else "hasty"
        return "timid" if self.verdict is Verdict.INCONCLUSIVE else _NONE

    @property
    def decidable(self) -> bool:
        """Whether the data tell which verdict is right."""
        return Verdict.INCONCLUSIVE not in self.run.right and None not in self.run.right

    def __str__(self) -> str:
        truth = "met" if self.run.met else "broken"
        shown = self.verdict.value if self.verdict else "none"
        return f"{self.kind}, {self.variant}, seed {self.seed}, truly {truth}: {shown}"


def judged(folder: Path, kind: str, variant: str, maker: Maker, seed: int, met: bool) -> Judged:
    """Make a run, close it and judge it, as the workflow does."""
    random = np.random.default_rng([seed, zlib.crc32(f"{kind}/{variant}/{met}".encode())])
    labelled = maker(random, met)
    run = lay_out(folder, labelled.spec, labelled.plan, labelled.lines, labelled.left)
    closed = close_attempt(run, 1)
    analysis: Analysis = conclude([closed], Surroundings(stopped=closed.attempt.ended == "stopped")).analysis
    outcome = analysis.outcome
    return Judged(
        kind=kind,
        variant=variant,
        seed=seed,
        run=labelled,
        verdict=outcome.verdict,
        marginal=any(result.marginal for result in analysis.thresholds),
        reasons=outcome.reasons,
    )


def all_judged(
    seeds: Iterable[int], *, only: str = "", kinds: Mapping[str, Mapping[str, Maker]] = KINDS
) -> Iterator[Judged]:
    """A run that is met and one that is broken, of each variant whose name contains `only`, for each seed."""
    for seed in seeds:
        for kind, variants in kinds.items():
            for variant, maker in variants.items():
                if only in f"{kind}, {variant}":
                    for met in (True, False):
                        with tempfile.TemporaryDirectory() as folder:
                            yield judged(Path(folder), kind, variant, maker, seed, met)


def matrix(found: Iterable[Judged]) -> Iterator[str]:
    """The verdicts by kind and truth, one line each."""
    counts: dict[tuple[str, bool], Counter[str]] = {}
    for one in found:
        row = counts.setdefault((one.kind, one.run.met), Counter())
        row[one.verdict.value if one.verdict else "none"] += 1
        row["wrong"] += bool(one.wrong)
    columns = ("GO", "NO_GO", "INCONCLUSIVE", "none", "wrong")
    yield " " * 28 + "".join(f"{name:>14}" for name in columns)
    for (kind, met), row in counts.items():
        truth = "truly met" if met else "truly broken"
        yield f"{kind:18}{truth:>13} " + "".join(f"{row[name]:14}" for name in columns).removeprefix("    ")


def told(found: Sequence[Judged]) -> tuple[list[str], bool]:
    """What was counted, with the aims beside it, and whether one is missed."""
    wrong = Counter(one.wrong for one in found)
    met = sum(one.run.met and not one.run.near for one in found)
    telling = sum(one.decidable for one in found)
    near = [one for one in found if one.run.near]
    far = sum(one.verdict not in one.run.right for one in near)
    few = wrong["needless"] <= NEEDLESS_AIM * met and wrong["timid"] <= TIMID_AIM * telling
    few = few and wrong[_SILENT] <= SILENT_AIM * len(near)
    lines = [
        f"unsafe GO: {wrong['unsafe']} (aim 0)",
        f"needless NO_GO: {wrong['needless']} of {met} truly met (aim {NEEDLESS_AIM:.0%} at most)",
        f"NO_GO that the data don't allow: {wrong['hasty']} (aim 0)",
        f"INCONCLUSIVE where data can tell: {wrong['timid']} of {telling} (aim {TIMID_AIM:.0%} at most)",
        f"near the limit: {far} of {len(near)} wrong, {wrong[_SILENT]} {_SILENT} (aim {SILENT_AIM:.0%})",
        *(f"{wrong[name]} {name} (aim 0)" for name in (_NONE, _VACUOUS) if wrong[name]),
    ]
    never = any(wrong[name] for name in ("unsafe", "hasty", _NONE, _VACUOUS))
    return lines, never or not few


def _main(given: argparse.Namespace) -> int:
    begun = time.process_time()
    found = []
    for one in all_judged(range(given.first, given.first + given.seeds), only=given.only):
        found.append(one)
        if one.wrong or given.all:
            print(f"{one.wrong or 'right'}: {one}; {one.reasons[0] if one.reasons else '-'}", flush=True)
    if not found:
        print("no run has that name")
        return 1
    lines, missed = told(found)
    print(*matrix(found), *lines, sep="\n")
    print(f"{len(found)} runs, {time.process_time() - begun:.0f} s of processor time")
    print("an aim is missed" if missed else "every aim is met")
    return 1 if missed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Verdicts over runs whose right verdict is known.")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--only", default="", help="variants whose kind and name contain this")
    parser.add_argument("--all", action="store_true", help="print every run, not the wrong ones alone")
    sys.exit(_main(parser.parse_args()))
