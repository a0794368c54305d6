"""Assertions: what makes a sample a success.

Without a list of statuses JMeter's own rule holds: 200 to 399. The messages are fixed words of ours, so
that causes can be counted without reading what the target sent.
"""

from __future__ import annotations

from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.plan_messages import EXTRACTION_MESSAGE, STATUS_MESSAGE, TEXT_MESSAGE
from perfpilot.domain.spec import Expect
from perfpilot.tools.jmeter.jmx import tree
from perfpilot.tools.jmeter.jmx.outside_text import OutsideText

"""Followed by the name of the variable."""

NOT_FOUND = "NOT_FOUND"
"""Value of a variable whose extractor matched nothing."""

_MOST_STATUSES = 100
_EQUALS, _SUBSTRING, _NOT, _OR = 8, 16, 4, 32  # ResponseAssertion.test_type


def add_checks(children: etree._Element, expect: Expect, text: OutsideText, where: str) -> None:
    """Add the assertions of one sampler. Raises SpecError for too many or impossible statuses."""
    if expect.status:
        add_status(children, expect.status, where)
    if expect.contains:
        _assertion(
            children,
            "contains",
            field="Assertion.response_data",
            test_type=_SUBSTRING,
            values=(text.write(expect.contains, f"{where}.expect.contains"),),
            message=TEXT_MESSAGE,
        )


def add_status(children: etree._Element, statuses: tuple[int | str, ...], where: str) -> None:
    """Success is one of these statuses and nothing else: an expected 404 is a success."""
    if len(statuses) > _MOST_STATUSES or not all(
        isinstance(status, int) and 100 <= status <= 599 for status in statuses
    ):
        raise SpecError(
            f"{where}.expect.status: statuses are numbers from 100 to 599, {_MOST_STATUSES} at most",
            mend="leave it empty to accept any status from 200 to 399",
        )
    _assertion(
        children,
        "status",
        field="Assertion.response_code",
        test_type=_EQUALS | _OR,
        values=tuple(map(str, statuses)),
        message=STATUS_MESSAGE,
        ignore_status=True,
    )


def add_extracted(children: etree._Element, variable: str) -> None:
    """The sample fails where the extractor of this variable matched nothing."""
    node = _assertion(
        children,
        f"extracted {variable}",
        field="Assertion.response_data",
        test_type=_EQUALS | _NOT,
        values=(NOT_FOUND,),
        message=EXTRACTION_MESSAGE + variable,
    )
    tree.string(node, "Assertion.scope", "variable")
    tree.string(node, "Scope.variable", variable)


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
