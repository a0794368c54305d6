"""What a plan is after JMeter loaded and saved it, compared with what was written: nothing may be lost.

JMeter writes the properties of an element in an order of its own, and some versions add `enabled="true"`
or an empty comment. Everything else counts: elements with their place in the tree, names, types, values.
"""

from __future__ import annotations

from collections import Counter

from lxml import etree

from perfpilot.domain.errors import SpecError

_CONTAINERS = frozenset({"elementProp", "collectionProp"})
_ADDED_ATTRIBUTES = frozenset({"enabled"})

Properties = dict[str, tuple[str, str]]
"""Path of a property within its element -> (tag, value)."""


def classes(xml: bytes) -> Counter[str]:
    """How many elements of each class a plan has."""
    return Counter(str(node.get("testclass")) for _, node in _elements(xml))


def count_properties(xml: bytes) -> int:
    """How many properties a plan has, lists and nested elements with their entries included."""
    return sum(len(_properties(node)) for _, node in _elements(xml))


def alterations(written: bytes, saved: bytes) -> list[str]:
    """One sentence for each difference. Raises SpecError where one of them is no XML."""
    before, after = _elements(written), _elements(saved)
    if [(depth, node.tag) for depth, node in before] != [(depth, node.tag) for depth, node in after]:
        return [f"the tree of {len(before)} elements came back as another one of {len(after)}"]
    found: list[str] = []
    for (_, old), (_, new) in zip(before, after, strict=True):
        where = f"{old.tag} {old.get('testname')!r}"
        if _attributes(old) != _attributes(new):
            found.append(f"{where} came back as {_attributes(new)}")
        found += [f"{where}: {text}" for text in _changed(_properties(old), _properties(new))]
    return found


def _changed(old: Properties, new: Properties) -> list[str]:
    found = [
        f"{path} was {_shown(value)} and came back as {_shown(new[path])}"
        for path, value in old.items()
        if path in new and new[path] != value
    ]
    found += [f"{path} was lost" for path in old if path not in new]
    return found + [f"{path} was added" for path, (_, text) in new.items() if path not in old and text]


def _shown(value: tuple[str, str]) -> str:
    return f"{value[0]} {value[1][:80]!r}"


def _elements(xml: bytes) -> list[tuple[int, etree._Element]]:
    """Elements with their depth in the tree, in the order of the plan."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise SpecError(f"the plan is not well-formed XML: {error}") from None
    return [
        (len(list(tree.iterancestors("hashTree"))), node)
        for tree in root.iter("hashTree")
        for node in tree
        if node.tag != "hashTree"
    ]


def _attributes(node: etree._Element) -> dict[str, str]:
    return {str(key): str(value) for key, value in node.attrib.items() if key not in _ADDED_ATTRIBUTES}


def _properties(node: etree._Element, path: str = "") -> Properties:
    found: Properties = {}
    in_order = node.tag == "collectionProp"
    for index, child in enumerate(node):
        here = f"{path}/{index if in_order else child.get('name')}"
        if child.tag in _CONTAINERS:
            found[here] = (str(child.tag), child.get("elementType") or "")
            found |= _properties(child, here)
        else:
            found[here] = (str(child.tag), child.text or "")
    return found
