from __future__ import annotations

import math

import pytest

from perfpilot.reporting import figures


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0412, "0.0412 ms"), (28.04, "28.0 ms"), (99.96, "100 ms"), (212.4, "212 ms"), (1234.0, "1,230 ms"),
        (0, "0 ms"), (None, "–"), (math.nan, "–"), (math.inf, "–"),
    ],
)  # fmt: skip
def test_times_have_three_significant_digits(value: float | None, text: str) -> None:
    assert figures.ms(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0042, "0.42 %"), (1.0, "100 %"), (0.9996, "99.96 %"), (0.99999, "99.99 %"), (0.0, "0 %"),
        (0.00001, "0.001 %"), (0.5, "50 %"), (1.2, "120 %"), (None, "–"),
    ],
)  # fmt: skip
def test_only_what_is_whole_is_written_as_100_per_cent(value: float | None, text: str) -> None:
    assert figures.share(value) == text


@pytest.mark.parametrize(
    ("value", "limit", "unit", "texts"),
    [
        (400.4, 400, "ms", ("400.4 ms", "400 ms")),
        (212.0, 400, "ms", ("212 ms", "400 ms")),
        (400.0, 400, "ms", ("400 ms", "400 ms")),
        (1.0001, 1.0, "%", ("1.0001 %", "1 %")),
        (279.96, 280, "/s", ("279.96/s", "280/s")),
        (0.8999, 0.9, "", ("0.8999", "0.9")),
        (None, 400, "ms", ("–", "400 ms")),
    ],
)
def test_a_value_is_never_written_like_the_limit_that_it_missed(
    value: float | None, limit: float, unit: str, texts: tuple[str, str]
) -> None:
    assert figures.against_limit(value, limit, unit) == texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.04, "0.04 s"),
        (3.21, "3.2 s"),
        (45.4, "45 s"),
        (330, "5 min 30 s"),
        (600, "10 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_lengths_of_time_grow_in_unit(value: float, text: str) -> None:
    assert figures.seconds(value) == text


def test_rates_changes_sizes_and_moments_are_written_alike_everywhere() -> None:
    assert figures.rate(1299.44) == "1,299.4/s"
    assert (figures.change(0.123), figures.change(-0.04), figures.change(0.0)) == ("+12.3 %", "-4 %", "0 %")
    assert (figures.size(812), figures.size(1_268_000)) == ("812 B", "1.21 MiB")
    assert figures.moment(0) == "1970-01-01 00:00:00 UTC"
    assert figures.in_unit(12.0, "users") == "12 users"
