from __future__ import annotations

import json
import math

import jsonschema_rs
import pytest

from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.result import Result
from perfpilot.domain.spec import Spec
from perfpilot.reporting.json_result import result_json, schemas
from tests.reporting.hostile_results import hostile_result
from tests.reporting.sample_results import EVERY_RESULT, go_result


@pytest.mark.parametrize("name", EVERY_RESULT)
def test_a_written_result_reads_back_equal(name: str) -> None:
    assert Result.model_validate_json(result_json(EVERY_RESULT[name])) == EVERY_RESULT[name]


def test_keys_are_sorted_and_the_bytes_are_stable() -> None:
    text = result_json(go_result())
    assert text == result_json(go_result()) and text.endswith("}\n")
    assert list(json.loads(text)) == sorted(json.loads(text))


def test_a_figure_that_is_no_number_becomes_null() -> None:
    threshold = ThresholdResult(
        text="p95 < 1s", decision=Decision.UNDECIDED, value=math.nan, limit=1000, unit="ms"
    )
    written = json.loads(result_json(go_result(thresholds=(threshold,))))
    assert written["thresholds"][0]["value"] is None


def test_written_results_fit_their_schema_and_the_schemas_are_valid() -> None:
    schema = schemas()
    assert set(schema) == {"spec", "result"}
    for each in schema.values():
        jsonschema_rs.meta.validate(each)
    checker = jsonschema_rs.validator_for(schema["result"])
    for result in (*EVERY_RESULT.values(), hostile_result()):
        checker.validate(json.loads(result_json(result)))
    assert not checker.is_valid({"run": {}, "outcome": {"status": "fine"}})


def test_the_schema_of_a_spec_takes_what_an_engineer_writes() -> None:
    spec = {
        "test_name": "shop", "environment": {"base_url": "http://127.0.0.1:8080"},
        "endpoints": [{"name": "list", "path": "/products"}],
        "load_patterns": [{"stages": [{"rate_per_s": 300, "duration": "60s"}]}],
        "thresholds": ["p95(list) < 400ms"],
    }  # fmt: skip
    checker = jsonschema_rs.validator_for(schemas()["spec"])
    Spec.model_validate(spec)
    checker.validate(spec)
    assert not checker.is_valid(spec | {"thresold": []})
