"""How a run ended: status, verdict, reasons. They alone decide text, JSON, JUnit and the exit code."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from perfpilot.domain.base import Frozen


class ExitCode(IntEnum):
    """Exit codes of the command; the same table stands in `perfpilot --help`."""

    GO = 0
    NO_GO = 1
    REFUSED = 2
    INCONCLUSIVE = 3
    NOT_READY = 4
    FAILED = 5
    STOPPED = 130


class Status(StrEnum):
    """What became of the run, before any judgement of the target."""

    REFUSED = "refused"
    NOT_READY = "not_ready"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"


class Verdict(StrEnum):
    """The answer to the question that the thresholds ask."""

    GO = "GO"
    NO_GO = "NO_GO"
    INCONCLUSIVE = "INCONCLUSIVE"


class Outcome(Frozen):
    """Status, verdict and the reasons for both, most important first."""

    status: Status
    verdict: Verdict | None = None
    reasons: tuple[str, ...] = ()

    def exit_code(self) -> ExitCode:
        """The process exit code that this outcome earns."""
        if self.status is not Status.COMPLETED:
            return ExitCode[self.status.name]
        return ExitCode[self.verdict.name] if self.verdict else ExitCode.FAILED
