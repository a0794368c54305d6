"""All runs whose data can't tell, by kind."""

from __future__ import annotations

from benchmarks.labelled.early_kinds import EARLY
from benchmarks.labelled.kinds import Maker
from benchmarks.labelled.limited_kinds import LIMITED
from benchmarks.labelled.short_kinds import NEAR as NEAR
from benchmarks.labelled.short_kinds import NO_GOAL, SHORT
from benchmarks.labelled.spoiled_kinds import SPOILED

UNDECIDABLE: dict[str, dict[str, Maker]] = {
    "too short": SHORT,
    "generator limited": LIMITED,
    "spoiled": SPOILED,
    "no goal": NO_GOAL,
    "ended early": EARLY,
}
"""Runs whose data can't tell, by kind and by what is wrong with them."""
