"""The service as a child process: start, announcement, end, restart, hang."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from blockbuster import blockbuster_ctx

from perfpilot.demo.launch import ServiceNotStarted, running, start
from tests.demo.client import Client


async def test_start_and_stop_never_block_the_event_loop(tmp_path: Path) -> None:
    with blockbuster_ctx():
        service = await start(directory=tmp_path / "new", fault="cpu", severity="low")
        code = await service.stop()
    assert code == 0
    assert await service.stop() == 0  # may be repeated
    assert not psutil.pid_exists(service.pid)


def test_it_announces_itself_in_a_line_and_in_a_file(tmp_path: Path) -> None:
    with running(directory=tmp_path) as service:
        said = json.loads((tmp_path / "service.json").read_text())
        assert said == {"base_url": service.base_url, "port": service.port, "pid": service.pid}
        line = f"listening on http://127.0.0.1:{service.port} pid {service.pid}\n"
        assert service.output.read_text() == line
        assert os.getsid(service.pid) == service.pid
    assert not list(tmp_path.glob("*.draft"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_success_and_nothing_left_over(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "perfpilot.demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:")
        files = [Path(file.path) for file in psutil.Process(process.pid).open_files()]
        databases = [file for file in files if file.name == "shop.sqlite"]
        process.send_signal(number)
        assert process.wait(timeout=60) == 0
        assert process.stdout.read() == ""
    assert databases and not databases[0].parent.exists()


async def test_a_request_in_flight_is_answered_before_the_end(tmp_path: Path) -> None:
    service = await start(directory=tmp_path, fault="lock", severity="high")
    with Client(service) as client:
        client.log_in()
        connection = client.connection
        connection.request(
            "POST", "/api/cart", b'{"product_id":1,"quantity":1}', {"Authorization": f"Bearer {client.token}"}
        )
        with Client(service) as watcher:
            while watcher.metrics()['requests_total{path="/api/cart"}'] < 1:
                pass
        assert await service.stop() == 0
        response = connection.getresponse()
        assert response.status == 201
        response.read()


def test_started_again_at_the_same_place_it_keeps_orders_and_tokens(tmp_path: Path) -> None:
    with running(directory=tmp_path) as first, Client(first) as client:
        client.log_in()
        token = client.token
        _, cart = client.post("/api/cart", {"product_id": 1, "quantity": 1})
    with running(directory=tmp_path, port=first.port) as second, Client(second) as client:
        client.token = token
        assert second.port == first.port
        assert second.pid != first.pid
        assert client.post("/api/checkout", {"cart_id": cart["cart_id"]})[0] == 201
        assert client.metrics()['requests_total{path="/api/checkout"}'] == 1  # counts since its own start


def test_it_hangs_when_told_so_accepting_without_an_answer_and_still_ends(tmp_path: Path) -> None:
    with running(directory=tmp_path, hang_after_s=0.0) as service:
        connection = socket.create_connection(("127.0.0.1", service.port), timeout=0.5)
        connection.sendall(b"GET /health HTTP/1.1\r\n\r\n")
        with connection, pytest.raises(TimeoutError):
            connection.recv(1)
    assert service.process.returncode == 0


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"fault": "disk"}, "unknown fault 'disk'"),
        ({"severity": "mild"}, "unknown severity 'mild'"),
        ({"start_limit_s": 0.0}, "did not listen within 0 s"),
    ],
)
async def test_a_failed_start_says_why_and_leaves_no_process(
    tmp_path: Path, options: dict[str, object], reason: str
) -> None:
    with pytest.raises(ServiceNotStarted, match=reason):
        await start(directory=tmp_path, **options)  # type: ignore[arg-type]
    assert not any(str(tmp_path) in " ".join(child.cmdline()) for child in psutil.Process().children())


def test_a_database_of_another_seed_is_refused(tmp_path: Path) -> None:
    with running(directory=tmp_path, seed=1):
        pass
    with (
        pytest.raises(ServiceNotStarted, match="made with --seed 1, not 2"),
        running(directory=tmp_path, seed=2),
    ):
        pass


def test_it_ends_when_the_process_that_started_it_is_killed(tmp_path: Path) -> None:
    code = (
        "import asyncio, os, signal, sys; from pathlib import Path; from perfpilot.demo.launch import start\n"
        "async def main():\n"
        "    service = await start(directory=Path(sys.argv[1])); print(service.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    try:
        psutil.Process(int(ended.stdout)).wait(timeout=60)
    except psutil.NoSuchProcess:
        pass
