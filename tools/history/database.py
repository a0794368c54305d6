"""What the history asks of a database. There are two: SQLite beside the runs, and a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Value = str | int | float | None

Step = tuple[str, Sequence[Sequence[Value]]]
"""A statement, and the values of each time that it is executed."""


class Database(Protocol):
    """Statements are written once, in the SQL that both understand, with `$1`, `$2`, ... for values.

    A database brings its tables to the newest version before the first statement. Every method raises
    HistoryError where it can't be used, with the mend and without a password.
    """

    async def rows(self, statement: str, *values: Value) -> Sequence[Mapping[str, Any]]:
        """The rows that a statement finds."""

    async def write(self, *steps: Step) -> None:
        """Execute all steps in one transaction: all of them are kept, or none."""

    async def close(self) -> None:
        """Let go of it."""
