"""The environment that JMeter's JVM inherits: what a program needs, none of our secrets."""

from __future__ import annotations

import os

_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "USER")


def jvm_environment() -> dict[str, str]:
    """A small environment. JMeter and its plan have no business with keys that perfpilot holds."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}
