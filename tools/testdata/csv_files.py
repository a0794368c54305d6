"""The values of a test as CSV files that JMeter hands out row by row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from perfpilot.domain.errors import SpecError


def data_files(values: Mapping[str, Sequence[str]]) -> dict[tuple[str, ...], tuple[str, str]]:
    """Variables -> (relative path, CSV text): one file where all have equally many rows, else one each.

    Every field is quoted: an unquoted empty field in a single column would read as the end of the file.
    Raises SpecError for a variable without values or with one that UTF-8 cannot hold.
    """
    for name, rows in values.items():
        if not rows:
            raise SpecError(f"test_data.values.{name} has no values", mend="give at least one")
        for row in rows:
            if re.search("[\0\ud800-\udfff]", row):
                raise SpecError(f"test_data.values.{name}: {row!r} holds NUL or half a character")
    if not values:
        return {}
    if len({len(rows) for rows in values.values()}) == 1:
        return {tuple(values): ("data/values.csv", _csv(list(zip(*values.values(), strict=True))))}
    return {(name,): (f"data/{name}.csv", _csv([(row,) for row in rows])) for name, rows in values.items()}


def _csv(rows: Sequence[Sequence[str]]) -> str:
    return "".join(",".join('"' + field.replace('"', '""') + '"' for field in row) + "\n" for row in rows)
