"""A request with values in the place of variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfpilot.domain.spec import Endpoint
from perfpilot.planning.variables import REFERENCE


def filled_in(endpoint: Endpoint, values: Mapping[str, str]) -> Endpoint:
    """The same request with these variables filled in as JMeter would: as they are, wherever they stand."""
    return endpoint.model_copy(
        update={
            "path": _text(endpoint.path, values),
            "query": _any(endpoint.query, values),
            "headers": _any(endpoint.headers, values),
            "body": _any(endpoint.body, values),
            "form": _any(endpoint.form, values),
        }
    )


def _any(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _text(value, values)
    if isinstance(value, dict):
        return {name: _any(inner, values) for name, inner in value.items()}
    return [_any(inner, values) for inner in value] if isinstance(value, list | tuple) else value


def _text(text: str, values: Mapping[str, str]) -> str:
    return REFERENCE.sub(lambda match: values.get(match[1], match[0]), text)
