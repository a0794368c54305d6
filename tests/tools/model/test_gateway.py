"""The gateway with the real ChatOpenAI against a real server that behaves and misbehaves."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest
from pydantic import BaseModel, Field

from perfpilot.domain.errors import ModelError
from perfpilot.tools.model.answer import NoDocument, parse_document
from perfpilot.tools.model.failure import ModelFailed, Why
from perfpilot.tools.model.gateway import ModelGateway
from perfpilot.tools.model.openai import chat_model, from_environment
from tests import servers
from tests.openai_server import Reply, Scripted, openai_server

pytestmark = pytest.mark.usefixtures("no_blocking")


class Colour(BaseModel):
    """A colour and how strong it is."""

    name: str = Field(max_length=20)
    strength: int


RED: dict[str, Any] = {"name": "red", "strength": 3}
REFUSED = Reply(status=400)
PROSE = Reply(text="I think it is red, quite strong.", as_tool_call=False)
WRONG = Reply({"name": "red", "strength": "very"})


async def _ask(server: Scripted, timeout_s: float = 30.0) -> tuple[ModelGateway, Any]:
    gateway = ModelGateway(await chat_model("tiny", server.url, "sk-hush"), timeout_s=timeout_s)
    try:
        return gateway, await gateway.ask("Which colour?", Colour)
    except ModelError as error:
        assert "hush" not in str(error)
        return gateway, error


@pytest.mark.parametrize(
    ("script", "ways"),
    [
        ([Reply(RED)], ["json_schema"]),
        ([Reply(text='```json\n{"name": "red", "strength": 3}\n```')], ["json_schema"]),
        ([Reply(text='<think>{"name": "blue"}</think>\n{"name": "red", "strength": 3}')], ["json_schema"]),
        ([Reply(text='Here it is: {"name": "red", "strength": 3} - enjoy')], ["json_schema"]),
        ([Reply({**RED, "host": "evil.test"})], ["json_schema"]),
        ([REFUSED, Reply(RED)], ["json_schema", "function_calling"]),
        ([REFUSED, REFUSED, Reply(RED)], ["json_schema", "function_calling", "json_mode"]),
        ([WRONG, Reply(RED)], ["json_schema", "json_schema"]),
        ([PROSE, Reply(RED)], ["json_schema", "function_calling"]),
        ([PROSE, PROSE, Reply(RED)], ["json_schema", "function_calling", "json_mode"]),
        ([Reply(text='{"name": "re'), Reply(RED)], ["json_schema", "function_calling"]),
        ([REFUSED, Reply(text='{"name": "re'), Reply(RED)], ["json_schema", "function_calling", "json_mode"]),
        ([Reply(status=500), Reply(RED)], ["json_schema", "json_schema"]),
        ([Reply(status=429), Reply(RED)], ["json_schema", "json_schema"]),
    ],
    ids=lambda value: (
        None if isinstance(value, list) and value and isinstance(value[0], Reply) else "-".join(value)
    ),
)
async def test_a_good_answer_is_found_however_it_is_wrapped(script: list[Reply], ways: list[str]) -> None:
    with openai_server(*script) as server:
        gateway, answer = await _ask(server)
        assert answer == Colour(**RED), answer
        assert server.ways() == ways
    assert [call.why for call in gateway.calls] == [""]
    assert gateway.calls[0].tier == ways[-1] and gateway.calls[0].tokens >= 15


@pytest.mark.parametrize(
    ("script", "why", "requests"),
    [
        ([WRONG], Why.INVALID, 3),
        ([PROSE], Why.INVALID, 3),
        ([Reply(text='{"name": "re')], Why.INVALID, 3),
        ([Reply(text="")], Why.INVALID, 3),
        ([Reply(text="[" * 60_000)], Why.INVALID, 3),
        ([Reply({**RED, "more": "x" * 100_000})], Why.INVALID, 3),
        ([Reply({"name": "r" * 21, "strength": 1})], Why.INVALID, 3),
        ([Reply(raw=b"<html>hush</html>")], Why.INVALID, None),
        ([Reply(raw=b"{}")], Why.INVALID, None),
        ([Reply(text='{"name": "re', finish="length")], Why.INVALID, None),
        ([REFUSED], Why.REFUSED, 3),
        ([Reply(status=401)], Why.REFUSED, 1),
        ([Reply(status=404)], Why.REFUSED, 1),
        ([Reply(status=429)], Why.REFUSED, 2),
        ([Reply(status=500)], Why.UNREACHABLE, 2),
    ],
)
async def test_every_failure_is_a_model_error_of_a_known_class(
    script: list[Reply], why: Why, requests: int | None
) -> None:
    with openai_server(*script) as server:
        gateway, error = await _ask(server)
        assert isinstance(error, ModelFailed) and error.why is why, error
        assert requests in (None, len(server.requests)) and len(server.requests) <= 5
    assert [call.why for call in gateway.calls] == [why.value]
    assert gateway.degradations() == (
        f"the language model failed 1 of 1 times ({why.value}); rules took over",
    )


async def test_an_answer_of_fifty_megabytes_is_not_read() -> None:
    with openai_server(Reply(RED, size=50_000_000)) as server:
        _, error = await _ask(server)
    assert isinstance(error, ModelFailed) and error.why in (Why.INVALID, Why.UNREACHABLE)


async def test_a_server_that_hangs_ends_in_the_time_out() -> None:
    with openai_server(Reply(hang=True)) as server:
        gateway, error = await _ask(server, timeout_s=0.5)
    assert isinstance(error, ModelFailed) and error.why is Why.TIMEOUT
    assert gateway.calls[0].why == "timeout"


async def test_nothing_that_listens_is_unreachable() -> None:
    _, error = await _ask(Scripted(f"http://127.0.0.1:{servers.free_port()}/v1", []))
    assert isinstance(error, ModelFailed) and error.why is Why.UNREACHABLE


async def test_the_way_that_worked_is_asked_first_the_next_time() -> None:
    with openai_server(REFUSED, Reply(RED)) as server:
        gateway, _ = await _ask(server)
        await gateway.ask("And now?", Colour)
        assert server.ways() == ["json_schema", "function_calling", "function_calling"]
    assert len(gateway.calls) == 2 and gateway.degradations() == ()


async def test_a_repair_tells_what_was_wrong() -> None:
    with openai_server(WRONG, Reply(RED)) as server:
        await _ask(server)
        messages = server.requests[1]["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    assert "strength" in messages[2]["content"] and "valid integer" in messages[2]["content"]


async def test_a_prompt_that_is_too_long_is_not_sent() -> None:
    with openai_server(Reply(RED)) as server:
        gateway = ModelGateway(await chat_model("tiny", server.url))
        with pytest.raises(ModelFailed, match="not sent"):
            await gateway.ask("x" * 100_000, Colour)
        assert server.requests == []


async def test_a_caller_that_gives_up_is_not_held() -> None:
    with openai_server(Reply(hang=True)) as server:
        gateway = ModelGateway(await chat_model("tiny", server.url))
        task = asyncio.create_task(gateway.ask("Which colour?", Colour))
        while not server.requests:  # noqa: ASYNC110 (another thread appends)
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize(
    "text",
    ["", "no", "[1]", '"{"', "```json\n```", "<think>{}", '{"a": ', "{" * 70_000, '<think>x</think>"a"'],
)
def test_what_holds_no_object_is_no_document(text: str) -> None:
    with pytest.raises(NoDocument):
        parse_document(text)


async def test_the_environment_names_the_model_or_none() -> None:
    assert await from_environment({"PERFPILOT_MODEL": "big", "OPENAI_API_KEY": " "}) is None
    with openai_server(Reply(RED)) as server:
        model = await from_environment({"OPENAI_BASE_URL": server.url, "PERFPILOT_MODEL": "big"})
        assert model is not None
        await ModelGateway(model).ask("Which colour?", Colour)
        assert server.requests[0]["model"] == "big"
        assert server.headers[0]["authorization"] == "Bearer none"
    assert "OPENAI_BASE_URL" not in os.environ
