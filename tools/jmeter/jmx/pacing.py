"""How the users of a steered scenario take turns: a rate that can be changed while the test runs.

The users share one clock: the moment at which the last iteration began, moved on by one interval of the
present rate for each iteration. A user who finds that the next moment has come takes it by compare-and-set
and runs the steps; the others look again after a short pause. What follows from that:

- A change takes effect with the next iteration, not when users wake up who went to sleep at the old rate.
- The first iterations come at the rate too: nobody fires when the group starts.
- Late users catch up 0.3 s worth at most. What the target could not take earlier stays unsent.
- No rate, 0, or a control file that is no number means: no new iterations, and none to catch up afterwards.
  The plan's own peak is the highest rate that any control file can ask for.
- Users come up before the load begins, and none begins an iteration after its end.

JMeter's Constant Throughput Timer does none of this. Measured with 5.6.3: with 5 users a rate of 0, or a
deleted control file, made it send 6,000 to 11,000 requests a second instead of 20, since it divides by the
number it could not read; on a ramp from 0 to 75 per second in 16 s, written to the control file each second,
it sent 94 and 276 (two ways of starting the users) of about 600 requests, since each user sleeps to the end
of the interval that was right when the sleep began.

The clock lives in a property, as an AtomicLong in microseconds. The rate is text from the control file and
is only ever compared with a pattern of digits and multiplied: it is no part of the expression.
"""

from __future__ import annotations

CATCH_UP_US = 300_000
SHORTEST_LOOK_MS, LONGEST_LOOK_MS = 10, 1000
LOOKS_A_TURN = 5

NOW = (
    "var now = new('java.util.Date').getTime(); "
    "var since = now - props.getProperty('TESTSTART.MS'\\, '0') * 1.0; "
)
"""Statements for the time in ms: of the clock, and since the start of the test, from which open schedules
count too."""

WAITING = "${pp_wait}"
"""Condition of the loop in which a user waits: it goes on until the variable says `false`. At first there
is no such variable and JMeter leaves the text as it is."""

NEXT_TIME_WAIT = r"${__jexl3(vars.put('pp_wait'\, 'true'); 0)}"
"""Ends a turn: the user waits again in its next iteration. Evaluates to a pause of 0 ms."""


def look_ms(users: int, iterations_per_s: float) -> int:
    """Longest pause between two looks at the clock.

    All users together look a few times for each turn: 250 times a second, which costs a tenth of a core, to
    1,000 times. With many users waiting, one of them always looks soon; with few, none pauses for long.
    """
    looks_per_s = min(max(LOOKS_A_TURN * iterations_per_s, 250), 1000)
    return min(max(round(2000 * users / looks_per_s), SHORTEST_LOOK_MS), LONGEST_LOOK_MS)


def take_turn(number: int, samples: int, cap_per_min: int, look: int, begins_ms: int, ends_ms: int) -> str:
    """Expression that takes the next turn where it has come, and gives the pause in ms: 0 if taken.

    `number` is the scenario's, `samples` the samples of one iteration, `cap_per_min` the highest rate in
    samples per minute, `look` from `look_ms`; the load begins and ends so long after the start of the test.
    The same turn is not taken twice, however often JMeter evaluates the text. Commas are escaped, since
    JMeter splits parameters at them.
    """
    clock = f"'pp.clock.{number}'"
    return (
        "${__jexl3("
        f"{NOW}now = now * 1000; "
        f"var text = props.getProperty('pp.rate.{number}'\\, '').trim(); "
        "var rate = text =~ '[0-9]{1\\,9}([.][0-9]{1\\,6})?' ? text * 1.0 : 0.0; "
        f"rate = rate > {cap_per_min}.0 ? {cap_per_min}.0 : rate; "
        f"rate = since < {begins_ms} || since >= {ends_ms} ? 0.0 : rate; "
        f"props.putIfAbsent({clock}\\, new('java.util.concurrent.atomic.AtomicLong'\\, now)); "
        f"var last = props.get({clock}).get(); "
        f"if (rate == 0.0) {{ props.get({clock}).compareAndSet(last\\, now) }} "
        f"var step = rate > 0.0 ? ({samples} * 60000000.0 / rate).longValue() : 0; "
        f"var due = last + step < now - {CATCH_UP_US} ? now - {CATCH_UP_US} : last + step; "
        "if (vars.get('pp_wait') == 'false') { 0 } "
        f"else if (rate > 0.0 && due <= now && props.get({clock}).compareAndSet(last\\, due)) "
        "{ vars.put('pp_wait'\\, 'false'); 0 } "
        f"else {{ 1 + new('java.util.Random').nextInt({look}) }}"
        ")}"
    )
