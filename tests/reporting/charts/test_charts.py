from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from lxml import etree

from perfpilot.domain.measure import ResourceSeries, Series
from perfpilot.domain.result import Charts
from perfpilot.reporting.charts.canvas import Chart
from perfpilot.reporting.charts.charts import Drawings, draw_charts
from tests.reporting.sample_charts import charts
from tests.reporting.sample_results import go_result, never_started_result


def every(drawings: Drawings) -> tuple[Chart, ...]:
    return drawings.load + drawings.times + drawings.resources


def names(drawings: Drawings) -> list[str]:
    return [chart.name for chart in every(drawings)]


def test_every_chart_that_the_data_permit_is_drawn() -> None:
    drawings = draw_charts(go_result(), charts())
    assert names(drawings) == [
        "throughput", "users", "errors", "percentiles", "curve", "saturation",
        "resource1", "resource2", "resource3", "resource4",
    ]  # fmt: skip
    assert [chart.title for chart in drawings.resources[:2]] == ["Processor", "Memory of processes"]
    assert drawings.flat == ("shop-cache evicted keys 0",)


def test_a_chart_without_data_is_left_out() -> None:
    empty = Charts(series=Series(start_ms=0))
    assert draw_charts(never_started_result(), None) == Drawings()
    assert draw_charts(never_started_result(), empty) == Drawings()
    only_samples = Charts(series=Series(start_ms=0, samples=(3, 4, 5), errors=(0, 0, 0)))
    assert names(draw_charts(never_started_result(), only_samples)) == ["throughput"]


@pytest.mark.parametrize("samples", [(1,), (0, 0, 0), (5,) * 3])
def test_the_shortest_and_emptiest_runs_can_be_drawn(samples: tuple[int, ...]) -> None:
    series = Series(start_ms=0, samples=samples, p95_ms=(None,) * len(samples))
    assert "throughput" in names(draw_charts(never_started_result(), Charts(series=series)))


def test_the_same_data_give_the_same_bytes_from_many_threads_at_once() -> None:
    once = draw_charts(go_result(), charts())
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda _: draw_charts(go_result(), charts()), range(4)))
    assert all(drawings == once for drawings in drawn)


def test_drawing_neither_changes_nor_follows_process_wide_settings() -> None:
    import matplotlib

    plain = draw_charts(go_result(), charts())
    hostile = {"svg.fonttype": "path", "lines.linewidth": 9, "axes.facecolor": "red", "font.size": 30,
               "axes.grid": True, "figure.facecolor": "blue", "axes.spines.left": True, "lines.marker": "s",
               "xtick.color": "red", "figure.constrained_layout.use": True, "axes.xmargin": 0.4}  # fmt: skip
    with matplotlib.rc_context(hostile):
        before = dict(matplotlib.rcParams)
        assert draw_charts(go_result(), charts()) == plain
        assert dict(matplotlib.rcParams) == before


def test_ids_are_unique_over_all_drawings_of_a_page_and_every_reference_has_its_target() -> None:
    svgs = [chart.svg for chart in every(draw_charts(go_result(), charts()))]
    ids = [identity for svg in svgs for identity in re.findall(r'\bid="([^"]+)"', svg)]
    assert ids and len(ids) == len(set(ids))
    for svg in svgs:
        own = set(re.findall(r'\bid="([^"]+)"', svg))
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) | set(re.findall(r'href="#([^"]+)"', svg)) <= own


def test_drawings_are_small_themed_and_hold_text_as_text() -> None:
    for chart in every(draw_charts(go_result(), charts(3600))):
        root = etree.fromstring(chart.svg)
        assert root.get("role") == "img" and root.get("aria-label")
        assert len(root.findall(".//{*}text")) >= 4
        assert not re.search(r"#[0-9a-f]{6}\b", chart.svg), "a fixed colour would not follow the theme"
        assert not root.findall(".//{*}metadata") and not root.findall(".//{*}style")
        assert len(chart.svg) < 60_000


def test_all_charts_over_time_share_their_x_axis_and_the_steady_window() -> None:
    drawings = draw_charts(go_result(), charts())
    over_time = [c for c in every(drawings) if c.name not in ("curve", "saturation")]
    seen = {
        (tuple(re.findall(r">(\d+ s)<", chart.svg)), re.search(r'<path d="([^"]+)"[^>]*steady', chart.svg)[1])  # type: ignore[index]
        for chart in over_time
    }
    assert len({ticks for ticks, _ in seen}) == 1
    assert len({tuple(re.findall(r"[ML](\S+) ", shape)) for _, shape in seen}) == 1


def test_resources_before_and_after_the_load_are_cut_off() -> None:
    series = Series(start_ms=0, samples=(5,) * 10)
    outside = ResourceSeries(component="host", metric="cpu_share", t_s=(-5.0, 30.0), values=(0.1, 0.9))
    drawings = draw_charts(go_result(), Charts(series=series, resources=(outside,)))
    assert drawings.resources == () and drawings.flat == ()


def test_a_component_has_one_colour_in_all_charts() -> None:
    drawings = draw_charts(go_result(), charts())
    roles = {(key.label, key.role) for chart in drawings.resources for key in chart.keys}
    assert len(roles) == len({label for label, _ in roles})
