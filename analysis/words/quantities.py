"""Numerals in a sentence, with their units: `1,234 ms`, `0.92 %`, `1.2k requests`, `200-300 ms`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

TIME, SHARE, RATE, BYTES, USERS, SAMPLES, TIMES, BARE, POINTS = (
    "time", "share", "rate", "bytes", "users", "samples", "times", "bare", "points",
)  # fmt: skip


@dataclass(frozen=True)
class Quantity:
    """A numeral. `value` and `tolerance` are in the base of its class: ms, percent, /s, bytes, or plain.

    `tolerance`: half a unit of the last digit shown. Zeros at the end of a whole number count as shown
    down to three significant digits: 12,300 stands for 12,250 to 12,350 and 200 for 199.5 to 200.5.
    """

    start: int
    end: int
    value: float
    tolerance: float
    kind: str
    signed: bool = False

    @property
    def whole(self) -> bool:
        """Whether the value is a whole number."""
        return float(self.value).is_integer()


_NUMBER = (
    r"(?P<sign>(?<![\w)%])[-+−])?(?P<number>(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+(?!\d)|\d+)(?:\.\d+)?)"
)
_NOUN = r"(?:requests?|reqs?|samples?|calls?|arrivals?|transactions?|iterations?|responses?|answers?|hits?)"
_UNITS: tuple[tuple[str, str, float], ...] = (
    (rf"(?:{_NOUN}\s?)?(?:/\s?s(?:ec(?:ond)?)?\b|(?:per|a|each) second\b)|(?:rps|qps|tps)\b", RATE, 1.0),
    (rf"(?:{_NOUN}\s?)?(?:/\s?min(?:ute)?\b|per minute\b|a minute\b)", RATE, 1 / 60),
    (r"(?:percentage points?|pp)\b", POINTS, 1.0),
    (r"%|(?:percent|per cent|pct)\b", SHARE, 1.0),
    (r"(?:ms|msecs?|milliseconds?)\b", TIME, 1.0),
    (r"(?:µs|μs|us|microseconds?)\b", TIME, 0.001),
    (r"(?:s|secs?|seconds?)\b", TIME, 1000.0),
    (r"(?:min|mins|minutes?)\b", TIME, 60_000.0),
    (r"(?:h|hours?)\b", TIME, 3_600_000.0),
    (r"(?:bytes?|B)\b", BYTES, 1.0),
    (r"(?:kB|KB)\b", BYTES, 1e3),
    (r"MB\b", BYTES, 1e6),
    (r"GB\b", BYTES, 1e9),
    (r"KiB\b", BYTES, 2.0**10),
    (r"MiB\b", BYTES, 2.0**20),
    (r"GiB\b", BYTES, 2.0**30),
    (r"TiB\b", BYTES, 2.0**40),
    (r"-?(?:times|fold|x)\b|×", TIMES, 1.0),
    (r"(?:(?:virtual|concurrent) )?(?:users?|VUs?|threads?)\b", USERS, 1.0),
    (rf"(?:failed |failing |successful )?(?:{_NOUN}|errors?|failures?)\b", SAMPLES, 1.0),
)  # fmt: skip
_UNIT = re.compile("|".join(f"(?P<u{i}>{pattern})" for i, (pattern, _, _) in enumerate(_UNITS)))
_NUMERAL = re.compile(rf"(?<![\w.,/:])(?:{_NUMBER})(?P<suffix>[kM](?![A-Za-z]))?")
_JOINED = re.compile(r"\s*(?:,|and|to|or|-|–|, and)\s*")
_SUFFIX = {"": 1.0, "k": 1e3, "M": 1e6}


def quantities(sentence: str) -> list[Quantity] | None:
    """All numerals of a sentence in order, or None if a digit is left that is part of no quantity.

    That is the case for versions (5.6.3), dates, times of day, ordinals, decimal commas, exponents,
    unknown units and words with digits: none of them can be a figure of a run.
    """
    found: list[Quantity] = []
    at = 0
    while match := _NUMERAL.search(sentence, at):
        quantity = _quantity(sentence, match)
        if quantity is None:
            return None
        found.append(quantity)
        at = quantity.end
    rest = list(sentence)
    for quantity in found:
        rest[quantity.start : quantity.end] = " " * (quantity.end - quantity.start)
    if any(character.isdigit() for character in rest):
        return None
    return _with_inherited_units(sentence, found)


def _quantity(sentence: str, match: re.Match[str]) -> Quantity | None:
    digits, factor = match["number"].replace(",", "").replace(" ", ""), _SUFFIX[match["suffix"] or ""]
    unit = _UNIT.match(sentence, _skip_spaces(sentence, match.end()))
    kind, end = BARE, match.end()
    if unit is not None:
        index = int((unit.lastgroup or "u0")[1:])
        kind, end = _UNITS[index][1], unit.end()
        factor *= _UNITS[index][2]
    elif re.match(r"[\w/°]|[.,:]\d|-\w*[A-Za-z]", sentence[match.end() : match.end() + 20]):
        return None
    sign = -1.0 if match["sign"] in ("-", "−") else 1.0
    return Quantity(
        start=match.start(),
        end=end,
        value=sign * float(digits) * factor,
        tolerance=_half_last_digit(digits) * factor,
        kind=kind,
        signed=match["sign"] is not None,
    )


def _skip_spaces(sentence: str, at: int) -> int:
    while at < len(sentence) and sentence[at] == " ":
        at += 1
    return at


def _half_last_digit(digits: str) -> float:
    whole, _, decimals = digits.partition(".")
    if decimals:
        return float(0.5 * 10.0 ** -len(decimals))
    value = int(whole)
    if value == 0:
        return 0.0
    zeros = len(whole) - len(whole.rstrip("0"))
    return float(0.5 * 10.0 ** max(0, min(zeros, math.floor(math.log10(value)) - 2)))


def _with_inherited_units(sentence: str, found: list[Quantity]) -> list[Quantity]:
    """In `200-300 ms` and `10, 20 and 30 ms` the last unit holds for all. A sign was a dash there."""
    for index in range(len(found) - 2, -1, -1):
        here, following = found[index], found[index + 1]
        if here.kind != BARE or following.kind == BARE:
            continue
        if _JOINED.fullmatch(sentence[here.end : following.start]):
            factor = _factor_of(sentence, following)
            found[index] = replace(
                here, kind=following.kind, value=here.value * factor, tolerance=here.tolerance * factor
            )
    return found


def _factor_of(sentence: str, quantity: Quantity) -> float:
    match = _NUMERAL.match(sentence, quantity.start)
    if match is None:
        return 1.0
    own = abs(float(match["number"].replace(",", "").replace(" ", "")))
    return abs(quantity.value) / own / _SUFFIX[match["suffix"] or ""] if own else 1.0
