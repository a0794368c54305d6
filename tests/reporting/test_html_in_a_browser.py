"""The page in a real browser: what the parser of a test forgives, a browser may not."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import html

from perfpilot.domain.result import Result
from perfpilot.reporting.html import render_html
from tests.reporting.hostile_results import hostile_charts, hostile_result
from tests.reporting.sample_charts import charts
from tests.reporting.sample_results import never_started_result, no_go_result


def in_chromium(folder: Path, page: str, *flags: str) -> subprocess.CompletedProcess[str]:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.fail("no browser to look at the report with: apt-get install chromium")
    (folder / "report.html").write_text(page, encoding="utf-8")
    return subprocess.run(
        [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-component-update", "--disable-background-networking", "--disable-sync",
            f"--user-data-dir={folder / 'profile'}",
            "--enable-logging=stderr", *flags, (folder / "report.html").as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("result", "word"),
    [(no_go_result(), "NO-GO"), (never_started_result(), "REFUSED"), (hostile_result(), "NO-GO")],
    ids=["no_go", "refused", "hostile"],
)
def test_a_browser_shows_the_verdict_without_a_complaint(tmp_path: Path, result: Result, word: str) -> None:
    drawn = None if word == "REFUSED" else hostile_charts()
    shown = in_chromium(tmp_path, render_html(result, drawn), "--dump-dom")
    assert "CONSOLE" not in shown.stderr
    document = html.document_fromstring(shown.stdout)
    assert document.get_element_by_id("verdict").text_content() == word
    assert not document.xpath("//script | //img | //@onerror")


def test_charts_are_painted_and_not_only_present(tmp_path: Path) -> None:
    def picture(name: str, page: str) -> int:
        target = tmp_path / name
        in_chromium(tmp_path, page, f"--screenshot={target}", "--window-size=1200,9000", "--hide-scrollbars")
        return target.stat().st_size

    painted = picture("with.png", render_html(no_go_result(), charts()))
    assert painted > picture("without.png", render_html(no_go_result(), None)) + 20_000
