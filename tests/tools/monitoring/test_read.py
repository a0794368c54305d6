"""Reading monitor.csv back, whole, torn or damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.tools.monitoring.read import read_monitor
from perfpilot.tools.monitoring.record import Line, Record


def _read(path: Path, start_ms: int = 1000, end_ms: int = 9000) -> dict[str, list[tuple[float, float]]]:
    return {
        f"{series.component}.{series.metric}": list(zip(series.t_s, series.values, strict=True))
        for series in read_monitor(path, start_ms, end_ms)
    }


def test_what_was_written_is_read_in_seconds_since_the_start(tmp_path: Path) -> None:
    record = Record(tmp_path / "monitor.csv")
    record.append([Line(1000, "host", "cpu_share", 0.25), Line(1500, "a,b", "x\ny", 1e12)])
    record.append([Line(2000, "host", "cpu_share", 0.5), Line(9001, "host", "cpu_share", 1.0)])
    record.close()
    assert _read(tmp_path / "monitor.csv") == {
        "host.cpu_share": [(0.0, 0.25), (1.0, 0.5)], "a_b.x_y": [(0.5, 1e12)],
    }  # fmt: skip


@pytest.mark.parametrize(
    "tail",
    [
        "2000,host,cpu_share,0.3", "2000,host", "2000", "2000,host,cpu_share,\n", "x,host,cpu_share,1\n",
        "2000,host,cpu_share,nan\n", "2000,host,cpu_share,inf\n", "2000,host,cpu_share,1,2\n", "\x00\xff\n",
        "\n",
    ],
)  # fmt: skip
def test_a_torn_or_damaged_line_is_left_out(tmp_path: Path, tail: str) -> None:
    path = tmp_path / "monitor.csv"
    path.write_text("time_ms,component,metric,value\n1000,host,cpu_share,0.25\n" + tail, encoding="latin-1")
    assert _read(path) == {"host.cpu_share": [(0.0, 0.25)]}


def test_a_torn_value_does_not_pass_for_a_whole_one_after_going_on(tmp_path: Path) -> None:
    path = tmp_path / "monitor.csv"
    path.write_text("time_ms,component,metric,value\n1000,host,cpu_share,0.2")
    record = Record(path)
    record.append([Line(2000, "host", "cpu_share", 0.5)])
    record.close()
    assert _read(path) == {"host.cpu_share": [(1.0, 0.5)]}


def test_no_file_has_no_series(tmp_path: Path) -> None:
    assert read_monitor(tmp_path / "none.csv", 0, 1) == ()
