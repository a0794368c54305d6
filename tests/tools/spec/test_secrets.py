"""Secrets come only from where the policy allows, and are found in every form that writers give them."""

from __future__ import annotations

import base64
import html
import json
import pickle
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.domain.errors import NotReadyError, PolicyError
from perfpilot.domain.policy import Policy
from perfpilot.tools.spec.secrets import HIDDEN, Redactor, read_secrets, resolve_secrets, secret_names
from tests.planning.sample_specs import spec

POLICY = Policy(environment_names=("PERFPILOT_SECRET_*", "TOKEN"))
ENVIRON = {
    "TOKEN": "s3cr3t",
    "PERFPILOT_SECRET_A": "a b",
    "PATH": "/bin",
    "TOKEN2": "x",
    "PERFPILOT_SECRET_": "y",
}


def test_allowed_names_are_replaced_and_values_are_not_looked_at_again() -> None:
    text = resolve_secrets("Bearer ${env:TOKEN} ${env:PERFPILOT_SECRET_A} ${sku}", POLICY, ENVIRON)
    assert text == "Bearer s3cr3t a b ${sku}"
    assert resolve_secrets("${env:TOKEN}", POLICY, {"TOKEN": "${env:PATH}"}) == "${env:PATH}"


@pytest.mark.parametrize("name", ["PATH", "TOKEN2", "PERFPILOT_SECRE"])
def test_a_name_that_the_policy_does_not_list_is_refused_with_the_line_to_add(name: str) -> None:
    with pytest.raises(PolicyError) as caught:
        resolve_secrets(f"${{env:{name}}}", POLICY, ENVIRON)
    assert f"environment_names: [PERFPILOT_SECRET_*, TOKEN, {name}]" in str(caught.value)


@pytest.mark.parametrize("value", [None, "", "s3cr3t\n", "s3cr3t\r\nX: y", "s3cr3t\0"])
def test_a_value_that_cannot_be_sent_is_refused_without_being_shown(value: str | None) -> None:
    with pytest.raises(NotReadyError, match="TOKEN") as caught:
        resolve_secrets("${env:TOKEN}", POLICY, {} if value is None else {"TOKEN": value})
    assert "s3cr3t" not in str(caught.value)


def test_all_references_of_a_description_are_found() -> None:
    description = spec(
        environment={
            "base_url": "http://h",
            "headers": {"A": "${env:TOKEN}"},
            "servers": [
                {
                    "name": "d",
                    "kind": "redis",
                    "host": "h",
                    "port": 1,
                    "password": "${env:PERFPILOT_SECRET_A}",
                }
            ],
        },
        endpoints=[{"name": "a", "path": "/", "body": {"x": ["${env:TOKEN}-${env:B}"]}}],
        notifications={"webhook": "${env:HOOK}"},
    )
    assert set(secret_names(description)) == {"TOKEN", "PERFPILOT_SECRET_A", "B", "HOOK"}
    everything = {name: name.lower() for name in secret_names(description)}
    policy = Policy(environment_names=("*",))
    assert read_secrets(description, policy, everything) == everything


FORMS = {
    "raw": str,
    "url": quote,
    "url query": quote_plus,
    "url lower case": lambda s: quote(s, safe="").lower() if s.islower() else quote(s, safe=""),
    "json": lambda s: json.dumps(s)[1:-1],
    "json unicode": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "xml": html.escape,
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64url": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "basic auth": lambda s: base64.b64encode(f"user:{s}".encode()).decode(),
    "basic auth 2": lambda s: base64.b64encode(f"me:{s}:x".encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", ["hunter2hunter2", 'p"&<ä/+ ?=', "0123456789abcdef", "~~~???>>>"])
def test_every_written_form_is_found_and_taken_out(form: str, secret: str) -> None:
    redactor = Redactor([secret, "other"])
    text = f"before {FORMS[form](secret)} after"
    assert redactor.found_in(text)
    clean = redactor.redact(text)
    assert clean.startswith("before ") and clean.endswith(" after") and HIDDEN in clean
    assert secret not in clean
    assert not redactor.found_in(clean)


OTHER = st.characters(
    exclude_characters=HIDDEN, exclude_categories=("Cs",)
)  # or the mark itself would be found


@settings(max_examples=100, deadline=None)
@given(st.text(OTHER, min_size=1, max_size=20), st.text(OTHER, max_size=20), st.text(OTHER, max_size=20))
def test_no_secret_survives(secret: str, before: str, after: str) -> None:
    assert secret not in Redactor([secret]).redact(before + secret + after)


def test_the_longer_secret_is_taken_out_first() -> None:
    assert Redactor(["abcd", "abcdefgh"]).redact("abcdefgh abcd") == f"{HIDDEN} {HIDDEN}"


def test_a_redactor_shows_and_stores_no_value() -> None:
    redactor = Redactor(["hunter2", ""])
    assert repr(redactor) == "Redactor(1 secret)" == str(redactor)
    assert not hasattr(redactor, "__dict__")
    with pytest.raises(TypeError, match="never stored"):
        pickle.dumps(redactor)


def test_without_secrets_nothing_changes() -> None:
    assert Redactor([]).redact("text") == "text"
    assert not Redactor([]).found_in("text")
