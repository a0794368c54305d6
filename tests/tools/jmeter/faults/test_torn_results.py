"""Result files that were cut or spoiled, from the file to the verdict: what is whole counts, nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.analysis.conclude import Surroundings, conclude
from perfpilot.analysis.reading.reader import ResultReader
from perfpilot.domain.load_outcome import Ended, LoadOutcome
from perfpilot.domain.outcome import Verdict
from perfpilot.domain.result import ClosedAttempt
from perfpilot.tools.jmeter.measure import close_attempt
from perfpilot.tools.jmeter.running.tail import Tail
from tests.analysis.result_files import START_MS, file, line, read, samples_of
from tests.tools.jmeter.fake_jmeter import made_run, prepared_attempt

FAILURE = 'expected "ok",\nreceived "no"\n'
SMALL = file(
    [line(1), line(2, success=False, failure=FAILURE), line(3, label="pay, all"), line(4, message="null")]
)
GOOD = [line(50 * n, 20, "page") for n in range(600)]  # 30 s


@pytest.mark.parametrize("piece", [0, 7], ids=["at once", "in pieces"])
def test_at_every_byte_a_cut_file_gives_its_whole_rows_and_no_other(piece: int) -> None:
    whole = samples_of(*read(SMALL))
    assert len(whole) == 4
    ends = [at + 1 for at, byte in enumerate(SMALL) if byte == ord("\n")]
    ends = [end for end in ends if SMALL[:end].count(b'"') % 2 == 0]  # line feeds that end a record
    assert len(ends) == 5, "a header and four rows"
    for cut in range(len(SMALL) + 1):
        rows, reader = read(SMALL[:cut], piece)
        complete = max(sum(end <= cut for end in ends) - 1, 0)
        assert samples_of(rows, reader) == whole[:complete], cut
        torn = cut not in (0, *ends)
        health = reader.health()
        assert health.torn_tail or health.rejected == (1 if torn and cut < ends[0] else 0) or not torn, cut
        assert not (health.torn_tail and not torn), cut


def test_at_every_byte_the_rest_that_comes_later_completes_the_rows(tmp_path: Path) -> None:
    """The tail of a growing file: what was torn at one look is whole at the next."""
    whole = samples_of(*read(SMALL))
    for cut in range(len(SMALL) + 1):
        path = tmp_path / "results.jtl"
        path.write_bytes(SMALL[:cut])
        tail, reader = Tail(path), ResultReader()
        first = reader.feed(tail.read())
        with path.open("ab") as growing:
            growing.write(SMALL[cut:])
        second = reader.feed(tail.read())
        assert samples_of(first, reader) + samples_of(second, reader) == whole, cut
        assert reader.health().rejected == 0


async def _closed(folder: Path, data: bytes) -> ClosedAttempt:
    run = made_run(folder)
    prepared = await prepared_attempt(run)
    (Path(prepared.directory) / "results.jtl").write_bytes(data)
    outcome = LoadOutcome(attempt=1, ended=Ended.COMPLETED, started_ms=START_MS)
    run.write("attempts/1/outcome.json", outcome)
    return close_attempt(run, 1)


def _verdict(closed: ClosedAttempt) -> tuple[Verdict | None, str]:
    outcome = conclude([closed], Surroundings()).analysis.outcome
    return outcome.verdict, " ".join(outcome.reasons)


async def test_a_whole_file_is_a_go(tmp_path: Path) -> None:
    """So that what follows fails for its own reason."""
    assert _verdict(await _closed(tmp_path, file(GOOD)))[0] is Verdict.GO


SPOILED = {
    "nothing": (b"", 0, "sample"),
    "header only": (file([]), 0, "sample"),
    "half a header": (file([])[:30], 0, "sample"),
    "no header": ("".join(GOOD).encode(), 0, "no header"),
    "a column that is needed is missing": (
        file([line(0, columns=("timeStamp", "label", "success"))] * 600, ("timeStamp", "label", "success")),
        0,
        "no header with timeStamp, elapsed, label, success",
    ),
    "null where a number should be": (
        file([*GOOD[:300], GOOD[300].replace(",20,", ",null,"), *GOOD[301:]]), 599, "line 302",
    ),
    "appended twice": (file(GOOD) + file(GOOD), 1200, "header"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "rows", "said"), SPOILED.values(), ids=SPOILED.keys())
async def test_a_spoiled_file_is_never_a_go_and_says_where(
    data: bytes, rows: int, said: str, tmp_path: Path
) -> None:
    closed = await _closed(tmp_path, data)
    verdict, reasons = _verdict(closed)
    assert closed.attempt.files.rows == rows
    assert verdict is Verdict.INCONCLUSIVE, reasons
    assert said in reasons + " ".join(closed.attempt.files.rejects)


async def test_a_byte_order_mark_and_texts_of_null_and_line_breaks_change_no_figure(tmp_path: Path) -> None:
    lines = [*GOOD[:299], line(50 * 299, 20, "page", message="null", failure="a\nb"), *GOOD[300:]]
    plain = await _closed(tmp_path, file(GOOD))
    marked = await _closed(tmp_path / "other", b"\xef\xbb\xbf" + file(lines))
    assert marked.attempt.phases == plain.attempt.phases
    assert _verdict(marked)[0] is Verdict.GO


async def test_the_last_row_of_a_killed_jmeter_is_dropped_and_counted(tmp_path: Path) -> None:
    closed = await _closed(tmp_path, file(GOOD)[:-9])
    assert (closed.attempt.files.rows, closed.attempt.files.torn_tail) == (599, True)
