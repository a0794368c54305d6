"""Data that flows through a plan: references to CSV files, and extractors that take values from answers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.plan import Plan
from perfpilot.domain.spec import Extract, Spec
from perfpilot.tools.jmeter.jmx import tree
from perfpilot.tools.jmeter.jmx.checks import add_extracted
from perfpilot.tools.jmeter.jmx.conditions import NOT_FOUND
from perfpilot.tools.jmeter.jmx.outside_text import OutsideText
from perfpilot.tools.jmeter.jmx.templates import TOKEN_VARIABLE

RESERVED_PREFIX = "pp_"
_FIRST, _RANDOM = "1", "0"  # match numbers
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def declared_variables(spec: Spec, plan: Plan) -> frozenset[str]:
    """Names that `${name}` may use. Raises SpecError for a name that perfpilot keeps for itself."""
    cases = (step.request for s in (*plan.before, *plan.scenarios) for step in s.steps if step.request)
    names = {extract.name for endpoint in (*spec.endpoints, *cases) for extract in endpoint.extract}
    names |= set(spec.test_data.values)
    if taken := sorted(name for name in names if name.startswith(RESERVED_PREFIX)):
        raise SpecError(f"variable {taken[0]!r}: names with pp_ are perfpilot's own", mend="rename it")
    return frozenset(names)


def add_data(children: etree._Element, files: Mapping[tuple[str, ...], tuple[str, str]]) -> None:
    """Add the CSV files to a group of users: rows in turn over all groups, from the first again at the end.

    Never in the scope of the control group, which would use up a row at every pass.
    """
    for variables, (path, _) in files.items():
        node = tree.element(children, "CSVDataSet", f"test data: {', '.join(variables)[:120]}").node
        tree.comment(
            node, "Values of test_data: each iteration takes the next row, after the last the first."
        )
        tree.string(node, "filename", path)
        tree.string(node, "fileEncoding", "UTF-8")
        tree.string(node, "variableNames", ",".join(variables))
        tree.boolean(node, "ignoreFirstLine", False)
        tree.string(node, "delimiter", ",")
        tree.boolean(node, "quotedData", True)
        tree.boolean(node, "recycle", True)
        tree.boolean(node, "stopThread", False)
        tree.string(node, "shareMode", "shareMode.all")


def add_extract(children: etree._Element, extract: Extract, text: OutsideText, where: str) -> None:
    """Add an extractor, and the check that it matched something unless that is optional.

    Where nothing matches the variable becomes `NOT_FOUND` in either case: a later iteration never sees an
    old value. Which of several matches `random` takes can't be seeded in JMeter.
    """
    match = _RANDOM if extract.match == "random" else _FIRST
    if extract.json_path:
        path = text.write(_one_path(extract.json_path, where), where)
        node = _json(children, extract.name, path, match)
    elif extract.header:
        regex = _header_regex(extract.header, where)
        node = _regex(children, extract.name, regex, "$1$", match, headers=True)
    else:
        template = "$1$" if _has_group(extract.regex) else "$0$"
        regex = text.write(extract.regex, where)
        node = _regex(children, extract.name, regex, template, match, headers=False)
    if extract.optional:
        tree.comment(node, f"Where nothing matches {extract.name} is {NOT_FOUND}, and nothing has failed.")
    else:
        add_extracted(children, extract.name)


def add_token_extract(children: etree._Element, json_path: str, text: OutsideText) -> None:
    """Add the extractor of a user's own token to the login."""
    where = "environment.auth.token"
    _json(children, TOKEN_VARIABLE, text.write(_one_path(json_path, where), where), _FIRST)
    add_extracted(children, TOKEN_VARIABLE)


def _one_path(json_path: str, where: str) -> str:
    if ";" in json_path or not json_path.strip():
        raise SpecError(
            f"{where}: {json_path!r} is no single JSON path", mend="JMeter separates paths with ';': avoid it"
        )
    return json_path


def _json(children: etree._Element, variable: str, path: str, match: str) -> etree._Element:
    node = tree.element(children, "JSONPostProcessor", f"extract {variable}").node
    tree.string(node, "JSONPostProcessor.referenceNames", variable)
    tree.string(node, "JSONPostProcessor.jsonPathExprs", path)
    tree.string(node, "JSONPostProcessor.match_numbers", match)
    tree.string(node, "JSONPostProcessor.defaultValues", NOT_FOUND)
    tree.boolean(node, "JSONPostProcessor.compute_concat", False)
    return node


def _regex(
    children: etree._Element, variable: str, written: str, template: str, match: str, *, headers: bool
) -> etree._Element:
    node = tree.element(children, "RegexExtractor", f"extract {variable}").node
    tree.string(node, "RegexExtractor.useHeaders", "true" if headers else "false")
    tree.string(node, "RegexExtractor.refname", variable)
    tree.string(node, "RegexExtractor.regex", written)
    tree.string(node, "RegexExtractor.template", template)
    tree.string(node, "RegexExtractor.default", NOT_FOUND)
    tree.boolean(node, "RegexExtractor.default_empty_value", False)
    tree.string(node, "RegexExtractor.match_number", match)
    return node


def _header_regex(name: str, where: str) -> str:
    """The value of a header, whatever the case of its name (RFC 9110 section 5.1), without white space
    around it."""
    if not _HEADER_NAME.fullmatch(name):
        raise SpecError(f"{where}: {name!r} is no name of a header", mend="write Location")
    escaped = re.sub(r"[^A-Za-z0-9]", lambda found: "\\" + found[0], name)
    return rf"(?im)^{escaped}:[ \t]*(.*?)[ \t\r]*$"


def _has_group(regex: str) -> bool:
    try:
        return re.compile(regex).groups > 0
    except re.error:  # Perl5 syntax that Python does not know
        return "(" in regex
