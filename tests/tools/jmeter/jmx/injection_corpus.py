"""The corpus of injections: texts that want JMeter to evaluate them, or perfpilot to alter them."""

from __future__ import annotations

import json
from pathlib import Path

_HERE = Path(__file__)

FUNCTIONS = tuple(_HERE.with_name("injections.txt").read_text(encoding="utf-8").split("\n")[:-1])
"""One a line: JMeter would evaluate each of them, and no plan may hold one."""

ODD = tuple(
    json.loads(line)
    for line in _HERE.with_name("injections_quoted.txt").read_text(encoding="utf-8").split("\n")[:-1]
)
"""Quoted as JSON: templates of ours from a stranger's hand, control characters, look-alikes, escapes of other
languages. Each is refused or sent as it is."""

CORPUS = tuple(dict.fromkeys((*FUNCTIONS, *ODD)))
