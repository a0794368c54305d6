"""How a rule of the review words what it found."""

from __future__ import annotations

from typing import Literal

from perfpilot.domain.result import Remark
from perfpilot.planning.review.standards import STANDARDS


def remark(
    severity: Literal["info", "warning", "error"], place: str, rule: str, text: str, *standards: str
) -> Remark:
    """A remark. `source` names the rule, and cites the standards that it leans on."""
    cited = "; ".join(STANDARDS[standard].cite() for standard in standards)
    return Remark(
        severity=severity, place=place, text=text, source=f"rule {rule}; {cited}" if cited else f"rule {rule}"
    )
