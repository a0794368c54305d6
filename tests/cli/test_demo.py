"""The demo's description, and what its options make of it."""

from __future__ import annotations

from perfpilot.cli import demo
from perfpilot.demo import faults
from perfpilot.planning.review.review import review
from perfpilot.tools.spec.read import parse_spec


def test_the_options_offer_what_the_service_has() -> None:
    assert demo.FAULTS == faults.NAMES
    assert demo.SEVERITIES == faults.SEVERITIES


def test_the_description_is_sound_and_there_is_nothing_to_remark() -> None:
    spec = parse_spec(demo.demo_spec("http://127.0.0.1:8080"))
    assert [remark.text for remark in review(spec)] == []


def test_address_rate_and_length_are_filled_in() -> None:
    spec = parse_spec(demo.demo_spec("http://127.0.0.1:4711", rate_per_s=12.5, load_s=20))
    stages = spec.load_patterns[0].stages
    assert spec.environment.base_url == "http://127.0.0.1:4711"
    assert [stage.rate_per_s for stage in stages] == [12.5, 12.5]
    assert [stage.duration for stage in stages] == [5.0, 15.0]
    assert stages[0].ramp
