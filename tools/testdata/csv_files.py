"""The values of a test as CSV files that JMeter hands out row by row."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from perfpilot.domain.errors import SpecError
from perfpilot.domain.spec import TestData

Row = tuple[str, ...]


def data_files(data: TestData, test_name: str) -> dict[tuple[str, ...], tuple[str, str]]:
    """Variables -> (relative path, CSV text): one file where all have equally many rows, else one each.

    Every field is quoted: an unquoted empty field in a single column would read as the end of the file.
    `test_name` decides the order of rows that are shuffled. Raises SpecError for a variable without values or
    with one that UTF-8 cannot hold.
    """
    values = data.values
    _require_rows(values)
    if not values:
        return {}
    together = len({len(rows) for rows in values.values()}) == 1
    tables: list[tuple[tuple[str, ...], str, list[Row]]] = (
        [(tuple(values), "values", list(zip(*values.values(), strict=True)))]
        if together
        else [((name,), name, [(row,) for row in rows]) for name, rows in values.items()]
    )
    return {
        variables: (f"data/{file}.csv", _csv(_ordered(rows, data.order, test_name, file)))
        for variables, file, rows in tables
    }


def _require_rows(values: Mapping[str, Sequence[str]]) -> None:
    for name, rows in values.items():
        if not rows:
            raise SpecError(f"test_data.values.{name} has no values", mend="give at least one")
        for row in rows:
            if re.search("[\0\ud800-\udfff]", row):
                raise SpecError(f"test_data.values.{name}: {row!r} holds NUL or half a character")


def _ordered(rows: list[Row], order: str, test_name: str, file: str) -> list[Row]:
    """Rows in the order of a hash of their number: the same one for a name on every Python, for ever."""
    if order == "in_turn":
        return rows

    def place(number: int) -> bytes:
        return hashlib.sha256(f"{test_name}\0{file}\0{number}".encode()).digest()

    return [rows[number] for number in sorted(range(len(rows)), key=place)]


def _csv(rows: Sequence[Row]) -> str:
    return "".join(",".join('"' + field.replace('"', '""') + '"' for field in row) + "\n" for row in rows)
