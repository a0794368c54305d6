"""Signs, in the smoke pass or the first seconds, that the rest of a load would be a waste.

What is stopped early, and what is not:

- An endpoint that answers, and never once as the test wants, from its first sample on: 404, 405, 410, 415,
  401, 403, another status or content that a check does not accept, or nothing for an extractor to find. Its
  load would measure error pages, whatever the other endpoints do, and the mix would not be the one described.
  A check that fails may be wrong or right: which, only a person knows. So it is reported and never repaired.
- A load of which no request was ever answered, by any endpoint: the target or the generator is not there.
- A token that expired: its endpoint worked, and a login for each user mends it.

Everything else is what a load test is made to find, and goes on: server errors, 429, answers that are too
slow, connections that fail or time out at one endpoint while another answers, and anything that begins after
an endpoint had worked. `abort if` lines are for those.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from perfpilot.analysis.counting.second_counts import SecondCount
from perfpilot.analysis.failures.failed_samples import FailedSamples, pooled
from perfpilot.analysis.failures.failure_class import NO_ANSWER, FailureClass, variable_of
from perfpilot.domain.labels import is_measured
from perfpilot.domain.loops import Reason, Trouble

_UNFIT = frozenset({FailureClass.AUTH, FailureClass.NOT_FOUND})
_NOT_AS_WANTED = _UNFIT | {FailureClass.EXPECTATION, FailureClass.EXTRACTION}

_ENOUGH_SAMPLES = 10
_ENOUGH_SECONDS = 3  # for statuses that speak of the request: one is as good as ten, a check may be unlucky
_EXPIRED_SHARE = 0.8
_UNANSWERED_SAMPLES = 50
_UNANSWERED_SECONDS = 10
_TIME_OUTS = 3  # of time-outs alone: so many, one after the other


@dataclass
class _Token:
    """Answers with status 401 to an endpoint whose token may expire."""

    open_seconds: dict[int, tuple[int, int]] = field(default_factory=dict)  # second -> (401s, samples)
    worked: bool = False  # in a second that is closed
    rejected_second: tuple[int, int, int] | None = None  # the closed second before this: at, 401s, samples


class EarlyFailures:
    """Fed at each tick with what ended since the last; says when the load had better stop.

    `authenticated`: labels of requests that carry a token which may expire. `labels`: those of the plan, in
    its order: where several are in trouble at once the first is named, since the others may follow from it.
    `time_out_s`: how long an answer may take.
    """

    def __init__(
        self, authenticated: Collection[str], *, labels: Sequence[str] = (), time_out_s: float = 30.0
    ) -> None:
        self._authenticated = frozenset(authenticated)
        self._ranks = {label: number for number, label in enumerate(labels)}
        self._time_out_s = time_out_s
        self._endpoints: dict[str, FailedSamples] = {}
        self._tokens: dict[str, _Token] = {}
        self._newest = 0
        self._expired: Trouble | None = None

    def add(self, counts: Iterable[SecondCount]) -> None:
        """Take counts in, in any order; for tokens that expire, in any order within the last second."""
        for count in counts:
            self._endpoints.setdefault(count.label, FailedSamples()).add(count)
            if count.label in self._authenticated:
                token = self._tokens.setdefault(count.label, _Token())
                rejected, samples = token.open_seconds.get(count.second, (0, 0))
                rejected += 0 if count.success or count.code != "401" else count.count
                token.open_seconds[count.second] = (rejected, samples + count.count)
            self._newest = max(self._newest, count.second)
        for label, token in self._tokens.items():
            self._close_seconds(label, token)

    def trouble(self) -> Trouble | None:
        """Why the rest of the load would be a waste, if it is known by now.

        - A token that expired: an authenticated endpoint succeeded before, and then 80 % or more of its
          samples answer 401 in two seconds in a row (seconds in which it had samples).
        - An endpoint that was never answered as the test wants (see the module): ten samples; where each of
          them had one of the statuses 401, 403, 404, 405, 410, 415, also fewer after three seconds.
        - No request of the load answered at all: fifty samples and ten seconds; where there are time-outs
          among them, three time-outs in a row.
        """
        return self._expired or self._endpoint_trouble() or self._unanswered()

    def _endpoint_trouble(self) -> Trouble | None:
        for label in sorted(
            self._endpoints, key=lambda each: (self._ranks.get(each, len(self._ranks)), each)
        ):
            failures = self._endpoints[label]
            if failures.samples < _ENOUGH_SAMPLES:
                long_enough = self._newest - (failures.first_second or 0) >= _ENOUGH_SECONDS
                if not long_enough or not failures.all_of(_UNFIT):
                    continue
            if failures.all_of(_NOT_AS_WANTED):
                return failures.trouble(label, f"{label}: ")
        return None

    def _unanswered(self) -> Trouble | None:
        if not self._endpoints or not all(each.all_of(NO_ANSWER) for each in self._endpoints.values()):
            return None
        whole = pooled(self._endpoints)
        # The first sample ended some time after it began: by the newest, that much more has gone by.
        lasted = self._newest - (whole.first_second or 0)
        if any(whole.class_of(code) is FailureClass.TIME_OUT for code in whole.failed):
            long_enough = lasted >= max(_UNANSWERED_SECONDS, (_TIME_OUTS - 1) * self._time_out_s)
            enough = whole.samples >= _TIME_OUTS
        else:
            long_enough, enough = lasted >= _UNANSWERED_SECONDS, whole.samples >= _UNANSWERED_SAMPLES
        if not (long_enough and enough):
            return None
        return whole.trouble("", f"no request of the load was answered in its first {self._newest + 1} s: ")

    def _close_seconds(self, label: str, token: _Token) -> None:
        # A second is closed one second after its end: its last samples may be read late.
        for second in sorted(s for s in token.open_seconds if s < self._newest - 1):
            rejected, samples = token.open_seconds.pop(second)
            if rejected < _EXPIRED_SHARE * samples:
                token.worked |= rejected < samples and self._endpoints[label].worked
                token.rejected_second = None
            elif token.rejected_second is None:
                token.rejected_second = (second, rejected, samples)
            elif token.worked and self._expired is None:
                self._expired = _expired(label, token.rejected_second, (second, rejected, samples))


def smoke_trouble(counts: Iterable[SecondCount], expected: Sequence[str]) -> Trouble | None:
    """What a smoke pass (a sample or more for each expected label) proves to be wrong before any load.

    Nothing was answered at all: there is nobody to load. Else, in the order of the labels: a status that
    speaks of the request, an extractor that matched nothing in an answer that was a success. Then, if nothing
    failed, a label that was never sent. Other failures are the target's affair and no reason to go back: one
    sample of a check is no proof, the first seconds of the load give ten. What became of cases says nothing
    about the description.
    """
    expected = [label for label in expected if is_measured(label)]
    by_label: dict[str, FailedSamples] = {}
    for count in counts:
        by_label.setdefault(count.label, FailedSamples()).add(count)
    if by_label and all(found.all_of(NO_ANSWER) for found in by_label.values()):
        return pooled(by_label).trouble("", "no request of the smoke pass was answered: ")
    for label in [*expected, *(label for label in by_label if label not in expected)]:
        found = by_label.get(label, FailedSamples())
        if found.all_of(_UNFIT):
            return found.trouble(label, f"{label}: ")
        trouble = _not_extracted(label, found)
        if trouble:
            return trouble
    if any(found.failed for found in by_label.values()):
        return None
    for label in expected:
        if label not in by_label:
            seen = f"{label}: no sample in the smoke pass, which sends every request once"
            return Trouble(reason=Reason.PLAN_REFUSED, subject=label, seen=seen)
    return None


def _not_extracted(label: str, found: FailedSamples) -> Trouble | None:
    for code in found.failed:
        if found.class_of(code) is FailureClass.EXTRACTION:
            name = variable_of(found.texts[code])
            seen = f"{label}: the extractor of {name} matched nothing in an answer with status {code}"
            return Trouble(reason=Reason.EXTRACTION_FAILED, subject=label, seen=seen)
    return None


def _expired(label: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> Trouble:
    rejected, samples = first[1] + last[1], first[2] + last[2]
    seen = (
        f"{label}: {rejected} of {samples} samples in seconds {first[0] + 1} and {last[0] + 1} of the load "
        "answered 401, after earlier ones had succeeded"
    )
    return Trouble(reason=Reason.TOKEN_EXPIRED, subject=label, seen=seen, value=float(first[0]))
