"""A condition names what an earlier step may find; endpoints without journeys must not wait in a circle."""

from __future__ import annotations

from typing import Any

import pytest

from perfpilot.domain.spec import Spec
from perfpilot.tools.spec.problems import SpecProblems
from perfpilot.tools.spec.read import parse_spec
from tests.planning.sample_specs import mapping

FIND = {"name": "find", "path": "/find", "extract": [{"name": "sku", "json_path": "$.sku", "optional": True}]}
BUY = {"name": "buy", "path": "/buy/${sku}"}
LOGIN = {
    "name": "login", "method": "POST", "path": "/login", "extract": [{"name": "role", "json_path": "$.role"}],
}  # fmt: skip
HOME = {"name": "home", "path": "/"}


def parsed(*steps: dict[str, Any] | str, scope: str = "", **changes: Any) -> Spec:
    auth = {"auth": {"login": "login", "scope": scope}} if scope else {}
    described = mapping(
        environment={"base_url": "http://127.0.0.1", **auth},
        endpoints=[FIND, BUY, LOGIN, HOME],
        journeys=[{"name": "visit", "steps": list(steps)}],
    )
    return parse_spec(described | changes)


@pytest.mark.parametrize(
    ("steps", "scope", "message"),
    [
        (["find", {"endpoint": "home", "only_if": "sko"}], "", "extracts 'sko'; did you mean sku?"),
        ([{"endpoint": "home", "only_if": "sku"}, "find"], "", "extracts 'sku'; nothing is declared there"),
        ([{"endpoint": "find", "only_if": "sku"}], "", "no earlier step of this journey extracts 'sku'"),
        ([{"endpoint": "home", "only_if": "word"}], "", "no earlier step of this journey extracts 'word'"),
        ([{"endpoint": "home", "only_if": "role"}], "run", "no earlier step of this journey extracts 'role'"),
    ],
)
def test_a_condition_that_nothing_can_fulfil_is_refused(
    steps: list[dict[str, Any] | str], scope: str, message: str
) -> None:
    data = {"test_data": {"values": {"word": ["a"]}}}
    with pytest.raises(SpecProblems, match=r"journeys\.visit\.steps\.\w+\.only_if: ") as caught:
        parsed(*steps, scope=scope, **data)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("steps", "scope"),
    [
        (["find", {"endpoint": "buy", "only_if": "sku"}, {"endpoint": "home", "only_if": "sku"}], ""),
        (["login", {"endpoint": "home", "only_if": "role"}], ""),
        ([{"endpoint": "home", "only_if": "role"}], "iteration"),
        (["login", {"endpoint": "home", "only_if": "role"}], "iteration"),
    ],
)
def test_a_condition_on_what_an_earlier_step_or_the_login_may_find_is_accepted(
    steps: list[dict[str, Any] | str], scope: str
) -> None:
    assert parsed(*steps, scope=scope).journeys


def test_a_circle_is_told_beside_what_it_leads_to() -> None:
    back = {"name": "back", "path": "/${sku}", "extract": [{"name": "x", "json_path": "$.x"}]}
    forth = {"name": "forth", "path": "/${x}", "extract": [{"name": "sku", "json_path": "$.sku"}]}
    with pytest.raises(SpecProblems) as caught:
        parsed("home", endpoints=[back, forth], journeys=[])
    assert "endpoints.back: waits for sku of 'forth', which itself waits for a value: give one of" in str(
        caught.value
    )
    assert "endpoints.forth.path: ${x} has no value here" in str(caught.value)


def test_a_description_that_implies_its_journeys_is_accepted() -> None:
    assert parsed("home", endpoints=[BUY, FIND], journeys=[])
