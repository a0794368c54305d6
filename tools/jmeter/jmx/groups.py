"""Groups of users: one for each engine, and the group that reads control files.

What the choices rest on was measured with JMeter 5.5 and 5.6.3; `tests/tools/jmeter/jmx` repeats it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from lxml import etree

from perfpilot.domain.plan import Engine, Scenario
from perfpilot.domain.units import format_duration
from perfpilot.planning.load.in_words import in_words
from perfpilot.planning.load.layers import Layer, layers
from perfpilot.tools.jmeter.jmx import gate, pacing, templates, tree
from perfpilot.tools.jmeter.jmx.lead import Lead
from perfpilot.tools.jmeter.jmx.schedule import plain_number, schedule

CONTROL_PERIOD_MS = 200
_FOR_EVER = -1
_PAUSE, _THREAD = 1, 0  # TestAction: action and target


def samples_per_iteration(scenario: Scenario) -> int:
    """Samples that one iteration of the scenario makes."""
    return scenario.requests


def control_file(number: int, scenario: Scenario) -> str:
    """Where the number stands that moves a steered scenario while it runs, below the attempt's directory."""
    return f"control/{_controlled(scenario)}_{number}"


def control_text(scenario: Scenario, level: float) -> str:
    """What a steered scenario's control file holds at that level: samples per minute, or users."""
    if scenario.engine is Engine.STEERED_USERS:
        return str(round(level))
    return plain_number(round(level * samples_per_iteration(scenario) * 60, 3))


def open_schedule(parent: etree._Element, scenario: Scenario, lead: Lead, tail_s: float) -> etree._Element:
    """A user for every arrival, on a fixed schedule. Returns the hashTree for the user's steps.

    Never together with a SetupThreadGroup: arrivals that fell due while it ran come all at once (#6352).
    """
    node, children = tree.element(parent, "OpenModelThreadGroup", scenario.name)
    how = "evenly spaced" if scenario.even_arrivals else "at random moments"
    tree.comment(node, _about(scenario, f"Open load: a new user for every arrival, {how}"))
    text = schedule(scenario.curve, even=scenario.even_arrivals, lead_s=lead.seconds, tail_s=tail_s)
    tree.string(node, "OpenModelThreadGroup.schedule", text)
    tree.string(node, "OpenModelThreadGroup.random_seed", str(scenario.seed or 1))  # 0: another each time
    tree.string(node, "ThreadGroup.on_sample_error", "continue")
    tree.nested(node, "ThreadGroup.main_controller", "OpenModelThreadGroupController")
    return children


def steered_rate(
    parent: etree._Element, scenario: Scenario, lead: Lead, number: int, cap_per_min: int
) -> etree._Element:
    """A fixed number of users who take turns at the rate in `control/rate_<number>`: see `pacing`.

    `cap_per_min`, in samples, is the highest rate that the plan will follow. Returns the users' hashTree.
    """
    how = f"{scenario.users} users take turns at the rate in {control_file(number, scenario)}"
    children = _held(parent, scenario, lead, how)
    waiting = tree.element(children, "WhileController", "until it is my turn")
    tree.string(waiting.node, "WhileController.condition", pacing.WAITING)
    look = pacing.look_ms(scenario.users, scenario.curve.peak)
    turn = pacing.take_turn(
        number, samples_per_iteration(scenario), cap_per_min, look, *_window_ms(scenario, lead)
    )
    _pause(waiting.children, "turn", turn)
    _pause(children, "next time wait", pacing.NEXT_TIME_WAIT)
    return _steps(children)


def steered_users(parent: etree._Element, scenario: Scenario, lead: Lead, number: int) -> etree._Element:
    """Users of whom as many run as `control/users_<number>` says: see `gate`. Returns the users' hashTree."""
    how = f"{scenario.users} users; those above the number in {control_file(number, scenario)} wait"
    children = _held(parent, scenario, lead, how)
    waiting = tree.element(children, "WhileController", "while the gate is closed")
    tree.string(waiting.node, "WhileController.condition", gate.held(number))
    _pause(waiting.children, "look again", gate.look())
    return _steps(children)


def closed_users(parent: etree._Element, scenario: Scenario, lead: Lead) -> list[etree._Element]:
    """One thread group for each layer of the curve. Returns their hashTrees."""
    found = layers(scenario.curve)
    about = _about(scenario, "Closed load: users side by side, a thread group for each step of users")
    trees = []
    for layer in found:
        name = scenario.name if len(found) == 1 else f"{scenario.name}: {_users(layer)}"
        built = _thread_group(
            parent,
            name,
            users=layer.users,
            delay_s=lead.delay_s + layer.delay_s,
            start_users_s=layer.ramp_s,
            duration_s=layer.duration_s,
        )
        tree.comment(built.node, about)
        trees.append(built.children)
    return trees


def one_pass(parent: etree._Element, scenario: Scenario) -> etree._Element:
    """One user who goes through the steps once."""
    built = _thread_group(parent, scenario.name, users=1, duration_s=0)
    tree.comment(built.node, _sentences(scenario.why, "One user, one pass"))
    return built.children


def control(parent: etree._Element, steered: Mapping[int, Scenario], lead: Lead, duration_s: float) -> None:
    """One thread that copies the control files into properties and moves gates. It makes no samples."""
    whole_s = _whole(lead.seconds + duration_s)
    node, children = _thread_group(parent, "perfpilot control", users=1, duration_s=whole_s)
    tree.comment(node, "Reads the numbers that perfpilot writes into control/ while the test runs.")
    for number, scenario in steered.items():
        what = _controlled(scenario)
        _pause(children, f"read {what} {number}", f"{templates.read_control(what, number)}0")
        if scenario.engine is Engine.STEERED_USERS:
            moved = gate.move(number, scenario.users, *_window_ms(scenario, lead))
            _pause(children, f"move gate {number}", moved)
    _pause(children, "read again", str(CONTROL_PERIOD_MS))


def think_time(children: etree._Element, seconds: float, *, constant: bool) -> None:
    """A pause before the sampler that owns `children`: constant, or uniform from half to one and a half.

    Under the sampler, because a timer beside it would delay every sampler of the group.
    """
    milliseconds = round(seconds * 1000)
    if milliseconds <= 0:
        return
    kind = "ConstantTimer" if constant else "UniformRandomTimer"
    least = milliseconds if constant else milliseconds // 2
    name = f"think {least} ms" if constant else f"think {least} to {least + milliseconds} ms"
    node = tree.element(children, kind, name).node
    tree.string(node, "ConstantTimer.delay", str(least))
    if not constant:
        tree.string(node, "RandomTimer.range", str(milliseconds))


def _held(parent: etree._Element, scenario: Scenario, lead: Lead, how: str) -> etree._Element:
    """Users who come up ahead of the load and wait. Returns their hashTree."""
    node, children = _thread_group(
        parent,
        scenario.name,
        users=scenario.users,
        start_users_s=lead.start_users_s,
        duration_s=_whole(lead.seconds + scenario.curve.duration_s),
    )
    tree.comment(node, _about(scenario, how))
    return children


def _steps(children: etree._Element) -> etree._Element:
    """A controller of their own for the steps and what belongs to them.

    A row of test data is taken when the steps begin, not when a user begins to wait.
    """
    return tree.element(children, "GenericController", "steps").children


def _window_ms(scenario: Scenario, lead: Lead) -> tuple[int, int]:
    """When the load of a scenario begins and ends, in milliseconds since the start of the test."""
    return round(lead.seconds * 1000), round((lead.seconds + scenario.curve.duration_s) * 1000)


def _thread_group(
    parent: etree._Element,
    name: str,
    *,
    users: int,
    duration_s: int,
    delay_s: int = 0,
    start_users_s: int = 0,
) -> tree.Built:
    """A thread group; without a duration it runs once."""
    built = tree.element(parent, "ThreadGroup", name)
    node = built.node
    tree.integer(node, "ThreadGroup.num_threads", users)
    tree.integer(node, "ThreadGroup.ramp_time", start_users_s)
    tree.boolean(node, "ThreadGroup.scheduler", duration_s > 0)
    tree.string(node, "ThreadGroup.duration", str(duration_s))
    tree.string(node, "ThreadGroup.delay", str(delay_s))
    # The same user keeps connections between iterations; cookies are the cookie manager's affair.
    tree.boolean(node, "ThreadGroup.same_user_on_next_iteration", True)
    # A thread of its own starts the users: else they would hold up the groups that come after.
    tree.boolean(node, "ThreadGroup.delayedStart", duration_s > 0)
    tree.string(node, "ThreadGroup.on_sample_error", "continue")
    loop = tree.nested(node, "ThreadGroup.main_controller", "LoopController")
    tree.integer(loop, "LoopController.loops", _FOR_EVER if duration_s > 0 else 1)
    tree.boolean(loop, "LoopController.continue_forever", False)  # missing: JMeter loops for ever
    return built


def _pause(children: etree._Element, name: str, duration_ms: str) -> None:
    node = tree.element(children, "TestAction", name).node
    tree.integer(node, "ActionProcessor.action", _PAUSE)
    tree.integer(node, "ActionProcessor.target", _THREAD)
    tree.string(node, "ActionProcessor.duration", duration_ms)


def _controlled(scenario: Scenario) -> Literal["rate", "users"]:
    return "users" if scenario.engine is Engine.STEERED_USERS else "rate"


def _users(layer: Layer) -> str:
    who = f"users {layer.low + 1}-{layer.high}" if layer.users > 1 else f"user {layer.high}"
    return f"{who} from {format_duration(layer.delay_s)}" if layer.delay_s else who


def _about(scenario: Scenario, how: str) -> str:
    curve = in_words(scenario.curve)
    searched = f"the level is searched for; at most it {curve}"
    return _sentences(scenario.why, how, searched if scenario.searched else curve)


def _sentences(*texts: str) -> str:
    return " ".join(f"{text[0].upper()}{text[1:].rstrip('.')}." for text in texts if text)


def _whole(seconds: float) -> int:
    return max(1, math.ceil(round(seconds, 6)))
