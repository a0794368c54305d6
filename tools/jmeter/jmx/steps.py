"""The steps of a scenario: what each user does, in order."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.labels import CASE_PREFIX
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario
from perfpilot.domain.spec import Endpoint, Spec
from perfpilot.tools.jmeter.jmx import checks, controllers, data, groups, http, tree
from perfpilot.tools.jmeter.jmx.browser import add_browser
from perfpilot.tools.jmeter.jmx.outside_text import OutsideText
from perfpilot.tools.jmeter.jmx.uploads import upload_places

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
        self.uploads = upload_places(spec, plan)
        """`Upload.path` -> where its copy stands in the attempt."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the results, each once, in the order of the plan.

        A step with a condition has none here: not every pass has samples of it.
        """
        return tuple(self._labels)

    def write(self, children: etree._Element, scenario: Scenario) -> None:
        """Add cookies, data and the samplers of a scenario to a group of users.

        Raises SpecError, naming the place, for what can't be written without being altered or evaluated.
        """
        add_browser(
            children,
            self._spec.environment,
            new_user_each_iteration=scenario.engine is Engine.STEERED_RATE,
            cache=not self._smoke,
        )
        data.add_data(children, self._files)
        controllers.forget(children, dict.fromkeys(s.only_if for s in scenario.steps if s.only_if))
        if scenario.transaction and not self._smoke:
            require_label(scenario.name)
            children = controllers.transaction(children, scenario.name)
        auth = self._spec.environment.auth
        if scenario.login_first and auth:
            label = auth.login if scenario.measured else CASE_PREFIX + auth.login
            self._step(children, PlannedStep(endpoint=auth.login, label=label), scenario)
        for step in scenario.steps:
            self._step(children, step, scenario)

    def _step(self, children: etree._Element, step: PlannedStep, scenario: Scenario) -> None:
        if step.only_if:
            children = controllers.only_if(children, step.only_if)
        if step.repeat > 1 and not self._smoke:
            children = controllers.repeated(children, step.repeat)
        if self._smoke or step.think_time_s <= 0:
            self._sampler(children, step)
        elif scenario.transaction:
            groups.think_time(controllers.pause(children), step.think_time_s, constant=scenario.even_arrivals)
            self._sampler(children, step)
        else:
            own = self._sampler(children, step)
            groups.think_time(own, step.think_time_s, constant=scenario.even_arrivals)

    def _sampler(self, children: etree._Element, step: PlannedStep) -> etree._Element:
        endpoint = step.request or self._endpoint(step.endpoint)
        where = f"{step.label!r}" if step.request else f"endpoints.{step.endpoint}"
        label = require_label(step.label)
        if not step.only_if:
            self._labels[label] = None
        node, own = http.add_sampler(
            children,
            self._spec,
            self._plan,
            endpoint,
            label,
            text=self._text,
            uploads=self.uploads,
            where=where,
        )
        if about := self._about(endpoint, step):
            tree.comment(node, about)
        checks.add_checks(own, endpoint.expect, self._text, where)
        for extract in endpoint.extract:
            data.add_extract(own, extract, self._text, f"{where}.extract.{extract.name}")
        if self._gives_token(step):
            assert self._spec.environment.auth
            data.add_token_extract(own, self._spec.environment.auth.token, self._text)
        return own

    def _gives_token(self, step: PlannedStep) -> bool:
        """Whether a user takes its token from the answer: not from that of a case, which may be refused."""
        auth = self._spec.environment.auth
        return bool(auth and auth.scope == "iteration" and auth.login == step.endpoint and not step.request)

    def _about(self, endpoint: Endpoint, step: PlannedStep) -> str:
        sentences = []
        if step.request:
            sentences.append(f"A case: sent in the place of {step.endpoint} as it is described.")
        if self._gives_token(step):
            sentences.append("The requests that follow carry the token of this answer.")
        if endpoint.redirects:
            sentences.append("Follows three redirects at most; they count as one sample.")
        return " ".join(sentences)

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
