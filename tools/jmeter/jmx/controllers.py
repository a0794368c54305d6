"""Controllers around steps: several times in a row, only where a value was found, a journey as a whole."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from perfpilot.domain.labels import TRANSACTION_PREFIX
from perfpilot.tools.jmeter.jmx import conditions, tree

_PAUSE, _THREAD = 1, 0  # TestAction: action and target


def repeated(children: etree._Element, times: int) -> etree._Element:
    """What stands in the returned hashTree runs so many times in a row, with its pauses each time."""
    node, inside = tree.element(children, "LoopController", f"{times} times")
    tree.integer(node, "LoopController.loops", times)
    # Below another controller this means "again in the next iteration", not "without end": with false the
    # loop is taken out of the plan after its first round (measured with JMeter 5.6.3).
    tree.boolean(node, "LoopController.continue_forever", True)
    return inside


def only_if(children: etree._Element, variable: str) -> etree._Element:
    """What stands in the returned hashTree runs only where the variable's extractor matched something."""
    node, inside = tree.element(children, "IfController", f"if {variable} was found")
    tree.comment(node, f"Only where the extractor of {variable} matched something in this iteration.")
    tree.string(node, "IfController.condition", conditions.found(variable))
    tree.boolean(node, "IfController.evaluateAll", False)
    tree.boolean(node, "IfController.useExpression", True)
    return inside


def forget(children: etree._Element, variables: Iterable[str]) -> None:
    """Begin an iteration without what an earlier one of the same user found. Makes no sample."""
    for variable in variables:
        node = _action(children, f"forget {variable}", conditions.forget(variable)).node
        tree.comment(node, f"What an earlier iteration found as {variable} does not count in this one.")


def pause(children: etree._Element) -> etree._Element:
    """An action that does nothing but wait for the timer that is put into the returned hashTree.

    In a journey that is reported as a whole. With the timer under its sampler, a user whose time ran out in
    the pause before the last request left a row like that of a whole journey, one request short (measured
    with JMeter 5.6.3: it asks the transaction for its next sampler once more, and there is none).
    """
    return _action(children, "think time", "0").children


def transaction(children: etree._Element, name: str) -> etree._Element:
    """A row for each whole iteration beside the rows of its requests, without the time between requests.

    The time between them is think time and JMeter's own work: JMeter adds up what lies between the end of one
    sample and the start of the next and takes it off.
    """
    node, inside = tree.element(children, "TransactionController", TRANSACTION_PREFIX + name)
    tree.comment(node, "The journey as a whole, without think times: one row beside those of its requests.")
    tree.boolean(node, "TransactionController.parent", False)
    tree.boolean(node, "TransactionController.includeTimers", False)
    return inside


def _action(children: etree._Element, name: str, duration_ms: str) -> tree.Built:
    """An action that makes no sample: a pause, of 0 ms where it is there for what its text evaluates."""
    built = tree.element(children, "TestAction", name)
    tree.integer(built.node, "ActionProcessor.action", _PAUSE)
    tree.integer(built.node, "ActionProcessor.target", _THREAD)
    tree.string(built.node, "ActionProcessor.duration", duration_ms)
    return built
