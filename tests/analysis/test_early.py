"""Signs that the description of the test is wrong."""

from __future__ import annotations

import pytest

from perfpilot.analysis.early import EarlyFailures, SecondCount, second_counts, smoke_trouble
from perfpilot.analysis.reader import ResultReader
from perfpilot.domain.loops import Reason
from tests.analysis.result_files import START_MS, file, line


def _count(second: int, code: str, count: int = 1, label: str = "home") -> SecondCount:
    return SecondCount(second, label, code, code == "200", count)


def _feed(counts: list[SecondCount], authenticated: tuple[str, ...] = ("home",)) -> EarlyFailures:
    early = EarlyFailures(authenticated)
    for count in counts:
        early.add([count])
    return early


def test_rows_are_counted_by_second_label_code_and_success():
    reader = ResultReader()
    rows = reader.feed(
        file(
            [
                *(line(900, 50) for _ in range(3)),
                line(900, 200, code="404", message="Not Found", success=False),
                line(900, 200, code="404"),  # an expected 404 is a success
                line(1, 1, "__ctl"),
            ]
        )
    )
    assert second_counts(rows, reader.labels, reader.codes, START_MS) == [
        SecondCount(0, "home", "200", True, 3),
        SecondCount(1, "home", "404", False, 1, "Not Found"),
        SecondCount(1, "home", "404", True, 1),
    ]
    assert second_counts(reader.finish(), reader.labels, reader.codes, START_MS) == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("404", Reason.ENDPOINT_NOT_FOUND),
        ("405", Reason.METHOD_NOT_ALLOWED),
        ("415", Reason.UNSUPPORTED_MEDIA_TYPE),
        ("401", Reason.UNAUTHORIZED),
    ],
)
def test_an_endpoint_with_nothing_but_an_unfit_answer_is_trouble(code: str, reason: Reason):
    early = _feed([_count(0, code, 9)])
    assert early.trouble() is None
    early.add([_count(0, code, 1)])
    trouble = early.trouble()
    assert trouble is not None
    assert (trouble.reason, trouble.subject) == (reason, "home")
    assert trouble.seen == f"home: all 10 samples failed, 10 of them with status {code}"


def test_three_seconds_are_enough_for_a_slow_load():
    assert _feed([_count(0, "404"), _count(2, "200", label="pay")]).trouble() is None
    assert _feed([_count(0, "404"), _count(3, "200", label="pay")]).trouble() is not None


@pytest.mark.parametrize("other", ["200", "500", "429"])
def test_one_other_answer_proves_that_the_endpoint_is_there(other: str):
    assert _feed([_count(0, other), _count(1, "404", 500), _count(9, "404")]).trouble() is None


def test_a_target_that_only_breaks_is_no_fault_of_the_description():
    assert _feed([_count(second, "503", 50) for second in range(20)]).trouble() is None


def test_a_token_that_expires_under_load_is_recognised():
    good = [_count(second, "200", 10) for second in range(30)]
    early = _feed([*good, _count(30, "401", 8), _count(30, "200", 2), _count(31, "401", 10)])
    assert early.trouble() is None  # second 31 may not be complete
    early.add([_count(33, "401", 1)])
    trouble = early.trouble()
    assert trouble is not None
    assert (trouble.reason, trouble.value) == (Reason.TOKEN_EXPIRED, 30.0)
    assert trouble.seen == (
        "home: 18 of 20 samples in seconds 31 and 32 of the load answered 401, "
        "after earlier ones had succeeded"
    )


@pytest.mark.parametrize(
    ("seconds", "authenticated"),
    [
        ({30: (7, 3), 31: (10, 0), 32: (7, 3)}, True),  # never two in a row with 80 %
        ({30: (10, 0), 31: (0, 10), 32: (10, 0)}, True),
        ({30: (10, 0), 31: (10, 0)}, False),  # carries no token
    ],
)
def test_scattered_401s_are_no_expired_token(seconds: dict[int, tuple[int, int]], authenticated: bool):
    counts = [_count(second, "200", 10) for second in range(30)]
    for second, (rejected, good) in seconds.items():
        counts += (
            [_count(second, "401", rejected), _count(second, "200", good)]
            if good
            else [_count(second, "401", rejected)]
        )
    counts.append(_count(60, "200"))
    assert _feed(counts, ("home",) if authenticated else ()).trouble() is None


def test_seconds_without_samples_do_not_hide_an_expired_token():
    counts = [_count(0, "200"), _count(10, "401"), _count(20, "401"), _count(40, "200", label="pay")]
    trouble = _feed(counts).trouble()
    assert trouble is not None
    assert trouble.reason is Reason.TOKEN_EXPIRED


def test_a_smoke_pass_in_which_all_is_well_is_no_trouble():
    assert smoke_trouble([_count(0, "200"), _count(0, "200", label="pay")], ["home", "pay"]) is None


@pytest.mark.parametrize(
    ("counts", "reason", "subject"),
    [
        ([_count(0, "200"), _count(0, "404", label="pay")], Reason.ENDPOINT_NOT_FOUND, "pay"),
        ([_count(0, "200")], Reason.PLAN_REFUSED, "pay"),
        (
            [
                SecondCount(0, "home", "200", False, 1, "nothing extracted for token"),
                _count(0, "401", 1, "pay"),
            ],
            Reason.EXTRACTION_FAILED,  # the 401 is what follows from it
            "home",
        ),
        (
            [_count(0, "405", label="login"), _count(0, "401"), _count(0, "401", 1, "pay")],
            Reason.UNAUTHORIZED,
            "home",
        ),
    ],
)
def test_a_smoke_pass_proves_the_description_wrong(counts: list[SecondCount], reason: Reason, subject: str):
    trouble = smoke_trouble(counts, ["home", "pay"])
    assert trouble is not None
    assert (trouble.reason, trouble.subject) == (reason, subject)


def test_a_target_that_breaks_in_the_smoke_pass_is_its_own_affair():
    assert smoke_trouble([_count(0, "503")], ["home", "pay"]) is None


def test_what_becomes_of_cases_and_whole_journeys_proves_nothing_in_the_smoke_pass():
    reader = ResultReader()
    rows = reader.feed(
        file(
            [
                line(1),
                line(2, label="case: odd", code="404", success=False),
                line(3, label="case: odd / home", code="401", success=False),
                line(4, label="journey: buy", code="", success=False),
            ]
        )
    )
    counts = second_counts(rows, reader.labels, reader.codes, START_MS)
    assert [count.label for count in counts] == ["home"]
    assert smoke_trouble(counts, ["home", "case: odd", "case: odd / home", "journey: buy"]) is None
    trouble = smoke_trouble(counts, ["home", "pay", "case: odd"])
    assert trouble is not None and trouble.subject == "pay"
