"""The three feedback loops: every pass has a reason code, a change and a budget, and is recorded."""

from __future__ import annotations

from enum import StrEnum

from perfpilot.domain.base import Frozen


class Loop(StrEnum):
    """Which way back."""

    REPAIR = "execution_to_validation"
    REPLAN = "metrics_to_planning"
    RESETUP = "analysis_to_setup"


class Reason(StrEnum):
    """Why the workflow goes back. A reason belongs to exactly one loop."""

    ENDPOINT_NOT_FOUND = "endpoint_not_found"  # only 404 from an endpoint
    METHOD_NOT_ALLOWED = "method_not_allowed"  # only 405
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"  # only 415
    UNAUTHORIZED = "unauthorized"  # only 401 from the start
    FORBIDDEN = "forbidden"  # only 403 from the start
    TOKEN_EXPIRED = "token_expired"  # 401 after the token had worked
    EXTRACTION_FAILED = "extraction_failed"  # an extractor never matched
    EXPECTATION_FAILED = "expectation_failed"  # no answer of an endpoint was what the test expects
    CONNECTION_FAILED = "connection_failed"  # no request of the whole load came through: refused, reset
    PROTOCOL_ERROR = "protocol_error"  # nor was anything a whole HTTP answer
    NO_ANSWER = "no_answer"  # every request timed out
    GENERATOR_FAILED = "generator_failed"  # JMeter had no port, file descriptor or memory for any request
    PLAN_REFUSED = "plan_refused"  # JMeter did not take the plan
    LOAD_FELL_SHORT = "load_fell_short"  # too few users for the rate asked
    TOO_FEW_SAMPLES = "too_few_samples"  # for the percentile asked
    INTERVAL_TOO_WIDE = "interval_too_wide"  # a goal is met, but its interval reaches across the limit
    NO_STEADY_STATE = "no_steady_state"  # response times or throughput drift at a constant load
    KNEE_BETWEEN = "knee_between"  # the target stopped keeping up between two levels
    LIMIT_NOT_FOUND = "limit_not_found"  # it kept up with the highest level of a breakpoint search
    NEIGHBOUR_CPU = "neighbour_cpu"  # a process that is neither JMeter nor the target ate the processor
    MONITOR_DIED = "monitor_died"

    @property
    def loop(self) -> Loop:
        """The loop that this reason opens."""
        if self in _REPLAN:
            return Loop.REPLAN
        return Loop.RESETUP if self in _RESETUP else Loop.REPAIR

    @property
    def target_gone(self) -> bool:
        """Whether nobody answered at all: under load that is a finding about the target, not the test."""
        return self in _TARGET_GONE

    @property
    def of_environment(self) -> bool:
        """Whether no description could mend it: the target or the load generator was not fit for a load."""
        return self in _TARGET_GONE or self is Reason.GENERATOR_FAILED


_REPLAN = frozenset(
    {
        Reason.LOAD_FELL_SHORT,
        Reason.TOO_FEW_SAMPLES,
        Reason.INTERVAL_TOO_WIDE,
        Reason.NO_STEADY_STATE,
        Reason.KNEE_BETWEEN,
        Reason.LIMIT_NOT_FOUND,
    }
)
_RESETUP = frozenset({Reason.NEIGHBOUR_CPU, Reason.MONITOR_DIED})
_TARGET_GONE = frozenset({Reason.CONNECTION_FAILED, Reason.PROTOCOL_ERROR, Reason.NO_ANSWER})

LOOP_BUDGET: dict[Loop, int] = {Loop.REPAIR: 2, Loop.REPLAN: 2, Loop.RESETUP: 1}
"""Passes that each loop has, over the whole run. A client's context can only lower them."""

MOST_TIMES_LONGER = 4.0
"""An interval shrinks with the square root of the time: four times as long halves it. What needs more than
that lies too near its limit for a run of any reasonable length to tell."""


class Trouble(Frozen):
    """What was seen that sends the workflow back."""

    reason: Reason
    subject: str = ""  # endpoint, scenario or component
    seen: str = ""  # one sentence with the figures
    value: float | None = None  # the figure that a re-plan computes with: see `planning.replan`
    high: float | None = None  # the other end, where the figure is the low end of a range


class LoopPass(Frozen):
    """One way back that was gone: what was seen, what was changed, what it did."""

    loop: Loop
    reason: Reason
    subject: str
    attempt: int  # the attempt that showed it
    seen: str
    changed: str = ""  # empty: nothing could be changed, the loop ended
    change_key: str = ""  # identity of the change: a loop that would repeat one ends
    effect: str = ""

    @classmethod
    def after(
        cls, trouble: Trouble, attempt: int, *, changed: str = "", key: str = "", effect: str = ""
    ) -> LoopPass:
        """The pass that a trouble led to, and what was changed; or why nothing was, as its effect."""
        return cls(
            loop=trouble.reason.loop,
            reason=trouble.reason,
            subject=trouble.subject,
            attempt=attempt,
            seen=trouble.seen,
            changed=changed,
            change_key=key,
            effect=effect,
        )
