from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from perfpilot.demo.launch import Service
from tests.demo.client import Client


def test_the_counter_equals_the_requests_sent_by_many_at_once(service: Service, client: Client) -> None:
    before = client.metrics()

    def send(times: int) -> None:
        with Client(service) as one:
            for number in range(times):
                one.get(f"/api/products/{number + 4980}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(send, [40] * 8))
    after = client.metrics()

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert grown('requests_total{path="/api/products/{id}"}') == 320
    assert grown('responses_total{path="/api/products/{id}",status="200"}') == 8 * 21
    assert grown('responses_total{path="/api/products/{id}",status="404"}') == 8 * 19
    assert grown('requests_total{path="/api/browse"}') == 0


def test_refused_requests_count_too_and_unknown_paths_share_one_label(client: Client) -> None:
    before = client.metrics()
    client.get("/api/categories")
    client.get("/anything?x=1")
    client.post("/api/cart", b"")
    after = client.metrics()
    assert after['requests_total{path="unmatched"}'] - before['requests_total{path="unmatched"}'] == 2
    assert after['requests_total{path="/api/cart"}'] - before['requests_total{path="/api/cart"}'] == 1
    assert after.keys() >= before.keys()
    assert not any("anything" in name for name in after)


def test_only_the_scrape_itself_is_in_flight_on_a_quiet_service(client: Client) -> None:
    assert client.metrics()["requests_in_flight"] == 1
