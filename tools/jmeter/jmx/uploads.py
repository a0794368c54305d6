"""Files that requests upload: where the copy of each stands in the attempt, and how the plan names it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from perfpilot.domain.errors import SpecError
from perfpilot.domain.plan import Plan
from perfpilot.domain.spec import Endpoint, Spec

DIRECTORY = "files"

PLACE = re.compile(r"files/[1-9][0-9]{0,5}/[A-Za-z0-9_][A-Za-z0-9 ._-]{0,127}")
"""What a plan may name as a file to upload: a copy below its own directory."""

FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9 ._-]{0,127}")
"""A name that a file keeps in the attempt and in the request, and that no plan could misread."""

MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#&^_.+-]{1,80}/[A-Za-z0-9!#&^_.+-]{1,80}")
"""A media type without parameters: RFC 6838 section 4.2."""


def upload_places(spec: Spec, plan: Plan) -> dict[str, str]:
    """`Upload.path` -> `files/N/NAME`, for every file of the description and of the plan's cases.

    The name is kept, since the request tells it to the target. Raises SpecError for a name that can't be
    carried over.
    """
    found: dict[str, str] = {}
    for endpoint, where in _endpoints(spec, plan):
        for index, upload in enumerate(endpoint.files):
            if upload.path in found:
                continue
            name = upload.path.rpartition("/")[2]
            if not FILE_NAME.fullmatch(name):
                raise SpecError(
                    f"{where}.files.{index}.path: {name!r} is no plain file name",
                    mend="rename the file: letters, digits, blanks and . _ -, 128 at most",
                )
            found[upload.path] = f"{DIRECTORY}/{len(found) + 1}/{name}"
    return found


def _endpoints(spec: Spec, plan: Plan) -> Iterator[tuple[Endpoint, str]]:
    for endpoint in spec.endpoints:
        yield endpoint, f"endpoints.{endpoint.name}"
    for scenario in (*plan.before, *plan.scenarios):
        for step in scenario.steps:
            if step.request:
                yield step.request, step.label
