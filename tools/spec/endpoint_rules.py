"""Rules for what an endpoint sends and expects, beyond its texts: forms, files, time limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from perfpilot.domain.spec import BasicAuth, Endpoint, Method, Spec, Upload
from perfpilot.tools.jmeter.jmx.uploads import FILE_NAME, MEDIA_TYPE
from perfpilot.tools.spec.problems import Place
from perfpilot.tools.spec.references import ENVIRONMENT

Found = tuple[Place, str]

_WITH_FORM = frozenset({Method.POST, Method.PUT, Method.PATCH})


def endpoint_problems(spec: Spec) -> Iterator[Found]:
    """Requests that JMeter could not send as they are meant."""
    if spec.environment.basic_auth:
        yield from _basic_auth(spec.environment.basic_auth, ("environment", "basic_auth"))
    for index, endpoint in enumerate(spec.endpoints):
        place: Place = ("endpoints", index)
        yield from _form(endpoint, place)
        for number, upload in enumerate(endpoint.files):
            yield from _upload(upload, (*place, "files", number))
        within = endpoint.expect.within
        if within is not None and within < 0.001:
            yield (*place, "expect", "within"), "must be 1ms at least"


def _basic_auth(basic: BasicAuth, place: Place) -> Iterator[Found]:
    if not basic.user or ":" in ENVIRONMENT.sub("", basic.user) or not basic.user.isascii():
        yield (*place, "user"), "must be ASCII text without a colon (RFC 7617)"
    if not ENVIRONMENT.fullmatch(basic.password):
        yield (
            (*place, "password"),
            "must be a reference such as ${env:PERFPILOT_SECRET_PASSWORD}, never the secret itself",
        )


def _form(endpoint: Endpoint, place: Place) -> Iterator[Found]:
    for key in ("form", "files"):
        if getattr(endpoint, key) and endpoint.method not in _WITH_FORM:
            yield (
                (*place, key),
                f"is not sent with {endpoint.method.value}: use POST, PUT or PATCH, or query",
            )
    for key in ("query", "form"):
        for name in getattr(endpoint, key):
            if not name.strip():
                yield (*place, key, name), "needs a name"


def _upload(upload: Upload, place: Place) -> Iterator[Found]:
    path = PurePosixPath(upload.path)
    if path.is_absolute() or ".." in path.parts or "\\" in upload.path:
        yield (*place, "path"), "must lie below a data root of the policy: no slash at its beginning, no .."
    elif not FILE_NAME.fullmatch(path.name):
        yield (
            (*place, "path"),
            "needs a plain file name: letters, digits, blanks and . _ -, 128 at most",
        )
    if not upload.field.strip():
        yield (*place, "field"), "needs a name"
    if not MEDIA_TYPE.fullmatch(upload.type):
        yield (*place, "type"), f"{upload.type!r} is no media type, such as image/png"
