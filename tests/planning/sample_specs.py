"""Descriptions for the tests: one that is sound, and generated ones."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from perfpilot.domain.spec import Spec
from perfpilot.tools.spec.read import parse_spec


def mapping(**changes: Any) -> dict[str, Any]:
    """A small sound description; keyword arguments replace its keys."""
    return {
        "test_name": "shop",
        "environment": {"base_url": "http://127.0.0.1:8080"},
        "endpoints": [{"name": "products", "path": "/api/products"}],
        "load_patterns": [{"stages": [{"rate_per_s": 20, "duration": "60s"}]}],
        **changes,
    }


def spec(**changes: Any) -> Spec:
    """The same, parsed."""
    return parse_spec(mapping(**changes))


def pattern(*stages: dict[str, Any], **keys: Any) -> list[dict[str, Any]]:
    """A `load_patterns` of one entry."""
    return [{"stages": list(stages), **keys}]


_names = st.text("abcXYZ019_.-", min_size=1, max_size=8).map(lambda text: "n" + text)
_durations = st.integers(1, 600).map(lambda s: f"{s}s") | st.integers(1, 900_000).map(lambda ms: f"{ms}ms")
_text = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="$\ufffe\uffff"), max_size=12
)
_lines = st.text(st.sampled_from("ab \n\t:#'\"-{}[]!&*|>%@`,?\u2028\u00e9"), max_size=12)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False) | _text | _lines,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
_stages = {
    "open": st.fixed_dictionaries(
        {"duration": _durations, "rate_per_s": st.floats(0.01, 50)}, optional={"ramp": st.booleans()}
    ),
    "closed": st.fixed_dictionaries(
        {"duration": _durations, "users": st.integers(1, 60)}, optional={"ramp": st.booleans()}
    ),
}
_THRESHOLDS = (
    "p95 < 400ms", "p99.9 <= 1s over 30s", "error_rate < 1%", "achieved_load >= 95%",
    "cpu(target) < 85%", "apdex(0.5s) >= 0.9", "change(p95, baseline) <= 10%",
    "abort if error_rate > 20% for 10s", "capacity >= 3/s",
)  # fmt: skip


@st.composite
def mappings(draw: st.DrawFn) -> dict[str, Any]:
    """Sound descriptions of every shape, as mappings."""
    names = draw(st.lists(_names, min_size=1, max_size=4, unique=True))
    endpoints = [
        {
            "name": name,
            "path": "/" + "".join(draw(st.lists(st.sampled_from([*"abc/-_.?=&:", "%41"]), max_size=10))),
            "method": draw(st.sampled_from(["GET", "POST", "DELETE"])),
            "weight": draw(st.floats(0.1, 9)),
            "body": draw(
                st.none() | _lines | st.dictionaries(_text, _json, max_size=3) | st.lists(_json, max_size=3)
            ),
            "headers": draw(st.dictionaries(st.sampled_from(["Accept", "X-A", "true"]), _text, max_size=2)),
        }
        for name in names
    ]
    steps = st.lists(
        st.sampled_from(names)
        | st.fixed_dictionaries({"endpoint": st.sampled_from(names), "think_time": _durations}),
        min_size=1, max_size=3,
    )  # fmt: skip
    journeys = draw(
        st.lists(st.fixed_dictionaries({"name": _names, "steps": steps}), max_size=3, unique_by=_by_name)
    )
    model = draw(st.sampled_from(["open", "closed"]))
    return mapping(
        endpoints=endpoints,
        journeys=journeys,
        load_patterns=[
            {
                "model": model,
                "stages": draw(st.lists(_stages[model], min_size=1, max_size=4)),
                "steered": model == "open" and draw(st.booleans()),
            }
        ],
        thresholds=draw(st.lists(st.sampled_from(_THRESHOLDS), max_size=3)),
        test_data={"values": draw(st.dictionaries(_names.map(lambda n: n.replace(".", "").replace("-", "")),
                                                  st.lists(_text, min_size=1, max_size=3), max_size=2))},
    )  # fmt: skip


def _by_name(entry: dict[str, Any]) -> str:
    return str(entry["name"])
