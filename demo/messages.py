"""What goes into an endpoint and what comes out: requests, responses and refusals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """One parsed HTTP request. `body` is the raw entity, empty where none was sent."""

    method: str
    path: str
    query: Mapping[str, str]
    authorization: str
    body: bytes

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object; raises `Refused` 400 for anything else."""
        try:
            value = json.loads(self.body)
        except ValueError as error:
            raise Refused(400, "the body is not valid JSON") from error
        if not isinstance(value, dict):
            raise Refused(400, "the body must be a JSON object")
        return value


@dataclass(frozen=True)
class Response:
    """One answer; `headers` are those beside Content-Type and Content-Length."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """An endpoint declines a request: becomes a JSON answer with `status`."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def response(self) -> Response:
        return json_response(self.status, {"error": str(self)}, self.headers)


def json_response(status: int, value: object, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(value, separators=(",", ":")).encode()
    return Response(status, body, headers=headers or {})
