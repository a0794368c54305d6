"""Load curves: from the stages that an engineer writes to straight pieces, and their share for a scenario."""

from __future__ import annotations

import math
from collections.abc import Sequence

from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.load_pattern import LoadPattern
from perfpilot.planning.load.shapes import pieces


def curve(pattern: LoadPattern) -> LoadCurve:
    """The curve of a pattern from the start of the load: nothing until it begins, then its shape.

    Its unit is arrivals per second for the open model and users for the closed one.
    """
    wait = (Segment(duration_s=pattern.begins, start=0.0, end=0.0),) if pattern.begins > 0 else ()
    return LoadCurve(
        unit="rate_per_s" if pattern.model == "open" else "users", segments=(*wait, *pieces(pattern))
    )


def split(whole: LoadCurve, weights: Sequence[float]) -> tuple[LoadCurve, ...]:
    """One curve for each weight, together the whole. Rates are split exactly, users into whole users."""
    total = sum(weights)
    if whole.unit == "rate_per_s":
        return tuple(whole.scaled(weight / total) for weight in weights)
    return tuple(
        LoadCurve(
            unit="users",
            segments=tuple(
                Segment(
                    duration_s=s.duration_s,
                    start=whole_parts(round(s.start), weights)[index],
                    end=whole_parts(round(s.end), weights)[index],
                )
                for s in whole.segments
            ),
        )
        for index in range(len(weights))
    )


def whole_parts(total: int, weights: Sequence[float]) -> tuple[int, ...]:
    """`total` in whole parts by weight, with the largest remainder method: the parts sum to the total.

    Equal remainders go to the earlier part.
    """
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [math.floor(share) for share in exact]
    by_remainder = sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], i))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return tuple(parts)
