"""The steps of a scenario: what each user does, in order."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.plan import Engine, Plan, Scenario
from perfpilot.domain.spec import Endpoint, Spec
from perfpilot.tools.jmeter.jmx import checks, data, groups, http
from perfpilot.tools.jmeter.jmx.outside_text import OutsideText

_LABEL = re.compile(r"[^\x00-\x1f\x7f$\\\ud800-\udfff\ufffe\uffff]{1,200}")


class StepWriter:
    """Writes the steps of scenarios into groups of users, and collects the labels of their samples."""

    def __init__(
        self,
        spec: Spec,
        plan: Plan,
        text: OutsideText,
        files: Mapping[tuple[str, ...], tuple[str, str]],
        *,
        smoke: bool,
    ) -> None:
        self._spec, self._plan, self._text, self._files, self._smoke = spec, plan, text, files, smoke
        self._labels: dict[str, None] = {}

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the results, each once, in the order of the plan."""
        return tuple(self._labels)

    def write(self, children: etree._Element, scenario: Scenario) -> None:
        """Add cookies, data and the samplers of a scenario to a group of users.

        Raises SpecError, naming the place, for what can't be written without being altered or evaluated.
        """
        http.add_cookies(children, new_user_each_iteration=scenario.engine is Engine.STEERED_RATE)
        data.add_data(children, self._files)
        auth = self._spec.environment.auth
        if scenario.login_first and auth:
            self._sampler(children, auth.login, auth.login)
        for step in scenario.steps:
            own = self._sampler(children, step.endpoint, step.label)
            if not self._smoke:
                groups.think_time(own, step.think_time_s, constant=scenario.even_arrivals)

    def _sampler(self, children: etree._Element, name: str, label: str) -> etree._Element:
        endpoint = self._endpoint(name)
        self._labels[require_label(label)] = None
        own = http.add_sampler(children, self._spec, self._plan, endpoint, label, self._text)
        where = f"endpoints.{name}"
        checks.add_checks(own, endpoint.expect, self._text, where)
        for extract in endpoint.extract:
            data.add_extract(own, extract, self._text, f"{where}.extract.{extract.name}")
        auth = self._spec.environment.auth
        if auth and auth.scope == "iteration" and auth.login == name:
            data.add_token_extract(own, auth.token, self._text)
        return own

    def _endpoint(self, name: str) -> Endpoint:
        try:
            return self._spec.endpoint(name)
        except KeyError:
            raise SpecError(
                f"there is no endpoint {name!r}", mend="name an endpoint that the spec has"
            ) from None


def require_label(text: str) -> str:
    """The text, where it may be a label. Raises SpecError."""
    if not _LABEL.fullmatch(text):
        raise SpecError(
            f"{text!r} can't be a label: no control characters, no $ and no backslash", mend="rename it"
        )
    return text
