"""Published limits that a remark may cite, each with what it is about and whose clock it was measured on.

No standard sets a percentile of an API's response time. What exists are limits of what people notice, at
their end of the network, and practices of measuring; a remark that cites one says so. Limits of vendors'
products and figures of unknown origin are left out on purpose.
"""

from __future__ import annotations

from perfpilot.domain.base import Frozen


class Standard(Frozen):
    """One source. `percentile` and `clock` say which figure of ours may be compared with it, if any."""

    id: str
    title: str
    says: str
    percentile: str
    clock: str
    url: str
    checked: str = "2026-11"

    def cite(self) -> str:
        """The citation in one line."""
        return f"{self.id}: {self.title} ({self.percentile}; {self.clock}) {self.url}"


_ALL = (
    Standard(
        id="NIELSEN-LIMITS",
        title="Response Times: The 3 Important Limits, Nielsen Norman Group",
        says="0.1 s feels instantaneous, 1 s keeps the flow of thought, 10 s keeps attention",
        percentile="each interaction, no percentile given",
        clock="what a person sees, from action to answer on the screen",
        url="https://www.nngroup.com/articles/response-times-3-important-limits/",
    ),
    Standard(
        id="RAIL",
        title="Measure performance with the RAIL model, web.dev",
        says="respond to input within 100 ms",
        percentile="each interaction, no percentile given",
        clock="the browser",
        url="https://web.dev/articles/rail",
    ),
    Standard(
        id="WEB-VITALS-TTFB",
        title="Time to First Byte, web.dev",
        says="good up to 0.8 s, poor above 1.8 s",
        percentile="75th percentile of page visits",
        clock="browsers of real users, network and redirects included",
        url="https://web.dev/articles/ttfb",
    ),
    Standard(
        id="SRE-SLO",
        title="Site Reliability Engineering, chapter 4: Service Level Objectives, Google",
        says="use percentiles rather than the mean: a mean hides a slow tail",
        percentile="high percentiles such as the 95th, 99th and 99.9th",
        clock="client or server, as the objective names it",
        url="https://sre.google/sre-book/service-level-objectives/",
    ),
    Standard(
        id="SRE-WORKBOOK-SLO",
        title="The Site Reliability Workbook, chapter 2: Implementing SLOs, Google",
        says="the error budget is 1 minus the objective; it is meant to be spent, and an objective bounds it",
        percentile="share of requests, no percentile",
        clock="client or server, as the objective names it",
        url="https://sre.google/workbook/implementing-slos/",
    ),
    Standard(
        id="ISO-25010",
        title="ISO/IEC 25010:2023, product quality model: time behaviour, resource utilization, capacity",
        says="performance efficiency is judged against stated requirements, under stated conditions",
        percentile="none: the requirement is yours to state",
        clock="as the requirement states",
        url="https://www.iso.org/standard/78176.html",
    ),
    Standard(
        id="ISO-25023",
        title="ISO/IEC 25023:2016, measurement of system and software product quality",
        says="time behaviour has measures of its own for response time, turnaround time and throughput",
        percentile="mean measures; no limits are set",
        clock="as the measurement states",
        url="https://www.iso.org/standard/35747.html",
    ),
    Standard(
        id="APDEX",
        title="Apdex: satisfied up to T, tolerating up to 4T, frustrated above; a failure is frustrated",
        says="0.94 excellent, 0.85 good, 0.70 fair, 0.50 poor; T is chosen for each application",
        percentile="share of all samples, no percentile",
        clock="what a user waits for",
        url="https://www.apdex.org/",
    ),
    Standard(
        id="OPEN-CLOSED",
        title="Open Versus Closed: A Cautionary Tale, Schroeder, Wierman, Harchol-Balter, NSDI 2006",
        says="a closed model sends less when the target slows down, so its response times look better",
        percentile="mean response times",
        clock="the load generator",
        url="https://www.usenix.org/conference/nsdi-06/open-versus-closed-cautionary-tale",
    ),
    Standard(
        id="USE",
        title="The USE Method, Brendan Gregg",
        says="utilization above 70 % can begin to be a problem: it hides bursts, and queues grow",
        percentile="mean over an interval",
        clock="the resource",
        url="https://www.brendangregg.com/usemethod.html",
    ),
)

STANDARDS: dict[str, Standard] = {standard.id: standard for standard in _ALL}
