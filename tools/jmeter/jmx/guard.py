"""The last gate before a run: JMeter evaluates nothing but our own templates and declared variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.spec import Spec
from perfpilot.tools.jmeter.jmx import http, uploads
from perfpilot.tools.jmeter.jmx.elements import ELEMENT_PROPERTY_TYPES, ELEMENTS, PROPERTY_TAGS
from perfpilot.tools.jmeter.jmx.scanner import scan
from perfpilot.tools.jmeter.jmx.templates import is_allowed, variable

_MEND = "this is a fault of perfpilot or of who changed the plan: it was not run"
_ELEMENT_ATTRIBUTES = frozenset({"guiclass", "testclass", "testname"})
_TIMEOUTS = ("HTTPSampler.connect_timeout", "HTTPSampler.response_timeout")
_DATA_FILE = re.compile(r"data/[A-Za-z][A-Za-z0-9_]{0,63}\.csv")
_UPLOADS = ".//*[@name='File.path']"
_ROUNDS = re.compile(r"[1-9][0-9]{0,2}|1000")


def check_functions(xml: bytes) -> None:
    """Raise SpecError where JMeter would evaluate anything else than ours, in any text or attribute.

    Allowed are the templates of `templates.ALLOWED`, byte for byte, and `${name}` of a variable that a
    CSV file or an extractor of this plan declares. A text with such a reference may hold no backslash,
    since JMeter would drop it.
    """
    root = _parsed(xml)
    declared = {variable(name) for name in _declared(root)}
    for where, text in _texts(root):
        found = scan(text)
        for reference in found.references:
            raw = text[reference.start : reference.end]
            if not reference.closed or not (raw in declared or is_allowed(raw)):
                raise SpecError(f"the plan would evaluate {raw[:80]!r} in {where}", mend=_MEND)
        if found.references and found.backslash_outside:
            raise SpecError(f"JMeter would drop backslashes of {text[:80]!r} in {where}", mend=_MEND)


def lint(xml: bytes, spec: Spec) -> None:
    """Raise SpecError where the plan holds an element or a property outside of the closed list, another
    host than the spec's, a password for another address, a sampler without time-outs, redirects that nobody
    counts, a file from outside the attempt, or a loop that might never end."""
    root = _parsed(xml)
    if root.tag != "jmeterTestPlan" or [child.tag for child in root] != ["hashTree"]:
        raise SpecError("this is no JMeter plan", mend=_MEND)
    for tree in root.iter("hashTree"):
        for node in tree:
            if node.tag != "hashTree":
                _check_element(node)
    _check_target(root, spec)
    for sampler in root.iter("HTTPSamplerProxy"):
        for name in _TIMEOUTS:
            if not (_value(sampler, name) or "").isdigit() or _value(sampler, name) == "0":
                raise SpecError(f"sampler {sampler.get('testname')!r} has no {name}", mend=_MEND)
        if not (_value(sampler, "HTTPSampler.path") or "").startswith("/"):
            raise SpecError(f"sampler {sampler.get('testname')!r} could leave the target", mend=_MEND)
        if _value(sampler, "HTTPSampler.auto_redirects") != "false":
            raise SpecError(f"sampler {sampler.get('testname')!r} follows any redirect", mend=_MEND)
    _check_files(root)
    _check_loops(root)


def _check_files(root: etree._Element) -> None:
    for path, pattern in ((".//CSVDataSet/*[@name='filename']", _DATA_FILE), (_UPLOADS, uploads.PLACE)):
        for node in root.iterfind(path):
            if not pattern.fullmatch(_text(node)):
                raise SpecError(f"the plan reads {_text(node)!r}, which is no file of its own", mend=_MEND)


def _check_loops(root: etree._Element) -> None:
    for loop in root.iter("LoopController"):
        if not _ROUNDS.fullmatch(_value(loop, "LoopController.loops") or ""):
            raise SpecError(f"the loop {loop.get('testname')!r} might not end", mend=_MEND)
    for loop in root.iterfind(".//elementProp[@elementType='LoopController']"):
        if _value(loop, "LoopController.continue_forever") != "false":
            raise SpecError("a thread group would loop for ever", mend=_MEND)


def _check_element(node: etree._Element) -> None:
    kind = ELEMENTS.get(str(node.tag))
    if (
        kind is None
        or node.get("guiclass") != kind.gui_class
        or node.get("testclass") != node.tag
        or not set(map(str, node.attrib)) <= _ELEMENT_ATTRIBUTES
    ):
        raise SpecError(f"the plan holds an element that perfpilot never writes: {node.tag}", mend=_MEND)
    for part in node.iter():
        names = [name for child in part if (name := child.get("name"))]
        if len(names) > len(set(names)):  # JMeter would take the last one, whatever the first says
            raise SpecError(f"{node.tag} holds a property twice: {names}", mend=_MEND)
    for part in node.iterdescendants():
        known = part.tag in PROPERTY_TAGS and part.get("name") in kind.properties
        if not known or part.get("elementType", "Arguments") not in ELEMENT_PROPERTY_TYPES:
            raise SpecError(
                f"{node.tag} holds a property that perfpilot never writes: {part.attrib}", mend=_MEND
            )


def _check_target(root: etree._Element, spec: Spec) -> None:
    scheme, host, port = http.target(spec)
    for name, wanted in (("protocol", scheme), ("domain", host), ("port", str(port))):
        found = [node.text for node in root.iterfind(f".//stringProp[@name='HTTPSampler.{name}']")]
        if found != [wanted]:
            raise SpecError(f"the plan's {name} is {found}, the spec's is {wanted!r}", mend=_MEND)
    for node in root.iterfind(".//*[@name='Authorization.url']"):
        if _text(node) != http.target_address(spec):
            raise SpecError(f"the plan gives a password to {_text(node)!r}", mend=_MEND)


def _parsed(xml: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise SpecError(f"the plan is not well-formed XML: {error}", mend=_MEND) from None
    tree: Any = root.getroottree()
    beside = root.getprevious() is not None or root.getnext() is not None
    if beside or tree.docinfo.doctype or any(not isinstance(node.tag, str) for node in root.iter()):
        raise SpecError("the plan holds a comment, a processing instruction or a DOCTYPE", mend=_MEND)
    return root


def _texts(root: etree._Element) -> Iterator[tuple[str, str]]:
    for node in root.iter():
        where = f"{node.tag} {node.get('name') or node.get('testname') or ''}".strip()
        for text in (node.text, node.tail, *node.attrib.values()):
            if text:
                yield where, str(text)


def _declared(root: etree._Element) -> Iterator[str]:
    for name in ("JSONPostProcessor.referenceNames", "RegexExtractor.refname"):
        yield from (_text(node) for node in root.iterfind(f".//stringProp[@name='{name}']"))
    for node in root.iterfind(".//CSVDataSet/stringProp[@name='variableNames']"):
        yield from _text(node).split(",")


def _value(node: etree._Element, name: str) -> str | None:
    found: Any = node.find(f"./*[@name='{name}']")
    return None if found is None else _text(found)


def _text(node: etree._Element) -> str:
    return node.text or ""
