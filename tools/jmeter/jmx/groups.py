"""Groups of users: an open schedule, a steered rate, closed users, and the group that reads control files.

What the choices rest on was measured with JMeter 5.5 and 5.6.3; `tests/tools/jmeter/jmx` repeats it.
"""

from __future__ import annotations

import math

from lxml import etree

from perfpilot.domain.plan import Scenario
from perfpilot.tools.jmeter.jmx import pacing, templates, tree
from perfpilot.tools.jmeter.jmx.layers import Layer, layers
from perfpilot.tools.jmeter.jmx.schedule import schedule

CONTROL_PERIOD_MS = 500
_FOR_EVER = -1
_PAUSE, _THREAD = 1, 0  # TestAction: action and target


def samples_per_iteration(scenario: Scenario) -> int:
    """Samples that one iteration of the scenario makes."""
    return scenario.requests


def first_rate_per_min(scenario: Scenario) -> float:
    """What a steered scenario's control file holds at first, in samples per minute."""
    return round(scenario.curve.level_at(0.0) * samples_per_iteration(scenario) * 60, 3)


def open_schedule(parent: etree._Element, scenario: Scenario, tail_s: float) -> etree._Element:
    """A user for every arrival, on a fixed schedule. Returns the hashTree for the user's steps.

    Never together with a SetupThreadGroup: arrivals that fell due while it ran come all at once (#6352).
    """
    node, children = tree.element(parent, "OpenModelThreadGroup", scenario.name)
    text = schedule(scenario.curve, even=scenario.even_arrivals, tail_s=tail_s)
    tree.string(node, "OpenModelThreadGroup.schedule", text)
    tree.string(node, "OpenModelThreadGroup.random_seed", str(scenario.seed or 1))  # 0: another each time
    tree.string(node, "ThreadGroup.on_sample_error", "continue")
    tree.nested(node, "ThreadGroup.main_controller", "OpenModelThreadGroupController")
    return children


def steered_rate(parent: etree._Element, scenario: Scenario, number: int, cap_per_min: int) -> etree._Element:
    """A fixed number of users who take turns at the rate in `control/rate_<number>`: see `pacing`.

    `cap_per_min`, in samples, is the highest rate that the plan will follow. Returns the users' hashTree.
    """
    _, children = _thread_group(
        parent, scenario.name, users=scenario.users, duration_s=_whole(scenario.curve.duration_s)
    )
    waiting = tree.element(children, "WhileController", "until it is my turn")
    tree.string(waiting.node, "WhileController.condition", pacing.WAITING)
    turn = pacing.take_turn(
        number, samples_per_iteration(scenario), cap_per_min, pacing.look_ms(scenario.users)
    )
    _pause(waiting.children, "turn", turn)
    _pause(children, "next time wait", pacing.NEXT_TIME_WAIT)
    return children


def closed_users(parent: etree._Element, scenario: Scenario) -> list[etree._Element]:
    """One thread group for each layer of the curve. Returns their hashTrees."""
    found = layers(scenario.curve)
    return [
        _thread_group(
            parent,
            scenario.name if len(found) == 1 else f"{scenario.name} {index}",
            users=layer.users,
            duration_s=layer.duration_s,
            layer=layer,
        ).children
        for index, layer in enumerate(found, start=1)
    ]


def one_pass(parent: etree._Element, scenario: Scenario) -> etree._Element:
    """One user who goes through the steps once."""
    return _thread_group(parent, scenario.name, users=1, duration_s=0).children


def control(parent: etree._Element, numbers: list[int], duration_s: float) -> None:
    """One thread that copies the control files into properties twice a second. It makes no samples."""
    _, children = _thread_group(parent, "perfpilot control", users=1, duration_s=_whole(duration_s))
    for number in numbers:
        period = CONTROL_PERIOD_MS if number == numbers[-1] else 0
        _pause(children, f"read rate {number}", f"{templates.read_rate(number)}{period}")


def think_time(children: etree._Element, seconds: float, *, constant: bool) -> None:
    """A pause before the sampler that owns `children`: constant, or uniform from half to one and a half.

    Under the sampler, because a timer beside it would delay every sampler of the group.
    """
    milliseconds = round(seconds * 1000)
    if milliseconds <= 0:
        return
    kind = "ConstantTimer" if constant else "UniformRandomTimer"
    node = tree.element(children, kind, "think time").node
    tree.string(node, "ConstantTimer.delay", str(milliseconds if constant else milliseconds // 2))
    if not constant:
        tree.string(node, "RandomTimer.range", str(milliseconds))


def _thread_group(
    parent: etree._Element, name: str, *, users: int, duration_s: int, layer: Layer | None = None
) -> tree.Built:
    """A thread group; without a duration it runs once."""
    built = tree.element(parent, "ThreadGroup", name)
    node = built.node
    tree.integer(node, "ThreadGroup.num_threads", users)
    tree.integer(node, "ThreadGroup.ramp_time", layer.ramp_s if layer else 0)
    tree.boolean(node, "ThreadGroup.scheduler", duration_s > 0)
    tree.string(node, "ThreadGroup.duration", str(duration_s))
    tree.string(node, "ThreadGroup.delay", str(layer.delay_s if layer else 0))
    # The same user keeps connections between iterations; cookies are the cookie manager's affair.
    tree.boolean(node, "ThreadGroup.same_user_on_next_iteration", True)
    tree.boolean(node, "ThreadGroup.delayedStart", layer is not None)
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


def _whole(seconds: float) -> int:
    return max(1, math.ceil(round(seconds, 6)))
