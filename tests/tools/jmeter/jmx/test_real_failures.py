"""What a real JMeter writes of servers that fail in ways of their own, and what is made of it."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from perfpilot.analysis.counting.second_counts import SecondCount, second_counts
from perfpilot.analysis.failures.early import EarlyFailures, smoke_trouble
from perfpilot.analysis.failures.failure_class import FailureClass, failure_class
from perfpilot.analysis.reading.reader import ResultReader
from perfpilot.domain.loops import Reason
from perfpilot.domain.plan import Engine
from perfpilot.tools.jmeter.jmx.write import write_jmx
from tests.servers import free_port
from tests.tools.jmeter.jmx import real_jmeter
from tests.tools.jmeter.jmx.examples import curve, plan, scenario, spec

HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
JSON = HEAD + b'Content-Length: 8\r\n\r\n{"b": 1}'


def reset(connection: socket.socket) -> None:
    """Closed with a RST, as by a process that was killed."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drip(connection: socket.socket) -> None:
    """A body that comes too slowly, each piece just in time."""
    connection.sendall(HEAD + b"Content-Length: 3\r\n\r\n")
    for _ in range(3):
        time.sleep(0.4)
        connection.sendall(b"x")


def sends(answer: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(answer)


ANSWERS: dict[str, tuple[Callable[[socket.socket], None], dict[str, Any], FailureClass | None]] = {
    "reset": (reset, {}, FailureClass.CONNECTION),
    "garbage": (sends(b"\x00\x01 this is no HTTP\r\n\r\n"), {}, FailureClass.PROTOCOL),
    "closed": (lambda _: None, {}, FailureClass.PROTOCOL),
    "cut": (sends(HEAD + b"Content-Length: 100\r\n\r\nabc"), {}, FailureClass.PROTOCOL),
    "chunk": (sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n"), {}, FailureClass.PROTOCOL),
    "gzip": (sends(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"), {},
             FailureClass.PROTOCOL),
    "silent": (lambda _: time.sleep(1.5), {}, FailureClass.TIME_OUT),
    "drip": (drip, {}, None),  # JMeter's time-out is between two reads: a success that took 1.2 s
    "slow": (drip, {"expect": {"within": "200ms"}}, FailureClass.TOO_SLOW),
    "text": (sends(JSON), {"expect": {"contains": "c"}}, FailureClass.EXPECTATION),
    "lacks": (sends(JSON), {"expect": {"lacks": "b"}}, FailureClass.EXPECTATION),
    "status": (sends(JSON), {"expect": {"status": [201]}}, FailureClass.EXPECTATION),
    "path": (sends(JSON), {"expect": {"json_path": "$.a"}}, FailureClass.EXPECTATION),
    "extract": (sends(JSON), {"extract": [{"name": "a", "json_path": "$.a"}]}, FailureClass.EXTRACTION),
    "nothing": (lambda _: None, {"extract": [{"name": "c", "json_path": "$.a"}], "expect": {"status": [201]}},
                FailureClass.PROTOCOL),
    "busy": (sends(b"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
             {"expect": {"status": [200]}}, FailureClass.SERVER_ERROR),
}  # fmt: skip


@contextlib.contextmanager
def breaking_server() -> Iterator[int]:
    """A port whose answers go by the path that is asked."""

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            request = connection.recv(4096)
            if request.startswith(b"GET /"):  # else it is the beginning of TLS
                ANSWERS[request[5:].split()[0].decode()][0](connection)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]


def counted(directory: Path) -> list[SecondCount]:
    """What a run left, counted as while it runs."""
    reader = ResultReader()
    rows = reader.feed((directory / "results.jtl").read_bytes())
    return second_counts(rows, reader.labels, reader.codes, int(rows.start_ms.min()))


def one_pass(directory: Path, port: int, *names: str, scheme: str = "http") -> list[SecondCount]:
    endpoints = [{"name": name, "path": f"/{name}", **ANSWERS[name][1]} for name in names]
    described = spec(*endpoints, environment={"base_url": f"{scheme}://127.0.0.1:{port}"})
    made = plan(scenario(*names, load=curve((1, 1, 1)), name="all"), response_timeout_s=0.8)
    real_jmeter.run(directory, write_jmx(described, made, smoke=True))
    return counted(directory)


def test_every_way_to_fail_has_its_class(tmp_path: Path) -> None:
    with breaking_server() as port:
        counts = one_pass(tmp_path, port, *ANSWERS)
    found = {
        count.label: None if count.success else failure_class(count.code, count.text) for count in counts
    }
    assert found == {name: expected for name, (_, _, expected) in ANSWERS.items()}
    trouble = smoke_trouble(counts, list(ANSWERS))
    assert trouble is not None and (trouble.reason, trouble.subject) == (Reason.EXTRACTION_FAILED, "extract")


def test_a_target_that_answers_garbage_or_no_tls_is_known_from_the_smoke_pass(tmp_path: Path) -> None:
    for name, scheme in (("garbage", "http"), ("tls", "https")):
        (tmp_path / name).mkdir()
        with breaking_server() as port:
            counts = one_pass(tmp_path / name, port, "garbage", "closed", scheme=scheme)
        trouble = smoke_trouble(counts, ["garbage", "closed"])
        assert trouble is not None and trouble.reason is Reason.PROTOCOL_ERROR
        assert "no request of the smoke pass was answered: all 2 samples failed" in trouble.seen


def test_a_load_that_nobody_takes_is_given_up_after_ten_seconds(tmp_path: Path) -> None:
    described = spec({"name": "home", "path": "/"}, {"name": "pay", "path": "/pay"}, port=free_port())
    load = scenario("home", "pay", load=curve((12, 6, 6)), engine=Engine.OPEN_SCHEDULE, name="all")
    real_jmeter.run(tmp_path, write_jmx(described, plan(load, response_timeout_s=0.8)))
    early = EarlyFailures((), labels=["home", "pay"], time_out_s=0.8)
    stopped_at = None
    for count in counted(tmp_path):
        early.add([count])
        if stopped_at is None and early.trouble():
            stopped_at = count.second
    trouble = early.trouble()
    assert trouble is not None and trouble.reason is Reason.CONNECTION_FAILED
    assert "no connection could be made (HttpHostConnectException)" in trouble.seen
    assert stopped_at == 10
