"""What the service counts about itself, as Prometheus text."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable

from perfpilot.demo.connections import Connections
from perfpilot.demo.messages import Response


class Counters:
    """Requests by path when they arrive, responses by path and status when they leave."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.in_flight = 0
        self._requests: Counter[str] = Counter(dict.fromkeys(paths, 0))
        self._responses: Counter[tuple[str, int]] = Counter()
        self._lock = threading.Lock()

    def arrived(self, path: str) -> None:
        with self._lock:
            self._requests[path] += 1
            self.in_flight += 1

    def answered(self, path: str, status: int) -> None:
        with self._lock:
            self._responses[path, status] += 1

    def left(self) -> None:
        with self._lock:
            self.in_flight -= 1

    def exposition(self, connections: Connections) -> Response:
        """Prometheus' text format 0.0.4; the request that asks is counted and in flight itself."""
        with self._lock:
            requests, responses, in_flight = dict(self._requests), dict(self._responses), self.in_flight
        lines = ["# TYPE requests_total counter"]
        lines += [f'requests_total{{path="{path}"}} {count}' for path, count in sorted(requests.items())]
        lines += ["# TYPE responses_total counter"]
        lines += [
            f'responses_total{{path="{path}",status="{status}"}} {count}'
            for (path, status), count in sorted(responses.items())
        ]
        gauges = {
            "requests_in_flight": in_flight,
            "database_connections_max": connections.size,
            "database_connections_in_use": connections.in_use,
            "database_connections_waiting": connections.waiting,
        }
        for name, value in gauges.items():
            lines += [f"# TYPE {name} gauge", f"{name} {value}"]
        body = "\n".join([*lines, ""]).encode()
        return Response(200, body, content_type="text/plain; version=0.0.4; charset=utf-8")
