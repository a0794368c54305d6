"""How one JMeter start ended, before anybody judges its figures."""

from __future__ import annotations

from enum import StrEnum

from perfpilot.domain.base import Frozen
from perfpilot.domain.loops import Trouble
from perfpilot.domain.plan import Kind


class Ended(StrEnum):
    """Why the load is over."""

    COMPLETED = "completed"  # the plan ran to its end
    STOPPED = "stopped"  # a person asked
    ABORTED = "aborted"  # an `abort if` threshold held
    SEARCHED = "searched"  # the search for the highest load had its answer before the plan's end
    LIMIT_REACHED = "limit_reached"  # the requests of the envelope were used up
    EARLY_FAILURE = "early_failure"  # the first seconds showed that the rest would be a waste
    OVERDUE = "overdue"  # still running past the end of the plan; stopped by the watchdog
    GENERATOR_DIED = "generator_died"  # JMeter was killed, ran out of memory, or lost its results
    NOT_STARTED = "not_started"  # no sample was ever sent


class StartAgain(Frozen):
    """What another attempt changes, where JMeter failed before its first sample."""

    changed: str  # a sentence's end: `with another control port: the first one was taken`
    heap_mb: int = 0  # 0: as planned


class LoadOutcome(Frozen):
    """Written beside the results as the mark that the attempt is over: it is never started again."""

    attempt: int
    ended: Ended
    detail: str = ""
    started_ms: int = 0  # epoch milliseconds when the schedule began; 0: it never did
    exit_code: int | None = None  # None: an adopted process, whose code only its parent learns
    trouble: Trouble | None = None
    ladder: tuple[str, ...] = ()  # steps that were needed to end JMeter
    clock_step_s: float = 0.0
    busiest_neighbour: str = ""
    start_again: StartAgain | None = None  # only where nothing was sent: worth one more attempt


class Met(StrEnum):
    """What became of a case."""

    AS_EXPECTED = "as_expected"
    SERVER_ERROR = "server_error"  # 5xx
    NO_ANSWER = "no_answer"  # a time-out, or a connection that was refused, closed or reset
    ACCEPTED = "accepted"  # 2xx where an error was expected
    LET_IN = "let_in"  # 2xx without the right credentials
    OTHER = "other"  # an orderly answer, but another one
    NOT_SENT = "not_sent"


class CaseOutcome(Frozen):
    """What one case met: it went as expected, or the target took it badly."""

    name: str
    kind: Kind
    label: str
    code: str  # response code as JMeter wrote it; empty: it was not sent
    ok: bool
    elapsed_ms: float = 0.0
    detail: str = ""  # what was expected, where it was not met
    met: Met = Met.AS_EXPECTED
    endpoint: str = ""  # that was asked in question
    expected: str = ""  # in words: `401 or 403`
    why: str = ""  # what the case shows


class SmokeOutcome(Frozen):
    """One user, one pass. `trouble`: the description was proven wrong."""

    ok: bool
    detail: str = ""
    trouble: Trouble | None = None
    seconds: float = 0.0
    unloaded_ms: dict[str, float] = {}  # mean response time of each label with one user
    cases: tuple[CaseOutcome, ...] = ()  # of `Plan.before`, which run after the pass
