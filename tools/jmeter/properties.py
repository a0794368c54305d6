"""The property files of an attempt: how results are saved, and what must stay private."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from pathlib import Path

SAVED = (
    "time", "latency", "connect_time", "idle_time", "bytes", "sent_bytes", "thread_counts", "successful",
    "response_code", "response_message", "label", "thread_name", "data_type",
    "assertion_results_failure_message",
)  # fmt: skip
"""JMeter's usual columns less URL, whose query strings leak secrets into the result file."""


def save_properties(*, udp_port: int, autoflush: bool = True) -> dict[str, str]:
    """Properties that fix the form of the result file and the control port.

    autoflush writes each sample at once: without it up to 8 KiB are late, and lost on a crash.
    """
    save = "jmeter.save.saveservice."
    return {
        save + "output_format": "csv",
        save + "print_field_names": "true",
        save + "timestamp_format": "ms",
        save + "default_delimiter": ",",
        save + "autoflush": "true" if autoflush else "false",
        save + "url": "false",
        save + "hostname": "false",
        save + "sample_count": "false",
        save + "subresults": "false",  # else each redirect has a row with a label of its own
        **{save + name: "true" for name in SAVED},
        "sampleresult.default.encoding": "UTF-8",
        "summariser.interval": "6",
        "jmeterengine.force.system.exit": "true",  # else the JVM lingers 60 s after an open schedule
        "jmeterengine.nongui.port": str(udp_port),
        "jmeterengine.nongui.maxport": str(udp_port),
        "jmeter.exit.check.pause": "0",
        "httpsampler.max_bytes_to_store_per_request": str(1024 * 1024),
        "httpsampler.max_redirects": "3",  # each is a request; the policy bounds them by this number
        "cache_manager.cached_resource_mode": "RETURN_NO_SAMPLE",  # a row would say that something was asked
        "httpclient4.retrycount": "0",  # a retry inside JMeter would send load that nobody counts
        "httpclient4.time_to_live": "60000",
    }


def write_properties(path: Path, values: Mapping[str, str]) -> None:
    """Write a Java property file, mode 0600, escaped so that every character survives."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        for key, value in values.items():
            file.write(f"{_escape(key, key=True)}={_escape(value)}\n")


def write_hosts(path: Path, addresses: tuple[str, ...]) -> None:
    """The JVM's whole name service (`jdk.net.hosts.file`): names not in it can't be reached.

    `addresses` are pairs `host address`. The machine's own name is added because JMeter asks for it.
    """
    lines = ["127.0.0.1 localhost", f"127.0.0.1 {socket.gethostname()}"]
    for pair in addresses:
        host, address = pair.split()
        lines.append(f"{address} {host}")
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def confine(host: str) -> dict[str, str]:
    """System properties (`-S`) with which JMeter reaches no other host than `host`.

    The hosts file knows no other name, but an address written as a number needs no name: a redirect to
    `http://192.0.2.7/` would be followed. With these every other host is asked through a proxy whose name
    does not exist. Another port of the same host can still be reached.
    """
    return {
        "http.proxyHost": "other-hosts.invalid",  # RFC 2606 section 2: there is never such a name
        "http.proxyPort": "9",
        "http.nonProxyHosts": f"[{host}]" if ":" in host else host,
    }


def _escape(text: str, *, key: bool = False) -> str:
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    if key:
        escaped = re.sub(r"([ =:#!])", r"\\\1", escaped)
    elif escaped.startswith((" ", "#", "!", "=", ":")):
        escaped = "\\" + escaped
    units = escaped.encode("utf-16-be", "surrogatepass")
    codes = (int.from_bytes(units[i : i + 2], "big") for i in range(0, len(units), 2))
    return "".join(chr(c) if 0x20 <= c < 0x7F else f"\\u{c:04x}" for c in codes)
