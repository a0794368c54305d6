"""Edge cases: input that is allowed, or nearly so, and unlike what the load sends.

Each idea takes one value of the request, and the next idea the next value, so that what an answer is about is
plain and the number of cases does not grow with the number of values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from perfpilot.domain.spec import Endpoint, Expect
from perfpilot.planning.cases.fields import Data, Field, fields, with_value
from perfpilot.planning.cases.filled import filled_in
from perfpilot.planning.cases.idea import Idea
from perfpilot.planning.cases.values import (
    FAR_PAGE,
    LARGEST_PAGE,
    LONGEST_IN_ADDRESS,
    LONGEST_IN_BODY,
    UNUSUAL,
    VERY_LARGE,
)
from perfpilot.planning.variables import needed

ORDERLY = Expect(status=("2xx", "3xx", "4xx"))
"""Served or refused, both are well; a 5xx or no answer in time is not."""

_SIZE = re.compile(r"(page_?)?(size|limit|count)|per_?page|rows|max_?results", re.IGNORECASE)
_PAGE = re.compile(r"page(_?(no|number))?|offset|start|skip|from", re.IGNORECASE)


def edge_ideas(endpoint: Endpoint, data: Data) -> Iterator[Idea]:
    """Edge cases of one endpoint, those first that find most. `data`: rows of the test data."""
    open_to = [field for field in fields(endpoint, data) if not field.secret]
    texts = [field for field in open_to if not field.numeric] or open_to
    numbers = [field for field in open_to if field.numeric]
    yield from _one(endpoint, texts, 0, "unusual characters", UNUSUAL, "quotes, markup and many scripts in")
    yield from _one(endpoint, texts, 1, "empty", "", "nothing in")
    yield from _longest(endpoint, texts, 2)
    yield from _page(endpoint, open_to, _SIZE, "largest page", LARGEST_PAGE, "a page of 10,000 by")
    yield from _one(endpoint, numbers, 0, "very large", VERY_LARGE, "a number above 2^64 in")
    yield from _one(endpoint, numbers, 1, "negative", -1, "-1 in")
    yield from _page(endpoint, open_to, _PAGE, "far page", FAR_PAGE, "a page far behind the last by")
    yield from _one(endpoint, numbers, 2, "zero", 0, "0 in")
    yield from _coldest(endpoint, data)


def _one(
    endpoint: Endpoint, among: Sequence[Field], turn: int, idea: str, value: str | int, what: str
) -> Iterator[Idea]:
    if not among:
        return
    field = among[turn % len(among)]
    request = with_value(endpoint, field, value if field.is_number else str(value))
    if request.path.startswith("//"):
        return  # an empty first segment: no longer a path of this host, for many who read it
    yield _idea(f"{idea} {field.name}", f"{what} {field.name}", request)


def _longest(endpoint: Endpoint, among: Sequence[Field], turn: int) -> Iterator[Idea]:
    if among:
        field = among[turn % len(among)]
        value = LONGEST_IN_ADDRESS if field.in_address else LONGEST_IN_BODY
        yield from _one(endpoint, among, turn, "longest", value, f"{len(value):,} characters in")


def _page(
    endpoint: Endpoint, among: Sequence[Field], names: re.Pattern[str], idea: str, value: int, what: str
) -> Iterator[Idea]:
    named = [f for f in among if f.numeric and names.fullmatch(f.name.rpartition(".")[2])]
    for found in _one(endpoint, named, 0, idea, value, what):
        yield found._replace(name=idea)  # there is one a request: its name would say `page` twice


def _coldest(endpoint: Endpoint, data: Data) -> Iterator[Idea]:
    """The last row of the test data: nobody asks for it before the load, and in the load it comes last."""
    last = {name: data[name][-1] for name in needed(endpoint) & set(data) if len(set(data[name])) > 1}
    if last:
        request = filled_in(endpoint, last)
        yield _idea(
            "coldest item", f"the last row of {', '.join(sorted(last))}, not in any cache yet,", request
        )


def _idea(name: str, what: str, request: Endpoint) -> Idea:
    return Idea(
        name=name,
        why=f"{what} must be served or refused in order: no 5xx, no time-out",
        request=request.model_copy(update={"expect": ORDERLY, "extract": ()}),
    )
