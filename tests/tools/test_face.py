"""How nodes use tools: the artefact survives, errors arrive as they are, secrets are not traced."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.tools import ToolException, tool
from pydantic import SecretStr

from perfpilot.domain.errors import NotReadyError
from perfpilot.tools.face import ToolFailed, call
from perfpilot.tools.probes.faces import probe_path, probe_server, probe_target, resolve_host
from perfpilot.tools.probes.target import TargetProbe
from tests import servers

FACES = [probe_path, probe_server, probe_target, resolve_host]


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.name)
def test_a_model_can_read_what_every_argument_means(face: Any) -> None:
    assert face.description
    assert all(argument.get("description") for argument in face.args.values())


async def test_the_artefact_is_the_typed_result_and_the_content_words() -> None:
    with servers.http_server(lambda handler: handler.send_error(404)) as port:
        message = await call(probe_target, base_url=f"http://127.0.0.1:{port}")
    assert isinstance(message.artifact, TargetProbe) and message.artifact.ok
    assert f"http http://127.0.0.1:{port}/" in str(message.content) and "answered 404" in str(message.content)


async def test_an_error_of_ours_reaches_the_caller_as_it_is() -> None:
    @tool
    async def prepare() -> str:
        """Prepare."""
        raise NotReadyError("no Java", mend="install it")

    with pytest.raises(NotReadyError, match="install it"):
        await call(prepare)


async def test_a_tool_that_answers_with_an_error_has_failed() -> None:
    @tool
    async def prepare() -> str:
        """Prepare."""
        raise ToolException("could not")

    prepare.handle_tool_error = True
    with pytest.raises(ToolFailed, match="prepare: could not"):
        await call(prepare)


async def test_wrong_arguments_fail_without_showing_their_values() -> None:
    with pytest.raises(ToolFailed, match=r"port: Input should be a valid integer") as raised:
        await call(probe_server, kind="redis", host="127.0.0.1", port="hush")
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize("password", ["open sesame", SecretStr("open sesame")], ids=["text", "typed"])
async def test_a_secret_is_not_traced(password: Any) -> None:
    seen: list[str] = []

    class Tracer(AsyncCallbackHandler):
        async def on_tool_start(self, serialized: Any, input_str: str, **kwargs: Any) -> None:
            seen.append(f"{serialized} {input_str} {kwargs}")

        async def on_tool_end(self, output: Any, **kwargs: Any) -> None:
            seen.append(f"{output!r} {kwargs}")

    traced = probe_server.model_copy(update={"callbacks": [Tracer()]})
    with servers.redis_server(password="open sesame") as server:
        message = await call(traced, kind="redis", host="127.0.0.1", port=server.port, password=password)
    assert message.artifact.ok
    assert len(seen) == 2 and "sesame" not in "".join(seen)


async def test_secret_headers_are_not_traced_but_sent() -> None:
    sent: list[str] = []
    seen: list[str] = []

    class Tracer(AsyncCallbackHandler):
        async def on_tool_start(self, serialized: Any, input_str: str, **kwargs: Any) -> None:
            seen.append(f"{input_str} {kwargs}")

    def remember(handler: Any) -> None:
        sent.append(handler.headers["X-Key"])
        handler.send_error(404)

    with servers.http_server(remember) as port:
        traced = probe_path.model_copy(update={"callbacks": [Tracer()]})
        await call(traced, base_url=f"http://127.0.0.1:{port}", path="/", headers={"X-Key": "open sesame"})
    assert sent == ["open sesame"] and len(seen) == 1 and "sesame" not in seen[0]
