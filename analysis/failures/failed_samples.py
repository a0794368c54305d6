"""Samples that failed from the first on: in which ways, and what is wrong where all of them did."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from perfpilot.analysis.counting.second_counts import SecondCount
from perfpilot.analysis.failures.failure_class import FailureClass, failure_class, failure_words
from perfpilot.domain.loops import Reason, Trouble

_STATUS_REASONS = {
    "401": Reason.UNAUTHORIZED,
    "403": Reason.FORBIDDEN,
    "404": Reason.ENDPOINT_NOT_FOUND,
    "405": Reason.METHOD_NOT_ALLOWED,
    "410": Reason.ENDPOINT_NOT_FOUND,
    "415": Reason.UNSUPPORTED_MEDIA_TYPE,
}
_CLASS_REASONS = {
    FailureClass.EXPECTATION: Reason.EXPECTATION_FAILED,
    FailureClass.EXTRACTION: Reason.EXTRACTION_FAILED,
    FailureClass.CONNECTION: Reason.CONNECTION_FAILED,
    FailureClass.PROTOCOL: Reason.PROTOCOL_ERROR,
    FailureClass.TIME_OUT: Reason.NO_ANSWER,
    FailureClass.GENERATOR: Reason.GENERATOR_FAILED,
}


@dataclass
class FailedSamples:
    """Samples of one label, or of all, and how they failed."""

    samples: int = 0
    failed: dict[str, int] = field(default_factory=dict)  # by response code
    texts: dict[str, str] = field(default_factory=dict)  # an example of each code
    first_second: int | None = None

    def add(self, count: SecondCount) -> None:
        """Take a count in."""
        if self.first_second is None or count.second < self.first_second:
            self.first_second = count.second
        self.samples += count.count
        if not count.success:
            self.failed[count.code] = self.failed.get(count.code, 0) + count.count
            if count.text:
                self.texts.setdefault(count.code, count.text)

    @property
    def worked(self) -> bool:
        """Whether any sample was a success."""
        return sum(self.failed.values()) < self.samples

    def class_of(self, code: str) -> FailureClass:
        """The class of the failures with a response code."""
        return failure_class(code, self.texts.get(code, ""))

    def all_of(self, classes: Collection[FailureClass]) -> bool:
        """Whether there were samples, and each failed in one of these ways."""
        return (
            self.samples > 0
            and not self.worked
            and all(self.class_of(code) in classes for code in self.failed)
        )

    def trouble(self, subject: str, whose: str) -> Trouble:
        """Named after the class with the most failures, and its most frequent code."""
        totals: dict[FailureClass, int] = {}
        for code, count in self.failed.items():
            totals[self.class_of(code)] = totals.get(self.class_of(code), 0) + count
        worst = max(totals, key=lambda each: (totals[each], each))
        codes = [code for code in self.failed if self.class_of(code) is worst]
        code = max(codes, key=lambda each: (self.failed[each], each))
        example = failure_words(code, self.texts.get(code, ""))
        how = f"with {example}" if code.isdigit() else f"by {_named(worst)}: {example}"
        seen = f"{whose}all {self.samples} samples failed, {self.failed[code]} of them {how}"
        if self.samples == 1:
            seen = f"{whose}the only sample failed, {how}"
        if len(totals) > 1:
            ranked = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
            seen += f" ({', '.join(f'{_named(each)} {count}' for each, count in ranked)})"
        reason = _STATUS_REASONS.get(code) or _CLASS_REASONS[worst]
        return Trouble(reason=reason, subject=subject, seen=seen)


def pooled(parts: Mapping[str, FailedSamples]) -> FailedSamples:
    whole = FailedSamples(first_second=min(part.first_second or 0 for part in parts.values()))
    for part in parts.values():
        whole.samples += part.samples
        for code, count in part.failed.items():
            whole.failed[code] = whole.failed.get(code, 0) + count
        for code, text in part.texts.items():
            whole.texts[code] = min(text, whole.texts.get(code, text))
    return whole


def _named(failure: FailureClass) -> str:
    return failure.replace("_", " ")
