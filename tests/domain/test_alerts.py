"""Alert lines: what they mean, when they clear, and what could tell nothing is refused with the mend."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.domain import monitored
from perfpilot.domain.alerts import LIVE_METRICS, SEVERITIES, parse_alert, shown, unit_of
from perfpilot.domain.judgement import Severity
from perfpilot.domain.units import parse_bytes

GOOD: list[tuple[str, dict[str, Any]]] = [
    ("cpu(target) > 90% for 15s", {"key": "cpu(target)", "limit": 0.9, "until": 0.81, "for_s": 15.0}),
    ("critical if error_rate > 20% for 5s", {"severity": Severity.CRITICAL, "key": "error_rate"}),
    ("p95(checkout) > 800ms for 10s", {"limit": 800.0, "until": 720.0, "key": "p95(checkout)"}),
    ("memory(target) > 2GB", {"limit": 2e9, "for_s": 0.0, "severity": Severity.MEDIUM}),
    ("memory(target) >= 1.5 GiB until 1GiB", {"limit": 1.5 * 2**30, "until": 2.0**30}),
    ("connections(db) > 90 for 10s", {"limit": 90.0, "until": 81.0}),
    ("warning if waiting_for_lock(db) > 0", {"until": 0.0, "severity": Severity.MEDIUM}),
    ("clients(cache) >= 3", {"until": 2.0}),
    ("threads(target) < 5", {"until": 5.0}),
    ("up(target) < 1", {"until": 1.0}),
    ("hit_share(db) < 95% for 30s", {"until": 0.975}),
    ("p99 > 1s for 5s until 300ms", {"until": 300.0, "subject": ""}),
    ("info if disk_write_bytes_per_s(host) > 50MB/s", {"limit": 5e7, "severity": Severity.INFO}),
    ("longest_query_s(db) > 5s", {"limit": 5.0}),
    ("throughput(checkout) < 6000/min", {"limit": 100.0, "until": 110.0}),
    ("busy_cores(cache) > 1", {"until": 0.9}),
    ("behind >= 30%", {"limit": 0.3}),
]


@pytest.mark.parametrize(("line", "meaning"), GOOD, ids=[line for line, _ in GOOD])
def test_a_line_means(line: str, meaning: dict[str, Any]) -> None:
    rule = parse_alert(f"  {line} ")
    assert {key: getattr(rule, key) for key in meaning} == pytest.approx(meaning)
    assert rule.text == line and parse_alert(rule.text) == rule


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("cpu(target) 90%", "write METRIC"),
        ("cpu > 90%", r"say whose: cpu\(target\)"),
        ("cpi(target) > 90%", "nearest: cpu"),
        ("error_rat > 1%", "nearest: error_rate"),
        ("p90 > 1s", "nearest: p9[59]|nearest: p50"),
        ("p95 > 800", "a number with its unit"),
        ("memory(target) > 2", "512MiB or 2GB"),
        ("memory(target) > 2Gb", "512MiB or 2GB"),
        ("connections(db) > many", "a number such as 90"),
        ("disk_read_bytes_per_s(host) > 5MB", "50MB/s"),
        ("users(checkout) > 5", "about the whole load"),
        ("fatal if error_rate > 1%", "no severity"),
        ("abort if error_rate > 1%", "is a threshold"),
        ("error_rate > 100%", "never be true"),
        ("error_rate >= 0%", "always true"),
        ("throughput < 0", "never be true"),
        ("up(target) > 1", "never be true"),
        ("p95 > 1s until 2s", "must lie below"),
        ("p95 >= 1s until 1s", "must lie below"),
        ("throughput < 10 until 5", "must lie above"),
        ("p95 > 1s until 500ms for 5s", "comes before 'until'"),
        ("p95 > 1s for ever", "not a duration"),
        ("p95 > 1s " + "x" * 300, "200 characters"),
        (95, "not an alert line"),
    ],
)
def test_a_line_that_could_tell_nothing_is_refused(line: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_alert(line)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        # value, whether it is told, whether it is calm
        ("cpu(target) > 90%", [(0.91, True, False), (0.90, False, False), (0.8, False, True)]),
        ("clients(cache) > 3", [(4, True, False), (3, False, True)]),
        ("throughput < 100", [(99, True, False), (105, False, False), (110, False, True)]),
        ("up(target) < 1", [(0, True, False), (1, False, True)]),
    ],
)  # fmt: skip
def test_between_limit_and_until_an_alert_neither_begins_nor_clears(
    line: str, values: list[tuple[float, bool, bool]]
) -> None:
    rule = parse_alert(line)
    assert [(value, rule.holds(value), rule.is_calm(value)) for value, _, _ in values] == values


NUMBERS = {
    "%": [("1%", 0.01), ("33.5%", 0.335), ("99%", 0.99)], "ms": [("400ms", 400.0), ("1m30s", 90_000.0)],
    "bytes": [("300kB", 3e5), ("2 GB", 2e9), ("512MiB", 2.0**29)], "bytes/s": [("50MB/s", 5e7)],
    "/s": [("300", 300.0), ("18000/min", 300.0)], "s": [("90s", 90.0)], "": [("90", 90.0), ("1.5", 1.5)],
}  # fmt: skip


@given(st.data())
def test_what_is_written_is_what_is_read(data: st.DataObject) -> None:
    draw = data.draw
    metric = draw(st.sampled_from(sorted({*LIVE_METRICS, *monitored.EVERY} - {"up", "answers"})))
    of_load = metric in ("users", "behind")
    subject = "" if of_load else draw(st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}\Z")).strip()
    operator = draw(st.sampled_from(["<", "<=", ">", ">="]))
    text, limit = draw(st.sampled_from(NUMBERS[unit_of(metric)]))
    word = draw(st.sampled_from(["", *SEVERITIES]))
    hold = draw(st.sampled_from(["", "5s", "1m", "500ms"]))
    space = draw(st.sampled_from(["", " ", "  "]))
    line = f"{word} if " if word else ""
    line += f"{metric}({space}{subject}{space})" if subject else metric
    line += f"{space}{operator}{space}{text}" + (f" for {hold}" if hold else "")
    rule = parse_alert(line)
    assert (rule.metric, rule.subject, rule.operator) == (metric, subject, operator)
    assert rule.limit == pytest.approx(limit) and rule.severity is SEVERITIES[word or "medium"]
    assert rule.for_s == {"": 0.0, "5s": 5.0, "1m": 60.0, "500ms": 0.5}[hold]
    assert rule.is_calm(rule.until) and not rule.holds(rule.until)
    assert parse_alert(rule.text) == rule


@given(st.text(max_size=60))
def test_any_other_text_is_refused_with_a_sentence(text: str) -> None:
    try:
        assert parse_alert(text).text
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.974, "%", "97.4%"), (1.0, "%", "100%"), (812.4, "ms", "812 ms"), (2.1e9, "bytes", "2.1 GB"),
        (4e7, "bytes/s", "40 MB/s"), (47.25, "/s", "47.2/s"), (93.0, "", "93"), (5.25, "s", "5.25 s"),
        (12.0, "bytes", "12 B"),
    ],
)  # fmt: skip
def test_values_are_shown_with_their_unit(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text


@pytest.mark.parametrize(("text", "size"), [("2GB", 2e9), ("512 MiB", 2**29), ("1kB", 1e3), ("3B", 3)])
def test_sizes_have_a_unit(text: str, size: float) -> None:
    assert parse_bytes(text) == size
    for wrong in (text.rstrip("B"), f"-{text}", 5, None):
        with pytest.raises(ValueError, match="is not a size"):
            parse_bytes(wrong)
