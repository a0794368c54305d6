"""How many samples a description will give in its steady phase, before anything runs."""

from __future__ import annotations

from perfpilot.domain.spec import Spec
from perfpilot.planning.load.placement import placed, whole_duration_s
from perfpilot.planning.load.warm_up import warm_up_of


def expected_samples(spec: Spec) -> dict[str, float] | None:
    """Samples of each label after warm-up, `""` for all of them. None for the closed model: nobody knows.

    Steps that run only under a condition are not counted: they are not certain.
    """
    every = placed(spec)
    if any(entry.curve.unit == "users" for entry in every):
        return None
    begin, end = warm_up_of(spec), whole_duration_s(spec)
    found = {"": 0.0}
    for entry in every:
        iterations = entry.curve.area_between(begin, end)
        labels = {step.label: 0 for step in entry.draft.steps}
        for step in entry.draft.steps:
            labels[step.label] += 0 if step.only_if else step.repeat
        if entry.draft.login_first and spec.environment.auth:
            login = spec.environment.auth.login
            labels[login] = labels.get(login, 0) + 1
        for label, times in labels.items():
            found[label] = found.get(label, 0.0) + iterations * times
            found[""] += iterations * times
    return found


def duration_for(samples: float, spec: Spec, label: str = "") -> float | None:
    """Seconds that the run must last for so many samples at its steady rate; None: no length does."""
    expected = (expected_samples(spec) or {}).get(label, 0.0)
    whole_s = whole_duration_s(spec)
    steady_s = whole_s - warm_up_of(spec)
    if expected <= 0 or steady_s <= 0:
        return None
    more_s = (samples / expected - 1) * steady_s
    # Warm-up takes a tenth of what is added, until it is 30 s.
    return whole_s + max(more_s, 0.0) / 0.9
