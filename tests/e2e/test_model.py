"""A language model words the report and decides nothing, however it behaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import perfpilot
from perfpilot.demo.launch import Service
from perfpilot.domain.outcome import Verdict
from perfpilot.domain.result import Result
from tests.e2e.specs import shop_spec
from tests.openai_server import Reply, openai_server

pytestmark = pytest.mark.timeout(240)


async def _run(shop: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *script: Reply) -> Result:
    with openai_server(*script) as model:
        monkeypatch.setenv("OPENAI_BASE_URL", model.url)
        return await perfpilot.run(shop_spec(shop.base_url), runs_dir=tmp_path / "runs")


async def test_grounded_words_of_a_model_stand_in_the_report(
    shop: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    review: dict[str, Any] = {"remarks": [{"place": "endpoints", "text": "Both requests only read."}]}
    words = {"executive_summary": [{"text": "The shop answered all requests of this load.", "facts": ["F1"]}]}
    result = await _run(shop, tmp_path, monkeypatch, Reply(review), Reply(words))
    assert result.outcome.verdict is Verdict.GO
    assert [remark.text for remark in result.review if remark.source == "model"] == [
        "Both requests only read."
    ]
    summary = result.insights.executive_summary
    assert [(said.text, said.source) for said in summary] == [
        (words["executive_summary"][0]["text"], "model")
    ]
    assert result.insights.risk_assessment[0].source == "rules", "what the model left out, rules say"


async def test_invented_numbers_and_a_verdict_of_its_own_are_dropped(
    shop: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {
        "executive_summary": [
            {"text": "The p95 was 98765 ms, so do not release.", "facts": ["F1"]},
        ]
    }
    result = await _run(shop, tmp_path, monkeypatch, Reply({"remarks": []}), Reply(words))
    assert result.outcome.verdict is Verdict.GO
    assert "98765" not in result.model_dump_json(exclude={"degradations"})
    assert all(said.source == "rules" for said in result.insights.executive_summary)
    assert any("dropped" in text for text in result.degradations)


async def test_a_model_that_is_down_changes_the_wording_and_nothing_else(
    shop: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = await _run(shop, tmp_path, monkeypatch, Reply(status=500))
    assert result.outcome.verdict is Verdict.GO
    assert all(said.source == "rules" for said in result.insights.executive_summary)
    of_the_model = [text for text in result.degradations if "model" in text]  # a busy machine adds others
    assert len(of_the_model) == 2, "\n".join(result.degradations)
