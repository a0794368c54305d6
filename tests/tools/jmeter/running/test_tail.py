"""Reading a file while another process appends to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.tools.jmeter.running import tail
from perfpilot.tools.jmeter.running.tail import Tail


def test_each_byte_is_read_once_as_the_file_grows(tmp_path: Path) -> None:
    path = tmp_path / "results.jtl"
    reader = Tail(path)
    assert reader.read() == b""  # it is not there yet
    path.write_bytes(b"one\ntw")
    assert reader.read() == b"one\ntw"
    assert reader.read() == b""
    with path.open("ab") as file:
        file.write(b"o\n")
    assert reader.read() == b"o\n"


def test_a_large_backlog_comes_in_bounded_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "BLOCK", 10)
    path = tmp_path / "results.jtl"
    path.write_bytes(bytes(range(25)))
    reader = Tail(path)
    blocks = [reader.read() for _ in range(4)]
    assert [len(block) for block in blocks] == [10, 10, 5, 0]
    assert b"".join(blocks) == bytes(range(25))


def test_a_writer_that_is_as_fast_does_not_keep_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "BLOCK", 10)
    path = tmp_path / "results.jtl"
    path.write_bytes(bytes(25))
    reader = Tail(path)
    looks = []
    for _ in range(2):
        seen = []
        for block in reader.blocks():
            seen.append(len(block))
            with path.open("ab") as file:
                file.write(b"row\n")
        looks.append(seen)
    assert looks == [[10, 10, 10, 7], [4]]
    assert list(reader.blocks()) == [b"row\n"]
    assert list(reader.blocks()) == []
