"""Texts that are unusual and legal: whatever looks like a reference, a function or markup, and is none."""

from __future__ import annotations

TEXTS = (
    "plain", "two words", "", " ", "  edges  ", "x" * 300,
    "é€😀", "Ünï çödé", "日本語", "עברית", "a\u0301\u200d\u2060b", "\u2028\ufeff",
    "\"quotes\" 'and' `others`", "<&>]]>", "<!-- --> <?x?> <![CDATA[y]]>", "&amp;&#36;&lt;",
    "\\", "\\\\", "a\\b\\n\\u0041", "\\$", "ends\\", "a,b\\,c",
    "$", "$$", "$ {x}", "{x}", "}{", "$}{", "{$}", "$(x)", "#{x} %{x} @{x}", "$1$ (.*) [a-z]{2}",
    "\uff04{__time()}", "$\uff5b__time()\uff5d", "__time()", "__P(lit.1)", "lit.1",
    "#!=: key", "100 %", "%20%", "?&=+", "NULL", "true", "0x1F", "- a: b", "| x",
)  # fmt: skip
"""May stand wherever one line of text may."""

LINES = ("one\ntwo", "cr\r\nlf", "tab\tend", "\n", "\\\n\\", "a\rb")
"""May stand in bodies besides."""

HEADERS = ("v", 'W/"a,b\\c"', "<&> 'x' {y} $ $$ $(z)", "a  b", "text/html; q=0.9, */*", "")
"""Values of headers: printable ASCII."""

DATA_VALUES = ("lamp", "", " ", "a,b", '"quoted"', "é€😀", "<&>]]>", "\\", "$", "{}", "a'b", "x" * 200, "1e3")
"""Values of test data that may not stand in an address, most of them."""

SAFE_VALUES = ("lamp", "oak", "a-b_c.d~e", "(1)", "100", "c3a9")
"""Values of test data that may."""
