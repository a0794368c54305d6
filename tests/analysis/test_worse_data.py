"""Worse data never improves a verdict; less data decides no more; order and further attempts change nothing.

The order of verdicts is NO_GO < INCONCLUSIVE < GO. What is known of the load generator is held fixed: it is
evidence about the load and not about the target.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.attempt_samples import AttemptFigures, AttemptSamples, Beside
from perfpilot.analysis.reading.reader import ResultReader
from perfpilot.analysis.thresholds.thresholds import Evidence, decide
from perfpilot.analysis.verdict import JudgedAttempt, is_final, judge
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.measure import Attempt, FileHealth, GeneratorHealth
from perfpilot.domain.outcome import Verdict
from perfpilot.domain.thresholds import parse_threshold
from tests.analysis.result_files import START_MS, file, line, measured, plan

RANK = {Verdict.NO_GO: 0, Verdict.INCONCLUSIVE: 1, Verdict.GO: 2}
LIMIT_MS = 500
GOALS = (
    "p95 < 500ms", "p99 <= 500ms", "p50(home) < 500ms", "mean < 500ms", "max <= 500ms", "error_rate < 5%",
    "error_rate(cart) < 5%", "throughput >= 8/s", "throughput(cart) > 3/s", "apdex(0.5s) >= 0.9",
    "p90 < 500ms over 20s", "error_rate <= 20% over 10s", "throughput >= 5/s over 10s",
    "mean < 500ms over 30s",
)  # fmt: skip
FINE = GeneratorHealth(limited=False, achieved_load=1.0)
LIMITED = GeneratorHealth(limited=True, reasons=("JMeter used 96 % of its host",), achieved_load=0.8)
TIMEOUT = "Non HTTP response code: java.net.SocketTimeoutException"


@dataclass(frozen=True)
class Sample:
    """One of the steady phase. `code` is what a failed one met; empty: it did not fail."""

    at_ms: int
    elapsed_ms: int
    label: str
    code: str = ""

    @property
    def good(self) -> bool:
        """Whether it is good for every goal."""
        return not self.code and self.elapsed_ms < LIMIT_MS


@st.composite
def runs(draw: st.DrawFn) -> list[Sample]:
    """Between none and some 700 samples: about the floors, about the limits."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.sampled_from([0, 20, 90, 150, 250, 400, 700]))
    slow, failed = (
        draw(st.sampled_from([0.0, 0.01, 0.05, 0.2])),
        draw(st.sampled_from([0.0, 0.01, 0.05, 0.2])),
    )
    at = random.integers(10_000, 60_000, count)
    if draw(st.booleans()):
        at = at[(at < 30_000) | (at >= 45_000)]  # a gap: empty windows
    usual = draw(st.sampled_from([100, 400, 490]))
    samples = []
    for moment in at.tolist():
        elapsed = (
            int(random.integers(500, 3000)) if random.random() < slow else int(random.integers(1, usual + 60))
        )
        code = str(random.choice(["500", TIMEOUT])) if random.random() < failed else ""
        samples.append(Sample(moment, elapsed, str(random.choice(["home", "cart"])), code))
    return samples


goals = st.lists(st.sampled_from(GOALS), min_size=1, max_size=5, unique=True)
generators = st.sampled_from([FINE, LIMITED, FINE.model_copy(update={"achieved_load": 0.7})])


def lines(samples: Sequence[Sample]) -> list[str]:
    return [
        line(s.at_ms, s.elapsed_ms, s.label, code=s.code or "200", success=not s.code) for s in samples
    ]  # fmt: skip


def decided(
    samples: Sequence[Sample], texts: Sequence[str], generator: GeneratorHealth = FINE, unread: int = 0
) -> tuple[ThresholdResult, ...]:
    thresholds = [parse_threshold(text) for text in texts]
    measurement = measured(lines(samples), plan(labels=("home", "cart")), thresholds)
    steady = next(phase for phase in measurement.phases() if phase.phase == "steady")
    evidence = Evidence(plan(), steady, measurement.counters, generator, unread=unread)
    return decide(thresholds, evidence)


def verdict(
    samples: Sequence[Sample], texts: Sequence[str], generator: GeneratorHealth = FINE, unread: int = 0
) -> Verdict:
    files = FileHealth(rows=len(samples), rejected=unread)
    attempt = Attempt(number=1, started_ms=0, ended="completed", generator=generator, files=files)
    return judge([JudgedAttempt(attempt, decided(samples, texts, generator, unread))]).verdict


@given(runs(), goals, generators, st.randoms(use_true_random=False))
@settings(max_examples=120)
def test_slower_and_failed_samples_never_improve_a_verdict(samples, texts, generator, random):
    """Nor any single decision: what was broken stays so, what was undecided is not met."""

    def worse(sample: Sample) -> Sample:
        chosen = random.random()
        if chosen < 0.1:
            return replace(sample, elapsed_ms=sample.elapsed_ms + random.randrange(1, 2000))
        return replace(sample, code=sample.code or "503") if chosen < 0.2 else sample

    after = [worse(sample) for sample in samples]
    assert RANK[verdict(after, texts, generator)] <= RANK[verdict(samples, texts, generator)]
    order = {Decision.BROKEN: 0, Decision.UNDECIDED: 1, Decision.MET: 2}
    for one, other in zip(decided(samples, texts, generator), decided(after, texts, generator), strict=True):
        assert order[other.decision] <= order[one.decision], other


@given(runs(), goals, generators, st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_without_some_of_its_good_samples_a_run_is_no_better(samples, texts, generator, random):
    """A breach may have been known by them: NO_GO may become INCONCLUSIVE below a floor, never GO."""
    after = [sample for sample in samples if not sample.good or random.random() < 0.7]
    before, now = verdict(samples, texts, generator), verdict(after, texts, generator)
    assert now is not Verdict.GO or before is Verdict.GO
    if RANK[now] > RANK[before]:
        assert "are needed" in " ".join(r.reason for r in decided(after, texts, generator)) or any(
            "have fewer than" in r.reason for r in decided(after, texts, generator)
        )


@given(runs(), goals, st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_less_data_decides_nothing_for_the_better(samples, texts, random):
    """Whichever samples are gone, the bad ones too: what was undecided is not met by what is left."""
    hide = random.random()
    after = [s for s in samples if random.random() < 0.7 and (s.good or random.random() < hide)]
    for one, other in zip(decided(samples, texts), decided(after, texts), strict=True):
        if one.decision is Decision.UNDECIDED:
            assert other.decision is not Decision.MET


@given(runs(), goals, st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_rows_that_can_not_be_read_never_decide_otherwise(samples, texts, random):
    """Not a GO, whatever they held; and no NO_GO that the whole file would not have been."""
    hide = random.random()
    left = [
        s for s in samples if (s.good and random.random() < 0.98) or (not s.good and random.random() < hide)
    ]
    lost = len(samples) - len(left)
    if not lost:
        return
    assert verdict(left, texts, unread=lost) is not Verdict.GO
    whole = decided(samples, texts)
    for one, other in zip(whole, decided(left, texts, unread=lost), strict=True):
        if other.decision is Decision.BROKEN:
            assert one.decision is Decision.BROKEN, one
        if other.decision is Decision.MET:
            assert one.decision is Decision.MET, one


@given(runs(), goals, st.randoms(use_true_random=False), st.integers(1, 12))
@settings(max_examples=40)
def test_rows_in_any_order_and_any_pieces_give_the_same_figures(samples, texts, random, pieces):
    """Thresholds, phases, series, the generator's health: of the same rows they are the same."""

    def figures(cut: Sequence[Sequence[str]]) -> tuple[AttemptFigures, tuple[ThresholdResult, ...]]:
        reader = ResultReader()
        thresholds = [parse_threshold(text) for text in texts]
        of = plan(labels=("home", "cart"))
        taken = AttemptSamples(of, START_MS, reader.labels, reader.codes, thresholds)
        reader.feed(file(both_labels))  # numbers of labels go by what is read first
        for piece in cut:
            rows = reader.feed("".join(piece).encode())
            if rows.size:
                taken.add(rows)
        found = taken.figures(Beside(), lambda: (reader.labels, ()))
        evidence = Evidence(of, found.steady, found.counters, found.generator)
        return found, decide(thresholds, evidence)

    both_labels = [line(0, 1, "home"), line(0, 1, "cart"), line(0, 1, code="500"), line(0, 1, code=TIMEOUT)]
    every = lines(samples)
    shuffled = random.sample(every, len(every))
    cuts = sorted(random.randrange(len(every) + 1) for _ in range(pieces))
    bounds = [0, *cuts, len(every)]
    once, decided_once = figures([every])
    again, decided_again = figures([shuffled[a:b] for a, b in itertools.pairwise(bounds)])
    assert decided_again == decided_once
    assert (again.phases, again.series) == (once.phases, once.series)
    assert (again.generator.limited, again.generator.achieved_load) == (
        once.generator.limited,
        once.generator.achieved_load,
    )
    assert [level.samples for level in again.levels] == [level.samples for level in once.levels]


# Sequences of attempts --------------------------------------------------------------------------------------

_SHARE, _RATE = "achieved_load >= 95%", "throughput >= 9/s"
_TEXTS = ("p95 < 400ms", "error_rate < 1%", _SHARE, _RATE, "capacity >= 5/s")
_ENDS = ("completed", "aborted", "stopped", "overdue", "early_failure", "generator_died", "searched")
_INVALID = ("early_failure", "generator_died", "not_started")


@st.composite
def attempts(draw: st.DrawFn) -> list[JudgedAttempt]:
    """Up to four, each with its own decisions, end, validity and load."""
    found = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        results = tuple(
            ThresholdResult(text=text, decision=draw(st.sampled_from(Decision)), limit=1, unit="")
            for text in draw(st.lists(st.sampled_from(_TEXTS), max_size=3, unique=True))
        )
        ended = draw(st.sampled_from(_ENDS))
        valid = ended not in _INVALID and draw(st.booleans())
        health = GeneratorHealth(
            limited=draw(st.booleans()), achieved_load=draw(st.sampled_from([None, 0.5, 1.0]))
        )
        attempt = Attempt(
            number=number,
            started_ms=0,
            ended=ended,
            detail=draw(
                st.sampled_from(["", "abort if p95 > 5s for 3s: true for 3 s until second 9 of the load"])
            ),
            generator=health,
            valid=valid,
            invalid_because="" if valid else "spoiled",
            files=FileHealth(rows=9, rejected=draw(st.sampled_from([0, 0, 2]))),
        )
        found.append(JudgedAttempt(attempt, results))
    return found


def _stands(judged: JudgedAttempt) -> bool:
    """Whether an attempt is a NO_GO by what the load that it had did, whichever load was asked for."""
    attempt = judged.attempt
    broken = {result.text for result in judged.thresholds if result.decision is Decision.BROKEN}
    short = attempt.generator.achieved_load == 0.5
    return attempt.valid and bool(broken - {_SHARE} - ({_RATE} if short else set()))


@given(attempts(), st.booleans())
def test_no_further_attempt_launders_a_no_go(sequence: list[JudgedAttempt], search: bool):
    found = judge(sequence, breakpoint_search=search).verdict
    if any(map(_stands, sequence)):
        assert found is Verdict.NO_GO
    last = next((judged for judged in reversed(sequence) if judged.attempt.valid), None)
    if last and any(result.decision is Decision.BROKEN for result in last.thresholds):
        assert found is Verdict.NO_GO
    for judged in sequence:
        attempt = judged.attempt
        if attempt.valid and attempt.ended == "aborted" and not attempt.generator.limited and not search:
            assert found is Verdict.NO_GO
        if is_final(judged, breakpoint_search=search):
            assert found is Verdict.NO_GO


@given(attempts(), attempts(), st.booleans())
def test_an_attempt_that_is_not_valid_improves_nothing(
    sequence: list[JudgedAttempt], more: list[JudgedAttempt], search: bool
):
    lost = JudgedAttempt(
        more[0].attempt.model_copy(update={"number": 9, "valid": False, "invalid_because": "spoiled"}),
        more[0].thresholds,
    )
    before = judge(sequence, breakpoint_search=search).verdict
    after = judge([*sequence, lost], breakpoint_search=search)
    assert RANK[after.verdict] <= RANK[before]
    if after.verdict is Verdict.GO:
        assert "attempt 9 is not valid: spoiled" in after.reasons


@given(attempts(), st.booleans())
def test_a_verdict_is_never_vacuous(sequence: list[JudgedAttempt], search: bool):
    judgement = judge(sequence, breakpoint_search=search)
    assert judgement.reasons and all(judgement.reasons)
    if judgement.verdict is Verdict.GO:
        by = next(judged for judged in sequence if judged.attempt.number == judgement.decided_by)
        assert by.attempt.valid and by.thresholds and not by.attempt.files.rejected
        assert {result.decision for result in by.thresholds} == {Decision.MET}
        assert search or not by.attempt.generator.limited
