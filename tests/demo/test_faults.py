"""Each fault shows in what it does, and in nothing that it says."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from perfpilot.demo import faults
from perfpilot.demo.launch import Service, running
from tests.demo.client import Client

ITEM = {"product_id": 1, "quantity": 1}


def cpu_seconds(service: Service, work: Callable[[Client], object], times: int) -> float:
    """What `times` pieces of work cost the service in processor time."""
    process = psutil.Process(service.pid)
    with Client(service) as client:
        before = process.cpu_times()
        for _ in range(times):
            work(client)
        after = process.cpu_times()
    return after.user + after.system - before.user - before.system


def test_the_cpu_fault_burns_processor_in_every_api_request(tmp_path_factory: pytest.TempPathFactory) -> None:
    spent: dict[object, float] = {}
    for fault in (None, "cpu"):
        with running(directory=tmp_path_factory.mktemp("shop"), fault=fault, severity="high") as service:
            spent[fault] = cpu_seconds(service, lambda client: client.get("/api/categories/"), 20)
            spent[fault, "health"] = cpu_seconds(service, lambda client: client.get("/health"), 20)
    assert spent["cpu"] > 4 * max(spent[None], 0.02)
    assert spent["cpu"] > 4 * spent["cpu", "health"]


def test_the_lock_fault_serialises_orders_while_the_rest_goes_on(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    directory = tmp_path_factory.mktemp("shop")
    with running(directory=directory, fault="lock", severity="high") as service:
        lasted, browsed = _six_orders_and_a_reader(service)
    assert lasted[-1] > 3 * lasted[0]  # six times, where they wait for each other in a row
    assert browsed > 5 * len(lasted)


def _six_orders_and_a_reader(service: Service) -> tuple[list[float], int]:
    """How long six simultaneous orders took, sorted, and how many pages were read meanwhile."""

    together = threading.Barrier(6, timeout=60)

    def order(_: int) -> float:
        with Client(service) as client:
            client.log_in()
            together.wait()
            begin = time.perf_counter()
            assert client.post("/api/cart", ITEM)[0] == 201
            return time.perf_counter() - begin

    with ThreadPoolExecutor(6) as threads, Client(service) as reader:
        orders = [threads.submit(order, number) for number in range(6)]
        browsed = 0
        while not all(one.done() for one in orders):
            assert reader.get("/api/browse")[0] == 200
            browsed += 1
        return sorted(one.result() for one in orders), browsed


def test_the_slow_query_fault_makes_search_costly_and_costlier(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    directory = tmp_path_factory.mktemp("shop")
    with running(directory=directory, fault="slow_query", severity="high") as service:
        searching = cpu_seconds(service, lambda client: client.get("/api/search?q=lamp"), 10)
        reading = cpu_seconds(service, lambda client: client.get("/api/products/7"), 10)
        connection = sqlite3.connect(service.database)
        (views,) = connection.execute("SELECT count(*) FROM views").fetchone()
        connection.close()
    assert searching > 5 * max(reading, 0.02)
    assert views == faults.conditions_of("slow_query", "high").view_rows + 10


def test_search_finds_the_same_with_and_without_the_index(tmp_path_factory: pytest.TempPathFactory) -> None:
    found = {}
    for fault in (None, "slow_query"):
        with running(directory=tmp_path_factory.mktemp("shop"), fault=fault) as service:
            with Client(service) as client:
                _, answer = client.get("/api/search?q=lamp")
            found[fault] = answer
    assert found[None].keys() == found["slow_query"].keys()
    assert len(found[None]["items"]) == len(found["slow_query"]["items"]) == 20
    assert all("Lamp" in item["name"] for item in found["slow_query"]["items"])


def test_the_pool_fault_makes_requests_wait_for_a_connection(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    directory = tmp_path_factory.mktemp("shop")
    with running(directory=directory, fault="pool", severity="high") as service:

        def browse(_: int) -> int:
            with Client(service) as client:
                return client.get("/api/browse")[0]

        seen = []
        with ThreadPoolExecutor(12) as threads, Client(service) as watcher:
            requests = [threads.submit(browse, number) for number in range(12)]
            while not all(one.done() for one in requests):
                seen.append(watcher.metrics())
    assert [one.result() for one in requests] == [200] * 12
    assert max(one["database_connections_in_use"] for one in seen) == 2
    assert max(one["database_connections_waiting"] for one in seen) >= 4


@pytest.mark.parametrize(("fault", "least", "most"), [(None, 0, 0), ("errors", 10, 32)])
def test_the_errors_fault_breaks_a_share_of_the_checkouts(
    tmp_path_factory: pytest.TempPathFactory, fault: str | None, least: int, most: int
) -> None:
    with (
        running(directory=tmp_path_factory.mktemp("shop"), fault=fault) as service,
        Client(service) as client,
    ):
        client.log_in()
        statuses = [client.post("/api/checkout", {"cart_id": 1})[0] for _ in range(200)]
        others = {client.post("/api/cart", ITEM)[0] for _ in range(50)}
    assert least <= statuses.count(500) <= most
    assert others == {201}


@pytest.mark.parametrize("fault", faults.NAMES)
def test_no_fault_is_named_by_anything_the_service_shows(
    service: Service, tmp_path_factory: pytest.TempPathFactory, fault: str
) -> None:
    healthy = _everything_shown(service)
    with running(directory=tmp_path_factory.mktemp("shop"), fault=fault, severity="high") as ill:
        shown = _everything_shown(ill)
        shown["command line"] = " ".join(psutil.Process(ill.pid).cmdline())
        shown["process name"] = psutil.Process(ill.pid).name()
    shown["log"] = ill.output.read_text()
    assert len(shown) > 10
    for place, text in shown.items():
        for name in (*faults.NAMES, "fault=", "severity"):
            assert name not in text.lower(), place
    assert _metric_names(shown["/metrics"]) == _metric_names(healthy["/metrics"])
    assert "--fault -" in shown["command line"]


def _everything_shown(service: Service) -> dict[str, str]:
    with Client(service) as client:
        client.log_in()
        shown = {"login": re.sub(r'"token":"\w+"', "", client.text)}  # random letters can spell anything
        for body in (b"", ITEM):
            client.post("/api/cart", body)
            shown[f"cart {body!r}"] = f"{client.headers} {client.text}"
        for attempt in range(20):
            client.post("/api/checkout", {"cart_id": 999_999})
            shown[f"checkout {attempt}"] = f"{client.headers} {client.text}"
        gets = [
            "/health",
            "/api/browse",
            "/api/search?q=lamp",
            "/api/search",
            "/api/products/7",
            "/api/products/0",
        ]
        for path in [*gets, "/api/categories/", "/nothing", "/metrics"]:
            client.get(path)
            shown[path] = f"{client.headers} {client.text}"
    return shown


def _metric_names(text: str) -> set[str]:
    return {line.split()[2] for line in text.split("\n") if line.startswith("# TYPE")}


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown fault 'disk'.*cpu, lock"):
        faults.conditions_of("disk", "low")
    with pytest.raises(ValueError, match=r"unknown severity 'mild'.*low, medium, high"):
        faults.conditions_of("cpu", "mild")


def test_every_fault_has_every_severity_and_differs_from_healthy() -> None:
    known = {faults.conditions_of(name, level) for name in faults.NAMES for level in faults.SEVERITIES}
    assert len(known) == len(faults.NAMES) * len(faults.SEVERITIES)
    assert faults.Conditions() not in known
