"""Real servers for tests, private and short-lived, on free ports of 127.0.0.1."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

INSTALL = "install the servers that the tests need: apt-get install -y redis-server postgresql"
_START_LIMIT_S = 30.0


@dataclass(frozen=True)
class DataServer:
    """A running Redis or PostgreSQL."""

    port: int
    pid: int
    user: str = ""
    password: str = ""
    database: str = ""
    host: str = "127.0.0.1"


def free_port() -> int:
    """A TCP port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def redis_server(password: str = "", port: int = 0) -> Iterator[DataServer]:
    """A Redis without persistence. Raises RuntimeError with the package to install."""
    binary = shutil.which("redis-server")
    if binary is None:
        raise RuntimeError(INSTALL)
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="redis-") as scratch:
        command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", scratch, "--save", ""]
        command += ["--appendonly", "no", "--daemonize", "no"]
        if password:
            command += ["--requirepass", password]
        with _process(command, Path(scratch) / "log", port) as pid:
            yield DataServer(port=port, pid=pid, password=password)


@contextlib.contextmanager
def postgresql_server(password: str = "secret", port: int = 0) -> Iterator[DataServer]:
    """A PostgreSQL with one user, `tester`, and scram passwords. Raises RuntimeError likewise."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not folders:
        raise RuntimeError(INSTALL)
    port, owner = port or free_port(), _unprivileged()
    with tempfile.TemporaryDirectory(prefix="postgresql-") as scratch:
        home = Path(scratch)
        (home / "password").write_text(password)
        if owner is not None:
            for path in (home, home / "password"):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        made = subprocess.run(
            [folders[-1] / "initdb", "-D", home / "data", "-U", "tester", "-A", "scram-sha-256", "--pwfile",
             home / "password", "-E", "UTF8", "--no-locale", "--no-sync"],
            capture_output=True, text=True, cwd=home, timeout=120, **_as(owner),
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(f"initdb: {made.stdout[-1000:]}{made.stderr[-1000:]}")
        command = [str(folders[-1] / "postgres"), "-D", str(home / "data"), "-p", str(port), "-k", str(home)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=20"]
        with _process(command, home / "log", port, owner) as pid:
            yield DataServer(port=port, pid=pid, user="tester", password=password, database="postgres")


@contextlib.contextmanager
def http_server(
    handle: Callable[[BaseHTTPRequestHandler], None], port: int = 0, tls: tuple[Path, Path] | None = None
) -> Iterator[int]:
    """An HTTP server whose every request is answered by `handle`; yields its port.

    `tls` is a certificate and its key; handshakes are made in the thread of their connection.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with contextlib.suppress(ConnectionError):  # a client that had enough hangs up
                handle(self)

        do_HEAD = do_OPTIONS = do_POST = do_PUT = do_DELETE = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False  # a handler that hangs on purpose shall not hold the test up

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # a client that refuses our certificate, or leaves, is what some tests are about

    server = Server(("127.0.0.1", port), Handler)
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def mute_server() -> Iterator[int]:
    """A port where connections are accepted by the kernel and nobody ever answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield int(listener.getsockname()[1])


@contextlib.contextmanager
def _process(
    command: list[str], log: Path, port: int, owner: pwd.struct_passwd | None = None
) -> Iterator[int]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            start_new_session=True,
            **_as(owner),
        )
    try:
        _wait_until_it_listens(process, port, log)
        yield process.pid
    finally:
        process.terminate() if "redis" in command[0] else process.send_signal(2)  # SIGINT: fast shutdown
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not start: {log.read_text(errors='replace')[-1000:]}")


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as where the tests run as root, which it refuses."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("PostgreSQL refuses to run as root and there is no user postgres or nobody")


def _as(owner: pwd.struct_passwd | None) -> dict[str, object]:
    return {} if owner is None else {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
