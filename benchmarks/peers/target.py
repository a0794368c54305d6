"""The target: a shop on loopback that answers at once and writes down when every request came.

    python benchmarks/peers/target.py PORT FILE

It runs until SIGTERM, then writes `FILE`: eight-byte integers, five for each request in the order of their
coming (`recorded.FIELDS`). Times are nanoseconds of the monotonic clock. One thread waits with epoll and does
next to nothing for a request, so that the load generator is the limit and not this.

A request without a `user` cookie is answered with a new one: who sends it back is the same user. A cart is
known by the id that the answer to `POST /cart` gave; an account is only shown to those who have the cookie.
"""

from __future__ import annotations

import gc
import select
import signal
import socket
import sys
import time
from array import array
from pathlib import Path

from peers.journeys import STEPS

_STEP = {f"{step.method} {step.path.partition('?')[0]}".encode(): place for place, step in enumerate(STEPS)}
_HEAD = b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
_COOKIE = b"Set-Cookie: user=%d; Path=/\r\n"
_PAGE = b'{"text":"' + b"The quick brown fox jumps over the lazy dog. " * 20 + b'"}'


class Shop:
    """The answers, and the record of all requests."""

    def __init__(self) -> None:
        self.record = array("q")
        self.users = 0

    def answer(self, head: bytes, at_ns: int) -> bytes:
        """The answer to one whole request. The caller notes when it was sent."""
        method, target, _ = head.split(b" ", 2)
        path = target.partition(b"?")[0]
        user, known = self._user(head)
        status, body = 200, _PAGE
        if path.startswith(b"/cart/"):
            cart, _, rest = path[6:].partition(b"/")
            path = b"/cart/${cart}/" + rest if rest else b"/cart/${cart}"
            status = 200 if cart == b"c%d" % user else 404
        elif path == b"/cart":
            body = b'{"items":1,"cart":"c%d"}' % user
        elif path.startswith(b"/account"):
            status = 200 if known else 401
        step = _STEP.get(method + b" " + path, -1)
        if step < 0:
            status = 404
        self.record.extend((at_ns, 0, step, user, status))
        return _HEAD % (status, len(body)) + (b"" if known else _COOKIE % user) + b"\r\n" + body

    def sent(self, at_ns: int) -> None:
        """The last answer is on its way."""
        self.record[-4] = at_ns

    def _user(self, head: bytes) -> tuple[int, bool]:
        begin = head.find(b"ookie: user=")
        if begin < 0:
            self.users += 1
            return self.users, False
        end = head.find(b"\r", begin)
        return int(head[begin + 12 : end].partition(b";")[0]), True


def main() -> None:
    """Serve until SIGTERM, then write the record."""
    port, file = int(sys.argv[1]), Path(sys.argv[2])
    shop = Shop()
    stop, stopped = socket.socketpair()
    signal.signal(signal.SIGTERM, lambda *_: stop.send(b"x"))
    gc.disable()  # nothing here is cyclic, and a collection would be seen as a late arrival
    _serve(shop, port, stopped)
    with file.open("wb") as out:
        shop.record.tofile(out)


def _serve(shop: Shop, port: int, stopped: socket.socket) -> None:
    listener = socket.create_server(("127.0.0.1", port), backlog=4096)
    listener.setblocking(False)
    poll = select.epoll()
    poll.register(listener, select.EPOLLIN)
    poll.register(stopped, select.EPOLLIN)
    open_: dict[int, socket.socket] = {}
    begun: dict[int, bytes] = {}
    print("ready", flush=True)
    while True:
        for number, _ in poll.poll():
            connection = open_.get(number)
            if connection is not None:
                if not _read(shop, connection, number, begun):
                    poll.unregister(number)
                    del open_[number]
                    begun.pop(number, None)
                    connection.close()
            elif number == stopped.fileno():
                return
            else:
                for new in _accept(listener):
                    open_[new.fileno()] = new
                    poll.register(new, select.EPOLLIN)


def _accept(listener: socket.socket) -> list[socket.socket]:
    found: list[socket.socket] = []
    while True:
        try:
            new, _ = listener.accept()
        except BlockingIOError:
            return found
        new.setblocking(False)
        new.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        found.append(new)


def _read(shop: Shop, connection: socket.socket, number: int, begun: dict[int, bytes]) -> bool:
    """Read and answer what came; False where the other side has gone."""
    try:
        data = connection.recv(65536)
        at_ns = time.monotonic_ns()
        if not data:
            return False
        if number in begun:
            data = begun.pop(number) + data
        if _whole(data):
            connection.send(shop.answer(data, at_ns))  # short enough for any socket buffer
            shop.sent(time.monotonic_ns())
        else:
            begun[number] = data
    except BlockingIOError:
        return True
    except OSError:
        return False
    return True


def _whole(data: bytes) -> bool:
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return False
    if data.startswith(b"GET"):
        return True
    begin = data.find(b"Content-Length: ")
    length = int(data[begin + 16 : data.find(b"\r", begin)]) if begin >= 0 else 0
    return len(data) >= end + 4 + length


if __name__ == "__main__":
    main()
