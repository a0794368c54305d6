"""Pairs of runs on a machine that may be shared: those that others disturbed are set aside and repeated."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from peers.running import busy_s

MOST_OTHERS = 0.1
"""Share of the machine that others may use during a run that is counted."""

_TRIES = 3  # for each pair that is wanted
_LOOK_S = 2.0
_WAIT_S = 60.0


class Pair(Protocol):
    """Two runs that are set against each other."""

    @property
    def others(self) -> float:
        """The most that others used of the machine during either."""
        ...


P = TypeVar("P", bound=Pair)


def quiet_pairs(wanted: int, run: Callable[[int], P]) -> list[P]:
    """So many pairs that nobody disturbed, or fewer where the machine does not come to rest.

    `run` makes and prints the pair of a number. What is set aside goes by the use of others alone, never
    by the figures of the pair.
    """
    kept: list[P] = []
    for number in range(1, _TRIES * wanted + 1):
        _wait_for_quiet()
        pair = run(number)
        if pair.others <= MOST_OTHERS:
            kept.append(pair)
        else:
            print(f"pair {number}  set aside: others used {pair.others:.0%} of the machine", flush=True)
        if len(kept) == wanted:
            break
    return kept


def judged(figure: str, kept: int, wanted: int, good: bool) -> int:
    """Print the verdict on a median; the exit code, 0 where it is good and enough pairs were quiet."""
    if kept < wanted:
        print(f"{figure}: undecided, {kept} of {wanted} pairs were quiet: repeat it", flush=True)
        return 1
    print(f"{figure}: {'pass' if good else 'FAIL'}", flush=True)
    return int(not good)


def _wait_for_quiet() -> None:
    deadline_s = time.monotonic() + _WAIT_S
    while time.monotonic() < deadline_s:
        before = busy_s()
        time.sleep(_LOOK_S)
        if (busy_s() - before) / (_LOOK_S * (os.cpu_count() or 1)) <= MOST_OTHERS:
            return
