"""Numbers of labels and response codes, against a plain reading of the lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.reading.reader import ResultReader

_HEADER = b"timeStamp,elapsed,label,responseCode,success\n"
_TEXT = st.text("ab/ 019", max_size=30)


def lines(pairs: list[tuple[str, str]]) -> bytes:
    return b"".join(f"1750000000000,5,{label},{code},true\n".encode() for label, code in pairs)


def read(blocks: list[list[tuple[str, str]]]) -> list[tuple[str, str]]:
    reader = ResultReader()
    reader.feed(_HEADER)
    found = []
    for block in blocks:
        rows = reader.feed(lines(block))
        numbers = zip(rows.label.tolist(), rows.code.tolist(), strict=True)
        found += [(reader.labels[label], reader.codes[code]) for label, code in numbers]
    return found


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.tuples(_TEXT, st.sampled_from(["200", "503", "", "Non HTTP response code: x"])))))
def test_every_row_has_the_text_that_its_line_has(blocks: list[list[tuple[str, str]]]) -> None:
    assert read(blocks) == [pair for block in blocks for pair in block]


def test_texts_are_numbered_in_the_order_in_which_they_first_appear() -> None:
    reader = ResultReader()
    reader.feed(_HEADER + lines([("x", "200")] * 50))
    reader.feed(
        lines([("y", "404"), ("x", "200"), ("a", "500"), ("y", "200"), ("z", "301")] + [("x", "200")] * 50)
    )
    assert reader.labels == ["x", "y", "a", "z"]
    assert reader.codes == ["200", "404", "500", "301"]


@pytest.mark.parametrize("length", [7, 8, 9, 15, 16, 17, 24, 25, 40])
def test_texts_that_differ_in_one_byte_anywhere_are_told_apart(length: int) -> None:
    texts = [
        "a" * length,
        *("a" * at + "b" + "a" * (length - at - 1) for at in range(length)),
        "a" * (length + 1),
    ]
    assert read([[(text, text) for text in texts]]) == [(text, text) for text in texts]


def test_the_usual_code_may_change_from_block_to_block() -> None:
    blocks = [[("x", code)] * 20 + [("x", "418")] for code in ("200", "500", "200", "503", "404", "200")]
    assert read(blocks) == [pair for block in blocks for pair in block]


def test_labels_that_share_a_slot_are_told_apart() -> None:
    # 900 labels in 4096 slots: about 90 share one.
    pairs = [(f"request number {n}", str(n % 7)) for n in range(900)]
    assert read([pairs, pairs[::-1]]) == pairs + pairs[::-1]
