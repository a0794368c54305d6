"""perfpilot: performance tests reviewed, planned, run on a real JMeter and judged, as a LangGraph graph.

Importing this package is cheap: LangGraph loads on first use.

    result = await perfpilot.run(Path("checkout.yaml"))
    print(result.outcome.verdict, result.outcome.reasons)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perfpilot.domain.errors import (
        ApprovalRequired,
        NotReadyError,
        PerfpilotError,
        PolicyError,
        SpecError,
    )
    from perfpilot.domain.policy import Policy
    from perfpilot.domain.result import Result
    from perfpilot.domain.spec import Spec
    from perfpilot.graph.repeat import repeat, repeat_sync
    from perfpilot.graph.session import analyze, analyze_sync, resume, run, run_sync
    from perfpilot.graph.workflow import build_graph

__version__ = "0.1.0"

_HOMES = {
    "analyze": "graph.session",
    "analyze_sync": "graph.session",
    "run": "graph.session",
    "run_sync": "graph.session",
    "resume": "graph.session",
    "repeat": "graph.repeat",
    "repeat_sync": "graph.repeat",
    "build_graph": "graph.workflow",
    "Result": "domain.result",
    "Spec": "domain.spec",
    "Policy": "domain.policy",
    "PerfpilotError": "domain.errors",
    "SpecError": "domain.errors",
    "PolicyError": "domain.errors",
    "NotReadyError": "domain.errors",
    "ApprovalRequired": "domain.errors",
}

__all__ = [
    "ApprovalRequired",
    "NotReadyError",
    "PerfpilotError",
    "Policy",
    "PolicyError",
    "Result",
    "Spec",
    "SpecError",
    "__version__",
    "analyze",
    "analyze_sync",
    "build_graph",
    "repeat",
    "repeat_sync",
    "resume",
    "run",
    "run_sync",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"perfpilot.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'perfpilot' has no attribute {name!r}")
