from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perfpilot.domain.errors import SpecError
from perfpilot.tools.jmeter.jmx.outside_text import OutsideText
from perfpilot.tools.jmeter.jmx.scanner import scan
from perfpilot.tools.jmeter.jmx.templates import is_allowed
from tests.tools.jmeter.jmx.jmeter_evaluation import evaluated

INJECTIONS = Path(__file__).with_name("injections.txt").read_text(encoding="utf-8").splitlines()
PIECES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["${name}", "${", "\\", "$", "}", "{", "\\$", "${env:HOME}", " ", "\n", "\r\n", ",", "${ "]
    ),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)


@given(TEXTS)
@example("\\${name}")
@example(" \\ ${name}\n")
@example("${${name}}")
@example("\x1f\\${name}")
def test_a_text_is_kept_to_the_byte_or_refused(text: str) -> None:
    writer = OutsideText({"name"})
    try:
        written = writer.write(text, "body")
    except SpecError:
        return
    properties = {**writer.properties, "secret.env.HOME": "H"}
    assert evaluated(written, properties, {"name": "N"}) == text.replace("${name}", "N").replace(
        "${env:HOME}", "H"
    )


@pytest.mark.parametrize("injection", INJECTIONS)
def test_an_injection_is_refused_or_sent_as_it_is(injection: str) -> None:
    writer = OutsideText(set())
    try:
        written = writer.write(injection, "body")
    except SpecError:
        return
    assert all(is_allowed(written[r.start : r.end]) for r in scan(written).references)
    assert evaluated(written, writer.properties, {}) == injection


@pytest.mark.parametrize("bad", ["\0", "\x01", "\x1b[0m", "\ud800", "\ufffe", "\x08"])
def test_characters_that_xml_cannot_hold_are_refused(bad: str) -> None:
    with pytest.raises(SpecError, match="cannot be written"):
        OutsideText(set()).write(f"a{bad}b", "body")


def test_an_undeclared_variable_is_refused_by_name() -> None:
    with pytest.raises(SpecError, match=r"endpoints.pay.body: \$\{nmae\} is not declared"):
        OutsideText({"name"}).write("${nmae}", "endpoints.pay.body")


def test_the_same_literal_is_kept_once() -> None:
    writer = OutsideText({"name"})
    assert writer.write("a\\ ${name}", "x") == writer.write("a\\ ${name}", "y") == "${__P(lit.1)} ${name}"
    assert writer.properties == {"lit.1": "a\\"}


def test_secrets_are_references_and_named_once() -> None:
    writer = OutsideText(set())
    assert writer.write("${env:KEY}-${env:KEY}", "x") == "${__P(secret.env.KEY)}-${__P(secret.env.KEY)}"
    assert writer.secret_names == ("secret.env.KEY",)
