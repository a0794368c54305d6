"""`result.json` as bytes that only change when the result does, and the JSON Schemas of spec and result."""

from __future__ import annotations

import json
import math
from typing import Any

from perfpilot.domain.result import Result
from perfpilot.domain.spec import Spec

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def result_json(result: Result) -> str:
    """The result with sorted keys, indented. Only ASCII, so that `cat` shows no escape or direction mark.

    A figure that is not a number (NaN, infinite) becomes null: JSON has no word for it.
    """
    # Not model_dump_json, which refuses the lone surrogates that an odd file name can bring.
    plain = _finite(result.model_dump(mode="json"))
    return json.dumps(plain, sort_keys=True, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schemas (draft 2020-12) of what is read and what is written, by file name without ending."""
    return {
        "spec": {"$schema": _DIALECT} | Spec.model_json_schema(mode="validation"),
        "result": {"$schema": _DIALECT} | Result.model_json_schema(mode="serialization"),
    }


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
