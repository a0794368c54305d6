"""A loopback HTTP server that keeps every request as it came, byte for byte, with its time of arrival."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """One request: `target` is what stood in the request line, `at_s` is on the monotonic clock."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    at_s: float
    connection: int


@dataclass
class Recorder:
    """What the server has seen, and what it answers: path -> (status, body), else 200 and `{}`.

    `headers`: path -> further lines of the head of the answer. `delays`: path -> seconds before it.
    """

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    delays: dict[str, float] = field(default_factory=dict)
    connections: int = 0

    def per_second(self, origin_s: float | None = None) -> list[int]:
        """Requests in each second since a moment on the monotonic clock, else since the first one."""
        if not self.requests:
            return []
        first = self.requests[0].at_s if origin_s is None else origin_s
        counts = Counter(int(max(0.0, request.at_s - first)) for request in self.requests)
        return [counts[second] for second in range(max(counts) + 1)]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive."""
        self.connections += 1
        number = self.connections
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                at_s = time.monotonic()
                first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
                method, target, _ = first.split(" ", 2)
                headers = {
                    name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
                }
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.requests.append(Request(method, target, headers, body, at_s, number))
                path = target.partition("?")[0]
                status, answer = self.answers.get(path, (200, b"{}"))
                more = "".join(f"{line}\r\n" for line in self.headers.get(path, ())).encode()
                await asyncio.sleep(self.delays.get(path, 0.0))
                writer.write(
                    b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nSet-Cookie: seen=%d\r\n"
                    b"%sContent-Length: %d\r\n\r\n%s"
                    % (status, number, more, len(answer), b"" if method == "HEAD" else answer)
                )
        writer.close()


@contextlib.contextmanager
def recording() -> Iterator[Recorder]:
    """A running server on a free port of 127.0.0.1, in a thread of its own."""
    recorder = Recorder()
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        server = await asyncio.start_server(recorder.serve, "127.0.0.1", 0, limit=1 << 20, backlog=1024)
        recorder.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield recorder
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
