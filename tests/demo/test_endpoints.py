"""The contract of each endpoint."""

from __future__ import annotations

import socket

import pytest

from perfpilot.demo.launch import Service
from tests.demo.client import Client


def test_health_answers_without_a_token(client: Client) -> None:
    assert client.get("/health") == (200, {"status": "ok"})


def test_browse_gives_the_pages_without_gap_or_overlap(client: Client) -> None:
    _, first = client.get("/api/browse")
    _, second = client.get("/api/browse?page=2")
    ids = [item["id"] for item in first["items"] + second["items"]]
    assert ids == list(range(1, 41))
    assert (first["pages"], first["total"]) == (250, 5000)


def test_a_page_after_the_last_one_is_empty(client: Client) -> None:
    assert len(client.get("/api/browse?page=250")[1]["items"]) == 20
    status, answer = client.get("/api/browse?page=251")
    assert (status, answer["items"]) == (200, [])


@pytest.mark.parametrize("page", ["0", "-1", "two", "1.5", "9999999999", "%F0%9F%98%80", "²"])
def test_a_page_that_is_no_number_is_refused(client: Client, page: str) -> None:
    assert client.get(f"/api/browse?page={page.replace('²', '%C2%B2')}")[0] == 400


def test_search_finds_products_with_the_word_in_any_case(client: Client) -> None:
    status, answer = client.get("/api/search?q=LAMP")
    assert status == 200
    assert len(answer["items"]) == 20
    assert all("Lamp" in item["name"] for item in answer["items"])


def test_search_for_an_unknown_word_is_empty_and_for_none_is_refused(client: Client) -> None:
    assert client.get("/api/search?q=zeppelin") == (200, {"query": "zeppelin", "items": []})
    assert client.get("/api/search")[0] == 400


def test_a_product_is_the_one_that_browse_shows(client: Client) -> None:
    _, page = client.get("/api/browse")
    assert client.get("/api/products/7") == (200, page["items"][6])


@pytest.mark.parametrize("path", ["/api/products/0", "/api/products/5001", "/api/products/999999999"])
def test_an_unknown_product_is_not_found(client: Client, path: str) -> None:
    status, answer = client.get(path)
    assert status == 404
    assert "there is no product" in answer["error"]


@pytest.mark.parametrize(
    "path", ["/", "/api/categories", "/health/", "/api/products/x", "/api/products/{id}"]
)
def test_the_router_is_strict(client: Client, path: str) -> None:
    assert client.get(path)[0] == 404
    assert "Location" not in client.headers


def test_categories_answer_with_the_trailing_slash(client: Client) -> None:
    status, answer = client.get("/api/categories/")
    assert status == 200
    assert [item["id"] for item in answer["items"]] == list(range(1, 21))


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/health", "GET"),
        ("DELETE", "/api/products/7", "GET"),
        ("PUT", "/api/browse", "GET"),
        ("GET", "/api/login", "POST"),
        ("GET", "/api/cart", "POST"),
        ("OPTIONS", "/api/checkout", "POST"),
        ("HEAD", "/api/browse", "GET"),
    ],
)
def test_a_wrong_method_is_told_the_right_one(client: Client, method: str, path: str, allow: str) -> None:
    assert client.ask(method, path)[0] == 405
    assert client.headers["Allow"] == allow
    assert client.get("/health")[0] == 200  # the connection is still in step


def test_login_gives_a_token(client: Client) -> None:
    status, answer = client.post("/api/login", {"user": "user200", "password": "password200"})
    assert status == 200
    assert answer["expires_in"] == 3600
    assert answer["token"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"user": "user001", "password": "wrong"}, 401),
        ({"user": "nobody", "password": "password001"}, 401),
        ({"user": "user001"}, 400),
        ({"user": 1, "password": 2}, 400),
        ([], 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"", 400),
    ],
)
def test_a_wrong_login_is_refused(client: Client, body: object, status: int) -> None:
    assert client.post("/api/login", body)[0] == status


def test_a_cart_can_be_ordered_once(customer: Client) -> None:
    status, cart = customer.post("/api/cart", {"product_id": 7, "quantity": 3})
    assert status == 201
    _, product = customer.get("/api/products/7")
    status, order = customer.post("/api/checkout", {"cart_id": cart["cart_id"]})
    assert status == 201
    assert order["total_cents"] == 3 * product["price_cents"]
    assert customer.post("/api/checkout", {"cart_id": cart["cart_id"]})[0] == 409


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/cart", b"{not json", 400),
        ("/api/cart", b'"text"', 400),
        ("/api/cart", {"product_id": 7}, 400),
        ("/api/cart", {"product_id": 7, "quantity": 0}, 400),
        ("/api/cart", {"product_id": True, "quantity": 1}, 400),
        ("/api/cart", {"product_id": 10**30, "quantity": 1}, 400),
        ("/api/cart", {"product_id": 5001, "quantity": 1}, 404),
        ("/api/checkout", b"", 400),
        ("/api/checkout", {"cart_id": "x"}, 400),
        ("/api/checkout", {"cart_id": 999_999}, 404),
    ],
)
def test_a_wrong_order_is_refused(customer: Client, path: str, body: object, status: int) -> None:
    answered, answer = customer.post(path, body)
    assert (answered, list(answer)) == (status, ["error"])


def test_a_cart_belongs_to_its_customer(customer: Client, service: Service) -> None:
    _, cart = customer.post("/api/cart", {"product_id": 7, "quantity": 1})
    with Client(service) as other:
        other.log_in("user002")
        assert other.post("/api/checkout", {"cart_id": cart["cart_id"]})[0] == 404


@pytest.mark.parametrize("path", ["/api/cart", "/api/checkout"])
def test_ordering_needs_a_token_before_anything_else(client: Client, path: str) -> None:
    assert client.post(path, b"{not json")[0] == 401
    assert client.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"NONSENSE\r\n\r\n", b"400"),
        (b"BREW /health HTTP/1.1\r\n\r\n", b"501"),
        (b"POST /api/login HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"400"),
        (b"POST /api/login HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"POST /api/login HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
    ],
)
def test_what_is_not_proper_http_is_answered_and_closed(service: Service, sent: bytes, status: bytes) -> None:
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(sent)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert b'{"error":' in answer
    assert sent.startswith(b"NONSENSE") or status in answer.split(b"\r\n")[0]


def test_the_shop_is_reachable_on_loopback_only(service: Service) -> None:
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", service.port), timeout=5):
        pass
