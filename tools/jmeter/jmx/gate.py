"""How the users of a closed scenario wait behind a gate that can be moved while the test runs.

The group has as many threads as the plan has users at the most. A user runs while its number within the
group is not above the number in the control file. The control thread, which reads that file, leaves a
property for each user that says whether to wait; a user looks at its own before each iteration. What follows:

- A higher number lets users in within a look; a lower one holds each user when its iteration ends, so that
  a journey with long pauses goes down slowly.
- No number, 0, or a control file that is no number means: nobody runs; so does a control thread that is not
  there. There are no more threads than the plan has users, whatever a control file says.
- Users come up before the load begins, and none begins an iteration after its end.
- Waiting makes no sample and takes no row of test data.
- There is no throughput timer beside a gate: one divides by all live threads, those that wait included
  (100 a second asked with 5 of 20 users let through gave 25 a second).

A look costs little because it is no script: with an expression in every user 500 waiting users took a quarter
of a core, now a tenth, and each kept a script engine of its own.

The number is text from the control file and is only ever compared with a pattern of digits: it is no part
of the expression.
"""

from __future__ import annotations

from perfpilot.tools.jmeter.jmx.pacing import NOW

SHORTEST_LOOK_MS, LONGEST_LOOK_MS = 100, 400


def held(number: int) -> str:
    """Condition of the loop in which a user of scenario `number` waits: it goes on until it is `false`."""
    return f"${{__P(pp.hold.{number}.${{__threadNum}},true)}}"


def look() -> str:
    """The pause between two looks in ms, drawn so that users who are let in together do not march in step."""
    return f"${{__Random({SHORTEST_LOOK_MS},{LONGEST_LOOK_MS})}}"


def move(number: int, users: int, begins_ms: int, ends_ms: int) -> str:
    """Expression of the control thread that lets users in or holds them. Evaluates to a pause of 0 ms.

    `number` is the scenario's, `users` its threads; the load begins and ends so long after the start of the
    test. Commas are escaped, since JMeter splits parameters at them.
    """
    return (
        "${__jexl3("
        f"{NOW}"
        f"var text = props.getProperty('pp.users.{number}'\\, '').trim(); "
        "var last = text =~ '[0-9]{1\\,9}' ? text * 1.0 : 0.0; "
        f"last = since < {begins_ms} || since >= {ends_ms} ? 0.0 : last; "
        f"for (var user : 1 .. {users}) "
        f"{{ var name = 'pp.hold.{number}.'.concat(user.toString()); "
        "props.setProperty(name\\, user > last ? 'true' : 'false') } "
        "0)}"
    )
