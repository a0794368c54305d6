"""Why a model gave no usable answer, in one of four words."""

from __future__ import annotations

from enum import StrEnum

from perfpilot.domain.errors import ModelError


class Why(StrEnum):
    """The class of a failure."""

    TIMEOUT = "timeout"  # no answer in time
    REFUSED = "refused"  # the server does not do it: key, model, rate limit, unsupported request
    INVALID = "invalid"  # it answered, but not with what was asked for
    UNREACHABLE = "unreachable"  # no connection, or the server is broken


class ModelFailed(ModelError):
    """A ModelError with its class. Its text never quotes the server, which may echo a key or the prompt."""

    def __init__(self, why: Why, detail: str) -> None:
        self.why = why
        super().__init__(
            f"the language model gave no usable answer ({why.value}): {detail}",
            mend="rules took over; check PERFPILOT_MODEL, OPENAI_BASE_URL and OPENAI_API_KEY",
        )


def classify(error: Exception) -> ModelFailed:
    """The failure that an error of a model's client means.

    Clients are told apart by the HTTP status and the names of their errors, so that none need be imported.
    """
    names = {kind.__name__ for kind in type(error).__mro__}
    status = getattr(error, "status_code", None)
    shown = type(error).__name__ + (f", HTTP {status}" if isinstance(status, int) else "")
    if isinstance(error, TimeoutError) or any("Timeout" in name for name in names):
        return ModelFailed(Why.TIMEOUT, shown)
    if isinstance(status, int):
        return ModelFailed(Why.UNREACHABLE if status >= 500 else Why.REFUSED, shown)
    if isinstance(error, OSError) or names & {"APIConnectionError", "TransportError"}:
        return ModelFailed(Why.UNREACHABLE, shown)
    if isinstance(error, NotImplementedError):
        return ModelFailed(Why.REFUSED, shown)
    return ModelFailed(Why.INVALID, shown)


def wants_another_tier(error: Exception) -> bool:
    """Whether the server refused the way of asking (400, 422, not implemented) and not the question."""
    return getattr(error, "status_code", None) in (400, 415, 422, 501) or isinstance(
        error, NotImplementedError
    )
