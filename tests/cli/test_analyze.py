"""`perfpilot analyze` as a process, and the same as a library call."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

import perfpilot
from perfpilot.domain.outcome import Verdict
from tests.analysis.result_files import file, line
from tests.cli.command import perfpilot as command


def write(path: Path, *, seconds: int = 120, elapsed_ms: int = 100, failing: bool = False) -> Path:
    path.write_bytes(
        file(
            line(
                at, elapsed_ms + at // 20 % 7, users=4, success=not failing, code="500" if failing else "200"
            )
            for at in range(0, seconds * 1000, 20)
        )
    )
    return path


SPEC = {
    "version": 1,
    "test_name": "shop",
    "environment": {"base_url": "http://127.0.0.1:1"},
    "endpoints": [{"name": "home", "path": "/"}],
    "load_patterns": [{"arrivals": "even", "stages": [{"rate_per_s": 50, "duration": "2m"}]}],
    "thresholds": ["p95(home) < 400ms"],
    "notifications": {"webhook": "http://127.0.0.1:9/told"},
}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["good.jtl", "--threshold", "p95 < 400ms"], 0, "all 2 thresholds are met"),
        (["good.jtl", "--spec", "shop.yaml"], 0, "all 3 thresholds are met"),
        (["good.jtl", "--threshold", "p95 < 50ms"], 1, "p95 < 50ms: broken"),
        (["bad.jtl"], 1, "error_rate < 1%: broken"),
        (["good.jtl"], 3, "--threshold"),
        (["short.jtl", "--threshold", "p95 < 400ms"], 3, "too short"),
        (["header.jtl", "--threshold", "p95 < 400ms"], 3, "no sample"),
        (["torn.jtl", "--threshold", "p95 < 400ms"], 3, "breaks off"),
        (["good.jtl", "--threshold", "p95(hom) < 1s"], 2, "nearest: home"),
        (["good.jtl", "--threshold", "p95 of home"], 2, "mend"),
        (["good.jtl", "--baseline", "nothing.jtl"], 2, "nothing.jtl does not exist"),
        (["nothing.jtl"], 2, "does not exist"),
        (["."], 2, "is a directory"),
        (["empty.jtl"], 2, "empty"),
        (["xml.jtl"], 2, "output_format=csv"),
    ],
)
def test_the_exit_code_says_what_came_out(arguments: list[str], code: int, said: str, tmp_path: Path) -> None:
    good = write(tmp_path / "good.jtl")
    write(tmp_path / "bad.jtl", failing=True)
    write(tmp_path / "short.jtl", seconds=5)
    (tmp_path / "header.jtl").write_bytes(file([]))
    (tmp_path / "torn.jtl").write_bytes(good.read_bytes()[:-5])
    (tmp_path / "empty.jtl").write_bytes(b"")
    (tmp_path / "xml.jtl").write_bytes(b'<?xml version="1.0" encoding="UTF-8"?>\n<testResults version="1.2">')
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump(SPEC))
    done = command("analyze", *arguments, "--no-model", cwd=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    assert said in " ".join((done.stdout + done.stderr).split())
    runs = list((tmp_path / "runs").glob("2*")) if (tmp_path / "runs").is_dir() else []
    assert len(runs) == (0 if code == 2 else 1), "what is refused leaves nothing behind"


def test_the_result_on_stdout_is_json_and_names_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "good.jtl")
    arguments = ("analyze", "good.jtl", "--json", "--no-model", "--name", "nightly", "--runs", "kept")
    done = command(*arguments, "--threshold", "p95 < 400ms", cwd=tmp_path)
    result = json.loads(done.stdout)
    assert result["file"]["path"] == str(path)
    assert result["run"]["test_name"] == "nightly"
    assert result["run"]["host"] == ""
    assert result["plan"] is None
    assert result["generator"]["achieved_load"] is None
    assert (tmp_path / "kept" / result["run"]["id"] / "report.html").is_file()


async def test_the_library_gives_the_same_and_compares(tmp_path: Path) -> None:
    before = write(tmp_path / "before.jtl")
    after = write(tmp_path / "after.jtl", elapsed_ms=140)
    result = await perfpilot.analyze(
        after,
        spec=SPEC,
        thresholds=["change(p95, baseline) <= 10%"],
        baseline=before,
        runs_dir=tmp_path / "runs",
        use_model=False,
    )
    assert result.outcome.verdict is not Verdict.GO
    assert "change(p95, baseline) <= 10%" in result.outcome.reasons[0]
    p95 = next(c for c in result.comparison.changes if (c.metric, c.label) == ("p95", ""))
    assert (p95.before, p95.after) == (pytest.approx(106, rel=0.01), pytest.approx(146, rel=0.01))
    assert result.comparison.baseline_run == "before.jtl"
    assert not result.loops
    assert not result.degradations, "a description's webhook is not told of a file"
    page = (tmp_path / "runs" / result.run.id / "report.html").read_text()
    assert str(after) in page
    assert "Nobody watched the load generator" in page


async def test_an_analysed_file_is_no_baseline_of_a_run_unless_it_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "good.jtl")
    one = await perfpilot.analyze(path, runs_dir=tmp_path, use_model=False)
    other = await perfpilot.analyze(path, runs_dir=tmp_path, use_model=False)
    assert not other.comparison.baseline_run
    named = await perfpilot.analyze(path, baseline=one.run.id, runs_dir=tmp_path, use_model=False)
    assert named.comparison.baseline_run == one.run.id


def test_a_program_without_an_event_loop_has_it_too(tmp_path: Path) -> None:
    path = write(tmp_path / "good.jtl")
    lines = ["p95 < 400ms"]
    result = perfpilot.analyze_sync(path, thresholds=lines, runs_dir=tmp_path / "runs", use_model=False)
    assert result.outcome.verdict is Verdict.GO
    with pytest.raises(perfpilot.SpecError, match="p95 below"):
        perfpilot.analyze_sync(path, thresholds=["p95 below 4"], runs_dir=tmp_path / "runs")
