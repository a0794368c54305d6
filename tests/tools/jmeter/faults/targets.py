"""Targets that behave badly, on free ports of loopback."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping

Answer = Callable[[socket.socket], None]
"""Called with the connection when a request's head has come; the connection is closed after it."""

HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


def well(connection: socket.socket) -> None:
    """An answer as it should be."""
    connection.sendall(HEAD + b"Content-Length: 2\r\n\r\nok")


def sends(answer: bytes) -> Answer:
    """Exactly these bytes."""
    return lambda connection: connection.sendall(answer)


def silence(connection: socket.socket) -> None:
    """Accepts, reads, and never replies: until the client goes away."""
    with contextlib.suppress(OSError):
        connection.recv(1)


def drip(connection: socket.socket) -> None:
    """A body without end, one byte every 0.2 s: no read of the client ever waits long."""
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(1500):
        connection.sendall(b"1\r\nx\r\n")
        time.sleep(0.2)


@contextlib.contextmanager
def target(answers: Mapping[str, Answer]) -> Iterator[int]:
    """A port whose answers go by the path that is asked."""

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, IndexError):
            path = connection.recv(4096).split()[1].decode()
            answers[path](connection)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
