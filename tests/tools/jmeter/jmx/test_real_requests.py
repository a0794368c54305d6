"""What a real JMeter sends for queries, forms, uploads, redirects and Basic authentication."""

from __future__ import annotations

import base64
import email.message
import email.parser
from pathlib import Path
from urllib.parse import parse_qsl

from perfpilot.tools.jmeter.jmx.guard import check_functions, lint
from perfpilot.tools.jmeter.jmx.write import write_jmx
from perfpilot.tools.jmeter.properties import confine, write_hosts, write_properties
from perfpilot.tools.testdata.uploads import copy_uploads
from tests.tools.jmeter.jmx import real_jmeter
from tests.tools.jmeter.jmx.examples import curve, plan, scenario, spec
from tests.tools.jmeter.jmx.recorder import Request, recording

ODD = 'a b+c&d=e/é€😀%20"<>#?\\${ ,;\n'
NAME = 'Zo &=+%"\né'


def parts_of(request: Request) -> list[email.message.Message]:
    """The parts of a multipart body."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    whole = email.parser.BytesParser().parsebytes(head + request.body)
    assert whole.is_multipart()
    return whole.get_payload()  # type: ignore[return-value]


def test_queries_and_forms_arrive_as_they_were_meant(tmp_path: Path) -> None:
    fields = {"q": ODD, "name": "${name}", "found": "${found}", "empty": "", "é&= ": "x"}
    static = {"q": ODD, "empty": "", "n": "${plain}", "é&=": "1"}
    endpoints = [
        {"name": "find", "path": "/find", "extract": [{"name": "found", "json_path": "$.f"}]},
        {"name": "get", "path": "/get", "query": fields},
        {"name": "more", "path": "/more?a=1", "query": fields},
        {"name": "options", "method": "OPTIONS", "path": "/options", "query": fields},
        *({"name": m, "method": m, "path": f"/{m}", "query": static} for m in ("HEAD", "DELETE", "POST")),
        {"name": "body", "method": "PUT", "path": "/body?a=1", "query": static, "body": "x${found}"},
        {"name": "get body", "path": "/getbody", "query": static, "body": "b"},
        *(
            {"name": f"form {m}", "method": m, "path": f"/form{m}", "form": fields}
            for m in ("POST", "PUT", "PATCH")
        ),
        {"name": "both", "method": "POST", "path": "/both", "query": static, "form": fields},
    ]
    with recording() as server:
        found = 'v"&= +%41é'
        server.answers["/find"] = (200, '{"f": "v\\"&= +%41é"}'.encode())
        described = spec(
            *endpoints,
            port=server.port,
            test_data={"values": {"name": [NAME], "plain": ["p-1"]}},
            environment={"headers": {"Content-Type": "text/odd"}},
        )
        made = plan(scenario(*(str(e["name"]) for e in endpoints), load=curve((1, 1, 1)), name="all"))
        written = write_jmx(described, made, smoke=True)
        check_functions(written.xml)
        lint(written.xml, described)
        ran = real_jmeter.run(tmp_path, written)
    assert {row["success"] for row in ran.rows} == {"true"}
    filled = [(n, v.replace("${name}", NAME).replace("${found}", found)) for n, v in fields.items()]
    known = [(n, v.replace("${plain}", "p-1")) for n, v in static.items()]
    got = {request.target.partition("?")[0]: request for request in server.requests}
    assert len(got) == len(server.requests) == len(endpoints)

    def asked(path: str) -> list[tuple[str, str]]:
        query = got[path].target.partition("?")[2]
        assert query.isascii() and " " not in query
        return parse_qsl(query, keep_blank_values=True)

    for path in ("/get", "/options"):
        assert asked(path) == filled
        assert not got[path].body
    assert asked("/more") == [("a", "1"), *filled]
    for path in ("/HEAD", "/DELETE", "/POST", "/getbody", "/both"):
        assert asked(path) == known
    assert asked("/body") == [("a", "1"), *known]
    assert {p: got[p].body for p in ("/HEAD", "/DELETE", "/POST")} == dict.fromkeys(
        ("/HEAD", "/DELETE", "/POST"), b""
    )
    assert got["/body"].body.decode() == "x" + found and got["/getbody"].body == b"b"
    for path in ("/formPOST", "/formPUT", "/formPATCH", "/both"):
        assert parse_qsl(got[path].body.decode("ascii"), keep_blank_values=True) == filled
        assert got[path].headers["content-type"] == "application/x-www-form-urlencoded"


def test_files_are_uploaded_as_a_browser_would(tmp_path: Path) -> None:
    data = bytes(range(256)) * 500
    root = tmp_path / "root"
    (root / "pictures").mkdir(parents=True)
    (root / "pictures" / "cat 1.png").write_bytes(data)
    (root / "note.txt").write_bytes(b"note")
    upload = [
        {"field": 'pic"é', "path": "pictures/cat 1.png", "type": "image/png"},
        {"field": "note", "path": "note.txt", "type": "text/plain"},
    ]
    endpoints = [
        {"name": m, "method": m, "path": f"/{m}", "files": upload, "form": {"title": ODD, "who": "${name}"}}
        for m in ("POST", "PUT", "PATCH")
    ] + [{"name": "one", "method": "POST", "path": "/one", "files": upload[:1]}]
    with recording() as server:
        described = spec(
            *endpoints,
            port=server.port,
            test_data={"values": {"name": [NAME]}},
            environment={"headers": {"Content-Type": "text/odd"}},
        )
        made = plan(scenario(*(str(e["name"]) for e in endpoints), load=curve((1, 1, 1)), name="all"))
        written = write_jmx(described, made, smoke=True)
        lint(written.xml, described)
        copy_uploads(written.uploads, [str(root)], tmp_path)
        ran = real_jmeter.run(tmp_path, written)
    assert {row["success"] for row in ran.rows} == {"true"}
    for request in server.requests[:3]:
        title, who, picture, note = parts_of(request)
        assert title.get("Content-Disposition") == 'form-data; name="title"'
        assert [part.get("Content-Type") for part in (title, who)] == [None, None]
        assert title.get_payload(decode=True) == ODD.encode()
        assert who.get_payload(decode=True) == NAME.encode()
        assert picture.get_content_type() == "image/png" and picture.get_filename() == "cat 1.png"
        assert picture.get_payload(decode=True) == data
        assert note.get_param("name", header="Content-Disposition") == "note"
        assert note.get_payload(decode=True) == b"note"
    assert len(parts_of(server.requests[3])) == 1


def test_redirects_are_followed_three_times_and_never_to_another_host(tmp_path: Path) -> None:
    with recording() as server, recording() as other:
        here = f"http://127.0.0.1:{server.port}"
        for path, where in {
            "/a": "/b?x=1", "/b": here + "/c", "/round": "/round", "/name": "http://other.test/x",
            "/number": f"http://127.0.0.2:{other.port}/x", "/v6": f"http://[::1]:{other.port}/x",
            "/file": "file:///etc/passwd", "/left": "/left2",
        }.items():  # fmt: skip
            server.answers[path] = (302, b"")
            server.headers[path] = (f"Location: {where}",)
        names = ("a", "round", "name", "number", "v6", "file", "stay", "post")
        endpoints = [{"name": n, "path": f"/{n}", "redirects": True} for n in names[:-2]]
        endpoints.append({"name": "stay", "path": "/left", "extract": [{"name": "to", "header": "location"}]})
        endpoints.append({"name": "post", "method": "POST", "path": "/a", "body": "b", "redirects": True})
        described = spec(*endpoints, port=server.port, environment={"headers": {"X-Key": "k"}})
        made = plan(scenario(*names, load=curve((1, 1, 1)), name="all"))
        written = write_jmx(described, made, smoke=True)
        lint(written.xml, described)
        write_hosts(tmp_path / "hosts", ("shop.test 127.0.0.1",))
        write_properties(tmp_path / "system.properties", confine("127.0.0.1"))
        ran = real_jmeter.run(tmp_path, written)
    assert [(r.method, r.target) for r in server.requests] == [
        ("GET", "/a"), ("GET", "/b?x=1"), ("GET", "/c"),
        *[("GET", "/round")] * 4,
        ("GET", "/name"), ("GET", "/number"), ("GET", "/v6"), ("GET", "/file"), ("GET", "/left"),
        ("POST", "/a"), ("GET", "/b?x=1"), ("GET", "/c"),
    ]  # fmt: skip
    assert server.requests[-1].body == b"" and other.requests == []
    assert [row["label"] for row in ran.rows] == list(names)  # one sample each
    assert {row["label"] for row in ran.rows if row["success"] == "true"} == {"a", "stay", "post"}


def test_basic_auth_goes_to_those_that_authenticate_and_is_nowhere_in_clear(tmp_path: Path) -> None:
    endpoints = [
        {"name": "private", "path": "/private"},
        {"name": "public", "path": "/public", "authenticated": False},
        {"name": "refused", "path": "/refused", "authenticated": False, "expect": {"status": [401]}},
        {"name": "wrong", "path": "/wrong", "headers": {"authorization": "Basic bad"},
         "expect": {"status": ["4xx"]}},
        {"name": "rejected", "path": "/rejected", "expect": {"status": [401, "5xx"]}},
        {"name": "moved", "path": "/moved", "redirects": True},
        {"name": "again", "method": "POST", "path": "/private", "body": "x"},
    ]  # fmt: skip
    password = "p:a$1 \\,${x"
    with recording() as server:
        for path in ("/refused", "/wrong", "/rejected"):
            server.answers[path] = (401, b"")
            server.headers[path] = ('WWW-Authenticate: Basic realm="shop"',)
        server.answers["/moved"] = (302, b"")
        server.headers["/moved"] = ("Location: /private2",)
        described = spec(
            *endpoints,
            port=server.port,
            environment={"basic_auth": {"user": "anna", "password": "${env:PERFPILOT_SECRET_P}"}},
        )
        made = plan(scenario(*(str(e["name"]) for e in endpoints), load=curve((1, 1, 1)), name="all"))
        written = write_jmx(described, made, smoke=True)
        check_functions(written.xml)
        lint(written.xml, described)
        ran = real_jmeter.run(tmp_path, written, {"secret.env.PERFPILOT_SECRET_P": password})
    assert {row["label"]: row["success"] for row in ran.rows if row["success"] != "true"} == {}
    sent = "Basic " + base64.b64encode(f"anna:{password}".encode()).decode()
    assert [(r.target, r.headers.get("authorization")) for r in server.requests] == [
        ("/private", sent), ("/public", None), ("/refused", None), ("/wrong", "Basic bad"),
        ("/rejected", sent), ("/moved", sent), ("/private2", sent), ("/private", sent),
    ]  # fmt: skip
    assert written.secret_names == ("secret.env.PERFPILOT_SECRET_P",)
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "private.properties":
            assert password.encode() not in path.read_bytes(), path
