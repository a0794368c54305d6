"""Starts the shop: `python -m perfpilot.demo --port 0 --announce service.json`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import sys
import tempfile
import threading
from pathlib import Path

from perfpilot.demo import faults
from perfpilot.demo.connections import Connections
from perfpilot.demo.counters import Counters
from perfpilot.demo.database import fill_views, make, token_key
from perfpilot.demo.routes import PRODUCT, Routes
from perfpilot.demo.server import Server
from perfpilot.demo.shop import Shop
from perfpilot.demo.tokens import Tokens

_DRAIN_LIMIT_S = 1.0


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.fault == "-":
        options.severity, _, name = sys.stdin.readline().strip().partition(" ")
        options.fault = name or None
    # Blocked before the first thread starts, so that all threads inherit it and only sigwait takes them.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    _keep_to_cores(options.cores)
    with tempfile.TemporaryDirectory(prefix="shop-") as scratch:
        try:
            server = assemble(options, options.database or Path(scratch) / "shop.sqlite")
        except (ValueError, OSError, sqlite3.Error) as error:
            print(f"cannot start: {error}", file=sys.stderr)
            return 2
        _serve_until_signalled(server, options)
    return 0


def assemble(options: argparse.Namespace, database: Path) -> Server:
    """The listening server with everything behind it. Raises `ValueError`, `OSError`, `sqlite3.Error`."""
    conditions = faults.conditions_of(options.fault, options.severity)
    make(database, options.seed)
    fill_views(database, conditions.view_rows)
    connections = Connections(database, conditions.connections, conditions.connection_held_s)
    tokens = Tokens(token_key(database), options.token_ttl)
    shop = Shop(connections, tokens, faults.Faults(conditions, options.seed))
    routes = Routes(
        {
            "/health": {"GET": shop.health},
            "/metrics": {"GET": lambda request: counters.exposition(connections)},
            "/api/browse": {"GET": shop.browse},
            "/api/search": {"GET": shop.search},
            "/api/categories/": {"GET": shop.categories},
            PRODUCT: {"GET": shop.product},
            "/api/login": {"POST": shop.login},
            "/api/cart": {"POST": shop.cart},
            "/api/checkout": {"POST": shop.checkout},
        }
    )
    counters = Counters(routes.templates)
    return Server(options.port, routes, counters, options.hang_after, options.access_log)


def _serve_until_signalled(server: Server, options: argparse.Namespace) -> None:
    accepting = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    accepting.start()
    if options.stop_with_stdin:
        threading.Thread(target=_stop_when_stdin_closes, daemon=True).start()
    url = f"http://127.0.0.1:{server.port}"
    if options.announce:
        _write_atomically(options.announce, {"base_url": url, "port": server.port, "pid": os.getpid()})
    print(f"listening on {url} pid {os.getpid()}", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    server.drain(_DRAIN_LIMIT_S)


def _stop_when_stdin_closes() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _keep_to_cores(count: int) -> None:
    """Stay on `count` cores (0: on all), where the system can do that.

    Python runs one thread at a time, so a busy service would look half idle on two cores; and the load
    generator on the same machine keeps the rest.
    """
    if count and hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        first = os.getpid() % len(allowed)  # two services side by side shall seldom share one
        os.sched_setaffinity(0, (allowed[first:] + allowed[:first])[:count])


def _write_atomically(file: Path, value: object) -> None:
    draft = file.with_name(f"{file.name}.{os.getpid()}.draft")
    draft.write_text(json.dumps(value) + "\n", encoding="utf-8")
    draft.replace(file)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m perfpilot.demo", description="A small shop to test.")
    add = parser.add_argument
    add("--port", type=int, default=0, help="on 127.0.0.1; 0 picks a free one (default)")
    add("--database", type=Path, help="SQLite file, made where missing (default: a temporary one)")
    add("--fault", choices=[*faults.NAMES, "-"], help="'-' reads 'SEVERITY NAME' from standard input")
    add("--severity", choices=faults.SEVERITIES, default="medium")
    add("--token-ttl", type=float, default=3600, metavar="SECONDS", help="how long a token lives")
    add("--seed", type=int, default=1, help="the same seed gives the same shop")
    add("--announce", type=Path, metavar="FILE", help="gets base_url, port and pid as JSON once it listens")
    add("--hang-after", type=float, metavar="SECONDS", help="from then on accept but never answer")
    add("--stop-with-stdin", action="store_true", help="end when standard input closes")
    add("--cores", type=int, default=1, help="processor cores to stay on; 0 for all (default 1)")
    add("--access-log", action="store_true", help="one line a request on standard error")
    return parser


if __name__ == "__main__":
    sys.exit(main())
