"""Transactions and parts of samples among the labels of a foreign file."""

from __future__ import annotations

import pytest

from perfpilot.analysis.label_kinds import LabelKinds
from perfpilot.analysis.reading.reader import ResultReader
from tests.analysis.result_files import file, line

SUM = "Number of samples in transaction : 2, number of failing samples : 0"


def names(data: bytes, size: int = 0) -> list[str]:
    reader, kinds = ResultReader(), LabelKinds()
    step = size or len(data)
    for at in range(0, len(data), step):
        piece = data[at : at + step]
        kinds.learn(reader.labels, piece, reader.feed(piece))
    kinds.learn(reader.labels, b"", reader.finish())
    return kinds.names


def journey(at: int, buy: str = "buy") -> list[str]:
    return [line(at, 40, "login"), line(at + 50, 30, "pay"), line(at, 90, buy, message=SUM)]


@pytest.mark.parametrize("size", [0, 37, 200])
def test_a_transaction_is_known_by_its_message_wherever_the_file_is_cut(size: int) -> None:
    data = file(text for at in range(0, 3000, 100) for text in journey(at))
    assert names(data, size) == ["login", "pay", "journey: buy"]


def test_a_label_with_a_comma_and_quotes_is_found_too() -> None:
    assert names(file(journey(0, 'buy, "now"')))[2] == 'journey: buy, "now"'


def test_redirects_right_below_their_sample_are_parts_of_it() -> None:
    hops = [
        text
        for at in range(0, 2000, 100)
        for text in (line(at, 90, "home"), line(at, 40, "home-0"), line(at + 41, 49, "home-1"))
    ]
    assert names(file(hops)) == ["home", "__part: home-0", "__part: home-1"]


def test_requests_one_after_the_other_are_no_parts_whatever_their_names() -> None:
    steps = [
        text
        for at in range(0, 2000, 100)
        for text in (line(at, 40, "home"), line(at + 41, 30, "home-0"), line(at + 80, 10, "home-1"))
    ]
    assert names(file(steps)) == ["home", "home-0", "home-1"]


def test_requests_within_a_transaction_are_no_parts_of_it() -> None:
    steps = [
        text
        for at in range(0, 2000, 100)
        for text in (line(at, 40, "buy-0"), line(at + 41, 30, "buy-1"), line(at, 80, "buy", message=SUM))
    ]
    assert names(file(steps)) == ["buy-0", "buy-1", "journey: buy"]


def test_marks_of_perfpilot_itself_stay() -> None:
    own = ["journey: buy", "case: empty", "__smoke"]
    assert names(file(line(0, 10, label) for label in own)) == own
