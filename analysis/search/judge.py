"""Whether a level was kept: thresholds, errors, slowness, a growing queue, load that was not taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perfpilot.analysis.figures import figure
from perfpilot.analysis.knee import KEPT_UP, MOST_ERRORS, SLOWER, SLOWER_MS
from perfpilot.analysis.search.calm import Calm
from perfpilot.analysis.search.hold import Seen
from perfpilot.analysis.search.level_thresholds import against
from perfpilot.domain.thresholds import Metric, Threshold

LEAST_S = 2.0
"""Nothing is judged on less of a settled level."""

SHORT = 0.015
"""Arrivals missing at a level whose response times rose. Arrivals are even and counted: see `Seen.chance`."""

_CLEARLY_SHORT = 0.2
_ELEVATED, _ELEVATED_MS = 1.25, 2.0
"""Response times that rose this much show waiting. Users in excess of the slots make it far more."""

_GROWN, _GROWN_MS = 0.1, 12.0
"""A climb of response times by less than this share of the calm ones, or less than this, is none."""

_CLEARLY_MS = 100.0
_FEW = 20
_FEWEST = 10
_SURE_FAILURES = 10
_DOUBT = 2.0  # standard deviations


@dataclass(frozen=True)
class Verdict:
    """What a level showed. `kept` None: not known yet, look on."""

    kept: bool | None
    lost: str = ""
    calm: bool = False  # lost, though response times are as in calm: the target is not to blame


LOOK_ON = Verdict(None)


def judge(
    seen: Seen,
    calm: Calm,
    thresholds: Sequence[Threshold],
    labels: Sequence[str],
    *,
    whole_s: float,
    held: bool,
    last: bool,
    careful: bool,
) -> Verdict:
    """Judge a level on what is known of it.

    `whole_s`: length of the settled part once it was held for long enough; `held`: it was. Before, only what
    is clear ends it. `last`: it will not be held any longer, so that doubt ends too. `careful`: thresholds
    get as many samples as their floors ask for, if the time allows.
    """
    if seen.span_s < LEAST_S or seen.samples < (_FEWEST if held else _FEW):
        return _few(seen, calm, last)
    lost, doubt = _by_errors(seen, thresholds, last)
    if lost:
        return Verdict(False, lost)
    for line in thresholds:
        found = against(line, seen.rows, labels, seen.span_s, whole_s)
        if found is None:
            continue
        # On the way up a doubtful breach is left to the probes and the confirmation, which see more samples.
        certain = not found.doubtful or (last and careful)
        if found.broken and (found.surely or (held and certain)):
            return Verdict(False, found.words)
        doubt = doubt or (found.doubtful and (careful or found.broken))
    for found_lost, in_doubt in (_by_slowness(seen, calm, thresholds, held), _by_growth(seen, held, last)):
        if found_lost:
            return Verdict(False, found_lost)
        doubt = doubt or in_doubt
    short, in_doubt = _by_shortage(seen, held, last)
    if short.kept is False:
        return short
    return Verdict(True) if held and (last or not (doubt or in_doubt)) else LOOK_ON


def elevated(seen: Seen) -> bool:
    """Whether requests wait for each other."""
    return seen.slower >= _ELEVATED and seen.median_ms - seen.usual_ms > _ELEVATED_MS


def _few(seen: Seen, calm: Calm, last: bool) -> Verdict:
    if not last:
        return LOOK_ON
    if not seen.samples:
        return Verdict(False, "no sample that began there has ended")
    if seen.failed * 2 > seen.samples:
        return Verdict(False, f"{seen.failed} of its {figure(seen.samples, 'samples')} failed")
    if seen.reached is not None and seen.asked - seen.samples > max(seen.chance, seen.asked / 2):
        return Verdict(False, _share(seen), calm=not elevated(seen))
    return Verdict(True)


def _by_errors(seen: Seen, thresholds: Sequence[Threshold], last: bool) -> tuple[str, bool]:
    """How errors lost it, and whether there is doubt. A line of one's own stands in for the usual bound."""
    if any(line.metric is Metric.ERROR_RATE and not line.label for line in thresholds):
        return "", False
    allowed = MOST_ERRORS * seen.samples
    if seen.failed <= allowed:
        return "", False
    words = f"{figure(100 * seen.failed / seen.samples, '%')} of its samples failed"
    certain = seen.failed >= max(2 * allowed, _SURE_FAILURES)
    sure = seen.failed - allowed > _DOUBT * (allowed * (1 - MOST_ERRORS)) ** 0.5
    return (words, False) if certain or last or (sure and seen.failed >= _SURE_FAILURES) else ("", True)


def _by_slowness(seen: Seen, calm: Calm, thresholds: Sequence[Threshold], held: bool) -> tuple[str, bool]:
    """A p95 of five times the one in calm; before the end of the hold, a median of that too.

    A line of one's own on all response times stands in for it: who allows 2 s means 2 s.
    """
    own = any(line.metric in (Metric.PERCENTILE, Metric.MEAN) and not line.label for line in thresholds)
    if calm.p95_ms is None or own:
        return "", False
    p95_slow = seen.p95_ms > SLOWER * calm.p95_ms and seen.p95_ms - calm.p95_ms > SLOWER_MS
    typical = seen.slower > SLOWER and seen.median_ms - seen.usual_ms > SLOWER_MS
    if not p95_slow or not (held or typical):
        return "", False
    return f"a p95 of {figure(seen.p95_ms, 'ms')} against {figure(calm.p95_ms, 'ms')} in calm", False


def _by_growth(seen: Seen, held: bool, last: bool) -> tuple[str, bool]:
    """Response times that climb though the load stands still."""
    found = seen.growth
    least_ms = max(_GROWN * seen.usual_ms, _GROWN_MS)
    if found is None:
        return "", not last  # too few samples to say
    if not found.beyond(least_ms):
        return "", False
    rise = f"response times climbed by {figure(found.rise_ms, 'ms')} in {figure(seen.span_s, 's')}"
    # Climbing from one waiting time to another may be chance; from calm to a wait without precedent is not.
    clear = found.rise_ms > max(_CLEARLY_MS, seen.usual_ms) and found.rising > 0.95
    if last or clear or (held and found.rising > 0.95):
        return rise, False
    return "", True


def _by_shortage(seen: Seen, held: bool, last: bool) -> tuple[Verdict, bool]:
    """Load that was asked for and not sent: all users wait for answers, or the generator is at its end."""
    missing = seen.asked - seen.samples
    if missing <= max(SHORT * seen.asked, seen.chance):
        return LOOK_ON, False
    much = missing > _CLEARLY_SHORT * seen.asked
    if elevated(seen):
        return (Verdict(False, _share(seen)), False) if held or much else (LOOK_ON, True)
    if missing <= (1 - KEPT_UP) * seen.asked:
        return LOOK_ON, False
    return (Verdict(False, _share(seen), calm=True), False) if last else (LOOK_ON, True)


def _share(seen: Seen) -> str:
    return f"{figure(100 * (seen.reached or 0.0), '%')} of the load asked was reached"
