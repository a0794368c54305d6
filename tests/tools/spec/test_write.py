"""What is written is read back as the same description."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from perfpilot.domain.result import Repair
from perfpilot.planning.defaults import with_defaults
from perfpilot.tools.spec.read import parse_spec
from perfpilot.tools.spec.write import comments_of, dump_spec
from tests.planning.sample_specs import mapping, mappings, pattern, spec


@settings(max_examples=150, deadline=None)
@given(mappings())
def test_a_written_description_is_read_back_equal_and_written_the_same_again(data: dict[str, Any]) -> None:
    before = parse_spec(data)
    text = dump_spec(before)
    after = parse_spec(text)
    assert after == before
    assert dump_spec(after) == text


@settings(max_examples=60, deadline=None)
@given(mappings())
def test_other_readers_of_yaml_see_the_same_values(data: dict[str, Any]) -> None:
    before = parse_spec(data)
    assert parse_spec(yaml.safe_load(dump_spec(before))) == before


@pytest.mark.parametrize(
    "text",
    ["a \u2028 b", "a \u2029 b", "\ufeffa", " a", "a ", "- a", "a: b", "a #b", "null", "1:30", "010", "1e3",
     "0x1f", "=", "<<", "2024-01-01", "~", "", "'", '"', "\n", "a\n\n b", "\\n", "\U0001f600",
     "yes", ".inf", "1_000", "---"],
)  # fmt: skip
def test_awkward_texts_keep_their_value(text: str) -> None:
    body = {"x": text, "y": [text], text.replace("\n", "n"): 1}
    before = spec(endpoints=[{"name": "a", "path": "/", "body": body}])
    assert parse_spec(dump_spec(before)) == before
    assert yaml.safe_load(dump_spec(before))["endpoints"][0]["body"] == body


def test_keys_stand_in_the_order_of_the_models_with_units() -> None:
    data = mapping(
        thresholds=["p95 < 400ms"],
        load_patterns=pattern({"duration": "90s", "rate_per_s": "18000/min"}),
        environment={"timeouts": {"response": "500ms"}, "base_url": "http://127.0.0.1:8080"},
    )
    assert dump_spec(parse_spec(dict(reversed(data.items())))) == (
        "version: 1\ntest_name: shop\ntest_type: load\n"
        "environment:\n  base_url: http://127.0.0.1:8080\n  timeouts:\n    response: 500ms\n"
        "endpoints:\n  - name: products\n    path: /api/products\n"
        "load_patterns:\n  - stages:\n      - duration: 90s\n        rate_per_s: 300\n"
        "thresholds:\n  - p95 < 400ms\n"
    )


def test_secrets_stay_references() -> None:
    text = dump_spec(spec(environment={"base_url": "http://h", "headers": {"Authorization": "${env:TOKEN}"}}))
    assert 'Authorization: "${env:TOKEN}"' in text


def test_additions_and_repairs_are_written_above_their_place_and_change_nothing() -> None:
    effective, added = with_defaults(spec())
    repair = Repair(
        place="endpoints.products.path", before="/products", after="/api/products", proof="GET: 200\nx"
    )
    elsewhere = Repair(place="endpoints.products.method", before="HEAD", after="GET", proof="GET: 200")
    text = dump_spec(effective, comments_of(added, [repair, elsewhere]))
    lines = text.splitlines()
    assert lines[0] == "# endpoints.products.method: repaired: was HEAD; GET: 200"
    assert lines[lines.index("    path: /api/products") - 1] == "    # repaired: was /products; GET: 200 x"
    assert "added error_rate < 1%" in lines[lines.index("  - error_rate < 1%") - 1]
    assert parse_spec(text) == effective


def test_a_comment_on_a_first_key_keeps_the_list_in_shape() -> None:
    text = dump_spec(spec(), {"endpoints.products.name": "why", "endpoints.products": "what"})
    assert "  # what\n    # why\n  - name: products\n" in text
    assert parse_spec(text) == spec()
