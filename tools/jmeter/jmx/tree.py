"""Building blocks of a JMX tree: elements with their hashTree, and typed properties.

In JMX an element is followed by a `hashTree` that holds its children. `element` returns that hashTree,
so that children are added to what it returned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from lxml import etree

from perfpilot.tools.jmeter.jmx.elements import COMMENT, ELEMENTS

_NOT_IN_A_COMMENT = re.compile("[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Built(NamedTuple):
    """An element, to which properties are added, and its hashTree, to which children are added."""

    node: etree._Element
    children: etree._Element


def element(parent: etree._Element, tag: str, name: str) -> Built:
    """Add an element of the closed list to a hashTree. Raises KeyError for any other tag."""
    node = etree.SubElement(
        parent, tag, {"guiclass": ELEMENTS[tag].gui_class, "testclass": tag, "testname": name}
    )
    return Built(node, etree.SubElement(parent, "hashTree"))


def comment(node: etree._Element, text: str) -> None:
    """Say what an element is for, to who opens the plan in JMeter's window. At most one for each element.

    A comment never holds a reference: what JMeter could evaluate in an outside text is broken up (`$ {`), and
    characters that XML cannot hold become U+FFFD.
    """
    string(node, COMMENT, _NOT_IN_A_COMMENT.sub("\ufffd", text).replace("${", "$ {"))


def string(node: etree._Element, name: str, value: str) -> None:
    """Add a text. What comes from outside must have gone through `OutsideText` first."""
    etree.SubElement(node, "stringProp", {"name": name}).text = value


def boolean(node: etree._Element, name: str, value: bool) -> None:
    """Add a truth value."""
    etree.SubElement(node, "boolProp", {"name": name}).text = "true" if value else "false"


def integer(node: etree._Element, name: str, value: int) -> None:
    """Add a whole number."""
    etree.SubElement(node, "intProp", {"name": name}).text = str(value)


def strings(node: etree._Element, name: str, values: Iterable[str]) -> None:
    """Add a list of texts."""
    collection = etree.SubElement(node, "collectionProp", {"name": name})
    for index, value in enumerate(values):
        string(collection, str(index), value)


def collection(node: etree._Element, name: str) -> etree._Element:
    """Add an empty list of elements and return it."""
    return etree.SubElement(node, "collectionProp", {"name": name})


def nested(node: etree._Element, name: str, element_type: str) -> etree._Element:
    """Add an element as a property and return it."""
    return etree.SubElement(node, "elementProp", {"name": name, "elementType": element_type})
