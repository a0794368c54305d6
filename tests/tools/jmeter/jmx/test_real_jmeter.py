"""The facts that the plan writer rests on, asked of a real JMeter on loopback."""

from __future__ import annotations

import base64
import random
import re
import subprocess
import time
from collections import Counter
from pathlib import Path

from lxml import etree

from perfpilot.domain.plan import Engine, PlannedStep
from perfpilot.tools.jmeter.jmx.guard import check_functions, lint
from perfpilot.tools.jmeter.jmx.scanner import scan
from perfpilot.tools.jmeter.jmx.write import write_jmx
from tests.tools.jmeter.jmx import real_jmeter
from tests.tools.jmeter.jmx.examples import curve, plan, scenario, spec
from tests.tools.jmeter.jmx.recorder import recording

ODD_BODIES = (
    "${", "${}", "a${b c}", "\\", "\\\\", "\\${x y}", "$", "$$", "}{", " \\ ", "\r\n", " ", "\t", "a,b\\,c",
    "é€😀", "\"quotes\" 'and' `others`", "line\nline\r\nline\rend", "<&>]]>", "\u0085\u2028\ufeff", "#!=:",
    "  white space  \n", "${name}", "${name} \\n \\, \\$ $${name}$", "\\${name}", "${${name}}",
    "${name}\n\\\n",
)  # fmt: skip
INJECTIONS = Path(__file__).with_name("injections.txt").read_text(encoding="utf-8").splitlines()


def test_odd_texts_arrive_byte_for_byte(tmp_path: Path) -> None:
    """One pass over bodies, headers, paths, labels, methods, data, extractors and checks."""
    bodies = [
        {"name": f"body {i}", "method": "POST", "path": f"/b{i}", "body": body}
        for i, body in enumerate(ODD_BODIES)
    ]
    others = [
        {"name": m, "method": m, "path": f"/{m}", "body": "x${name}"}
        for m in ("GET", "PUT", "PATCH", "DELETE")
    ] + [{"name": m, "method": m, "path": f"/{m}"} for m in ("HEAD", "OPTIONS")]
    special = [
        {
            "name": "headers", "method": "POST", "path": '/h?é=ü&a=b c|"<>&d=%20',
            "headers": {"X-Odd": 'a\\b ${ c ${name} "q" $', "X-Secret": "k ${env:KEY}", "X-Empty": ""},
            "body": {"k": 'v"\\ ${ é ${name}\n', "n": [1, None, True, 1.5]},
        },
        {"name": "extract", "path": "/e", "extract": [
            {"name": "id", "json_path": "$.items[0].id"}, {"name": "mark", "regex": "\"m\": \"([^\"]+)\""},
            {"name": "none", "json_path": "$.no"}]},
        {"name": "use", "path": "/use/${id}/${mark}"},
        {"name": "gone", "path": "/gone", "expect": {"status": [404], "contains": "it\\s $gone"}},
        {"name": "wrong", "path": "/gone", "expect": {"status": [200]}},
        {"name": "missing", "path": "/use", "expect": {"contains": "not ${ there"}},
    ]  # fmt: skip
    endpoints = [*bodies, *others, *special]
    with recording() as server:
        server.answers["/e"] = (200, b'{"items": [{"id": 7}], "m": "M-1"}')
        server.answers["/gone"] = (404, b"it\\s $gone")
        described = spec(*endpoints, port=server.port, test_data={"values": {"name": ["Zo,\"\n\\${x}", "b"]}},
                         environment={"headers": {"X-All": "1"}})  # fmt: skip
        made = plan(scenario(*(str(e["name"]) for e in endpoints), load=curve((1, 1, 1)), name="all"))
        written = write_jmx(described, made, smoke=True)
        check_functions(written.xml)
        lint(written.xml, described)
        ran = real_jmeter.run(tmp_path, written, {"secret.env.KEY": "s3 é".encode().decode("latin-1")})
    name = 'Zo,"\n\\${x}'
    got = server.requests
    assert [r.body.decode() for r in got[: len(ODD_BODIES)]] == [
        b.replace("${name}", name) for b in ODD_BODIES
    ]
    rest = {request.target.split("?")[0]: request for request in got[len(ODD_BODIES) :]}
    assert [
        (rest[f"/{m}"].method, rest[f"/{m}"].body.decode()) for m in ("GET", "PUT", "PATCH", "DELETE")
    ] == [(m, "x" + name) for m in ("GET", "PUT", "PATCH", "DELETE")]
    assert rest["/HEAD"].method == "HEAD" and rest["/OPTIONS"].method == "OPTIONS"
    assert rest["/h"].target == "/h?%C3%A9=%C3%BC&a=b%20c%7C%22%3C%3E&d=%20"
    assert rest["/h"].headers["x-empty"] == "" and rest["/h"].headers["x-all"] == "1"
    assert rest["/h"].headers["content-type"] == "application/json"
    assert "/use/7/M-1" in rest
    outcome = {row["label"]: (row["success"], row["failureMessage"]) for row in ran.rows}
    assert tuple(outcome) == written.labels
    assert {label: said for label, (ok, said) in outcome.items() if ok != "true"} == {
        "extract": "nothing extracted for none",
        "wrong": "unexpected status",
        "missing": "expected text is missing",
    }
    assert not re.search(" ERROR | WARN ", ran.log)


def test_an_open_schedule_gives_the_asked_arrivals_per_second(tmp_path: Path) -> None:
    with recording() as server:
        described = spec(port=server.port)
        load = curve((4, 60, 60), (3, 100, 100))
        made = plan(scenario("home", load=load, even_arrivals=True), response_timeout_s=1)
        ran = real_jmeter.run(tmp_path, write_jmx(described, made))
    assert len(server.requests) == len(ran.rows) == 540
    # The first arrivals may be late, while JMeter warms up; the last one, due at 6.99 s, is not.
    counts = server.per_second(server.requests[-1].at_s - 6.99)
    assert abs(sum(counts[1:3]) - 120) <= 6
    assert abs(sum(counts[4:6]) - 200) <= 10
    assert {row["success"] for row in ran.rows} == {"true"}


def test_a_steered_rate_follows_the_control_file_and_stops_without_it(tmp_path: Path) -> None:
    """40 a second, then 80, then more than the cap of 100, then a file that is no number."""
    with recording() as server:
        described = spec({"name": "a", "path": "/a"}, {"name": "b", "path": "/b"}, port=server.port)
        load = curve((11, 20, 20), (1, 50, 50))  # iterations of two samples
        written = write_jmx(
            described,
            plan(scenario("a", "b", load=load, engine=Engine.STEERED_RATE, name="pair")),
        )
        real_jmeter.lay_out(tmp_path, written)
        process = real_jmeter.start(tmp_path)
        control = tmp_path / "control" / "rate_1"
        try:
            while not server.requests:
                time.sleep(0.02)
            origin = server.requests[0].at_s
            for at_s, text in ((3.0, "4800"), (6.0, "999999999\n"), (9.0, "no number")):
                time.sleep(max(0.0, origin + at_s - time.monotonic()))
                (tmp_path / "new").write_text(text)
                (tmp_path / "new").replace(control)
            process.wait(30)
        finally:
            process.kill()
            process.wait()
    counts = [*server.per_second(), 0, 0, 0]
    assert abs(counts[2] - 40) <= 4
    assert abs(counts[4] - 80) <= 8 and abs(counts[5] - 80) <= 8
    assert abs(counts[7] - 100) <= 10 and abs(counts[8] - 100) <= 10
    assert counts[10] == 0
    assert len({request.connection for request in server.requests}) <= 20  # connections are kept
    assert " ERROR " not in real_jmeter.read(tmp_path).log


def test_closed_users_log_in_and_think(tmp_path: Path) -> None:
    with recording() as server:
        server.answers["/login"] = (200, b'{"token": "T-1"}')
        described = spec(
            {"name": "login", "method": "POST", "path": "/login"},
            {"name": "home", "path": "/"},
            port=server.port,
            environment={"auth": {"login": "login", "scope": "iteration"}},
        )
        load = curve((2, 2, 2), (2, 4, 4), unit="users")
        made = scenario("home", load=load, engine=Engine.CLOSED_USERS, login_first=True)
        step = PlannedStep(endpoint="home", label="home", think_time_s=0.2)
        made = made.model_copy(update={"steps": (step,)})
        ran = real_jmeter.run(tmp_path, write_jmx(described, plan(made)))
    targets = Counter(request.target for request in server.requests)
    assert targets["/login"] >= targets["/"] >= 20  # 12 user-seconds of 0.2 s each
    assert targets["/"] <= 80
    authorized = {(r.target, r.headers.get("authorization")) for r in server.requests}
    assert authorized == {("/login", None), ("/", "Bearer T-1")}
    assert {row["allThreads"] for row in ran.rows} >= {"2", "4"}
    assert len({request.connection for request in server.requests}) == 4


def test_jmeter_loads_our_plans_and_sees_references_where_our_scanner_does(tmp_path: Path) -> None:
    described = spec(
        {"name": "a", "method": "POST", "path": "/a?${id}", "body": "\\ ${id}\r\n${",
         "headers": {"X": "${env:K}"},
         "expect": {"status": [200, 404], "contains": "x"},
         "extract": [{"name": "t", "json_path": "$.t"}, {"name": "r", "regex": "r=(.)"}]},
        test_data={"values": {"id": ["1"]}},
    )  # fmt: skip
    made = plan(
        scenario("a", load=curve((5, 1, 2))),
        scenario("a", load=curve((5, 1, 2)), engine=Engine.STEERED_RATE),
        scenario("a", load=curve((5, 1, 4), unit="users"), engine=Engine.CLOSED_USERS),
    )
    names = []
    for smoke in (False, True):
        names.append(f"plan-{smoke}.jmx")
        (tmp_path / names[-1]).write_bytes(write_jmx(described, made, smoke=smoke).xml)
    texts = _texts_to_compare()
    encoded = "\n".join(base64.b64encode(text.encode()).decode() for text in texts)
    (tmp_path / "texts").write_text(encoded + "\n")
    java, home = real_jmeter.generator()
    done = subprocess.run(
        [java.executable, *real_jmeter.FAST, f"-Djmeter.home={home.path}", "-cp", home.class_path(),
         "groovy.ui.GroovyMain", str(Path(__file__).with_name("load_and_scan.groovy")), "texts", *names],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    plans = [line for line in lines if line.startswith("PLAN ")]
    assert len(plans) == 2, done.stdout + done.stderr
    for name in names:
        before, after = (_elements(tmp_path / n) for n in (name, name + ".saved"))
        assert before == after
    seen = [line == "TEXT true" for line in lines if line.startswith("TEXT ")]
    assert len(seen) == len(texts)
    missed = [t for t, there in zip(texts, seen, strict=True) if there and not scan(t).references]
    assert missed == []
    sure = [
        (text, there)
        for text, there in zip(texts, seen, strict=True)
        if (found := scan(text).references) and all(r.closed for r in found)
    ]
    assert len(sure) > 200
    assert [text for text, there in sure if not there] == []


def _texts_to_compare() -> list[str]:
    """Injections, and texts thrown together from what matters to the scanner; always the same ones."""
    chance = random.Random(7)
    parts = ["$", "{", "}", "(", ")", "\\", ",", " ", "${", "__time", "__P", "x", "${__time(", ")}", "é"]
    thrown = ["".join(chance.choices(parts, k=chance.randint(2, 12))) for _ in range(3000)]
    return [*INJECTIONS, *thrown]


def _elements(path: Path) -> Counter[tuple[str, str, str]]:
    """Elements and properties with their texts, without the order, as JMeter may sort them."""
    return Counter(
        (str(node.tag), node.get("name") or node.get("testname") or "", (node.text or "").strip())
        for node in etree.parse(path).iter()
        if node.tag not in ("hashTree", "jmeterTestPlan") and node.get("name") != "TestPlan.comments"
    )
