"""A model's remarks on a description: words and places, nothing that could change it."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any, Literal

from pydantic import BaseModel, Field

from perfpilot.domain.result import Remark
from perfpilot.domain.spec import Endpoint, Spec
from perfpilot.prompts import load
from perfpilot.tools.foreign_text import one_line
from perfpilot.tools.model.fence import fence
from perfpilot.tools.model.gateway import ModelGateway
from perfpilot.tools.model.guard import without_addresses

MOST_REMARKS = 10
_TEXT_LIMIT = 400
_DIGEST_LIMIT = 24_000
_NUMERAL = re.compile(r"\d+(?:\.\d+)?")
# An indication of size in words is a number too.
_NUMBER_WORDS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|fifty|hundred|thousand"
    r"|million|double|twice|triple|half)\b",
    re.IGNORECASE,
)


class Said(BaseModel):
    """One remark."""

    place: str = Field(description="Path of keys in the description, such as endpoints.2.path")
    text: str
    severity: Literal["info", "warning"] = "info"


class Remarks(BaseModel):
    """What a model is asked for. There is no place for a host, a number, a limit or a threshold."""

    remarks: list[Said] = []


async def model_remarks(gateway: ModelGateway, spec: Spec) -> tuple[Remark, ...]:
    """At most ten remarks with the source `model`. Raises ModelError where no usable answer came.

    The model sees a digest without hosts, header values, bodies, data values and secrets. A remark that
    holds an address, or a number that does not stand in that digest, is left out: limits are the engineer's.
    """
    prompt = await asyncio.to_thread(load, "validate", "review")
    shown = json.dumps(digest(spec), ensure_ascii=False, indent=1)
    answer = await gateway.ask(prompt.fill(spec=fence("description", shown, _DIGEST_LIMIT)), Remarks)
    numerals = _numbers(shown)
    document = spec.model_dump(mode="json")
    found: dict[tuple[str, str], Remark] = {}
    for said in answer.remarks:
        text = without_addresses(said.text, _TEXT_LIMIT)
        if not text or not _numbers(text) <= numerals or _NUMBER_WORDS.search(text):
            continue
        place = _real_place(said.place, document)
        found.setdefault(
            (place, text), Remark(severity=said.severity, place=place, text=text, source="model")
        )
    return tuple(found.values())[:MOST_REMARKS]


def digest(spec: Spec) -> dict[str, Any]:
    """What of a description a model gets to see: its shape."""
    auth = spec.environment.auth
    return {
        "test_name": spec.test_name,
        "test_type": spec.test_type.value,
        "environment": {
            "has_health_path": bool(spec.environment.health),
            "header_names": sorted(spec.environment.headers),
            "timeouts": spec.environment.timeouts.model_dump(mode="json"),
            "auth": {"login": auth.login, "scope": auth.scope} if auth else None,
            "servers": [server.kind for server in spec.environment.servers],
        },
        "endpoints": [_endpoint(endpoint) for endpoint in spec.endpoints],
        "journeys": [journey.model_dump(mode="json") for journey in spec.journeys],
        "load_patterns": [
            pattern.model_dump(mode="json", exclude_none=True) for pattern in spec.load_patterns
        ],
        "thresholds": [threshold.text for threshold in spec.thresholds],
        "test_data": {
            "rows": {name: f"{len(values)} values" for name, values in spec.test_data.values.items()}
        },
    }


def _numbers(text: str) -> set[float]:
    return {float(numeral) for numeral in _NUMERAL.findall(text)}


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    body = endpoint.body
    return {
        "name": endpoint.name,
        "method": endpoint.method.value,
        "path": endpoint.path.partition("?")[0],
        "query_names": re.findall(r"[?&]([^=&]+)=", endpoint.path),
        "header_names": sorted(endpoint.headers),
        "body": sorted(map(str, body)) if isinstance(body, dict) else type(body).__name__ if body else None,
        "expect": {
            "status": list(endpoint.expect.status),
            "contains_is_checked": bool(endpoint.expect.contains),
        },
        "extract": [extract.name for extract in endpoint.extract],
        "weight": endpoint.weight,
        "authenticated": endpoint.authenticated,
    }


def _real_place(place: str, document: Any) -> str:
    """The longest beginning of the path that exists in the description; empty for none."""
    real: list[str] = []
    value = document
    for key in re.split(r"[.\[\]]+", one_line(place, 120).strip(".[]")):
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            break
        real.append(key)
    return ".".join(real)
