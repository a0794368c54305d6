"""Time stamps that are written as text, such as `yyyy/MM/dd HH:mm:ss.SSS` (`SimpleDateFormat`)."""

from __future__ import annotations

import itertools
import re

import numpy as np
from numpy.typing import NDArray

from perfpilot.analysis.reading.grammar import Grammar
from perfpilot.analysis.rows import BoolColumn, IntColumn

PATTERNS = tuple(
    f"yyyy{mark}MM{mark}dd{between}HH:mm:ss{fraction}"
    for mark, between, fraction in itertools.product("/-", (" ", "'T'"), (".SSS", ""))
)
"""Those that can be told from the bytes alone: the year first, no time zone, no month by name. JMeter knows
them without being told, but for those with a T (`CSVSaveService.DATE_FORMAT_STRINGS`)."""

_UNITS = {"yyyy": 4, "MM": 2, "dd": 2, "HH": 2, "mm": 2, "ss": 2, "SSS": 3}
_NEEDED = frozenset(_UNITS) - {"SSS"}
_PART = re.compile(r"yyyy|MM|dd|HH|mm|ss|SSS|'([^']*)'|([^A-Za-z'])")
_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])  # in a leap year; no month 0


class StampPattern:
    """Reads the time stamps of one pattern, many at once, without a loop over rows.

    The file does not say in which time zone they are, so they are read as UTC: differences are right, except
    over a change to or from summer time. Raises ValueError for a pattern of unknown or repeated parts, or one
    that leaves out a part of the date or the time.
    """

    def __init__(self, text: str, grammar: Grammar) -> None:
        self.text = text
        self.width = at = 0
        self._units: dict[str, tuple[int, int]] = {}  # offset and digits
        self._literals: list[tuple[int, int]] = []  # offset and byte
        while at < len(text):
            part = _PART.match(text, at)
            if not part or part[0] in self._units:
                raise ValueError(f"unknown time stamp pattern {text!r}")
            at = part.end()
            if digits := _UNITS.get(part[0], 0):
                self._units[part[0]] = self.width, digits
                self.width += digits
                continue
            for byte in grammar.hidden((part[1] or part[2] or "").encode()):
                self._literals.append((self.width, byte))
                self.width += 1
        if not self._units.keys() >= _NEEDED:
            raise ValueError(f"the time stamp pattern {text!r} leaves out a part of the date or the time")

    def matches(self, field: bytes) -> bool:
        """Whether one field is a time of this pattern."""
        raw = np.frombuffer(field or b"\n", np.uint8)
        return not bool(self.read(raw, np.zeros(1, np.int64), np.array([len(field)]))[1][0])

    def read(
        self, raw: NDArray[np.uint8], starts: IntColumn, lengths: IntColumn
    ) -> tuple[IntColumn, BoolColumn]:
        """Epoch milliseconds of the fields at these offsets, and which of them are no times."""
        bad: BoolColumn = lengths != self.width
        for offset, byte in self._literals:
            bad |= raw.take(starts + offset, mode="clip") != byte
        units = {"SSS": np.zeros(len(starts), np.int64)}
        for unit, (offset, digits) in self._units.items():
            value = np.zeros(len(starts), np.int64)
            for at in range(offset, offset + digits):
                digit = raw.take(starts + at, mode="clip") - np.uint8(ord("0"))  # wraps around below 0
                bad |= digit > 9
                value = 10 * value + digit
            units[unit] = value
        year, month, day, hour = (units[name] for name in ("yyyy", "MM", "dd", "HH"))
        minute, second = units["mm"], units["ss"]
        common = (year % 4 != 0) | ((year % 100 == 0) & (year % 400 != 0))
        last = _DAYS[np.clip(month, 1, 12)] - (common & (month == 2))
        bad |= (month < 1) | (month > 12) | (day < 1) | (day > last)
        bad |= (hour > 23) | (minute > 59) | (second > 59)
        seconds = ((_days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
        bad |= seconds < 0
        return 1000 * seconds + units["SSS"], bad


def _days_since_1970(year: IntColumn, month: IntColumn, day: IntColumn) -> IntColumn:
    """Days of the Gregorian calendar (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2014).

    Years begin in March, so that the day that some have more is the last one.
    """
    early = month <= 2
    year = year - early
    century = year // 400
    of_era = year - 400 * century
    of_year = (153 * (month + np.where(early, 9, -3)) + 2) // 5 + day - 1
    days: IntColumn = century * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return days
