"""The cheapest target that we have: one answer to everything, on loopback.

    python -m beside.target

Prints `listening on PORT` and serves until SIGTERM. One thread waits with epoll, and looks at no more of a
request than its end: what is limited beside it is the load generator. Requests have no body.
"""

from __future__ import annotations

import contextlib
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_BODY = b'{"text": "' + b"The quick brown fox jumps over the lazy dog. " * 8 + b'"}'
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_BODY) + _BODY
)
_END = b"\r\n\r\n"


@contextlib.contextmanager
def listening() -> Iterator[tuple[int, int]]:
    """Its port and its process id, while it runs as a process of its own."""
    command = [sys.executable, "-m", "beside.target"]
    process = subprocess.Popen(
        command,
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # as JMeter has it
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline().removeprefix("listening on ")), process.pid
    finally:
        process.terminate()
        process.communicate()


def main() -> None:
    """Serve until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    listener.setblocking(False)
    print(f"listening on {listener.getsockname()[1]}", flush=True)
    poll = select.epoll()
    poll.register(listener, select.EPOLLIN)
    open_: dict[int, socket.socket] = {}
    while True:
        for number, _ in poll.poll():
            connection = open_.get(number)
            if connection is None:
                for new in _accepted(listener):
                    open_[new.fileno()] = new
                    poll.register(new, select.EPOLLIN)
            elif not _answered(connection):
                poll.unregister(number)
                open_.pop(number).close()


def _accepted(listener: socket.socket) -> list[socket.socket]:
    found: list[socket.socket] = []
    with contextlib.suppress(BlockingIOError):
        while True:
            new, _ = listener.accept()
            new.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            found.append(new)
    return found


def _answered(connection: socket.socket) -> bool:
    """Answer what came; False where the other side has gone."""
    try:
        data = connection.recv(65536)
        while data and not data.endswith(_END):  # short requests: next to never
            more = connection.recv(65536)
            data = data + more if more else b""
        if data:
            connection.send(_ANSWER)
    except OSError:
        return False
    return bool(data)


if __name__ == "__main__":
    main()
