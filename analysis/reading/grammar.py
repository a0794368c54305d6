"""How the lines of a result file are made: fields, delimiter, quotes, header."""

from __future__ import annotations

import re

REQUIRED = ("timeStamp", "elapsed", "label", "success")
"""Without these columns a line says nothing about a sample."""

# Bytes that UTF-8 never uses stand for a delimiter and a line break within a quoted field.
_STAND_INS = b"\xfd\xfe"
_QUOTED = re.compile(rb'"((?:[^"]++|"")*+)"')


class Grammar:
    """How fields and records are made with one delimiter, a single byte."""

    def __init__(self, delimiter: bytes) -> None:
        of = re.escape(delimiter)
        field = rb'(?:"(?:[^"]++|"")*+"|[^"%b\n]*+)' % of
        self.delimiter = delimiter
        self.record = re.compile(rb"%b(?:%b%b)*+\n" % (field, of, field))
        self.begun = re.compile(rb'(?:%b%b)*+(?:"(?:[^"]++|"")*+"?|[^"%b\n]*+)\Z' % (field, of, of))
        self._hide = bytes.maketrans(delimiter + b"\n", _STAND_INS)
        self._show = bytes.maketrans(_STAND_INS, delimiter + b" ")

    def plain(self, record: bytes) -> bytes:
        """A quoted record as a plain line."""
        return _QUOTED.sub(lambda field: self.hidden(field[1].replace(b'""', b'"')), record)

    def hidden(self, text: bytes) -> bytes:
        """Text as it stands in a plain line."""
        return text.translate(self._hide)

    def shown(self, field: bytes) -> str:
        """A field of a plain line as text: stand-ins put back, whatever is not UTF-8 replaced."""
        return field.translate(self._show).decode("utf-8", "replace")

    def header(self, line: bytes) -> tuple[str, ...]:
        """The column names in a plain line, or nothing if it is no header."""
        if b"timeStamp" not in line:
            return ()
        text = line.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\n")
        names = tuple(text.split(self.delimiter.decode()))
        return names if set(REQUIRED) <= set(names) else ()


COMMA = Grammar(b",")
