"""Who arrives how: each scenario with its pattern and its part of that pattern's curve."""

from __future__ import annotations

from collections.abc import Sequence

from perfpilot.domain.base import Frozen
from perfpilot.domain.load import LoadCurve
from perfpilot.domain.load_pattern import LoadPattern
from perfpilot.domain.spec import Spec
from perfpilot.planning.load.curves import curve, split
from perfpilot.planning.scenarios import Draft, drafts


class Placed(Frozen):
    """A scenario and how it arrives. The curve counts from the start of the load."""

    draft: Draft
    pattern: LoadPattern
    number: int  # of the pattern in the description, from 0
    curve: LoadCurve


def placed(spec: Spec, curves: Sequence[LoadCurve] | None = None) -> tuple[Placed, ...]:
    """All scenarios of a description in its order, each by the pattern that names it.

    A pattern that names none drives all that no other pattern names, by their weights. `curves`: of the
    patterns, in the place of those described.
    """
    every = drafts(spec)
    named = {name for pattern in spec.load_patterns for name in pattern.journeys}
    found: list[Placed] = []
    for number, pattern in enumerate(spec.load_patterns):
        own = [d for d in every if (d.name in pattern.journeys if pattern.journeys else d.name not in named)]
        if not own:
            continue
        whole = curves[number] if curves else curve(pattern)
        parts = split(whole, [draft.weight for draft in own])
        found += [
            Placed(draft=draft, pattern=pattern, number=number, curve=part)
            for draft, part in zip(own, parts, strict=True)
        ]
    order = {draft.name: index for index, draft in enumerate(every)}
    return tuple(sorted(found, key=lambda entry: order[entry.draft.name]))


def whole_duration_s(spec: Spec) -> float:
    """How long the load lasts: until the last pattern ends."""
    return max(curve(pattern).duration_s for pattern in spec.load_patterns)
