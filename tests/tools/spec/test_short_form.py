"""An address, a rate and a duration are a whole description; the starter is one to edit."""

from __future__ import annotations

import pytest

from perfpilot.domain.loops import LOOP_BUDGET
from perfpilot.domain.policy import Policy
from perfpilot.planning.guard.envelope import required_envelope
from perfpilot.planning.plan import make_plan
from perfpilot.planning.review.review import review
from perfpilot.tools.spec.problems import SpecProblems
from perfpilot.tools.spec.read import parse_spec
from perfpilot.tools.spec.short_form import short_form
from perfpilot.tools.spec.starter import starter_spec

URLS = [
    ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "/", "home"),
    ("https://shop.test/api/products?page=1", "https://shop.test", "/api/products?page=1", "products"),
    ("http://[::1]:9/42", "http://[::1]:9", "/42", "home"),
    ("http://h/true", "http://h", "/true", "true"),
    ('http://h/a"b', "http://h", '/a"b', "a-b"),
    ("http://h/%7Bx%7D/", "http://h", "/%7Bx%7D/", "7Bx-7D"),
]


@pytest.mark.parametrize(("url", "base_url", "path", "name"), URLS)
def test_an_address_becomes_one_endpoint(url: str, base_url: str, path: str, name: str) -> None:
    for spec in (short_form(url), parse_spec(starter_spec(url))):
        assert spec.environment.base_url == base_url
        assert [(e.path, e.name) for e in spec.endpoints] == [(path, name)]


@pytest.mark.parametrize("rate", [0.5, 10, "50/s", "18000/min", 1900])
def test_any_rate_that_the_default_policy_allows_can_be_planned(rate: object) -> None:
    spec = short_form("http://127.0.0.1", rate, "40s")
    envelope = required_envelope(spec, {"127.0.0.1": ["127.0.0.1"]}, Policy(), budget=LOOP_BUDGET)
    assert make_plan(spec, 1, envelope=envelope).duration_s == pytest.approx(40)


def test_a_high_rate_begins_with_a_ramp() -> None:
    ramps = [short_form("http://127.0.0.1", rate, "40s").load_patterns[0].constant for rate in (49, 50)]
    assert [(c.ramp, c.duration) for c in ramps if c] == [(0.0, 40.0), (4.0, 36.0)]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("shop.test", 10, "30s"), "url: 'shop.test' is not a web address"),
        (("ftp://h", 10, "30s"), "url: 'ftp://h' is not"),
        (("http://h:x", 10, "30s"), "url: 'http://h:x' is not"),
        (("http://u:hunter2@h", 10, "30s"), "url: give no user name or password"),
        (("//u:hunter2@h:x", 10, "30s"), "url: '//***@h:x'"),
        (("http://h/${__P(a)}", 10, "30s"), "is neither ${name} nor"),
        (("http://h", "fast", 30), "rate_per_s: 'fast' is not a rate"),
        (("http://h", "fast", 30), "duration: 30 is not a duration"),
        (("http://h", 0, "0s"), "rate_per_s: must lie between"),
        (("http://h", 1, "0s"), "duration: must be longer"),
    ],
)
def test_a_wrong_argument_is_named(arguments: tuple[str, object, object], part: str) -> None:
    with pytest.raises(SpecProblems) as caught:
        short_form(*arguments)
    assert part in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_the_starter_explains_itself_and_passes_its_own_review() -> None:
    text = starter_spec("http://127.0.0.1:8080/api/products", "shop.yaml")
    assert "perfpilot run shop.yaml" in text
    assert text.count("#") > 20
    assert review(parse_spec(text)) == ()


def test_what_the_starter_comments_out_can_be_switched_on() -> None:
    text = starter_spec("http://127.0.0.1:8080/api/products")
    on = "\n".join(
        line.replace("# ", "", 1) if line.lstrip().startswith("# ") and line[0] != "#" else line
        for line in text.splitlines()
    )
    spec = parse_spec(on.replace("# test_data:", "test_data:").replace("#   values:", "  values:")
                      .replace("#     user:", "    user:"))  # fmt: skip
    assert spec.environment.auth is not None
    assert spec.environment.servers[0].kind == "postgresql"
    assert spec.endpoint("login").method == "POST"
    assert spec.thresholds[-1].abort
