"""The comparisons that lines of thresholds and alerts may make."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""By their sign: of a value and a limit."""
