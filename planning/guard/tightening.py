"""What a client's context may do to the operator's policy: make it stricter, nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from perfpilot.domain.errors import PolicyError
from perfpilot.domain.policy import Policy
from perfpilot.domain.spec import Limits

_FIELDS = {  # key of the context -> field of the policy, field of the description's limits
    "max_rate_per_s": ("max_rate_per_s", "rate_per_s"),
    "max_users": ("max_users", "users"),
    "max_requests": ("max_requests", "requests"),
    "max_duration_s": ("max_duration", "duration"),
}


def tighten(policy: Policy, asked: Mapping[str, object], limits: Limits | None = None) -> Policy:
    """The policy as the context asks for it; keys that are no limits are left alone, None asks nothing.

    Raises `PolicyError` for a limit above the policy's or above the description's own.
    """
    changes: dict[str, object] = {}
    for key, (field, limit_key) in _FIELDS.items():
        value = asked.get(key)
        if value is None:
            continue
        if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
            raise PolicyError(f"the context's {key} must be a number greater than 0, not {value!r}")
        own = getattr(limits, limit_key) if limits else None
        for owner, bound in (("policy", getattr(policy, field)), ("description", own)):
            if bound is not None and value > bound:
                raise PolicyError(
                    f"the context asks for {key} {value:g}, the {owner} allows {bound:g}: a context may only "
                    "tighten",
                    mend=f"ask for {bound:g} or less, or leave {key} out",
                )
        changes[field] = value
    if asked.get("require_approval"):
        changes["approval"] = "always"
    return policy.model_copy(update=changes)
