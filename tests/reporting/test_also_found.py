from __future__ import annotations

from perfpilot.reporting.also_found import also_found
from tests.reporting.sample_results import EVERY_RESULT, go_result, no_go_result


def test_each_kind_of_finding_takes_one_sentence() -> None:
    capacity, comparison, trend, soak = also_found(no_go_result())
    assert capacity.startswith("Capacity: 341.2/s (318.0/s to 366.0/s). Head room: 31.2 %")
    assert comparison.startswith("Worse than the baseline: error rate of all endpoints: +560 %")
    assert comparison.endswith("and 3 more.")
    assert trend == "Over 25 runs: p95 of checkout: regression, 346 ms now; 298 ms to 344 ms was expected."
    assert soak.startswith("Changes slowly: resident memory of target") and soak.endswith("and 1 more.")


def test_silence_where_nothing_was_found() -> None:
    for name in ("go", "inconclusive", "refused", "not_ready", "failed", "stopped"):
        assert also_found(EVERY_RESULT[name]) == ()


def test_a_comparison_that_is_none_tells_no_regression() -> None:
    compared = no_go_result().comparison.model_copy(update={"comparable": False})
    assert not any("baseline" in line for line in also_found(go_result(comparison=compared)))
