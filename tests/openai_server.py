"""A real HTTP server that speaks OpenAI's chat-completions protocol from a script, one item a request."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.servers import http_server


@dataclass(frozen=True)
class Reply:
    """What one request gets. `document` goes out as JSON text, in a tool call where the request wants one."""

    document: Any = None
    text: str | None = None  # as it is, in place of the document
    status: int = 200
    hang: bool = False
    size: int = 0  # bytes of padding in the content
    as_tool_call: bool = True  # false: ignore that a tool call was asked for
    raw: bytes | None = None  # the whole body
    finish: str = "stop"


@dataclass
class Scripted:
    """The server: its address, its script (the last reply is repeated), and the bodies it was sent."""

    url: str
    script: list[Reply]
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def ways(self) -> list[str]:
        """How each request asked for structure."""
        return [_way(request) for request in self.requests]


@contextlib.contextmanager
def openai_server(*script: Reply) -> Iterator[Scripted]:
    """Serve the script on a free port until the block ends."""
    scripted = Scripted("", list(script))
    lock = threading.Lock()

    def handle(handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        with lock:
            scripted.requests.append(json.loads(body))
            scripted.headers.append({name.lower(): value for name, value in handler.headers.items()})
            reply = scripted.script.pop(0) if len(scripted.script) > 1 else scripted.script[0]
        if reply.hang:
            scripted.over.wait(60)
            return
        data = _body(reply, scripted.requests[-1])
        handler.send_response(reply.status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    with http_server(handle) as port:
        scripted.url = f"http://127.0.0.1:{port}/v1"
        try:
            yield scripted
        finally:
            scripted.over.set()


def _way(request: dict[str, Any]) -> str:
    if request.get("tools"):
        return "function_calling"
    return {"json_object": "json_mode"}.get(kind := request.get("response_format", {}).get("type", ""), kind)


def _body(reply: Reply, request: dict[str, Any]) -> bytes:
    if reply.raw is not None:
        return reply.raw
    if reply.status != 200:
        return json.dumps(
            {"error": {"message": "no; your key was sk-hush", "type": "x", "code": "y"}}
        ).encode()
    content = (reply.text if reply.text is not None else json.dumps(reply.document)) + " " * reply.size
    message: dict[str, Any] = {"role": "assistant", "content": content}
    if request.get("tools") and reply.as_tool_call:
        function = {"name": request["tools"][0]["function"]["name"], "arguments": content}
        message = {
            "role": "assistant", "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
        }  # fmt: skip
    return json.dumps(
        {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": request.get("model", ""),
            "choices": [{"index": 0, "message": message, "finish_reason": reply.finish}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        }
    ).encode()  # fmt: skip
