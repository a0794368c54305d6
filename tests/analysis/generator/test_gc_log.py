"""What JMeter's collector wrote, and what its pauses did."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.analysis.generator.gc_log import GcLog, read_gc_log
from tests.analysis.generator.made_loads import Measured, plan
from tests.analysis.generator.stalling import paced, steady
from tests.analysis.result_files import START_MS

# Lines of OpenJDK 17.0.15 under -Xlog:gc:...:timemillis.
G1 = b"""[1795396945323ms] Using G1
[1795396946555ms] GC(0) Pause Young (Normal) (G1 Evacuation Pause) 6M->3M(128M) 6.898ms
[1795396947568ms] GC(39) Pause Young (Normal) (G1 Evacuation Pause) 90M->90M(128M) 2.284ms
[1795396947577ms] GC(41) Pause Full (System.gc()) 95M->52M(128M) 8.657ms
[1795396947577ms] GC(40) Concurrent Mark Cycle 11.590ms
"""
SERIAL = b"[1795396948948ms] GC(9) Pause Full (Allocation Failure) 99M->14M(123M) 6.477ms\n"


def log_of(*pauses: tuple[float, float], heap: int = 20, begins_s: float = -5.0) -> GcLog:
    """Pauses that begin so many seconds after the load, and their lengths in ms."""
    lines = [f"[{START_MS + round(begins_s * 1000)}ms] Using G1"]
    lines += [
        f"[{START_MS + round(at * 1000 + took)}ms] GC({n}) Pause Young (Normal) (G1 Evacuation Pause) "
        f"80M->{heap}M(100M) {took:.3f}ms"
        for n, (at, took) in enumerate(pauses)
    ]
    found = read_gc_log(["\n".join([*lines, ""]).encode()])
    assert found is not None
    return found


def test_pauses_are_read_and_concurrent_work_is_none():
    log = read_gc_log([G1])
    assert log is not None and log.since_ms == 1795396945323
    assert log.took_ms.tolist() == [6.898, 2.284, 8.657]
    assert log.heap_share.tolist() == pytest.approx([3 / 128, 90 / 128, 52 / 128])


def test_parts_of_a_log_come_in_any_order_and_a_line_that_is_cut_off_is_left_out():
    log = read_gc_log([SERIAL, G1[:-100], b""])
    assert log is not None and log.ended_ms.tolist() == sorted(log.ended_ms)
    assert log.took_ms.tolist() == [6.898, 2.284, 6.477]


@pytest.mark.parametrize("data", [b"", b"no log", b"[12ms] short", b"\x00" * 100, b"[9" + b"9" * 60 + b"ms]"])
def test_what_is_no_log_has_no_figures(data: bytes):
    assert read_gc_log([data]) is None


@given(st.binary(max_size=60), st.integers(0, len(G1)), st.integers(0, 40))
def test_damage_never_raises_and_costs_only_the_lines_that_it_touches(junk: bytes, at: int, cut: int):
    log = read_gc_log([G1[:at] + junk + G1[at + cut :]])
    if log is not None:
        touched = G1[at : at + cut].count(b"\n") + 1
        assert len(log.took_ms) >= 3 - touched - 1
        assert (log.heap_share <= 1).all()


def health(log: GcLog | None):
    return Measured(plan(110, rate=50), paced(50, 110, 10, steady), 10).health(log)


def test_figures_are_of_the_steady_phase():
    found = health(log_of((2, 900), (20, 40), (60, 60)))
    assert found.gc_share == pytest.approx(0.001)
    assert (found.gc_longest_ms, found.heap_share) == (60, 0.2)
    assert not found.limited and not found.notes


def test_without_a_log_nothing_is_claimed():
    found = health(None)
    assert (found.gc_share, found.gc_longest_ms, found.heap_share) == (None, None, None)


def test_no_pause_at_all_is_a_share_of_0_and_no_heap():
    found = health(log_of())
    assert (found.gc_share, found.gc_longest_ms, found.heap_share) == (0.0, 0.0, None)


@pytest.mark.parametrize(
    ("each_s", "took_ms", "limited", "noted"),
    [
        (1, 60, True, False),  # 6 % of the time
        (1, 30, False, True),  # 3 %
        (1, 10, False, False),
        (10, 450, False, True),  # 4.5 % in long pauses
        (5, 245, True, True),  # 4.9 % still, and a response time each: 5.1 % of the requests met one
        (50, 300, False, True),
    ],
)
def test_pauses_limit_a_generator_by_their_share_of_the_time(
    each_s: int, took_ms: float, limited: bool, noted: bool
):
    found = health(log_of(*((10.5 + at, took_ms) for at in range(0, 100, each_s))))
    assert found.limited is limited, found.reasons
    assert bool(found.notes) is noted


def test_a_heap_that_stays_full_is_noted():
    assert health(log_of((20, 40), heap=95)).notes == ("JMeter's heap was 95 % full after a collection",)


def test_a_log_whose_beginning_is_lost_says_how_much_it_covers():
    found = health(log_of((70, 5), begins_s=60))
    assert found.notes == ("the collector's log covers 50 % of the steady phase",)
    assert health(log_of(begins_s=200)).gc_share is None
