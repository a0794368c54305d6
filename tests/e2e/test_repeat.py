"""Runs in turns: two descriptions, a real JMeter, one comparison with the run as its unit."""

from __future__ import annotations

from pathlib import Path

import perfpilot
from perfpilot.demo.launch import Service
from perfpilot.domain.outcome import Verdict
from perfpilot.domain.repeated import Repeated
from tests.e2e.specs import shop_spec


async def test_two_descriptions_are_run_in_turns_and_compared(shop: Service, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    new, old = shop_spec(shop.base_url), shop_spec(shop.base_url, test_name="old shop")
    made = await perfpilot.repeat(new, 2, against=old, runs_dir=runs)

    assert [one.side for one in made.repetitions] == ["before", "after", "after", "before"]
    assert made.outcome.verdict is Verdict.GO, made.outcome.reasons
    ids = [one.run_id for one in made.repetitions]
    assert len(set(ids)) == 4 and all((runs / id_ / "result.json").is_file() for id_ in ids)
    assert made.comparison.comparable, made.comparison.because
    assert (made.comparison.baseline_runs, made.comparison.runs) == ((ids[3], ids[0]), (ids[2], ids[1]))
    assert Repeated.model_validate_json((runs / ids[-1] / "repeated.json").read_text()) == made
