"""Assertions: what makes a sample a success.

Without a list of statuses JMeter's own rule holds: 200 to 399. The messages are fixed words of ours, so
that causes can be counted without reading what the target sent; two kinds of assertion have JMeter's own.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.plan_messages import (
    EXTRACTION_MESSAGE,
    LACKS_MESSAGE,
    STATUS_MESSAGE,
    TEXT_MESSAGE,
)
from perfpilot.domain.spec import Expect
from perfpilot.tools.jmeter.jmx import tree
from perfpilot.tools.jmeter.jmx.conditions import NOT_FOUND
from perfpilot.tools.jmeter.jmx.outside_text import OutsideText

_MOST_STATUSES = 100
_MATCHES, _EQUALS, _SUBSTRING, _NOT, _OR = 1, 8, 16, 4, 32  # ResponseAssertion.test_type
_CLASSES = frozenset({"2xx", "3xx", "4xx", "5xx"})


def add_checks(children: etree._Element, expect: Expect, text: OutsideText, where: str) -> None:
    """Add the assertions of one sampler. Raises SpecError for too many or impossible statuses."""
    if expect.status:
        add_status(children, expect.status, where)
    for name, wanted, test_type, message in (
        ("contains", expect.contains, _SUBSTRING, TEXT_MESSAGE),
        ("lacks", expect.lacks, _SUBSTRING | _NOT, LACKS_MESSAGE),
    ):
        if wanted:
            values = (text.write(wanted, f"{where}.expect.{name}"),)
            field = "Assertion.response_data"
            what = f"answer {name} a text"  # which one is for the element's own field: it may be any text
            _assertion(children, what, field=field, test_type=test_type, values=values, message=message)
    if expect.json_path:
        _add_json_path(children, text.write(expect.json_path, f"{where}.expect.json_path"))
    if expect.within is not None:
        _add_within(children, expect.within, where)


def add_status(children: etree._Element, statuses: Sequence[int | str], where: str) -> None:
    """Success is one of these statuses and nothing else: an expected 404 is a success.

    A class such as `4xx` makes all of them patterns.
    """
    if len(statuses) > _MOST_STATUSES or not all(map(_possible, statuses)):
        raise SpecError(
            f"{where}.expect.status: statuses are numbers from 100 to 599 or classes from 2xx to 5xx, "
            f"{_MOST_STATUSES} at most",
            mend="leave it empty to accept any status from 200 to 399",
        )
    classes = any(isinstance(status, str) for status in statuses)
    _assertion(
        children,
        f"status {_listed(statuses)}",
        field="Assertion.response_code",
        test_type=(_MATCHES if classes else _EQUALS) | _OR,
        values=tuple(str(status).replace("xx", "[0-9][0-9]") for status in statuses),
        message=STATUS_MESSAGE,
        ignore_status=True,
    )


def add_extracted(children: etree._Element, variable: str) -> None:
    """The sample fails where the extractor of this variable matched nothing."""
    node = _assertion(
        children,
        f"{variable} was found",
        field="Assertion.response_data",
        test_type=_EQUALS | _NOT,
        values=(NOT_FOUND,),
        message=EXTRACTION_MESSAGE + variable,
    )
    tree.string(node, "Assertion.scope", "variable")
    tree.string(node, "Scope.variable", variable)


def _possible(status: int | str) -> bool:
    return status in _CLASSES if isinstance(status, str) else 100 <= status <= 599


def _add_json_path(children: etree._Element, path: str) -> None:
    """The path exists, whatever its value: null and an empty list too. Its message is JMeter's own."""
    node = tree.element(children, "JSONPathAssertion", "JSON path").node
    tree.comment(node, "The path must exist in the answer, whatever its value.")
    tree.string(node, "JSON_PATH", path)
    tree.string(node, "EXPECTED_VALUE", "")
    tree.boolean(node, "JSONVALIDATION", False)
    tree.boolean(node, "EXPECT_NULL", False)
    tree.boolean(node, "INVERT", False)
    tree.boolean(node, "ISREGEX", True)


def _listed(statuses: Sequence[int | str]) -> str:
    """The first few, for the name of the element."""
    return ", ".join(map(str, statuses[:4])) + (", ..." if len(statuses) > 4 else "")


def _add_within(children: etree._Element, seconds: float, where: str) -> None:
    milliseconds = round(seconds * 1000)
    if milliseconds < 1:
        raise SpecError(f"{where}.expect.within must be 1ms at least", mend="write 500ms, or leave it out")
    node = tree.element(children, "DurationAssertion", f"within {milliseconds} ms").node
    tree.comment(node, "An answer that takes longer has failed, although it came.")
    tree.string(node, "DurationAssertion.duration", str(milliseconds))


def _assertion(
    children: etree._Element,
    name: str,
    *,
    field: str,
    test_type: int,
    values: tuple[str, ...],
    message: str,
    ignore_status: bool = False,
) -> etree._Element:
    node = tree.element(children, "ResponseAssertion", name).node
    tree.strings(node, "Asserion.test_strings", values)  # JMeter's own spelling
    tree.string(node, "Assertion.custom_message", message)
    tree.string(node, "Assertion.test_field", field)
    tree.boolean(node, "Assertion.assume_success", ignore_status)
    tree.integer(node, "Assertion.test_type", test_type)
    return node
