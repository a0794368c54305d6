"""Data that flows through a plan: references to CSV files, and extractors that take values from answers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.spec import Extract, Spec
from perfpilot.tools.jmeter.jmx import tree
from perfpilot.tools.jmeter.jmx.checks import NOT_FOUND, add_extracted
from perfpilot.tools.jmeter.jmx.outside_text import OutsideText
from perfpilot.tools.jmeter.jmx.templates import TOKEN_VARIABLE

RESERVED_PREFIX = "pp_"


def declared_variables(spec: Spec) -> frozenset[str]:
    """Names that `${name}` may use. Raises SpecError for a name that perfpilot keeps for itself."""
    names = set(spec.test_data.values) | {e.name for endpoint in spec.endpoints for e in endpoint.extract}
    if taken := sorted(name for name in names if name.startswith(RESERVED_PREFIX)):
        raise SpecError(f"variable {taken[0]!r}: names with pp_ are perfpilot's own", mend="rename it")
    return frozenset(names)


def add_data(children: etree._Element, files: Mapping[tuple[str, ...], tuple[str, str]]) -> None:
    """Add the CSV files to a group of users: rows in turn over all groups, from the first again at the end.

    Never in the scope of the control group, which would use up a row at every pass.
    """
    for variables, (path, _) in files.items():
        node = tree.element(children, "CSVDataSet", path).node
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
    """Add an extractor, and the check that it matched something."""
    if extract.json_path:
        _json(children, extract.name, text.write(_one_path(extract.json_path, where), where))
    else:
        _regex(children, extract.name, extract.regex, text.write(extract.regex, where))
    add_extracted(children, extract.name)


def add_token_extract(children: etree._Element, json_path: str, text: OutsideText) -> None:
    """Add the extractor of a user's own token to the login."""
    where = "environment.auth.token"
    _json(children, TOKEN_VARIABLE, text.write(_one_path(json_path, where), where))
    add_extracted(children, TOKEN_VARIABLE)


def _one_path(json_path: str, where: str) -> str:
    if ";" in json_path or not json_path.strip():
        raise SpecError(
            f"{where}: {json_path!r} is no single JSON path", mend="JMeter separates paths with ';': avoid it"
        )
    return json_path


def _json(children: etree._Element, variable: str, path: str) -> None:
    node = tree.element(children, "JSONPostProcessor", f"extract {variable}").node
    tree.string(node, "JSONPostProcessor.referenceNames", variable)
    tree.string(node, "JSONPostProcessor.jsonPathExprs", path)
    tree.string(node, "JSONPostProcessor.match_numbers", "1")
    tree.string(node, "JSONPostProcessor.defaultValues", NOT_FOUND)
    tree.boolean(node, "JSONPostProcessor.compute_concat", False)


def _regex(children: etree._Element, variable: str, regex: str, written: str) -> None:
    node = tree.element(children, "RegexExtractor", f"extract {variable}").node
    tree.string(node, "RegexExtractor.useHeaders", "false")
    tree.string(node, "RegexExtractor.refname", variable)
    tree.string(node, "RegexExtractor.regex", written)
    tree.string(node, "RegexExtractor.template", "$1$" if _has_group(regex) else "$0$")
    tree.string(node, "RegexExtractor.default", NOT_FOUND)
    tree.boolean(node, "RegexExtractor.default_empty_value", False)
    tree.string(node, "RegexExtractor.match_number", "1")


def _has_group(regex: str) -> bool:
    try:
        return re.compile(regex).groups > 0
    except re.error:  # Perl5 syntax that Python does not know
        return "(" in regex
