"""Facts by name, so that rules read like sentences and cite ids."""

from __future__ import annotations

from collections.abc import Iterable

from perfpilot.domain.judgement import Fact


def fact_name(metric: str, argument: str = "") -> str:
    """`steady.p95_ms` or, with a label or component, `steady.p95_ms(checkout)`."""
    return f"{metric}({argument})" if argument else metric


def argument_of(name: str) -> str:
    """What stands in a fact's outer parentheses: a label, a component, a threshold; or nothing."""
    head, _, rest = name.partition("(")
    return rest[:-1] if head and rest.endswith(")") else ""


class FactBook:
    """Looks facts up by name. Missing facts are None: what was not measured is not guessed."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.facts = tuple(facts)
        self._by_name = {fact.name: fact for fact in self.facts}

    def get(self, metric: str, argument: str = "") -> Fact | None:
        """The fact, or None."""
        return self._by_name.get(fact_name(metric, argument))

    def value(self, metric: str, argument: str = "") -> float | None:
        """Its value in its own unit (percent for `%`), or None."""
        fact = self.get(metric, argument)
        return None if fact is None else fact.value

    def ids(self, *names: str) -> tuple[str, ...]:
        """Ids of those of the full names that exist, in the order given, each once."""
        return tuple(dict.fromkeys(self._by_name[name].id for name in names if name in self._by_name))

    def about(self, metric: str) -> dict[str, Fact]:
        """All facts of a metric by their argument: `about("steady.p95_ms")["checkout"]`."""
        prefix = f"{metric}("
        return {argument_of(f.name): f for f in self.facts if f.name.startswith(prefix)}

    @property
    def phase(self) -> str:
        """The prefix of the phase that was judged: `steady`, or `all` where none was reached."""
        return "steady" if "steady.count" in self._by_name else "all"
