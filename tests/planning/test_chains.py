"""Without journeys, endpoints that need values of each other become one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.domain.spec import Endpoint
from perfpilot.planning.chains import chains
from perfpilot.planning.scenarios import drafts, measured_labels
from perfpilot.planning.variables import needed
from perfpilot.tools.spec.problems import SpecProblems
from perfpilot.tools.spec.read import parse_spec
from tests.planning.sample_specs import mapping, spec


def gives(name: str, *variables: str, needs: str = "", **more: Any) -> dict[str, Any]:
    extract = [{"name": variable, "json_path": "$.x"} for variable in variables]
    path = f"/{name}" + "".join(f"/${{{variable}}}" for variable in needs.split())
    return {"name": name, "path": path, "extract": extract, **more}


def described(*endpoints: dict[str, Any], **more: Any) -> list[tuple[str, tuple[str, ...], float]]:
    made = drafts(spec(endpoints=list(endpoints), **more))
    return [(draft.name, draft.endpoints, draft.weight) for draft in made]


def test_who_needs_a_value_follows_who_gives_it() -> None:
    pay, cart = gives("pay", needs="cart"), gives("cart", "cart", weight=3)
    assert described(pay, gives("home"), cart) == [("pay", ("cart", "pay"), 3), ("home", ("home",), 1)]


def test_the_order_of_the_description_holds_where_it_is_free() -> None:
    item = gives("create", "id")
    uses = [gives(name, needs="id") for name in ("read", "change", "remove")]
    assert described(item, *uses) == [("remove", ("create", "read", "change", "remove"), 1)]


def test_the_first_who_can_give_a_value_gives_it() -> None:
    turns = [gives("next", "page", needs="page"), gives("first", "page"), gives("other", "page")]
    assert described(*turns) == [("next", ("first", "next"), 1), ("other", ("other",), 1)]


def test_test_data_ties_nobody_together() -> None:
    both = [gives("find", "id"), gives("open", needs="id")]
    assert len(described(*both, test_data={"values": {"id": ["1"]}})) == 2


def test_a_value_is_needed_wherever_it_stands() -> None:
    everywhere = {
        "path": "/${a}", "query": {"x": "${b}"}, "headers": {"H": "${c}"}, "form": {"f": "${d}"},
        "expect": {"contains": "${e}", "lacks": "${f}", "json_path": "$.${g}"},
    }  # fmt: skip
    assert needed(Endpoint.model_validate({"name": "n", **everywhere})) == set("abcdefg")
    body = Endpoint.model_validate({"name": "n", "path": "/", "body": {"${k}": ["${v} ${env:X}"]}})
    assert needed(body) == {"k", "v"}


def test_a_step_that_needs_what_may_not_be_found_runs_only_if_it_was() -> None:
    find = gives("find")
    find["extract"] = [{"name": "id", "regex": "x", "optional": True}]
    made = drafts(spec(endpoints=[find, gives("open", "part", needs="id"), gives("last", needs="id part")]))
    # `part` is there only where `id` was.
    assert [(s.endpoint, s.only_if) for s in made[0].steps] == [
        ("find", ""),
        ("open", "id"),
        ("last", "part"),
    ]


def test_why_a_journey_was_derived_is_told() -> None:
    made = drafts(spec(endpoints=[gives("cart", "cart_id"), gives("pay", needs="cart_id"), gives("home")]))
    assert [draft.why for draft in made] == [
        "asked in turn by one user: pay needs cart_id of cart",
        "needs nothing of other endpoints",
    ]


def test_a_login_before_the_load_is_no_step_and_one_of_each_iteration_gives_its_values() -> None:
    login = gives("login", "user_id", method="POST")
    environment = {"base_url": "http://127.0.0.1", "auth": {"login": "login", "scope": "iteration"}}
    made = drafts(spec(environment=environment, endpoints=[login, gives("me", needs="user_id")]))
    assert [(d.endpoints, d.login_first) for d in made] == [(("me",), True)]
    environment["auth"] = {"login": "login"}
    with pytest.raises(SpecProblems, match="user_id} has no value here"):
        spec(environment=environment, endpoints=[login, gives("me", needs="user_id")])


@pytest.mark.parametrize(
    ("endpoints", "message"),
    [
        (
            [gives("a", "x", needs="y"), gives("b", "y", needs="x")],
            r"a: waits for y of 'b', which itself waits",
        ),
        ([gives("a", needs="z"), gives("b")], r"\$\{z\} has no value here"),
        ([gives("a", "x", needs="x")], r"\$\{x\} has no value here"),
    ],
)
def test_what_cannot_be_had_is_refused(endpoints: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(SpecProblems, match=message):
        parse_spec(mapping(endpoints=endpoints))


def test_derived_journeys_are_measured_and_named_in_load_patterns() -> None:
    endpoints = [gives("cart", "id"), gives("pay", needs="id"), gives("home")]
    patterns = [
        {"rate_per_s": 3, "duration": "60s", "journeys": ["pay"]},
        {"rate_per_s": 1, "duration": "60s"},
    ]
    made = spec(endpoints=endpoints, load_patterns=patterns)
    assert measured_labels(made) == {"cart", "pay", "home"}


_variables = st.lists(st.sampled_from("abcd"), max_size=2, unique=True)


@given(st.lists(st.tuples(_variables, _variables), min_size=1, max_size=7))
def test_every_endpoint_is_asked_once_and_after_those_it_needs(
    endpoints: list[tuple[list[str], list[str]]],
) -> None:
    every = [
        Endpoint.model_validate(gives(f"e{index}", *given_, needs=" ".join(wanted)))
        for index, (given_, wanted) in enumerate(endpoints)
    ]
    made = chains(every, {endpoint.name: frozenset() for endpoint in every})
    assert sorted(e.name for chain in made for e in chain.endpoints) == [e.name for e in every]
    assert len({chain.name for chain in made}) == len(made)
    had = {extract.name for endpoint in every if not needed(endpoint) for extract in endpoint.extract}
    for chain in made:
        known: set[str] = set()
        for endpoint in chain.endpoints:
            # Alone and in want: nobody could give it what it needs.
            assert needed(endpoint) <= known or (len(chain.endpoints) == 1 and not needed(endpoint) <= had)
            known |= {extract.name for extract in endpoint.extract}
