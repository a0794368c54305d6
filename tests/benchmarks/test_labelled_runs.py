"""Verdicts over runs whose right verdict is known: one seed of the benchmark, and its own judgement."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import labelled_runs
from benchmarks.labelled.kinds import DECIDED, LABELS, drifting
from benchmarks.labelled.processes import Drifting, Queue, arrivals_of, truth
from benchmarks.labelled.run_files import described, planned
from benchmarks.labelled.undecidable import NEAR, UNDECIDABLE
from perfpilot.domain.outcome import Verdict
from perfpilot.domain.thresholds import parse_threshold

GO, NO_GO, OPEN = Verdict.GO, Verdict.NO_GO, Verdict.INCONCLUSIVE
_SEED = 1000

_QUICK = {
    "decidable": {name: DECIDED[name] for name in ("p95", "errors", "throughput", "apdex", "p95 in windows")},
    "spoiled": {
        name: UNDECIDABLE["spoiled"][name]
        for name in (
            "a neighbour",
            "monitor died, 500s",
            "hole, throughput",
            "slow rows lost",
            "JMeter killed",
        )
    },
    **{kind: UNDECIDABLE[kind] for kind in ("too short", "generator limited", "no goal", "ended early")},
    "near the limit": NEAR,
}


@pytest.fixture(scope="module")
def found() -> list[labelled_runs.Judged]:
    return list(labelled_runs.all_judged([_SEED], kinds=_QUICK))


def test_no_verdict_is_unsafe_needless_or_vacuous(found: list[labelled_runs.Judged]) -> None:
    assert [f"{one.wrong}: {one}" for one in found if one.wrong] == []
    lines, missed = labelled_runs.told(found)
    assert not missed and lines[0] == "unsafe GO: 0 (aim 0)"


def test_what_data_can_tell_is_told(found: list[labelled_runs.Judged]) -> None:
    assert {(one.run.met, one.verdict) for one in found if one.kind == "decidable"} == {
        (True, GO),
        (False, NO_GO),
    }


@pytest.mark.parametrize(
    ("verdict", "right", "met", "near", "marginal", "wrong"),
    [
        (GO, {NO_GO}, False, False, False, "unsafe"),
        (GO, {OPEN}, True, False, True, "unsafe"),
        (NO_GO, {OPEN}, True, False, False, "needless"),
        (NO_GO, {OPEN}, False, False, False, "hasty"),
        (OPEN, {GO}, True, False, False, "timid"),
        (None, {OPEN}, True, False, False, "no verdict"),
        (GO, {NO_GO, OPEN}, False, True, True, ""),
        (GO, {NO_GO, OPEN}, False, True, False, "not told to be marginal"),
        (GO, {GO}, True, False, False, ""),
    ],
)
def test_a_wrong_verdict_is_called_so(
    found: list[labelled_runs.Judged],
    verdict: Verdict | None,
    right: set[Verdict | None],
    met: bool,
    near: bool,
    marginal: bool,
    wrong: str,
) -> None:
    run = replace(found[0].run, right=frozenset(right), met=met, near=near)
    one = replace(found[0], run=run, verdict=verdict, marginal=marginal)
    assert one.wrong == wrong
    assert labelled_runs.told([one])[1] is bool(wrong)


def test_a_verdict_without_a_reason_is_wrong(found: list[labelled_runs.Judged]) -> None:
    assert replace(found[0], reasons=()).wrong == "without a reason"


@pytest.mark.parametrize(
    "target",
    [
        Drifting({"home": 60.0, "search": 150.0}, errors={"home": 0.04, "search": 0.02}),
        Queue(120.0, arrivals_per_s=60.0, errors=0.03),
    ],
)
def test_the_truth_of_a_target_is_what_its_samples_show(target: Drifting | Queue) -> None:
    random = np.random.default_rng(5)
    plan = planned(described(["error_rate < 1%"], seconds=1800, rate_per_s=60.0))
    samples = target.answer(arrivals_of(plan, random), random)
    seen = {
        "p50 < 1s": np.quantile(samples.elapsed_ms, 0.5),
        "p95 < 1s": np.quantile(samples.elapsed_ms, 0.95),
        "mean < 1s": samples.elapsed_ms.mean(),
        "error_rate < 1%": (samples.code > 0).mean(),
        "throughput > 1/s": (samples.code == 0).sum() / 1800,
    }
    for line, value in seen.items():
        true = truth(target, parse_threshold(line), rate_per_s=60.0)
        assert value == pytest.approx(true, rel=0.06), line


def test_the_same_seed_makes_the_same_run(tmp_path: Path) -> None:
    first, again = (DECIDED["p95"](np.random.default_rng(7), True) for _ in range(2))
    assert (first.lines, first.spec) == (again.lines, again.spec)
    assert set(drifting(np.random.default_rng(1), 600).medians) == set(LABELS)
