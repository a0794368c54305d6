"""Writing the JMX of a plan: the same spec and plan always give the same bytes."""

from __future__ import annotations

import math

from lxml import etree

from perfpilot.domain.base import Frozen
from perfpilot.domain.labels import CASE_PREFIX, is_measured
from perfpilot.domain.plan import Engine, Plan, Scenario
from perfpilot.domain.spec import Spec
from perfpilot.planning.load.searched import levels_of
from perfpilot.tools.jmeter.jmx import data, groups, http, tree
from perfpilot.tools.jmeter.jmx.lead import Lead, lead_for
from perfpilot.tools.jmeter.jmx.outside_text import OutsideText
from perfpilot.tools.jmeter.jmx.steps import StepWriter, require_label
from perfpilot.tools.testdata.csv_files import data_files

JMETER_VERSION = "5.6.3"


class WrittenPlan(Frozen):
    """A plan ready for disk. Paths are relative to JMeter's working directory, the attempt's."""

    xml: bytes
    properties: dict[str, str]  # lit.N -> literal; for a property file (`-q`)
    secret_names: tuple[str, ...]  # names that the private property file must give
    control_files: dict[str, str]  # path -> first content: samples per minute, or users
    data_files: dict[str, str]  # path -> CSV text
    uploads: dict[str, str]  # path of a copy -> where its file is, below a data root of the policy
    labels: tuple[str, ...]  # of measured samples, each once, in the order of the plan
    case_labels: tuple[str, ...]  # of the samples of cases, which no threshold counts
    lead_s: float  # seconds before the load in which JMeter comes up
    tail_s: float  # seconds after the load in which JMeter waits for requests in flight


def write_jmx(spec: Spec, plan: Plan, *, smoke: bool = False) -> WrittenPlan:
    """Write the plan, or with `smoke` one pass of one user through the same steps, scenario by scenario.

    After the scenarios the smoke pass has the cases of `plan.before`, one pass each. Literals have the same
    numbers in the smoke pass and in the load. The smoke pass has no think times.
    Raises SpecError, naming the place, for what can't be written without being altered or evaluated.
    """
    return _Writer(spec, plan, smoke).write()


class _Writer:
    def __init__(self, spec: Spec, plan: Plan, smoke: bool) -> None:
        self._spec, self._plan, self._smoke = spec, plan, smoke
        self._text = OutsideText(data.declared_variables(spec, plan))
        self._files = data_files(spec.test_data, spec.test_name)
        self._lead = Lead() if smoke else lead_for(plan.scenarios)
        self._steps = StepWriter(spec, plan, self._text, self._files, smoke=smoke)

    def write(self) -> WrittenPlan:
        root, children = self._test_plan()
        http.add_defaults(children, self._spec, self._plan)
        steered: dict[int, Scenario] = {}
        for number, scenario in enumerate(self._plan.scenarios, start=1):
            if scenario.engine.steered and not self._smoke:
                steered[number] = scenario
            for users in self._users(children, scenario, number):
                self._steps.write(users, scenario)
        in_load = {scenario.name for scenario in self._plan.scenarios}
        for case in self._plan.before if self._smoke else ():
            if case.name not in in_load:  # else it had its pass among the scenarios
                self._steps.write(self._one_pass(children, case), case)
        if steered:
            groups.control(children, steered, self._lead, self._plan.duration_s)
        return WrittenPlan(
            xml=etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True),
            properties=self._text.properties,
            secret_names=self._text.secret_names,
            control_files={
                groups.control_file(number, scenario): groups.control_text(scenario, self._first(scenario))
                for number, scenario in steered.items()
            },
            data_files=dict(self._files.values()),
            uploads={place: path for path, place in self._steps.uploads.items()},
            labels=tuple(label for label in self._steps.labels if is_measured(label)),
            case_labels=tuple(label for label in self._steps.labels if label.startswith(CASE_PREFIX)),
            lead_s=self._lead.seconds,
            tail_s=0.0 if self._smoke else max(map(self._tail_s, self._plan.scenarios), default=0.0),
        )

    def _first(self, scenario: Scenario) -> float:
        """The level with which a steered scenario begins."""
        search = self._plan.search
        if scenario.searched and search:
            return levels_of(self._plan, search.start)[scenario.name]
        return scenario.curve.level_at(0.0)

    def _test_plan(self) -> tuple[etree._Element, etree._Element]:
        root = etree.Element(
            "jmeterTestPlan", {"version": "1.2", "properties": "5.0", "jmeter": JMETER_VERSION}
        )
        node, children = tree.element(
            etree.SubElement(root, "hashTree"), "TestPlan", require_label(self._spec.test_name)
        )
        about = "One user, one pass, before any load." if self._smoke else "\n".join(self._plan.notes)
        tree.comment(node, f"Written by perfpilot.\n{about}".strip())
        tree.boolean(node, "TestPlan.functional_mode", False)
        tree.boolean(node, "TestPlan.tearDown_on_shutdown", True)
        tree.boolean(node, "TestPlan.serialize_threadgroups", self._smoke)
        variables = tree.nested(node, "TestPlan.user_defined_variables", "Arguments")
        tree.collection(variables, "Arguments.arguments")
        return root, children

    def _users(self, children: etree._Element, scenario: Scenario, number: int) -> list[etree._Element]:
        if self._smoke:
            return [self._one_pass(children, scenario)]
        require_label(scenario.name)
        if scenario.engine is Engine.OPEN_SCHEDULE:
            return [groups.open_schedule(children, scenario, self._lead, self._tail_s(scenario))]
        if scenario.engine is Engine.STEERED_RATE:
            cap = self._cap_per_min(scenario)
            return [groups.steered_rate(children, scenario, self._lead, number, cap)]
        if scenario.engine is Engine.STEERED_USERS:
            return [groups.steered_users(children, scenario, self._lead, number)]
        return groups.closed_users(children, scenario, self._lead)

    def _one_pass(self, children: etree._Element, scenario: Scenario) -> etree._Element:
        require_label(scenario.name)
        return groups.one_pass(children, scenario)

    def _cap_per_min(self, scenario: Scenario) -> int:
        """The plan's own peak, in samples: whatever a control file says, no scenario goes above it."""
        own = scenario.curve.peak * groups.samples_per_iteration(scenario)
        return max(1, math.ceil(max(own, self._plan.peak_rate_per_s) * 60))

    def _tail_s(self, scenario: Scenario) -> float:
        if scenario.engine is not Engine.OPEN_SCHEDULE:
            return self._plan.response_timeout_s
        longest_think_s = 1.5 * scenario.think_time_s
        return self._plan.response_timeout_s + 1 + longest_think_s
