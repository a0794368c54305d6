"""The review of a description: remarks of an expert's eye, none of which changes anything."""

from __future__ import annotations

from perfpilot.domain.result import Remark
from perfpilot.domain.spec import Spec
from perfpilot.planning.review.load import load_remarks
from perfpilot.planning.review.requests import request_remarks
from perfpilot.planning.review.thresholds import threshold_remarks


def review(spec: Spec) -> tuple[Remark, ...]:
    """All remarks, warnings first, otherwise in the order thresholds, load, requests.

    Each names its rule in `source`, with the standard it leans on and whose clock that standard is about.
    A remark never proposes to loosen a threshold.
    """
    found = [*threshold_remarks(spec), *load_remarks(spec), *request_remarks(spec)]
    order = {"error": 0, "warning": 1, "info": 2}
    return tuple(sorted(found, key=lambda remark: order[remark.severity]))
