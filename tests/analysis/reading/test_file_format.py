"""Result files that JMeter wrote with other settings: told from their first bytes, read, or refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.reading.file_format import DEFAULT_COLUMNS, FIRST_BYTES, FileFormat, recognise
from perfpilot.analysis.reading.reader import ResultReader
from perfpilot.analysis.reading.stamps import PATTERNS
from perfpilot.analysis.rows import Rows, joined
from perfpilot.domain.errors import ResultFileError
from tests.analysis.result_files import COLUMNS, START_MS, file, line, samples_of

# How Python writes what Java's patterns mean.
_WRITTEN = {
    "yyyy/MM/dd HH:mm:ss.SSS": "%Y/%m/%d %H:%M:%S.{ms}",
    "yyyy/MM/dd HH:mm:ss": "%Y/%m/%d %H:%M:%S",
    "yyyy-MM-dd HH:mm:ss.SSS": "%Y-%m-%d %H:%M:%S.{ms}",
    "yyyy-MM-dd HH:mm:ss": "%Y-%m-%d %H:%M:%S",
    "yyyy/MM/dd'T'HH:mm:ss.SSS": "%Y/%m/%dT%H:%M:%S.{ms}",
    "yyyy/MM/dd'T'HH:mm:ss": "%Y/%m/%dT%H:%M:%S",
    "yyyy-MM-dd'T'HH:mm:ss.SSS": "%Y-%m-%dT%H:%M:%S.{ms}",
    "yyyy-MM-dd'T'HH:mm:ss": "%Y-%m-%dT%H:%M:%S",
    "MM/dd/yyyy HH:mm:ss": "%m/%d/%Y %H:%M:%S",
}


def _read_as(data: bytes, form: FileFormat, chunk: int = 0) -> tuple[Rows, ResultReader]:
    reader = ResultReader(form)
    size = chunk or max(len(data), 1)
    parts = [reader.feed(data[at : at + size]) for at in range(0, len(data), size)]
    return joined([*parts, reader.finish()]), reader


def _written(stamp_ms: int, pattern: str) -> str:
    at = datetime.fromtimestamp(stamp_ms // 1000, UTC)
    return at.strftime(_WRITTEN[pattern]).replace("{ms}", f"{stamp_ms % 1000:03d}")


def _delimited(fields: list[str], delimiter: str) -> str:
    special = (delimiter, '"', "\r", "\n")
    return delimiter.join(
        '"' + field.replace('"', '""') + '"' if any(c in field for c in special) else field
        for field in fields
    )


def _file(
    delimiter: str = ",",
    pattern: str = "",
    *,
    header: bool = True,
    columns: tuple[str, ...] = DEFAULT_COLUMNS,
) -> bytes:
    """Three rows; the label and the message of the second hold every delimiter, a quote and a line break."""
    odd = 'a,b;c|d\te "f"\ng'
    lines = [delimiter.join(columns)] if header else []
    for number, text in enumerate(("home", odd, "pay")):
        fields = {
            "timeStamp": str(START_MS + number), "elapsed": str(100 + number), "label": text,
            "responseCode": "500", "responseMessage": text, "threadName": "users 1-1", "dataType": "text",
            "success": "false", "failureMessage": "", "bytes": "512", "sentBytes": "64", "grpThreads": "4",
            "allThreads": "9", "URL": "http://localhost/", "Latency": "90", "IdleTime": "0", "Connect": "3",
        }  # fmt: skip
        if pattern:
            fields["timeStamp"] = _written(START_MS + number, pattern)
        lines.append(_delimited([fields.get(name, "x") for name in columns], delimiter))
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize("chunk", [0, 7])
@pytest.mark.parametrize("header", [True, False], ids=["header", "no header"])
@pytest.mark.parametrize("pattern", ["", PATTERNS[0]], ids=["ms", "text"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "~", "^", "-", ":", "/", " ", "]", "\\"])
def test_any_delimiter_of_jmeter_is_recognised_and_read(
    delimiter: str, pattern: str, header: bool, chunk: int
):
    data = _file(delimiter, pattern, header=header)
    form = recognise(data)
    assert (form.columns, form.delimiter, form.timestamps) == (DEFAULT_COLUMNS, delimiter, pattern)
    assert form.header is header
    rows, reader = _read_as(data, form, chunk)
    label = 'a,b;c|d\te "f" g'
    assert samples_of(rows, reader) == [
        (START_MS, 100, "home", "500", False),
        (START_MS + 1, 101, label, "500", False),
        (START_MS + 2, 102, "pay", "500", False),
    ]
    assert (rows.connect_ms[0], rows.users[0], rows.received_bytes[0]) == (3, 9, 512)
    assert rows.failures[1].text == " ".join(label.split())
    assert reader.health().rejected == 0


@pytest.mark.parametrize("pattern", _WRITTEN)
@settings(max_examples=60, deadline=None)
@given(stamps=st.lists(st.integers(0, 4_102_444_799_999), min_size=1, max_size=20))
def test_time_stamps_written_as_text_are_read_as_the_calendar_has_them(pattern: str, stamps: list[int]):
    # 1970 to 2099: leap days and centuries among them.
    lines = [line().replace(str(START_MS), _written(stamp, pattern)) for stamp in stamps]
    form = recognise(file(lines), timestamps="" if pattern in PATTERNS else pattern)
    rows, reader = _read_as(file(lines), form)
    whole = 1 if "SSS" in pattern else 1000
    assert rows.start_ms.tolist() == [stamp // whole * whole for stamp in stamps]
    assert reader.health().rejected == 0
    assert any("read as UTC" in note for note in form.notes)
    assert any("whole seconds" in note for note in form.notes) is ("SSS" not in pattern)


@pytest.mark.parametrize(
    "stamp",
    ["2026/02/29 10:00:00.000", "2026/13/01 10:00:00.000", "2026/00/01 10:00:00.000",
     "2026/04/31 10:00:00.000", "2026/01/01 24:00:00.000", "2026/01/01 10:60:00.000",
     "2026/01/01 10:00:60.000", "2026/01/00 10:00:00.000",
     "2026/01/01 10:00:00.00x", "2026/01/01 10:00:00,000", "2026/01/01T10:00:00.000", "2026/01/01 10:00:00.0",
     "2026/01/01 10:00:00.0000", "1969/12/31 23:59:59.999", "1750000000000", ""],
)  # fmt: skip
def test_a_time_that_no_calendar_has_is_a_bad_row(stamp: str):
    good = line().replace(str(START_MS), "2024/02/29 10:00:00.007")
    data = file([good, line().replace(str(START_MS), stamp), good])
    rows, reader = _read_as(data, recognise(data))
    assert rows.start_ms.tolist() == [1_709_200_800_007] * 2
    assert reader.health().rejected == 1
    assert reader.health().rejects[0].startswith("line 3: ")


def test_a_file_of_perfpilot_has_nothing_to_be_noted():
    form = recognise(file([line()]))
    assert form == FileFormat(COLUMNS, ",", "", True, ())


def test_what_missing_columns_take_away_is_said():
    few = ("timeStamp", "elapsed", "label", "success")
    assert recognise(file([line(columns=few)], few)).notes == (
        "no column responseCode: errors have no cause",
        "no column bytes: received bytes are not known",
        "no column allThreads: the number of users is not known",
        "no column Latency: times to the first byte are not known",
        "no column Connect: connect times are not known",
    )


def test_a_file_without_a_header_says_what_was_assumed():
    notes = recognise(_file(header=False)).notes
    assert notes == (
        "no header line: the columns are taken to be JMeter's default ones, which the values fit",
    )


def test_sample_variables_further_columns_and_a_byte_order_mark_do_no_harm():
    columns = (
        *DEFAULT_COLUMNS[:-2],
        "SampleCount",
        "ErrorCount",
        "Hostname",
        *DEFAULT_COLUMNS[-2:],
        "user",
        "my id",
    )
    data = b"\xef\xbb\xbf" + _file(columns=columns).replace(b",x,x\n", b',"Jo, Ann",7\n')
    data = data.replace(b",user,my id\n", b',"user","my id"\n').replace(b",x,x,x,", b",1,0,host,")
    form = recognise(data)
    assert form.columns == columns
    rows, reader = _read_as(data, form)
    assert (rows.size, reader.health().rejected) == (3, 0)


def test_a_row_that_sums_up_several_samples_is_no_sample():
    columns = (*COLUMNS, "SampleCount", "ErrorCount")
    lines = [line(n, columns=columns).replace(",x,x\n", f",{n},0\n") for n in (1, 25, 1)]
    rows, reader = _read_as(file(lines, columns), recognise(file(lines, columns)))
    assert rows.size == 2
    assert reader.health().rejects == ("line 3: sums of several samples, not one",)


def test_a_header_below_other_lines_and_a_cut_last_line_are_no_hindrance():
    data = b"started by a script\n" + file([line(1), line(2)])[:-20]
    assert recognise(data).columns == COLUMNS
    assert recognise(file([])[:-1]).columns == COLUMNS


REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "empty": (lambda: b" \n", "is empty", "with samples"),
    "xml": (lambda: b'<?xml version="1.0"?>\n<testResults version="1.2">\n', "is XML", "output_format=csv"),
    "xml without declaration": (lambda: b'\n<testResults version="1.2">', "is XML", "output_format=csv"),
    "gzip": (lambda: b"\x1f\x8b\x08\x00", "compressed", "unpack"),
    "zip": (lambda: b"PK\x03\x04rest", "ZIP", "unpack"),
    "utf-16": (lambda: "timeStamp,elapsed".encode("utf-16"), "UTF-16", "UTF-8"),
    "no time stamps": (
        lambda: file([line(columns=COLUMNS[1:])], COLUMNS[1:]), "no column timeStamp", "timestamp_format=ms"
    ),
    "no label and no success": (
        lambda: file([], ("timeStamp", "elapsed", "responseCode", "bytes")),
        "no column label, success", "saveservice.label=true -Jjmeter.save.saveservice.successful=true",
    ),
    "another table": (lambda: b"name,age\nJo,7\n", "no header line", "print_field_names=true"),
    "no header, other columns": (
        lambda: "".join([line(n) for n in range(9)]).encode(), "no header line", "print_field_names=true"
    ),
    "day or month first": (
        lambda: file([line().replace(str(START_MS), "03/04/2026 10:00:00")]), "neither", "timestamp_format=ms"
    ),
    "seconds": (
        lambda: file([line().replace(str(START_MS), "1750000000")]), "neither", "timestamp_format=ms"
    ),
    "noise": (lambda: bytes(range(256)) * 9, "no header line", "print_field_names=true"),
}  # fmt: skip


@pytest.mark.parametrize(("made", "problem", "mend"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_read_is_refused_with_the_mend(made: Callable[[], bytes], problem: str, mend: str):
    with pytest.raises(ResultFileError) as caught:
        recognise(made())
    assert problem in caught.value.problem
    assert mend in caught.value.mend


@pytest.mark.parametrize(
    "pattern", ["dd.MM.yyyy", "yyyy/MM/dd hh:mm:ss a", "yyyy yyyy", "EEE HH:mm:ss", "'open"]
)
def test_a_given_pattern_that_makes_no_time_is_refused(pattern: str):
    with pytest.raises(ResultFileError, match="time stamp pattern"):
        recognise(file([line()]), timestamps=pattern)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_recognised_or_refused(data: bytes, below_a_header: bool):
    try:
        form = recognise(file([]) + data if below_a_header else data)
    except ResultFileError as error:
        assert error.mend
    else:
        _read_as(data, form)


def test_a_carriage_return_within_a_line_hides_neither_header_nor_time_stamps():
    good = line().replace(str(START_MS), "2024/02/29 10:00:00.007").encode()
    data = b"made\rby,a,script\n" + file([]) + good + b"a\rb,c\n" + good
    form = recognise(data)
    assert (form.columns, form.timestamps) == (COLUMNS, PATTERNS[0])
    assert _read_as(data, form)[0].size == 2


def test_the_first_bytes_of_a_long_file_are_enough():
    data = file([line(n, label="search, all") for n in range(3000)])
    assert recognise(data[:FIRST_BYTES]) == recognise(data)
