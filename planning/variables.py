"""Which variables a request needs, and which steps certainly give them."""

from __future__ import annotations

import re

from perfpilot.domain.spec import Endpoint, Spec

REFERENCE = re.compile(r"\$\{([A-Za-z][A-Za-z0-9_]{0,63})\}")
"""A reference to a variable. One to an environment variable, `${env:NAME}`, is none."""


def needed(endpoint: Endpoint) -> frozenset[str]:
    """Variables whose values are sent by a request, or checked in its answer."""
    expect = endpoint.expect
    texts = (
        endpoint.path, endpoint.query, endpoint.headers, endpoint.body, endpoint.form, endpoint.files,
        expect.contains, expect.lacks, expect.json_path,
    )  # fmt: skip
    return frozenset(REFERENCE.findall(str(texts)))


def given_by_login(spec: Spec) -> frozenset[str]:
    """Variables that every iteration has from the start where it logs in by itself (`scope: iteration`)."""
    auth = spec.environment.auth
    if auth is None or auth.scope != "iteration":
        return frozenset()
    return frozenset(
        extract.name
        for endpoint in spec.endpoints
        if endpoint.name == auth.login
        for extract in endpoint.extract
    )
