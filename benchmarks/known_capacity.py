"""An HTTP server whose capacity is known: c slots that take s milliseconds each, so c/s requests a second.

    python -m benchmarks.known_capacity --slots 4 --service-ms 50 --port 0

Prints `listening on PORT`. HTTP/1.1 with keep-alive; every GET waits in one queue, first come first served,
with no other limit. `GET /count` answers at once with the number of requests served.

The end of a request is computed when it comes (the slot that is free first, plus the service time) and the
answer is sent at that moment: a late event loop delays an answer, but takes nothing from the capacity.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq

_END = b"\r\n\r\n"
_MOST_HEAD = 64 * 1024


class KnownCapacity:
    """c slots with one queue in front of them."""

    def __init__(self, slots: int, service_ms: float) -> None:
        """Raises ValueError for no slots, or a service time that is not positive."""
        if slots < 1 or service_ms <= 0:
            raise ValueError("a server needs a slot or more, and a service time above 0 ms")
        self.slots = slots
        self.service_s = service_ms / 1000
        self.served = 0
        self._free = [0.0] * slots

    @property
    def per_s(self) -> float:
        """Requests a second that it can do."""
        return self.slots / self.service_s

    def ends_at(self, now_s: float) -> float:
        """Queue a request that comes now; the moment at which it is done."""
        done_s = max(now_s, self._free[0]) + self.service_s
        heapq.heapreplace(self._free, done_s)
        return done_s


class _Connection(asyncio.Protocol):
    """One client. Requests on a connection are answered in their order."""

    def __init__(self, server: KnownCapacity, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._read = b""
        self._transport: asyncio.Transport | None = None
        self._waiting: list[bytes] = []
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._read += data
        while _END in self._read:
            head, self._read = self._read.split(_END, 1)
            self._waiting.append(head)
        if len(self._read) > _MOST_HEAD and self._transport:
            self._transport.abort()
        self._next()

    def _next(self) -> None:
        if self._busy or not self._waiting:
            return
        head = self._waiting.pop(0)
        close = b"\r\nconnection: close" in head.lower()
        method, _, rest = head.partition(b" ")
        if method != b"GET":
            self._answer("405 Method Not Allowed", b"only GET is answered\n", True)
        elif rest.startswith(b"/count "):
            self._answer("200 OK", str(self._server.served).encode(), close)
        else:
            self._busy = True
            self._loop.call_at(self._server.ends_at(self._loop.time()), self._served, close)

    def _served(self, close: bool) -> None:
        self._busy = False
        self._server.served += 1
        self._answer("200 OK", b"done\n", close)

    def _answer(self, status: str, body: bytes, close: bool) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        connection = "close" if close else "keep-alive"
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\n"
            f"Content-Length: {len(body)}\r\nConnection: {connection}\r\n\r\n"
        )
        self._transport.write(head.encode() + body)
        if close:
            self._transport.close()
        else:
            self._next()


async def listen(server: KnownCapacity, port: int = 0, host: str = "127.0.0.1") -> asyncio.Server:
    """Begin to serve; port 0 takes a free one."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: _Connection(server, loop), host, port, backlog=1024)


async def _run(slots: int, service_ms: float, port: int) -> None:
    listening = await listen(KnownCapacity(slots, service_ms), port)
    print(f"listening on {listening.sockets[0].getsockname()[1]}", flush=True)
    async with listening:
        await listening.serve_forever()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="An HTTP server of slots / service time requests a second.")
    parser.add_argument("--slots", type=int, default=4)
    parser.add_argument("--service-ms", type=float, default=50.0)
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    given = parser.parse_args()
    try:
        asyncio.run(_run(given.slots, given.service_ms, given.port))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
