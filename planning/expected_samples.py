"""How many samples a description will give in its steady phase, before anything runs."""

from __future__ import annotations

from perfpilot.domain.spec import Spec
from perfpilot.planning.curves import curve, split
from perfpilot.planning.scenarios import drafts
from perfpilot.planning.sizing import warm_up_s


def expected_samples(spec: Spec) -> dict[str, float] | None:
    """Samples of each label after warm-up, `""` for all of them. None for the closed model: nobody knows."""
    whole = curve(spec.load_patterns[0])
    if whole.unit == "users":
        return None
    every = drafts(spec)
    begin, end = warm_up_s(whole), whole.duration_s
    found = {"": 0.0}
    for draft, part in zip(every, split(whole, [draft.weight for draft in every]), strict=True):
        iterations = part.area_between(begin, end)
        labels = list(draft.endpoints)
        if draft.login_first and spec.environment.auth:
            labels.append(spec.environment.auth.login)
        for label in labels:
            found[label] = found.get(label, 0.0) + iterations
            found[""] += iterations
    return found


def duration_for(samples: float, spec: Spec, label: str = "") -> float | None:
    """Seconds that the run must last for so many samples at its steady rate; None: no length does."""
    whole = curve(spec.load_patterns[0])
    expected = (expected_samples(spec) or {}).get(label, 0.0)
    steady_s = whole.duration_s - warm_up_s(whole)
    if expected <= 0 or steady_s <= 0:
        return None
    more_s = (samples / expected - 1) * steady_s
    # Warm-up takes a tenth of what is added, until it is 30 s.
    return whole.duration_s + max(more_s, 0.0) / 0.9
