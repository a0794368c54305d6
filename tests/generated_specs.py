"""Valid descriptions made by chance, over the whole vocabulary: the same number, the same description.

`described(Random(n))` gives the mapping that an engineer might write; `specs()` lets hypothesis draw, and
shrink, the same. Texts are unusual and legal: whatever looks like a reference and is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import strategies as st

from perfpilot.domain.plan import Plan
from perfpilot.domain.policy import Envelope
from perfpilot.domain.spec import Spec
from perfpilot.planning.defaults import with_defaults
from perfpilot.planning.plan import make_plan
from perfpilot.tools.spec.read import parse_spec
from tests.odd_texts import DATA_VALUES, HEADERS, LINES, SAFE_VALUES, TEXTS

Data = dict[str, Any]

ROOMY = Envelope(
    hosts=("127.0.0.1:8080",), addresses=(), peak_rate_per_s=1e9, users=10**9, requests=10**12,
    wall_time_s=1e9, needs_approval=False, why="",
)  # fmt: skip
"""An envelope that everything fits into."""

SECRET = "${env:PERFPILOT_SECRET_KEY}"
SAFE, ODD = "word", "odd"
"""Variables of the test data: values that may stand in an address, and values that may not."""


def described(chance: Random) -> Data:
    """A description that `parse_spec` takes and `make_plan` plans in a roomy envelope."""
    auth = _auth(chance)
    endpoints = _endpoints(chance)
    spec: Data = {
        "version": 1,
        "test_name": chance.choice(("checkout", "A b.c_d-e", "0", "n" * 64)),
        "test_type": chance.choice(
            ("smoke", "load", "stress", "spike", "soak", "scalability", "breakpoint", "volume")
        ),
        "environment": _environment(chance, auth),
        "endpoints": [*endpoints, *([_login()] if auth else [])],
        "test_data": {"values": _values(chance), "order": chance.choice(("in_turn", "shuffled"))},
    }
    journeys = _journeys(chance, endpoints) if chance.random() < 0.7 else []
    if journeys:
        spec["journeys"] = journeys
    spec["load_patterns"] = _patterns(chance, [journey["name"] for journey in journeys])
    spec["thresholds"] = _thresholds(chance, spec["journeys"][0]["steps"] if journeys else [])
    spec |= _around(chance)
    if "cases" in spec and any("search" in pattern for pattern in spec["load_patterns"]):
        spec["cases"]["share"] = 0  # a search knows no load to take a share of
    return spec


def made(seed: int) -> Spec:
    """The description of a number."""
    return parse_spec(described(Random(seed)))


def planned(spec: Spec) -> tuple[Spec, Plan]:
    """As the workflow plans: with the defaults that it adds."""
    full, _ = with_defaults(spec)
    return full, make_plan(full, 1, envelope=ROOMY)


def specs() -> st.SearchStrategy[Spec]:
    """Descriptions that hypothesis draws."""
    return st.randoms(use_true_random=False).map(described).map(parse_spec)


def _text(chance: Random, *, references: Sequence[str] = (SAFE, ODD), lines: bool = False) -> str:
    parts = chance.choices(TEXTS + (LINES if lines else ()), k=chance.randint(1, 3))
    text = chance.choice(("", " ", ";")).join(parts).replace("${", "$ {")
    if references and chance.random() < 0.4:
        reference = f"${{{chance.choice(references)}}}"
        # A backslash right before a reference has no meaning, and is refused.
        text = chance.choice((f"{text} {reference}", f"{reference}{text}", f"{reference},{reference}$"))
    return text


def _values(chance: Random) -> Data:
    rows = chance.randint(1, 4)
    return {
        SAFE: chance.choices(SAFE_VALUES, k=rows),
        ODD: chance.choices(DATA_VALUES, k=rows if chance.random() < 0.5 else chance.randint(1, 5)),
    }


def _auth(chance: Random) -> Data | None:
    if chance.random() < 0.4:
        return None
    return {
        "login": "log in",
        "token": chance.choice(("$.token", "$['a token'].value", "$..t[0]")),
        "header": chance.choice(("Authorization", "X-Token")),
        "scheme": chance.choice(("Bearer", "", "Token $ {x}")),
        "scope": chance.choice(("run", "iteration")),
    }


def _login() -> Data:
    return {"name": "log in", "method": "POST", "path": "/login", "body": {"user": "me", "password": SECRET}}


def _environment(chance: Random, auth: Data | None) -> Data:
    found: Data = {
        "base_url": chance.choice(
            ("http://127.0.0.1:8080", "https://shop.example.org/api/v1", "http://[::1]:81", "http://a-b/é")
        ),
        "name": _text(chance, references=()),
        "health": chance.choice(("", "/health", "/h?a=b&c='d'")),
        "headers": {"X-All": _header(chance)} if chance.random() < 0.5 else {},
        "timeouts": {"connect": chance.choice(("1ms", "3s")), "response": chance.choice(("250ms", "1m"))},
        "cookies": chance.random() < 0.7,
        "cache": chance.random() < 0.4,
        "instances": chance.choice((1, 3)),
    }  # fmt: skip
    if chance.random() < 0.3:
        found |= {"cost_per_hour": chance.choice((0.5, 12)), "currency": chance.choice(("", "EUR", "é"))}
    if auth:
        found["auth"] = auth
    if chance.random() < 0.3:
        user = chance.choice(("me", "a b\\c", "<&> $ {x} 'q'", " ", "${env:PERFPILOT_SECRET_USER}"))
        found["basic_auth"] = {"user": user, "password": SECRET}
    if chance.random() < 0.2:
        server = {"name": "db", "host": "127.0.0.1", "port": 5432, "database": "d", "user": "u"}
        password = chance.choice(("", SECRET))
        found["servers"] = [{"kind": chance.choice(("postgresql", "redis")), "password": password, **server}]
    return found


def _header(chance: Random) -> str:
    value = chance.choice(HEADERS)
    more = chance.choice(("", "${word}", SECRET))
    return f"{value} {more}".strip() if more else value


def _endpoints(chance: Random) -> list[Data]:
    """At first one that gives `id`, then one that needs it, then any."""
    giver = _endpoint(chance, "give")
    giver["extract"] = [{"name": "id", "optional": chance.random() < 0.5, **_source(chance)}]
    taker = _endpoint(chance, "take")
    taker["path"] = "/take/${id}"
    return [giver, taker, *(_endpoint(chance, f"any {n}") for n in range(chance.randint(0, 4)))]


def _endpoint(chance: Random, name: str) -> Data:
    method = chance.choice(("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"))
    found: Data = {
        "name": name,
        "method": method,
        "path": chance.choice(
            ("/", "/a/b.c;d", "/é/日?q=ü&x='y'|z", "/w/${word}", "/p?a={b}&c=$d", "/%20%C3")
        ),
        "headers": {"X-Own": _header(chance), "Accept": "*/*"} if chance.random() < 0.4 else {},
        "redirects": chance.random() < 0.3,
        "weight": chance.choice((1, 0.5, 3)),
        "authenticated": chance.random() < 0.8,
        "expect": _expect(chance),
    }
    body = method in ("POST", "PUT", "PATCH", "DELETE") and chance.random() < 0.6
    if body:
        found["body"] = _body(chance)
    elif method in ("POST", "PUT", "PATCH") and chance.random() < 0.7:
        found |= _form(chance)
    if chance.random() < 0.4:
        free = method in ("GET", "OPTIONS")
        found["query"] = {
            key: _text(chance, references=(SAFE, ODD) if free else (SAFE,))
            for key in chance.sample(("q", "a b", "é[]", "x&y", "\\ $ <"), k=chance.randint(1, 3))
        }
    return found


def _body(chance: Random) -> Any:
    if chance.random() < 0.5:
        return _text(chance, lines=True)
    value = {"text": _text(chance, lines=True), 'é " \\ $': [1, 2.5, True, None, {}, []], "key": SECRET}
    return chance.choice((value, [value, _text(chance)], {"deep": {"deeper": {"n": -1, "s": _text(chance)}}}))


def _form(chance: Random) -> Data:
    form = {key: _text(chance) for key in chance.sample(("a", "b c", "é", "d[]", "x\\y"), k=2)}
    if chance.random() < 0.5:
        return {"form": form}
    upload = {"field": chance.choice(("file", 'é "q"')), "path": chance.choice(("a.bin", "dir/b c.txt"))}
    if chance.random() < 0.5:
        upload["type"] = "image/svg+xml"
    # In a multipart form JMeter writes values as they are.
    return {"form": form, "files": [upload]} if chance.random() < 0.5 else {"files": [upload]}


def _expect(chance: Random) -> Data:
    found: Data = {}
    if chance.random() < 0.4:
        found["status"] = chance.sample(
            (200, 201, 404, 418, "2xx", "3xx", "4xx", "5xx"), k=chance.randint(1, 3)
        )
    for key in ("contains", "lacks"):
        if chance.random() < 0.25:
            found[key] = _text(chance) or "x"
    if chance.random() < 0.2:
        found["json_path"] = chance.choice(("$.a", "$['b c'][0]", "$.items[?(@.n > 1)]"))
    if chance.random() < 0.2:
        found["within"] = chance.choice(("250ms", "3s"))
    return found


def _source(chance: Random) -> Data:
    source = chance.choice((
        {"json_path": "$.items[0].id"}, {"json_path": "$['a \\'b'].c"}, {"regex": "id=\"([^\"]+)\""},
        {"regex": "\\d+|a\\$b{2}"}, {"header": "Location"}, {"header": "X-Id"},
    ))  # fmt: skip
    return {**source, "match": chance.choice(("first", "random"))}


def _journeys(chance: Random, endpoints: Sequence[Data]) -> list[Data]:
    free = [endpoint["name"] for endpoint in endpoints if endpoint["name"] != "take"]
    optional = endpoints[0]["extract"][0]["optional"]
    journeys = []
    for name in chance.sample(("browse", "buy it", "J.3_-", "j" * 64), k=chance.randint(1, 4)):
        steps: list[Any] = [_step(chance, chance.choice(free)) for _ in range(chance.randint(1, 3))]
        if chance.random() < 0.5:
            then = {
                **_step(chance, "take"),
                **({"only_if": "id"} if optional or chance.random() < 0.5 else {}),
            }
            steps += ["give", then]
        journeys.append(
            {
                "name": name, "steps": steps, "weight": chance.choice((1, 0.25, 7)),
                "transaction": chance.random() < 0.3,
            }
        )  # fmt: skip
    return journeys


def _step(chance: Random, endpoint: str) -> Data:
    step: Data = {"endpoint": endpoint}
    if chance.random() < 0.5:
        step["think_time"] = chance.choice(("1ms", "250ms", "2s"))
    if chance.random() < 0.3:
        step["repeat"] = chance.choice((2, 3, 17))
    return step


def _patterns(chance: Random, journeys: Sequence[str]) -> list[Data]:
    """One pattern for all, or one for each journey, or the last one for what is left."""
    if len(journeys) < 2 or chance.random() < 0.4:
        return [_search(chance) if chance.random() < 0.15 else _pattern(chance)]
    found = [{**_pattern(chance), "journeys": [name]} for name in journeys]
    if chance.random() < 0.5:
        del found[-1]["journeys"]
    for pattern in found[1:]:
        if chance.random() < 0.5:
            pattern["begins"] = chance.choice(("1s", "2m"))
    return found


def _pattern(chance: Random) -> Data:
    open_model = chance.random() < 0.6
    low, high = chance.choice(((1, 4), (0.5, 20), (7, 30)) if open_model else ((1, 4), (5, 20), (2, 37)))
    shape = chance.choice(_SHAPES)
    found: Data = {
        "model": "open" if open_model else "closed",
        **_shape(chance, shape, low, high, open_model),
    }
    if open_model:
        found["arrivals"] = chance.choice(("random", "even"))
    return {**found, "steered": chance.random() < 0.35}


def _search(chance: Random) -> Data:
    search = {
        "start": 2, "end": 20, "precision": chance.choice(("5%", "10%")),
        "hold": chance.choice(("8s", "4s")), "longest": chance.choice(("10m", "2m")),
    }  # fmt: skip
    return {"model": chance.choice(("open", "closed")), "search": search}


_SHAPES = ("constant", "ramp", "steps", "spike", "wave", "soak", "breakpoint", "stages", "level")


def _shape(chance: Random, shape: str, low: float, high: float, open_model: bool) -> Data:
    level = "rate_per_s" if open_model else "users"
    ramp, growth = chance.choice(("0s", "1s", "2500ms")), chance.choice((0.25, 1))
    step = max(round((high - low) / 3), 1)
    drawn: Data = {
        "constant": {"level": high, "duration": "30s", "ramp": ramp},
        "ramp": {"start": chance.choice((0, low)), "end": high, "duration": "1m"},
        "steps": {"start": low, "end": high, "step": step, "hold": "20s", "ramp": ramp},
        "spike": {"base": low, "peak": high, "before": "20s", "hold": "5s", "after": "20s", "ramp": ramp},
        "wave": {"low": low, "high": high, "period": "40s", "duration": chance.choice(("1m", "95s"))},
        "soak": {"level": low, "duration": "1h", "ramp": "1m"},
        "breakpoint": {"start": low, "end": high, "growth": growth, "hold": "30s", "ramp": ramp},
        "stages": [
            {level: high, "duration": "10s", "ramp": True},
            {level: high, "duration": "30s"},
            {level: 0, "duration": chance.choice(("5s", "90s")), "ramp": chance.random() < 0.5},
        ],
    }  # fmt: skip
    if shape == "level":
        return {level: high, **({"duration": "5m"} if chance.random() < 0.5 else {})}
    return {shape: drawn[shape]}


def _thresholds(chance: Random, steps: Sequence[Data | str]) -> list[str]:
    lines = ["p95 < 400ms", "p99.9 <= 2s over 30s", "error_rate < 1%", "abort if error_rate > 20% for 10s",
             "achieved_load >= 95%", "cpu(target) < 85%", "apdex(0.5s) >= 0.9", "mean < 1s"]  # fmt: skip
    named = next((step if isinstance(step, str) else step["endpoint"] for step in steps), "")
    if named:
        lines.append(f"p50({named}) < 250ms")
    return chance.sample(lines, k=chance.randint(0, 4))


def _around(chance: Random) -> Data:
    found: Data = {}
    if chance.random() < 0.5:
        run = chance.choice(([], ["edge"], ["failure"], ["edge", "failure"]))
        found["cases"] = {
            "run": run, "writes": chance.random() < 0.5, "share": chance.choice((0, "1%", 0.05)),
            "most": chance.choice((1, 7, 40)),
        }  # fmt: skip
    if chance.random() < 0.3:
        lines = ["cpu(target) > 90% for 15s", "critical if error_rate >= 20%", "memory(jmeter) > 2GB",
                 "info if p99 > 1s until 500ms", "throughput < 10/s for 1m"]  # fmt: skip
        found["alerts"] = chance.sample(lines, k=chance.randint(1, 3))
    if chance.random() < 0.3:
        found["baseline"] = {
            "run": chance.choice(("previous", "set", "20260101-000000-a-b")), "runs": chance.choice((1, 5)),
            "floor": chance.choice(("5%", 0.1)), "source": chance.choice(("", "last year")),
            "benchmark": chance.choice(([], ["p95 = 250ms", "throughput = 3/s"])),
        }  # fmt: skip
    if chance.random() < 0.3:
        found["expected_load"] = chance.choice(("30/s", 4))
    if chance.random() < 0.3:
        found["limits"] = {"rate_per_s": "1000/s", "users": 5000, "requests": 10**7, "duration": "3h"}
    if chance.random() < 0.3:
        found["notifications"] = {"webhook": chance.choice(("https://example.org/hook", SECRET))}
    if chance.random() < 0.3:
        found["reports"] = {"formats": chance.choice((["html"], ["markdown", "junit"], []))}
    return found
