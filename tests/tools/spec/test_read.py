"""A description is read strictly, and everything wrong with it is told in one error."""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from perfpilot.domain.errors import SpecError
from perfpilot.domain.spec import Method
from perfpilot.tools.spec.problems import SpecProblems
from perfpilot.tools.spec.read import load_spec, parse_spec
from tests.planning.sample_specs import mapping, mappings, pattern

SEVERAL = """\
test_name: x
environment:
  base_url: http://u:hunter2@h
  timeouts: {connect: 5}
endpoints:
  - {name: checkout, path: /a, expct: 3, method: get, body: 3, expect: {status: 200}}
  - {name: b, path: b, methd: POST}
  - foo
thresold: [p95 < 1s]
thresholds: [p95x < 3]
journeys: [{name: j, steps: [{endpoin: b}, checkout]}]
load_patterns: [{stages: [{duration: 5.5, rate_per_s: 3}], modle: open}]
test_data: {values: {"a b": [x], c: [1]}}
reports: {formats: [pdf]}
"""


def problems(source: Any) -> str:
    with pytest.raises(SpecProblems) as caught:
        parse_spec(source)
    return str(caught.value)


def test_text_and_mapping_give_the_same_description() -> None:
    assert (
        parse_spec(yaml.safe_dump(mapping())) == parse_spec(mapping()) == parse_spec(OrderedDict(mapping()))
    )


def test_every_problem_is_told_with_its_path_and_the_nearest_right_name() -> None:
    text = problems(SEVERAL)
    for line in (
        "environment.base_url: 'http://***@h': give scheme, host, port and path only",
        "environment.timeouts.connect: 5 is not a duration",
        "endpoints.checkout.expct: unknown key; did you mean expect?",
        "endpoints.checkout.method: 'get' is not possible; did you mean GET?",
        "endpoints.checkout.body: must be text, a mapping or a list",
        "endpoints.checkout.expect.status: must be a list",
        "endpoints.b.path: 'b' must begin with /",
        "endpoints.b.methd: unknown key; did you mean method?",
        "endpoints.2: must be a mapping",
        "thresold: unknown key; did you mean thresholds?",
        "thresholds.0: 'p95x < 3': unknown metric 'p95x'; nearest: p95",
        "journeys.j.steps.0.endpoin: unknown key; did you mean endpoint?",
        "load_patterns.0.modle: unknown key; did you mean model?",
        "load_patterns.0.stages.0.duration: 5.5 is not a duration",
        "test_data.values.a b: this key must begin with a letter",
        "test_data.values.c.0: must be text; put it in quotes",
        "reports.formats.0: 'pdf' is not possible; possible here: html, junit, markdown",
    ):
        assert line in text


def test_the_message_is_the_same_from_mapping_json_and_text() -> None:
    data = yaml.safe_load(SEVERAL)
    assert problems(SEVERAL) == problems(data) == problems(json.loads(json.dumps(data)))


def test_line_numbers_stand_apart_from_the_message() -> None:
    with pytest.raises(SpecProblems) as caught:
        parse_spec(SEVERAL)
    assert "line 9: thresold: unknown key" in caught.value.located()
    assert "line 7: endpoints.b.path" in caught.value.located()
    assert "line " not in str(caught.value)


def test_no_secret_and_no_jargon_of_the_library_is_shown() -> None:
    text = problems(SEVERAL)
    for word in ("hunter2", "pydantic", "Input should", "https://errors", "model_type", "Value error"):
        assert word not in text


def test_a_misspelt_key_is_not_reported_as_a_missing_one_too() -> None:
    text = problems(mapping(endpoints=[{"nam": "a", "path": "/"}]))
    assert "endpoints.0.nam: unknown key; did you mean name?" in text
    assert "missing" not in text


def test_missing_keys_are_named() -> None:
    assert problems({}) == (
        "the test description has 4 problems:\n  test_name: is missing\n  environment: is missing\n"
        "  endpoints: is missing\n  load_patterns: is missing"
    )


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("", "must be a mapping"),
        ("- a\n- b", "must be a mapping"),
        ("a: [", "this is not YAML"),
        ("a: \x00", "U+0000"),
        (None, "must be YAML text or a mapping"),
        ({"test_name": {1, 2}}, "test_name: must be text, a number, a list or a mapping, not set"),
        ({3: "x"}, "the key 3 must be text"),
        ({"test_name": float("nan")}, "test_name: nan is not a number that can be used"),
        ({"test_name": "a\ud800/"}, "test_name: holds the character U+D800"),
        ({"a\ud800": 1}, "holds the character U+D800"),
    ],
)
def test_what_is_no_description_at_all_is_refused(source: Any, part: str) -> None:
    assert part in problems(source)


def test_a_mapping_that_holds_itself_is_refused() -> None:
    loop: dict[str, Any] = {}
    loop["a"] = loop
    assert "nested deeper than 32 levels" in problems(loop)


def test_a_very_long_value_does_not_make_a_very_long_message() -> None:
    assert len(problems(mapping(test_name="/" * 100_000))) < 600


@pytest.mark.parametrize("value", [True, "fast", "-3", -3, 1e300, float("inf")])
def test_a_rate_that_is_none_is_refused(value: Any) -> None:
    text = problems(mapping(load_patterns=pattern({"rate_per_s": value, "duration": "5s"})))
    assert "load_patterns.0.stages.0.rate_per_s: " in text


def test_a_file_is_read_and_one_that_is_not_there_is_an_error_with_a_mend(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump(mapping()), encoding="utf-8")
    assert load_spec(path).endpoint("products").method is Method.GET
    with pytest.raises(SpecError, match="no such file\n  mend: give the path of a description"):
        load_spec(tmp_path / "b.yaml")
    path.write_bytes(b"test_name: \xff")
    with pytest.raises(SpecError, match="byte 11 is not UTF-8"):
        load_spec(path)
    with pytest.raises(SpecError, match="directory"):
        load_spec(tmp_path)


@settings(max_examples=60, deadline=None)
@given(mappings())
def test_every_sound_mapping_is_read(data: dict[str, Any]) -> None:
    assert len(parse_spec(data).endpoints) == len(data["endpoints"])
