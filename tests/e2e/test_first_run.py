"""The main job: a real JMeter, a real target, a verdict, and figures that agree with the files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import perfpilot
from perfpilot.demo.launch import Service
from perfpilot.domain.outcome import Verdict
from tests.e2e.specs import requests_at, shop_spec


async def test_a_healthy_target_is_a_go_and_every_figure_agrees(shop: Service, tmp_path: Path) -> None:
    result = await perfpilot.run(shop_spec(shop.base_url), runs_dir=tmp_path / "runs")
    run = tmp_path / "runs" / result.run.id

    assert result.outcome.verdict is Verdict.GO, result.outcome.reasons
    assert result.findings == ()
    attempt = result.deciding_attempt()
    assert attempt is not None
    with (run / f"attempts/{attempt.number}/results.jtl").open(newline="") as file:
        rows = list(csv.DictReader(file))
    whole = attempt.phase("all")
    assert whole is not None
    assert whole.pooled.count == attempt.files.rows == len(rows)
    for label in whole.labels:
        elapsed = sorted(int(row["elapsed"]) for row in rows if row["label"] == label.label)
        assert label.count == len(elapsed)
        assert label.errors == sum(row["success"] != "true" for row in rows if row["label"] == label.label)
        for percent, value in ((50, label.p50_ms), (95, label.p95_ms), (99, label.p99_ms)):
            exact = elapsed[-(-percent * len(elapsed) // 100) - 1]  # in whole numbers: 0.95 * 240 > 228
            assert value is not None
            assert abs(value - exact) <= 0.004 * exact + 1e-9
    # What the target counted: the load and the smoke pass, nothing else.
    browsed = sum(row["label"] == "browse" for row in rows) + 1
    assert requests_at(shop.base_url, "/api/browse") == browsed * len(result.scenarios)


async def test_every_report_is_written_and_shows_the_same_verdict(shop: Service, tmp_path: Path) -> None:
    result = await perfpilot.run(shop_spec(shop.base_url), runs_dir=tmp_path / "runs")
    run = tmp_path / "runs" / result.run.id
    written = json.loads((run / "result.json").read_text())
    assert written["outcome"]["verdict"] == "GO"
    for name in ("report.html", "report.md"):
        assert "GO" in (run / name).read_text(), name
    assert 'failures="0"' in (run / "junit.xml").read_text()
    listed = {file["path"] for file in json.loads((run / "manifest.json").read_text())["files"]}
    assert {"result.json", "report.html", "attempts/1/results.jtl", "monitor.csv", "events.jsonl"} <= listed
    assert not list(run.rglob("private.properties"))
