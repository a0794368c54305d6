"""Labels in a result file that are no endpoint's: no threshold counts their samples.

Names of endpoints hold no colon and do not begin with an underscore, so that nothing can be mistaken.
"""

from __future__ import annotations

CONTROL_PREFIX = "__"
CASE_PREFIX = "case: "
TRANSACTION_PREFIX = "journey: "


def is_measured(label: str) -> bool:
    """Whether samples of this label count: requests of a journey, and nothing else."""
    return not label.startswith((CONTROL_PREFIX, CASE_PREFIX, TRANSACTION_PREFIX))


def is_transaction(label: str) -> bool:
    """Whether a row of this label stands for a journey as a whole."""
    return label.startswith(TRANSACTION_PREFIX)


def is_case(label: str) -> bool:
    """Whether a request of this label belongs to a case."""
    return label.startswith(CASE_PREFIX)


def is_request(label: str) -> bool:
    """Whether a row of this label was sent to the target: a journey as a whole was not."""
    return not label.startswith((CONTROL_PREFIX, TRANSACTION_PREFIX))
