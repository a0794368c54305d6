"""Signs that the description of the test is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.analysis.counting.second_counts import SecondCount, second_counts
from perfpilot.analysis.failures.early import EarlyFailures, smoke_trouble
from perfpilot.analysis.reading.reader import ResultReader
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
        ("410", Reason.ENDPOINT_NOT_FOUND),
        ("415", Reason.UNSUPPORTED_MEDIA_TYPE),
        ("401", Reason.UNAUTHORIZED),
        ("403", Reason.FORBIDDEN),
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


REFUSED = "Non HTTP response code: org.apache.http.conn.HttpHostConnectException"
RESET = "Non HTTP response code: java.net.SocketException"
GARBAGE = "Non HTTP response code: org.apache.http.client.ClientProtocolException"
SILENT = "Non HTTP response code: java.net.SocketTimeoutException"
NO_PORT = "Non HTTP response code: java.net.BindException"
TOO_SLOW = "The operation lasted too long: It took 102 milliseconds"


def _failed(second: int, code: str, count: int, text: str = "", label: str = "home") -> SecondCount:
    return SecondCount(second, label, code, False, count, text)


@pytest.mark.parametrize(
    ("code", "text", "reason", "how"),
    [
        ("200", "expected text is missing", Reason.EXPECTATION_FAILED,
         "with status 200, but expected text is missing"),
        ("200", "No results for path: $['a']", Reason.EXPECTATION_FAILED,
         "with status 200, but a check did not accept the answer"),
        ("302", "unexpected status", Reason.EXPECTATION_FAILED, "with status 302, but unexpected status"),
        ("400", "Bad Request", Reason.EXPECTATION_FAILED, "with status 400"),
        ("200", "nothing extracted for id", Reason.EXTRACTION_FAILED,
         "with status 200, and nothing extracted for id"),
    ],
)  # fmt: skip
def test_an_endpoint_that_never_answers_as_the_test_wants_is_trouble_although_others_work(
    code: str, text: str, reason: Reason, how: str
):
    early = _feed([_failed(0, code, 9, text), _count(0, "200", 900, "pay"), _count(8, "200", 900, "pay")])
    assert early.trouble() is None, "nine may be a matter of the first rows of the data"
    early.add([_failed(8, code, 1)])
    trouble = early.trouble()
    assert trouble is not None
    assert (trouble.reason, trouble.subject) == (reason, "home")
    assert trouble.seen == f"home: all 10 samples failed, 10 of them {how}"


@pytest.mark.parametrize(
    "counts",
    [
        [_failed(0, "200", 500, TOO_SLOW)],
        [_failed(0, "503", 500, "unexpected status")],
        [_failed(0, "500", 500, "nothing extracted for id")],
        [_failed(0, "429", 500, "unexpected status")],
        [_failed(0, "503", 1), _failed(0, "200", 50, "expected text is missing")],
        [_count(0, "200", 1), _failed(1, "200", 500, "expected text is missing")],
        [_failed(0, REFUSED, 500), _count(30, "200", 1, "pay")],
        [_failed(0, REFUSED, 500), _failed(30, "503", 1, label="pay")],
        [_failed(0, GARBAGE, 500), _count(30, "200", 1, "pay")],
        [_failed(0, SILENT, 500), _count(60, "200", 1, "pay")],
        [_failed(0, NO_PORT, 500), _count(30, "200", 1, "pay")],
        [_count(0, "200", 1), *(_failed(second, REFUSED, 50) for second in range(1, 60))],
        [_count(0, "200", 1), *(_failed(second, SILENT, 50) for second in range(1, 60))],
    ],
    ids=[
        "too slow", "server errors", "an extractor on a server error", "rate limited",
        "a server error among them", "it worked once", "refused at one", "refused, the other breaks",
        "garbage at one", "silent at one", "no ports at one", "it went down", "it fell silent",
    ],
)  # fmt: skip
def test_what_a_load_test_is_made_to_find_is_never_stopped_early(counts: list[SecondCount]):
    early = EarlyFailures(("home",), time_out_s=2)
    for count in counts:
        early.add([count])
        assert early.trouble() is None, count


@pytest.mark.parametrize(
    ("code", "reason", "how"),
    [
        (REFUSED, Reason.CONNECTION_FAILED,
         "by connection: no connection could be made (HttpHostConnectException)"),
        (RESET, Reason.CONNECTION_FAILED, "by connection: the connection was reset (SocketException)"),
        (GARBAGE, Reason.PROTOCOL_ERROR,
         "by protocol: what came back was no valid HTTP answer (ClientProtocolException)"),
        (NO_PORT, Reason.GENERATOR_FAILED,
         "by generator: the load generator had no free port (BindException)"),
    ],
)  # fmt: skip
def test_a_load_of_which_nothing_is_answered_for_ten_seconds_is_trouble(code: str, reason: Reason, how: str):
    early = _feed([_failed(second, code, 6, label=("home", "pay")[second % 2]) for second in range(10)])
    assert early.trouble() is None, "nine seconds between the first and the newest"
    early.add([_failed(10, code, 6)])
    trouble = early.trouble()
    assert trouble is not None
    assert (trouble.reason, trouble.subject) == (reason, "")
    seen = "no request of the load was answered in its first 11 s: all 66 samples failed, 66 of them "
    assert trouble.seen == seen + how
    assert _feed([_failed(second, code, 1) for second in range(40)]).trouble() is None, "40 samples"


def test_a_load_in_which_everything_times_out_is_trouble_after_three_time_outs():
    early = EarlyFailures((), time_out_s=8)
    early.add([_failed(8, SILENT, 2), _failed(16, SILENT, 2), _failed(23, SILENT, 2)])
    assert early.trouble() is None
    early.add([_failed(24, SILENT, 1)])
    trouble = early.trouble()
    assert trouble is not None and trouble.reason is Reason.NO_ANSWER
    assert (
        "all 7 samples failed, 7 of them by time out: no answer in time (SocketTimeoutException)"
        in trouble.seen
    )


def test_time_outs_among_refused_connections_are_waited_for():
    counts = [_failed(second, REFUSED, 20) for second in range(12)] + [_failed(1, SILENT, 1)]
    early = EarlyFailures((), time_out_s=20)
    early.add(counts)
    assert early.trouble() is None
    early.add([_failed(40, REFUSED, 1)])
    trouble = early.trouble()
    assert trouble is not None and trouble.reason is Reason.CONNECTION_FAILED
    assert trouble.seen.endswith("(connection 241, time out 1)")


def test_of_several_endpoints_in_trouble_the_first_of_the_plan_is_named():
    counts = [_failed(0, "401", 10, label="account"), _failed(0, "404", 10, label="login")]
    early = EarlyFailures((), labels=["login", "account"])
    early.add(counts)
    trouble = early.trouble()
    assert trouble is not None and trouble.subject == "login"


ANSWERS = st.sampled_from(
    [("200", True, ""), ("404", False, ""), ("403", False, ""), ("503", False, ""), (REFUSED, False, ""),
     (SILENT, False, ""), ("200", False, "expected text is missing"), (GARBAGE, False, "")]
)  # fmt: skip
COUNTS = st.builds(
    lambda second, label, answer, count: SecondCount(second, label, answer[0], answer[1], count, answer[2]),
    st.integers(0, 30), st.sampled_from(["home", "pay", "search"]), ANSWERS, st.integers(1, 40),
)  # fmt: skip


@given(batches=st.lists(st.lists(COUNTS, max_size=4), max_size=8), data=st.data())
def test_the_order_of_batches_does_not_matter(batches: list[list[SecondCount]], data: st.DataObject):
    shuffled = data.draw(st.permutations(batches))
    found = []
    for order in (batches, shuffled):
        early = EarlyFailures((), labels=["pay", "home"], time_out_s=4)
        for batch in order:
            early.add(batch)
        found.append(early.trouble())
    assert found[0] == found[1]


@given(counts=st.lists(COUNTS, max_size=12))
def test_an_endpoint_that_ever_succeeded_is_never_the_trouble(counts: list[SecondCount]):
    trouble = _feed(counts, ()).trouble()
    succeeded = {count.label for count in counts if count.success}
    assert trouble is None or trouble.subject not in succeeded
    assert trouble is None or trouble.subject or not succeeded, "nor is the whole load, where one did"


@given(
    samples=st.lists(
        st.tuples(st.integers(0, 6000), st.sampled_from(["home", "pay", "__ctl", "case: x"]),
                  st.sampled_from(["200", "404", "500"]), st.booleans()), max_size=60),
    far=st.booleans(),
)  # fmt: skip
def test_counting_by_second_is_counting(samples: list[tuple[int, str, str, bool]], far: bool):
    if far:  # an adopted load with a row of another day: more keys than can be counted by index
        samples = [*samples, (90_000_000, "home", "200", True)]
    reader = ResultReader()
    rows = reader.feed(
        file([line(at, 0, label, code=code, success=good) for at, label, code, good in samples])
    )
    counted: dict[tuple[int, str, str, bool], int] = {}
    for at, label, code, good in samples:
        if label in ("home", "pay"):
            key = (at // 1000, label, code, good)
            counted[key] = counted.get(key, 0) + 1
    found = second_counts(rows, reader.labels, reader.codes, START_MS)
    assert {(c.second, c.label, c.code, c.success): c.count for c in found} == counted
    assert len(found) == len(counted)
    assert [c.second for c in found] == sorted(c.second for c in found)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (REFUSED, Reason.CONNECTION_FAILED),
        (GARBAGE, Reason.PROTOCOL_ERROR),
        (SILENT, Reason.NO_ANSWER),
        (NO_PORT, Reason.GENERATOR_FAILED),
    ],
)
def test_a_smoke_pass_in_which_nobody_answers_is_trouble(code: str, reason: Reason):
    counts = [_failed(0, code, 1, "nothing extracted for id"), _failed(0, code, 1, label="pay")]
    trouble = smoke_trouble(counts, ["home", "pay", "search"])
    assert trouble is not None
    assert (trouble.reason, trouble.subject) == (reason, "")
    assert trouble.seen.startswith(
        "no request of the smoke pass was answered: all 2 samples failed, 2 of them by"
    )


@pytest.mark.parametrize(
    "counts",
    [
        [_failed(0, REFUSED, 1), _count(0, "200", label="pay")],
        [_failed(0, REFUSED, 1), _failed(0, "503", 1, label="pay")],
        [_failed(0, "200", 1, "expected text is missing"), _count(0, "200", label="pay")],
        [_failed(0, "503", 1, "nothing extracted for id"), _count(0, "200", label="pay")],
        [_failed(0, RESET, 1, "nothing extracted for id"), _count(0, "200", label="pay")],
    ],
    ids=[
        "refused at one",
        "one breaks",
        "a check",
        "an extractor on a server error",
        "an extractor on no answer",
    ],
)
def test_one_failure_in_the_smoke_pass_is_no_reason_to_stay_at_home(counts: list[SecondCount]):
    assert smoke_trouble(counts, ["home", "pay"]) is None
