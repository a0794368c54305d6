"""Whether an extractor found something in this iteration, for steps that run only then.

A condition looks at the flag that extractors leave (`NOT_FOUND`, or no variable at all) and compares it as a
Java string: the value itself, which the target chose, is no part of any expression.
"""

from __future__ import annotations

NOT_FOUND = "NOT_FOUND"
"""Value of a variable whose extractor matched nothing."""


def found(variable: str) -> str:
    """Condition of an IfController: `true` where the variable's extractor matched something."""
    return f"${{__jexl3(vars.get('{variable}') != null && vars.get('{variable}') != '{NOT_FOUND}')}}"


def forget(variable: str) -> str:
    """Takes away what an earlier iteration of the same user found. Evaluates to a pause of 0 ms.

    JMeter keeps variables from one iteration to the next, and an extractor whose request did not run (it was
    left out itself, or came from the user's cache) does not overwrite its own.
    """
    return f"${{__jexl3(vars.put('{variable}'\\, '{NOT_FOUND}'); 0)}}"
