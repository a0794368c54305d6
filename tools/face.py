"""How a node uses a LangChain tool: as a tool call, so that it is traced and its artefact survives."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool
from pydantic import SecretStr, ValidationError

from perfpilot.domain.errors import PerfpilotError
from perfpilot.tools.foreign_text import one_line


class ToolFailed(PerfpilotError):
    """A tool was called with wrong arguments, or answered that it failed."""


async def call(tool: BaseTool, /, **args: Any) -> ToolMessage:
    """Call the tool and return its message; `.artifact` is the typed result, `.content` words for a model.

    A plain `ainvoke` with the arguments alone would drop the artefact (langchain-core 1.x). An error that
    the tool raises, a `PerfpilotError` above all, reaches the caller as it is. An argument that the tool
    declares as `SecretStr` is wrapped before anything is traced, so that a plain text is safe too.

    Raises `ToolFailed` for arguments that do not fit (their values stay out of the message: they may be
    secrets) and for a message with the status `error`.
    """
    hidden = _with_secrets_hidden(tool, args)
    request = {"type": "tool_call", "id": f"node-{uuid4().hex[:8]}", "name": tool.name, "args": hidden}
    try:
        answer = await tool.ainvoke(request)
    except ValidationError as error:
        if error.title != getattr(tool.args_schema, "__name__", tool.name):
            raise
        places = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ToolFailed(f"{tool.name}: {places}", mend="this is a fault of the caller: report it") from None
    if not isinstance(answer, ToolMessage) or answer.status == "error":
        said = answer.content if isinstance(answer, ToolMessage) else type(answer).__name__
        raise ToolFailed(f"{tool.name}: {one_line(str(said))}")
    return answer


def _with_secrets_hidden(tool: BaseTool, args: dict[str, Any]) -> dict[str, Any]:
    fields = getattr(tool.args_schema, "model_fields", {})
    return {
        name: _hidden(value) if name in fields and "SecretStr" in repr(fields[name].annotation) else value
        for name, value in args.items()
    }


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return SecretStr(value)
    return {key: _hidden(item) for key, item in value.items()} if isinstance(value, dict) else value
