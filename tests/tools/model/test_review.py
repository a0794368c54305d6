"""A model's remarks on a description: bounded, placed, without numbers or hosts of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from perfpilot.domain.spec import Spec
from perfpilot.tools.model.gateway import ModelGateway
from perfpilot.tools.model.openai import chat_model
from perfpilot.tools.model.review import digest, model_remarks
from tests.openai_server import Reply, openai_server

pytestmark = pytest.mark.usefixtures("no_blocking")

SPEC = Spec.model_validate(
    {
        "test_name": "shop",
        "environment": {
            "base_url": "http://10.1.2.3:8080",
            "headers": {"X-Key": "hush-header"},
            "servers": [
                {"name": "db", "kind": "redis", "host": "hush.host", "port": 1, "password": "${env:HUSH}"}
            ],
        },
        "endpoints": [
            {"name": "browse", "path": "/browse?key=hush-query"},
            {"name": "buy", "method": "POST", "path": "/buy", "body": {"card": "hush-body"}},
        ],
        "load_patterns": [{"stages": [{"rate_per_s": 30, "duration": "60s"}]}],
        "test_data": {"values": {"user": ["hush-value"]}},
        "thresholds": ["p95(browse) < 400ms"],
    }
)


async def _remarks(*said: dict[str, Any]) -> tuple[list[tuple[str, str]], str]:
    with openai_server(Reply({"remarks": list(said)})) as server:
        found = await model_remarks(ModelGateway(await chat_model("tiny", server.url)), SPEC)
        prompt: str = server.requests[0]["messages"][0]["content"]
    assert all(remark.source == "model" and remark.severity in ("info", "warning") for remark in found)
    return [(remark.place, remark.text) for remark in found], prompt


async def test_a_remark_keeps_its_place_and_no_secret_or_host_is_shown_to_the_model() -> None:
    found, prompt = await _remarks(
        {"place": "endpoints.1.expect", "text": "The check of buy accepts any answer.", "severity": "warning"}
    )
    assert found == [("endpoints.1.expect", "The check of buy accepts any answer.")]
    assert "hush" not in prompt and "10.1.2.3" not in prompt
    assert '"browse"' in prompt and '"card"' in prompt


@pytest.mark.parametrize(
    ("place", "real"),
    [
        ("endpoints[0].path", "endpoints.0.path"), ("endpoints.7.path", "endpoints"), ("nowhere", ""),
        ("../../etc", ""), ("", ""), ("environment.base_url", "environment.base_url"),
    ],
)  # fmt: skip
async def test_a_place_that_does_not_exist_is_shortened_to_what_does(place: str, real: str) -> None:
    found, _ = await _remarks({"place": place, "text": "Look here."})
    assert found == [(real, "Look here.")]


@pytest.mark.parametrize(
    "text",
    [
        "Raise the rate to 5000 per second.", "Set a limit of five hundred.",
        "Test http://evil.test/ instead.",
        "Try evil.example.com.", "", "\x1b\x00",
    ],
)  # fmt: skip
async def test_a_remark_with_a_number_or_an_address_of_its_own_is_left_out(text: str) -> None:
    assert (await _remarks({"place": "endpoints", "text": text}))[0] == []


async def test_numbers_of_the_description_may_be_quoted() -> None:
    text = "At 30 arrivals the threshold of 400 says little."
    assert (await _remarks({"place": "thresholds", "text": text}))[0] == [("thresholds", text)]


async def test_remarks_are_bounded_in_number_and_length() -> None:
    many = [{"place": "endpoints", "text": f"{'a' * n}."} for n in range(1, 40)]
    found, _ = await _remarks(*many, {"place": "", "text": "b" * 10_000})
    assert len(found) == 10
    long, _ = await _remarks({"place": "", "text": "b" * 10_000})
    assert len(long[0][1]) <= 400


async def test_a_severity_beyond_warning_is_not_the_models_to_give() -> None:
    with openai_server(
        Reply({"remarks": [{"place": "", "text": "Stop!", "severity": "error"}]}), Reply({"remarks": []})
    ) as server:
        found = await model_remarks(ModelGateway(await chat_model("tiny", server.url)), SPEC)
    assert found == () and len(server.requests) == 2


def test_the_digest_is_plain_data() -> None:
    assert json.loads(json.dumps(digest(SPEC)))["endpoints"][0]["query_names"] == ["key"]
