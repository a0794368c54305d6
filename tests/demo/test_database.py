from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from perfpilot.demo import catalogue, database
from perfpilot.demo.connections import Connections
from perfpilot.demo.messages import Refused


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(file)
    found = connection.execute(query).fetchall()
    connection.close()
    return found


def test_the_same_seed_gives_the_same_shop_and_another_seed_another(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a", "b", "c")]
    for file, seed in zip(files, (1, 1, 2), strict=True):
        database.make(file, seed)
    first, again, other = (rows(file, "SELECT * FROM products ORDER BY id") for file in files)
    assert len(first) == 5000
    assert first == again != other


def test_the_shop_has_its_categories_users_and_words(tmp_path: Path) -> None:
    database.make(tmp_path / "shop", 1)
    for table, count in (("categories", 20), ("users", 200), ("carts", 0), ("views", 0)):
        assert rows(tmp_path / "shop", f"SELECT count(*) FROM {table}") == [(count,)]
    assert rows(tmp_path / "shop", "SELECT count(DISTINCT product_id) FROM product_words") == [(5000,)]


def test_a_half_made_file_never_stands_under_the_final_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(catalogue, "users", breaks)
    with pytest.raises(KeyboardInterrupt):
        database.make(tmp_path / "shop", 1)
    assert not (tmp_path / "shop").exists()


def test_a_file_that_is_no_shop_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("something else entirely, long enough to be no empty database")
    with pytest.raises(sqlite3.DatabaseError):
        database.make(tmp_path / "shop", 1)


def test_a_write_that_is_refused_is_rolled_back_and_gives_its_connection_back(tmp_path: Path) -> None:
    database.make(tmp_path / "shop", 1)
    connections = Connections(tmp_path / "shop", size=1)
    with pytest.raises(Refused), connections.writing() as connection:
        connection.execute("INSERT INTO carts (user_id) VALUES (1)")
        raise Refused(409, "no")
    assert connections.in_use == 0
    with connections.reading() as connection:
        assert connection.execute("SELECT count(*) FROM carts").fetchone() == (0,)
    connection.close()


def test_a_healthy_search_uses_its_index(tmp_path: Path) -> None:
    from perfpilot.demo.shop import _SEARCH, _SEARCH_BY_VIEWS

    database.make(tmp_path / "shop", 1)
    connection = database.connect(tmp_path / "shop")
    plans = [
        " / ".join(str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", ("lamp",)))
        for query in (_SEARCH, _SEARCH_BY_VIEWS)
    ]
    connection.close()
    assert "SCAN" not in plans[0]
    assert "SCAN products" in plans[1] and "SCAN views" in plans[1]
