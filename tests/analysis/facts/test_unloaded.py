"""How slow a run is against the same target without load, and the shapes of its series."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perfpilot.analysis.facts.signals import growth, outage
from perfpilot.analysis.facts.unloaded import slowdown
from perfpilot.analysis.failures.error_causes import cause_of
from perfpilot.analysis.failures.error_kinds import ErrorKind, error_key, error_kind
from perfpilot.domain.measure import Series
from tests.analysis.observed import observe


def test_the_smoke_tells_the_slowdown_of_every_label() -> None:
    quiet, slow = slowdown(observe(seed=4)), slowdown(observe(seed=4, slow={"home": 5.0}))
    assert quiet is not None and slow is not None
    assert slow.source == "smoke"
    assert slow.by_label["home"] == pytest.approx(5 * quiet.by_label["home"])
    assert slow.by_label["search"] == pytest.approx(quiet.by_label["search"])


def test_without_a_smoke_the_foot_of_the_ramp_stands_in() -> None:
    seen = observe(smoke=False)
    assert slowdown(seen) is None  # three seconds below 30 % are too few
    long_foot = tuple(10.0 if t < 6 else asked for t, asked in enumerate(seen.series.asked_per_s))
    found = slowdown(replace(seen, series=seen.series.model_copy(update={"asked_per_s": long_foot})))
    assert found is not None and found.source == "ramp-up" and found.by_label == {}
    assert found.pooled == pytest.approx(1.0, abs=0.6)


def test_seconds_after_the_ramp_are_never_taken_for_unloaded() -> None:
    seen = observe(smoke=False)
    drained = tuple(10.0 if t >= 60 else asked for t, asked in enumerate(seen.series.asked_per_s))
    assert slowdown(replace(seen, series=seen.series.model_copy(update={"asked_per_s": drained}))) is None


def test_growth_compares_the_thirds_of_the_steady_phase() -> None:
    seen = observe()
    rising = tuple(10.0 + t for t in range(70))
    moved = growth(replace(seen, series=seen.series.model_copy(update={"p50_ms": rising})))
    assert moved is not None
    assert moved.response == pytest.approx((10 + 59.5) / (10 + 19.5))
    assert moved.throughput == pytest.approx(1.0, abs=0.1)


def test_an_outage_reaches_to_the_end_and_across_silent_seconds() -> None:
    def seconds(*pairs: tuple[int, int]) -> Series:
        return Series(start_ms=0, samples=tuple(n for n, _ in pairs), errors=tuple(e for _, e in pairs))

    found = outage(seconds((9, 0), (9, 4), (9, 9), (0, 0), (3, 3), (0, 0)))
    assert found is not None and (found.from_s, found.seconds, found.errors) == (2.0, 3, 12)
    assert outage(seconds((9, 9), (9, 9), (9, 0))) is None
    assert outage(seconds((0, 0), (0, 0))) is None


@pytest.mark.parametrize(
    ("code", "kind", "key"),
    [
        ("503", ErrorKind.SERVER_ERROR, "503"),
        ("200", ErrorKind.ASSERTION, "assertion"),
        ("302", ErrorKind.ASSERTION, "assertion"),
        ("assertion", ErrorKind.ASSERTION, "assertion"),
        ("429", ErrorKind.RATE_LIMITED, "429"),
        ("404", ErrorKind.UNFIT_REQUEST, "404"),
        ("409", ErrorKind.CLIENT_ERROR, "409"),
        ("Non HTTP response code: java.net.ConnectException", ErrorKind.CONNECTION, "connection"),
        ("Non HTTP response code: java.net.SocketException", ErrorKind.CONNECTION, "connection"),
        (
            "Non HTTP response code: org.apache.http.conn.ConnectTimeoutException",
            ErrorKind.CONNECTION,
            "connection",
        ),
        ("Non HTTP response code: java.net.UnknownHostException", ErrorKind.CONNECTION, "connection"),
        ("Non HTTP response code: java.net.SocketTimeoutException", ErrorKind.TIMEOUT, "timeout"),
        (
            "Non HTTP response code: org.apache.http.NoHttpResponseException",
            ErrorKind.CONNECTION,
            "connection",
        ),
        ("Non HTTP response code: javax.net.ssl.SSLException", ErrorKind.CONNECTION, "connection"),
        ("", ErrorKind.OTHER, "other"),
    ],
)
def test_the_response_code_of_a_failed_sample_tells_its_kind(code: str, kind: ErrorKind, key: str) -> None:
    cause = cause_of(code)
    assert (error_kind(cause), error_key(cause)) == (kind, key)
