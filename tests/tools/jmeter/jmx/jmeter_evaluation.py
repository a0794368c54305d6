"""What JMeter makes of a text of a plan: evaluates our templates the way JMeter does, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from perfpilot.tools.jmeter.jmx.scanner import scan

_JAVA_TRIMS = "".join(map(chr, range(0x21)))


def evaluated(text: str, properties: Mapping[str, str], variables: Mapping[str, str]) -> str:
    """The value that JMeter gives a property with this text. Raises KeyError for any foreign reference."""
    found = scan(text)
    if not found.references:
        return text
    result, end = "", 0
    for reference in found.references:
        result += _unescaped(text[end : reference.start])
        raw = text[reference.start : reference.end]
        if reference.name == "__P" and raw.endswith(")}"):
            result += properties[raw.removeprefix("${__P(").removesuffix(")}")].strip(_JAVA_TRIMS)
        else:
            result += variables[raw.removeprefix("${").removesuffix("}")]
        end = reference.end
    return result + _unescaped(text[end:])


def _unescaped(text: str) -> str:
    result, at = "", 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text) and text[at + 1] in "$,\\":
            at += 1
        result += text[at]
        at += 1
    return result
