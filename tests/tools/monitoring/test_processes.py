"""Processor time of process trees and of neighbours, checked against what was used by command."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from perfpilot.tools.monitoring.cores import cores_allowed, host_cores
from perfpilot.tools.monitoring.host import HostSampler, cpu_shares
from perfpilot.tools.monitoring.listener import PortListener, find_listener
from perfpilot.tools.monitoring.neighbours import NeighbourSampler
from perfpilot.tools.monitoring.process import ProcessSampler, fixed_root
from perfpilot.tools.monitoring.process_table import CpuLedger, Entry, ProcessTable
from tests import servers
from tests.burner import Burner, burner


@pytest.fixture
def busy() -> Iterator[Burner]:
    with burner() as process:
        yield process


def _look_again(table: ProcessTable) -> None:
    table.taken_s = float("-inf")
    assert table.refresh()


@pytest.mark.parametrize("in_a_child", [False, True], ids=["in the process", "in a child that came and went"])
def test_a_share_is_the_time_used_of_all_cores(busy: Burner, in_a_child: bool) -> None:
    table = ProcessTable()
    sampler = ProcessSampler("jmeter", fixed_root(busy.pid), table)
    begin_s = time.monotonic()
    first = sampler.read()
    busy.burn(0.6, in_a_child=in_a_child)
    share = sampler.read()["cpu_share"]
    elapsed_s = time.monotonic() - begin_s
    assert "cpu_share" not in first and first["up"] == 1
    assert share * elapsed_s * host_cores() == pytest.approx(0.6, rel=0.25)


def test_what_a_child_used_is_counted_once_when_it_ends() -> None:
    def entry(pid: int, own_s: float, reaped_s: float = 0.0) -> Entry:
        return Entry(pid=pid, parent=1, created_s=0.0, name="x", own_s=own_s, reaped_s=reaped_s)

    ledger = CpuLedger()
    assert ledger.used_s([entry(1, 5.0), entry(2, 1.0)]) == {}
    assert ledger.used_s([entry(1, 5.5), entry(2, 3.0)]) == {1: 0.5, 2: 2.0}
    assert ledger.used_s([entry(1, 5.5, reaped_s=3.25)]) == {1: pytest.approx(0.25)}
    assert ledger.used_s([entry(1, 5.5, reaped_s=3.25)]) == {1: 0.0}


def test_a_pid_that_was_given_to_another_process_is_not_taken_for_the_old_one() -> None:
    ledger = CpuLedger()
    ledger.used_s([Entry(7, 1, created_s=1.0, name="old", own_s=1.0, reaped_s=0.0)])
    assert ledger.used_s([Entry(7, 1, created_s=2.0, name="new", own_s=9.0, reaped_s=0.0)]) == {}


def test_a_tree_is_read_with_its_children_and_without_those_of_others(busy: Burner) -> None:
    table = ProcessTable()
    _look_again(table)
    ours = ProcessSampler("perfpilot", fixed_root(os.getpid()), table)
    less = ProcessSampler("perfpilot", fixed_root(os.getpid()), table, lambda: {busy.pid})
    assert ours.read()["rss_bytes"] > less.read()["rss_bytes"] > 1_000_000
    assert busy.pid in ours.pids and busy.pid not in less.pids


def test_a_process_that_ended_is_down_and_gives_nothing_else() -> None:
    with burner() as process:
        sampler = ProcessSampler("jmeter", fixed_root(process.pid), ProcessTable())
        assert sampler.read()["up"] == 1
    assert sampler.read() == {"up": 0.0}
    assert sampler.pids == set()


def test_neighbours_are_all_but_ours_and_the_busiest_is_named_without_its_command_line() -> None:
    table = ProcessTable()
    with burner(detached=True) as neighbour, burner() as ours:
        own = ProcessSampler("perfpilot", fixed_root(os.getpid()), table)
        sampler = NeighbourSampler(table, lambda: own.pids)
        begin_s = time.monotonic()
        _look_again(table)
        assert sampler.read() == {}
        neighbour.burn(0.6)
        ours.burn(0.6)
        own.read()
        _look_again(table)
        share = sampler.read()["cpu_share"]
        busiest = sampler.busiest()
        assert sampler.read() == {}, "the table was not looked at again"
    elapsed_s = time.monotonic() - begin_s
    assert share * elapsed_s * host_cores() >= 0.5
    assert busiest is not None and busiest.cpu_share * elapsed_s * host_cores() >= 0.3
    assert "hush" not in str(busiest) + repr(busiest)
    assert sampler.busiest(since_ms=time.time_ns() // 1_000_000 + 1000) is None


def test_steal_and_waiting_are_not_work_but_part_of_all_time() -> None:
    before = {"user": 0.0, "system": 0.0, "idle": 0.0, "iowait": 0.0, "steal": 0.0}
    now = {"user": 3.0, "system": 1.0, "idle": 2.0, "iowait": 1.0, "steal": 3.0}
    shares = {name: pytest.approx(v) for name, v in (("cpu_share", 0.4), ("steal_share", 0.3))}
    assert cpu_shares(before, now) == {**shares, "iowait_share": pytest.approx(0.1)}
    assert cpu_shares(now, now) == {}


def test_the_host_is_read_with_plausible_figures(busy: Burner) -> None:
    sampler = HostSampler()
    first = sampler.read()
    busy.burn(0.3)
    second = sampler.read()
    assert "cpu_share" not in first
    assert 0 < second["cpu_share"] <= 1 and 0 < second["memory_share"] < 1
    assert all(value >= 0 for value in second.values())


def test_cores_allowed_follow_the_affinity() -> None:
    with burner() as process:
        assert 0 < cores_allowed(psutil.Process(process.pid)) <= host_cores()
        os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
        assert cores_allowed(psutil.Process(process.pid)) <= 1


def test_the_listener_of_a_port_is_found_and_a_restart_is_told_with_its_times() -> None:
    port = servers.free_port()
    listener = PortListener("target", port)
    with pytest.raises(LookupError, match=str(port)):
        listener.current()
    with servers.redis_server(port=port) as server:
        listener = PortListener("target", port)
        found = listener.current()
        assert found is not None and found.pid == server.pid == getattr(find_listener(port), "pid", None)
        assert listener.restarts == []
    assert listener.current() is None
    with servers.redis_server(port=port) as successor:
        found = listener.current()
        assert found is not None and found.pid == successor.pid
    assert [(r.component, r.before_pid, r.after_pid) for r in listener.restarts] == [
        ("target", server.pid, successor.pid)
    ]
    assert listener.restarts[0].gone_ms <= listener.restarts[0].time_ms


def test_of_several_processes_that_share_a_socket_the_first_one_is_meant() -> None:
    program = (
        "import os, socket, sys, time; s = socket.create_server(('127.0.0.1', 0)); child = os.fork()\n"
        "if child: print(s.getsockname()[1], flush=True); sys.stdin.read(); os.kill(child, 9); os.wait()\n"
        "else: time.sleep(60)\n"
    )
    master = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with master:
        assert master.stdout
        found = find_listener(int(master.stdout.readline()))
        assert found is not None and found.pid == master.pid
