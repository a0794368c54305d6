"""Writing the JMX of a plan: the same spec and plan always give the same bytes."""

from __future__ import annotations

import math

from lxml import etree

from perfpilot.domain.base import Frozen
from perfpilot.domain.plan import Engine, Plan, Scenario
from perfpilot.domain.spec import Spec
from perfpilot.tools.jmeter.jmx import data, groups, http, tree
from perfpilot.tools.jmeter.jmx.outside_text import OutsideText
from perfpilot.tools.jmeter.jmx.schedule import LEAD_S, plain_number
from perfpilot.tools.jmeter.jmx.steps import StepWriter, require_label
from perfpilot.tools.testdata.csv_files import data_files

JMETER_VERSION = "5.6.3"


class WrittenPlan(Frozen):
    """A plan ready for disk. Paths are relative to JMeter's working directory, the attempt's."""

    xml: bytes
    properties: dict[str, str]  # lit.N -> literal; for a property file (`-q`)
    secret_names: tuple[str, ...]  # names that the private property file must give
    control_files: dict[str, str]  # path -> first content, samples per minute
    data_files: dict[str, str]  # path -> CSV text
    labels: tuple[str, ...]  # labels of the results, each once, in the order of the plan
    lead_s: float  # seconds before the load in which JMeter comes up
    tail_s: float  # seconds after the load in which JMeter waits for requests in flight


def write_jmx(spec: Spec, plan: Plan, *, smoke: bool = False) -> WrittenPlan:
    """Write the plan, or with `smoke` one pass of one user through the same steps, scenario by scenario.

    Literals have the same numbers in the smoke pass and in the load. The smoke pass has no think times.
    Raises SpecError, naming the place, for what can't be written without being altered or evaluated.
    """
    http.require_url_values(spec)
    return _Writer(spec, plan, smoke).write()


class _Writer:
    def __init__(self, spec: Spec, plan: Plan, smoke: bool) -> None:
        self._spec, self._plan, self._smoke = spec, plan, smoke
        self._text = OutsideText(data.declared_variables(spec))
        self._files = data_files(spec.test_data.values)
        self._steps = StepWriter(spec, plan, self._text, self._files, smoke=smoke)

    def write(self) -> WrittenPlan:
        root, children = self._test_plan()
        http.add_defaults(children, self._spec, self._plan)
        steered: dict[int, Scenario] = {}
        for number, scenario in enumerate(self._plan.scenarios, start=1):
            if scenario.engine is Engine.STEERED_RATE and not self._smoke:
                steered[number] = scenario
            for users in self._users(children, scenario, number):
                self._steps.write(users, scenario)
        if steered:
            groups.control(children, list(steered), self._plan.duration_s)
        return WrittenPlan(
            xml=etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True),
            properties=self._text.properties,
            secret_names=self._text.secret_names,
            control_files={
                f"control/rate_{number}": plain_number(groups.first_rate_per_min(scenario))
                for number, scenario in steered.items()
            },
            data_files=dict(self._files.values()),
            labels=self._steps.labels,
            lead_s=self._lead_s(),
            tail_s=0.0 if self._smoke else max(map(self._tail_s, self._plan.scenarios), default=0.0),
        )

    def _test_plan(self) -> tuple[etree._Element, etree._Element]:
        root = etree.Element(
            "jmeterTestPlan", {"version": "1.2", "properties": "5.0", "jmeter": JMETER_VERSION}
        )
        node, children = tree.element(
            etree.SubElement(root, "hashTree"), "TestPlan", require_label(self._spec.test_name)
        )
        tree.boolean(node, "TestPlan.functional_mode", False)
        tree.boolean(node, "TestPlan.tearDown_on_shutdown", True)
        tree.boolean(node, "TestPlan.serialize_threadgroups", self._smoke)
        variables = tree.nested(node, "TestPlan.user_defined_variables", "Arguments")
        tree.collection(variables, "Arguments.arguments")
        return root, children

    def _users(self, children: etree._Element, scenario: Scenario, number: int) -> list[etree._Element]:
        require_label(scenario.name)
        if self._smoke:
            return [groups.one_pass(children, scenario)]
        if scenario.engine is Engine.OPEN_SCHEDULE:
            return [groups.open_schedule(children, scenario, self._tail_s(scenario))]
        if scenario.engine is Engine.STEERED_RATE:
            return [groups.steered_rate(children, scenario, number, self._cap_per_min(scenario))]
        return groups.closed_users(children, scenario)

    def _cap_per_min(self, scenario: Scenario) -> int:
        """The plan's own peak, in samples: whatever a control file says, no scenario goes above it."""
        own = scenario.curve.peak * groups.samples_per_iteration(scenario)
        return max(1, math.ceil(max(own, self._plan.peak_rate_per_s) * 60))

    def _lead_s(self) -> float:
        scheduled = any(s.engine is Engine.OPEN_SCHEDULE for s in self._plan.scenarios)
        return LEAD_S if scheduled and not self._smoke else 0.0

    def _tail_s(self, scenario: Scenario) -> float:
        if scenario.engine is not Engine.OPEN_SCHEDULE:
            return self._plan.response_timeout_s
        longest_think_s = 1.5 * scenario.think_time_s
        return self._plan.response_timeout_s + 1 + longest_think_s
