"""What a result file is like: columns, delimiter, time stamps. Told from its first bytes, never guessed.

JMeter's properties `jmeter.save.saveservice.*` say which columns it writes, in which order they come is fixed
(`CSVSaveService.printableFieldNamesToString`); names of `sample_variables` come last and stand in quotes.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

from perfpilot.analysis.reading.grammar import REQUIRED, Grammar
from perfpilot.analysis.reading.stamps import PATTERNS, StampPattern
from perfpilot.domain.errors import ResultFileError

FIRST_BYTES = 64 * 1024
"""So many bytes are enough for `recognise`."""

DEFAULT_COLUMNS = (
    "timeStamp", "elapsed", "label", "responseCode", "responseMessage", "threadName", "dataType", "success",
    "failureMessage", "bytes", "sentBytes", "grpThreads", "allThreads", "URL", "Latency", "IdleTime",
    "Connect",
)  # fmt: skip
"""What JMeter 5 writes if no property says otherwise."""

_KNOWN = frozenset((*DEFAULT_COLUMNS, "Filename", "Encoding", "SampleCount", "ErrorCount", "Hostname"))
_WHOLE = ("elapsed", "bytes", "sentBytes", "grpThreads", "allThreads", "Latency", "IdleTime", "Connect")
_PROPERTY = {
    "timeStamp": "timestamp_format=ms",
    "elapsed": "time=true",
    "label": "label=true",
    "success": "successful=true",
}
_TELLS = {
    "responseCode": "errors have no cause",
    "bytes": "received bytes are not known",
    "allThreads": "the number of users is not known",
    "Latency": "times to the first byte are not known",
    "Connect": "connect times are not known",
}
_ROWS = 50  # looked at, to tell time stamps, and columns where no header names them
_SIGNATURES = (
    (b"\x1f\x8b", "compressed by gzip", "unpack it first"),
    (b"PK\x03\x04", "a ZIP archive", "unpack it first"),
    (b"\xff\xfe", "written as UTF-16", "save it as UTF-8, as JMeter writes it"),
    (b"\xfe\xff", "written as UTF-16", "save it as UTF-8, as JMeter writes it"),
)
_XML = re.compile(rb"\s*<(\?xml|testResults)")
_DELIMITER = re.compile(r'"?\w+"?([\t -~])')
_MILLISECONDS = re.compile(r"[0-9]{12,15}")  # since 1973; fewer digits may be seconds


class FileFormat(NamedTuple):
    """What a CSV result file is like. `notes` are sentences on what it lacks or what was assumed."""

    columns: tuple[str, ...] = ()  # needed where the file has no header line
    delimiter: str = ","
    timestamps: str = ""  # a pattern of `timestamp_format`; empty: epoch milliseconds
    header: bool = True
    notes: tuple[str, ...] = ()


def recognise(first: bytes, timestamps: str = "") -> FileFormat:
    """What the file is like that begins with these bytes (`FIRST_BYTES`, or all of a shorter file).

    `timestamps`: the pattern of its time stamps, where they can't be told from the bytes alone.
    Raises ResultFileError, with the mend, for what is no CSV file of JMeter's, for a file without the columns
    that every figure needs, and for time stamps that could be read in more than one way.
    """
    _refuse_other_kinds(first)
    text = first.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    lines = text.split("\n")
    headers = ((at, found) for at, line in enumerate(lines) if (found := _header(line)))
    first_header = next(headers, None)
    if not first_header:
        return _without_header(text, timestamps)
    at, (columns, delimiter) = first_header
    _need(columns)
    rows = _records("\n".join(lines[at + 1 :]), delimiter)
    place = columns.index("timeStamp")
    pattern = _pattern([row[place] for row in rows if len(row) == len(columns)], delimiter, timestamps)
    notes = [f"no column {name}: {lost}" for name, lost in _TELLS.items() if name not in columns]
    return FileFormat(columns, delimiter, pattern, notes=(*notes, *_notes_on(pattern)))


def _refuse_other_kinds(first: bytes) -> None:
    if not first.strip():
        raise ResultFileError("the result file is empty", mend="give a file with samples")
    for signature, what, mend in _SIGNATURES:
        if first.startswith(signature):
            raise ResultFileError(f"the result file is {what}", mend=mend)
    if _XML.match(first.removeprefix(b"\xef\xbb\xbf")):
        raise ResultFileError(
            "the result file is XML; only CSV is read",
            mend="let JMeter write CSV: -Jjmeter.save.saveservice.output_format=csv",
        )


def _header(line: str) -> tuple[tuple[str, ...], str] | None:
    """Names and delimiter, if some of the names are JMeter's."""
    begin = _DELIMITER.match(line)
    if not begin or begin[1] == '"' or not line.strip():
        return None
    try:
        names = tuple(next(csv.reader([line.rstrip("\r")], delimiter=begin[1]), ()))
    except csv.Error:  # a carriage return within the line
        return None
    return (names, begin[1]) if len(_KNOWN.intersection(names)) >= 3 else None


def _need(columns: Sequence[str]) -> None:
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        options = " ".join(f"-Jjmeter.save.saveservice.{_PROPERTY[name]}" for name in missing)
        raise ResultFileError(
            f"the result file has no column {', '.join(missing)}", mend=f"let JMeter write it: {options}"
        )


def _without_header(text: str, timestamps: str) -> FileFormat:
    """JMeter's default columns, if the values fit them with one delimiter and no other."""
    line = text.partition("\n")[0]
    fitting = []
    for delimiter in sorted({c for c in line if c == "\t" or (c.isascii() and c.isprintable())}):
        if delimiter.isalnum() or delimiter == '"':
            continue
        rows = _records(text, delimiter)
        good = [row for row in rows if _fits_default(row)]
        if good and 2 * len(good) >= len(rows):
            fitting.append((delimiter, good))
    if len(fitting) != 1:
        raise ResultFileError(
            "the result file has no header line, and its values are not those of JMeter's default columns",
            mend="let JMeter write the header: -Jjmeter.save.saveservice.print_field_names=true, "
            "or put its line, such as timeStamp,elapsed,label,success, on top of the file",
        )
    delimiter, good = fitting[0]
    pattern = _pattern([row[0] for row in good], delimiter, timestamps)
    note = "no header line: the columns are taken to be JMeter's default ones, which the values fit"
    return FileFormat(DEFAULT_COLUMNS, delimiter, pattern, header=False, notes=(note, *_notes_on(pattern)))


def _fits_default(row: Sequence[str]) -> bool:
    if len(row) != len(DEFAULT_COLUMNS):
        return False
    of = dict(zip(DEFAULT_COLUMNS, row, strict=True))
    whole = all(of[name].isdigit() for name in _WHOLE)
    return whole and of["success"] in ("true", "false") and not of["URL"].isdigit()


def _records(text: str, delimiter: str) -> list[list[str]]:
    """The first records; without the last one where the bytes end inside it."""
    whole = text[: text.rfind("\n") + 1]
    rows = csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter)
    found: list[list[str]] = []
    try:
        found.extend(itertools.islice(rows, _ROWS))
    except csv.Error:  # a carriage return within a line; what stands above it was read
        pass
    return found


def _pattern(stamps: Sequence[str], delimiter: str, given: str) -> str:
    """The pattern of the time stamps: what was given, or the one that the first readable stamp follows."""
    grammar = Grammar(delimiter.encode())
    try:
        asked = [StampPattern(given, grammar)] if given else []
    except ValueError as error:
        raise ResultFileError(str(error), mend=f"write it like {PATTERNS[0]}") from None
    if all(not stamp for stamp in stamps):
        return given
    for stamp in stamps:
        if not asked and _MILLISECONDS.fullmatch(stamp):
            return ""
        hidden = grammar.hidden(stamp.encode())
        for pattern in asked or [StampPattern(known, grammar) for known in PATTERNS]:
            if pattern.matches(hidden):
                return pattern.text
    raise ResultFileError(
        f"the time stamps are neither milliseconds since 1970 nor like {given or PATTERNS[0]}",
        mend="let JMeter write milliseconds: -Jjmeter.save.saveservice.timestamp_format=ms",
    )


def _notes_on(pattern: str) -> tuple[str, ...]:
    if not pattern:
        return ()
    zone = f"time stamps are like {pattern} and name no time zone: they are read as UTC"
    blurred = "time stamps are whole seconds: figures by second and phase borders are so exact and no more"
    return (zone,) if "SSS" in pattern else (zone, blurred)
