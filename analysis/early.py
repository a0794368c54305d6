"""Signs, in the smoke pass or the first seconds, that the description of the test is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from perfpilot.analysis.rows import Rows
from perfpilot.domain.labels import is_measured
from perfpilot.domain.loops import Reason, Trouble
from perfpilot.domain.plan_messages import EXTRACTION_MESSAGE

UNFIT = {
    "404": Reason.ENDPOINT_NOT_FOUND,
    "405": Reason.METHOD_NOT_ALLOWED,
    "415": Reason.UNSUPPORTED_MEDIA_TYPE,
    "401": Reason.UNAUTHORIZED,
}
"""Answers that speak of the request, not of the load."""

_ENOUGH_SAMPLES = 10
_ENOUGH_SECONDS = 3
_EXPIRED_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class SecondCount:
    """Samples of one label with one answer that ended in one second of the load."""

    second: int
    label: str
    code: str
    success: bool
    count: int
    text: str = ""  # of a failure, where this batch brought one


def second_counts(
    rows: Rows, labels: Sequence[str], codes: Sequence[str], start_ms: int
) -> list[SecondCount]:
    """Samples by second of their end, label, code and success, ordered so. Unmeasured rows are left out."""
    if not rows.size:
        return []
    second = (rows.start_ms + rows.elapsed_ms - start_ms) // 1000
    keys = np.stack([second, rows.label, rows.code, rows.success.astype(np.int64)])
    found, counts = np.unique(keys, axis=1, return_counts=True)
    texts = {(failure.label, failure.code): failure.text for failure in rows.failures}
    return [
        SecondCount(
            at, labels[label], codes[code], bool(good), n, "" if good else texts.get((label, code), "")
        )
        for (at, label, code, good), n in zip(found.T.tolist(), counts.tolist(), strict=True)
        if is_measured(labels[label])
    ]


@dataclass
class _Endpoint:
    first_second: int
    samples: int = 0
    successes: int = 0
    unfit: dict[str, int] = field(default_factory=dict)
    open_seconds: dict[int, tuple[int, int]] = field(default_factory=dict)  # second -> (401s, samples)
    succeeded_before: bool = False  # in a second that is closed
    rejected_second: tuple[int, int, int] | None = None  # the closed second before this: at, 401s, samples


class EarlyFailures:
    """Fed at each tick with what ended since the last; says when the load had better stop.

    `authenticated`: labels of requests that carry a token which may expire.
    """

    def __init__(self, authenticated: Collection[str]) -> None:
        self._authenticated = frozenset(authenticated)
        self._endpoints: dict[str, _Endpoint] = {}
        self._newest = 0
        self._expired: Trouble | None = None

    def add(self, counts: Iterable[SecondCount]) -> None:
        """Take counts in, in any order within the last seconds."""
        for count in counts:
            endpoint = self._endpoints.setdefault(count.label, _Endpoint(count.second))
            endpoint.samples += count.count
            if count.success:
                endpoint.successes += count.count
            elif count.code in UNFIT:
                endpoint.unfit[count.code] = endpoint.unfit.get(count.code, 0) + count.count
            if count.label in self._authenticated:
                rejected, samples = endpoint.open_seconds.get(count.second, (0, 0))
                rejected += 0 if count.success or count.code != "401" else count.count
                endpoint.open_seconds[count.second] = (rejected, samples + count.count)
            self._newest = max(self._newest, count.second)
        for label, endpoint in self._endpoints.items():
            self._close_seconds(label, endpoint)

    def trouble(self) -> Trouble | None:
        """The first sign that the description is wrong, if there is one by now.

        Either an endpoint whose samples all failed with 404, 405, 415 or 401, ten of them or for three
        seconds; or a token that expired: an authenticated endpoint succeeded before, and then 80 % or more
        of its samples answer 401 in two seconds in a row (seconds in which it had samples).
        """
        if self._expired:
            return self._expired
        for label, endpoint in self._endpoints.items():
            lasted = self._newest - endpoint.first_second
            if endpoint.samples >= _ENOUGH_SAMPLES or lasted >= _ENOUGH_SECONDS:
                trouble = _unfit(label, endpoint.samples, endpoint.unfit)
                if trouble:
                    return trouble
        return None

    def _close_seconds(self, label: str, endpoint: _Endpoint) -> None:
        # A second is closed one second after its end: its last samples may be read late.
        for second in sorted(s for s in endpoint.open_seconds if s < self._newest - 1):
            rejected, samples = endpoint.open_seconds.pop(second)
            if rejected < _EXPIRED_SHARE * samples:
                endpoint.succeeded_before |= rejected < samples and endpoint.successes > 0
                endpoint.rejected_second = None
            elif endpoint.rejected_second is None:
                endpoint.rejected_second = (second, rejected, samples)
            elif endpoint.succeeded_before and self._expired is None:
                self._expired = _expired(label, endpoint.rejected_second, (second, rejected, samples))


def smoke_trouble(counts: Iterable[SecondCount], expected: Sequence[str]) -> Trouble | None:
    """What a smoke pass (a sample or more for each expected label) proves wrong in the description.

    In the order of the labels: an unfit answer, an extractor that matched nothing. Then, if nothing failed,
    a label that was never sent. Other failures are the target's affair and no reason to go back, and what
    became of cases says nothing about the description.
    """
    expected = [label for label in expected if is_measured(label)]
    by_label: dict[str, list[SecondCount]] = {}
    for count in counts:
        by_label.setdefault(count.label, []).append(count)
    for label in [*expected, *(label for label in by_label if label not in expected)]:
        trouble = _smoke_of(label, by_label.get(label, []))
        if trouble:
            return trouble
    if any(not count.success for found in by_label.values() for count in found):
        return None
    for label in expected:
        if label not in by_label:
            seen = f"{label}: no sample in the smoke pass, which sends every request once"
            return Trouble(reason=Reason.PLAN_REFUSED, subject=label, seen=seen)
    return None


def _smoke_of(label: str, found: Sequence[SecondCount]) -> Trouble | None:
    unfit: dict[str, int] = {}
    for count in found:
        if not count.success and count.code in UNFIT:
            unfit[count.code] = unfit.get(count.code, 0) + count.count
    trouble = _unfit(label, sum(count.count for count in found), unfit)
    if trouble:
        return trouble
    for count in found:
        if count.text.startswith(EXTRACTION_MESSAGE):
            name = count.text.removeprefix(EXTRACTION_MESSAGE)
            seen = f"{label}: the extractor of {name} matched nothing in an answer with status {count.code}"
            return Trouble(reason=Reason.EXTRACTION_FAILED, subject=label, seen=seen)
    return None


def _unfit(label: str, samples: int, unfit: dict[str, int]) -> Trouble | None:
    """Trouble if every sample had an unfit answer; the most frequent one names it."""
    if not samples or sum(unfit.values()) < samples:
        return None
    code = max(unfit, key=lambda each: (unfit[each], each))
    seen = f"{label}: all {samples} samples failed, {unfit[code]} of them with status {code}"
    return Trouble(reason=UNFIT[code], subject=label, seen=seen)


def _expired(label: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> Trouble:
    rejected, samples = first[1] + last[1], first[2] + last[2]
    seen = (
        f"{label}: {rejected} of {samples} samples in seconds {first[0] + 1} and {last[0] + 1} of the load "
        "answered 401, after earlier ones had succeeded"
    )
    return Trouble(reason=Reason.TOKEN_EXPIRED, subject=label, seen=seen, value=float(first[0]))
