"""What the shop does: one method an endpoint."""

from __future__ import annotations

import sqlite3
import threading
from typing import Any

from perfpilot.demo.catalogue import PRODUCTS
from perfpilot.demo.connections import Connections
from perfpilot.demo.faults import Faults
from perfpilot.demo.messages import Refused, Request, Response, json_response
from perfpilot.demo.passwords import password_matches
from perfpilot.demo.tokens import Tokens

PAGE_SIZE = 20
_PRODUCT = "SELECT id, category_id, name, description, price_cents FROM products"
_PRODUCT_KEYS = ("id", "category_id", "name", "description", "price_cents")

_SEARCH = f"""{_PRODUCT} WHERE id IN
    (SELECT product_id FROM product_words WHERE word = ? LIMIT {PAGE_SIZE}) ORDER BY id"""
# Scans every product, and every view once more for each match: no index serves either.
_SEARCH_BY_VIEWS = f"""{_PRODUCT} WHERE name LIKE '%' || ? || '%'
    ORDER BY (SELECT count(*) FROM views WHERE product_id = products.id) DESC, id LIMIT {PAGE_SIZE}"""


class Shop:
    def __init__(self, connections: Connections, tokens: Tokens, faults: Faults) -> None:
        self._connections = connections
        self._tokens = tokens
        self._faults = faults
        # The table of views grows with the searches, up to three times its first size.
        self._views_to_come = 2 * faults.conditions.view_rows
        self._views_lock = threading.Lock()

    def health(self, request: Request) -> Response:
        return json_response(200, {"status": "ok"})

    def browse(self, request: Request) -> Response:
        self._faults.burn()
        page = _positive_integer(request.query.get("page", "1"), "page")
        first = (page - 1) * PAGE_SIZE
        with self._connections.reading() as connection:
            rows = connection.execute(f"{_PRODUCT} WHERE id > ? ORDER BY id LIMIT {PAGE_SIZE}", (first,))
            items = [_product(row) for row in rows]
        pages = -(-PRODUCTS // PAGE_SIZE)
        return json_response(200, {"page": page, "pages": pages, "total": PRODUCTS, "items": items})

    def search(self, request: Request) -> Response:
        self._faults.burn()
        word = request.query.get("q", "").strip().lower()
        if not word:
            raise Refused(400, "the parameter q is missing: give one word")
        with self._connections.reading() as connection:
            query = _SEARCH_BY_VIEWS if self._faults.conditions.view_rows else _SEARCH
            items = [_product(row) for row in connection.execute(query, (word,))]
        if items and self._one_more_view():
            with self._connections.writing() as connection:
                connection.execute("INSERT INTO views VALUES (?)", (items[-1]["id"],))
        return json_response(200, {"query": word, "items": items})

    def product(self, request: Request) -> Response:
        self._faults.burn()
        with self._connections.reading() as connection:
            row = _find_product(connection, int(request.path.rpartition("/")[2]))
        return json_response(200, _product(row))

    def categories(self, request: Request) -> Response:
        self._faults.burn()
        with self._connections.reading() as connection:
            rows = connection.execute("SELECT id, name FROM categories ORDER BY id").fetchall()
        return json_response(200, {"items": [{"id": number, "name": name} for number, name in rows]})

    def login(self, request: Request) -> Response:
        self._faults.burn()
        wanted = request.json_object()
        name, password = wanted.get("user"), wanted.get("password")
        if not isinstance(name, str) or not isinstance(password, str):
            raise Refused(400, "user and password must be given as text")
        with self._connections.reading() as connection:
            found = connection.execute("SELECT id, salt, password_hash FROM users WHERE name = ?", (name,))
            row = found.fetchone()
        if row is None or not password_matches(password, row[1], row[2]):
            raise Refused(401, "user or password is wrong", WWW_Authenticate="Bearer")
        return json_response(
            200, {"token": self._tokens.issue(row[0]), "expires_in": int(self._tokens.ttl_s)}
        )

    def cart(self, request: Request) -> Response:
        self._faults.burn()
        user_id = self._tokens.user_of(request.authorization)
        wanted = request.json_object()
        product_id = _positive_integer(wanted.get("product_id"), "product_id")
        quantity = _positive_integer(wanted.get("quantity"), "quantity")
        with self._faults.exclusive(), self._connections.writing() as connection:
            _find_product(connection, product_id)
            cart_id = connection.execute("INSERT INTO carts (user_id) VALUES (?)", (user_id,)).lastrowid
            connection.execute("INSERT INTO cart_items VALUES (?, ?, ?)", (cart_id, product_id, quantity))
        return json_response(201, {"cart_id": cart_id, "product_id": product_id, "quantity": quantity})

    def checkout(self, request: Request) -> Response:
        self._faults.burn()
        user_id = self._tokens.user_of(request.authorization)
        cart_id = _positive_integer(request.json_object().get("cart_id"), "cart_id")
        if self._faults.fails():
            raise Refused(500, "internal error")
        with self._faults.exclusive(), self._connections.writing() as connection:
            total = _total_cents(connection, cart_id, user_id)
            try:
                placed = connection.execute(
                    "INSERT INTO orders (cart_id, total_cents) VALUES (?, ?)", (cart_id, total)
                )
            except sqlite3.IntegrityError as error:
                raise Refused(409, f"cart {cart_id} was ordered already") from error
        return json_response(201, {"order_id": placed.lastrowid, "cart_id": cart_id, "total_cents": total})

    def _one_more_view(self) -> bool:
        with self._views_lock:
            if not self._views_to_come:
                return False
            self._views_to_come -= 1
            return True


def _product(row: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(_PRODUCT_KEYS, row, strict=True))


def _find_product(connection: sqlite3.Connection, product_id: int) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(f"{_PRODUCT} WHERE id = ?", (product_id,)).fetchone()
    if row is None:
        raise Refused(404, f"there is no product {product_id}")
    return row


def _total_cents(connection: sqlite3.Connection, cart_id: int, user_id: int) -> int:
    query = """SELECT sum(quantity * price_cents) FROM carts
        JOIN cart_items ON cart_id = carts.id JOIN products ON products.id = product_id
        WHERE carts.id = ? AND user_id = ?"""
    (total,) = connection.execute(query, (cart_id, user_id)).fetchone()
    if total is None:
        raise Refused(404, f"there is no cart {cart_id}")
    return int(total)


def _positive_integer(value: object, name: str) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 9:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 999_999_999:
        raise Refused(400, f"{name} must be a whole number from 1 to 999999999")
    return value
