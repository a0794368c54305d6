"""Reasons that several figures share, each said once."""

from __future__ import annotations

from collections.abc import Iterable

_SHOWN_NAMES = 4


def grouped(pairs: Iterable[tuple[str, str]], most: int = 6, kept_in: str = "result.json") -> tuple[str, ...]:
    """`p95, p99 and 3 more: too few runs` for each reason among (name, reason), the commonest first.

    Pairs without a reason are left out. Of more than `most` reasons the rest, which the file
    `kept_in` has, is only counted.
    """
    names: dict[str, list[str]] = {}
    for name, reason in pairs:
        if reason:
            names.setdefault(reason, []).append(name)
    ordered = sorted(names.items(), key=lambda item: -len(item[1]))
    said = [f"{_listed(who)}: {reason}" for reason, who in ordered[:most]]
    left = sum(len(who) for _, who in ordered[most:])
    return (*said, f"{left} more for other reasons, in {kept_in}") if left else tuple(said)


def _listed(names: list[str]) -> str:
    more = len(names) - _SHOWN_NAMES
    if more <= 1:
        return ", ".join(names)
    return f"{', '.join(names[:_SHOWN_NAMES])} and {more} more"
