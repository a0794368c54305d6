"""A small HTTP client over one kept-alive connection, for the tests of the demo service."""

from __future__ import annotations

import http.client
import json
from typing import Any

from perfpilot.demo.launch import Service


class Client:
    def __init__(self, service: Service) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
        self.token = ""
        self.headers: dict[str, str] = {}
        self.text = ""

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *error: object) -> None:
        self.connection.close()

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and parsed JSON (the text where it is not JSON); `body` as JSON unless it is bytes."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        self.connection.request(method, path, body=data, headers=headers)
        response = self.connection.getresponse()
        self.text = response.read().decode()
        self.headers = dict(response.headers)
        is_json = response.headers["Content-Type"] == "application/json" and self.text
        return response.status, json.loads(self.text) if is_json else self.text

    def get(self, path: str) -> tuple[int, Any]:
        return self.ask("GET", path)

    def post(self, path: str, body: object) -> tuple[int, Any]:
        return self.ask("POST", path, body)

    def log_in(self, user: str = "user001") -> None:
        status, answer = self.post("/api/login", {"user": user, "password": user.replace("user", "password")})
        assert status == 200, answer
        self.token = answer["token"]

    def metrics(self) -> dict[str, float]:
        """Each line of /metrics: name with labels to value."""
        _, text = self.get("/metrics")
        lines = (line for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}
