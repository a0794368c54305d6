"""The SQLite file of the shop: its tables, how it is opened, how it is made."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from perfpilot.demo import catalogue
from perfpilot.demo.passwords import hash_password

_SCHEMA = """
CREATE TABLE made (seed INTEGER NOT NULL, token_key BLOB NOT NULL);
CREATE TABLE categories (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE products (
    id INTEGER PRIMARY KEY, category_id INTEGER NOT NULL REFERENCES categories (id),
    name TEXT NOT NULL, description TEXT NOT NULL, price_cents INTEGER NOT NULL);
CREATE TABLE product_words (
    word TEXT NOT NULL, product_id INTEGER NOT NULL, PRIMARY KEY (word, product_id)) WITHOUT ROWID;
CREATE TABLE views (product_id INTEGER NOT NULL);
CREATE TABLE users (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, salt BLOB NOT NULL, password_hash BLOB NOT NULL);
CREATE TABLE carts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL);
CREATE TABLE cart_items (
    cart_id INTEGER NOT NULL REFERENCES carts (id), product_id INTEGER NOT NULL, quantity INTEGER NOT NULL,
    PRIMARY KEY (cart_id, product_id)) WITHOUT ROWID;
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, cart_id INTEGER NOT NULL UNIQUE REFERENCES carts (id),
    total_cents INTEGER NOT NULL);
"""


def make(database: Path, seed: int) -> None:
    """Make and fill the file, or keep one made with the same seed (a restart keeps carts and orders).

    The file appears under its name only when it is complete. Raises `ValueError` when it was made with
    another seed, `sqlite3.DatabaseError` when it is not a shop database.
    """
    if database.exists():
        with _opened(database) as connection:
            (found,) = connection.execute("SELECT seed FROM made").fetchone()
        if found != seed:
            raise ValueError(f"{database} was made with --seed {found}, not {seed}: use that or another file")
        return
    draft = database.with_name(f"{database.name}.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    with _opened(draft) as connection:
        connection.executescript(_SCHEMA)
        connection.execute("BEGIN")
        _fill(connection, seed)
        connection.execute("COMMIT")
    draft.replace(database)


def connect(database: Path) -> sqlite3.Connection:
    """A connection that any one thread at a time may use, in autocommit."""
    connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False, timeout=10)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=OFF")  # demo data: waiting for the disk would only add noise
    connection.execute("PRAGMA automatic_index=OFF")  # a missing index shall cost what it costs
    return connection


def fill_views(database: Path, rows: int) -> None:
    """Give the table of product views exactly this many rows, spread evenly over the products."""
    with _opened(database) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM views")
        ids = ((1 + row * 37 % catalogue.PRODUCTS,) for row in range(rows))
        connection.executemany("INSERT INTO views VALUES (?)", ids)
        connection.execute("COMMIT")


def token_key(database: Path) -> bytes:
    """The key that signs tokens: kept in the file, so that tokens outlive a restart."""
    with _opened(database) as connection:
        key: bytes = connection.execute("SELECT token_key FROM made").fetchone()[0]
        return key


class _opened:
    """A connection that is closed at the end (sqlite3's own `with` only ends the transaction)."""

    def __init__(self, database: Path) -> None:
        self._connection = sqlite3.connect(database, isolation_level=None)

    def __enter__(self) -> sqlite3.Connection:
        return self._connection

    def __exit__(self, *error: object) -> None:
        self._connection.close()


def _fill(connection: sqlite3.Connection, seed: int) -> None:
    connection.execute("INSERT INTO made VALUES (?, ?)", (seed, os.urandom(32)))
    connection.executemany("INSERT INTO categories VALUES (?, ?)", enumerate(catalogue.CATEGORIES, start=1))
    for product in catalogue.products(seed):
        connection.execute("INSERT INTO products VALUES (?, ?, ?, ?, ?)", product)
        words = {(word, product.id) for word in product.name.lower().split()}
        connection.executemany("INSERT INTO product_words VALUES (?, ?)", words)
    for number, (name, password) in enumerate(catalogue.users(), start=1):
        salt = os.urandom(16)
        row = (number, name, salt, hash_password(password, salt))
        connection.execute("INSERT INTO users VALUES (?, ?, ?, ?)", row)
