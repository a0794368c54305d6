"""write a description to start from"""

from __future__ import annotations

import argparse
from pathlib import Path

EXAMPLES = """\
example:
  perfpilot init http://127.0.0.1:8080/api/products --out products.yaml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`init URL [--out FILE]`."""
    parser.add_argument("url", metavar="URL", help="the address to test")
    parser.add_argument(
        "--out", metavar="FILE", default="perfpilot.yaml",
        help="where to write it; - for stdout (default: perfpilot.yaml)",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Write the starter description; an existing file is never touched."""
    from perfpilot.cli.new_files import write_new
    from perfpilot.tools.spec.starter import starter_spec

    text = starter_spec(options.url)
    if options.out == "-":
        print(text, end="")
        return 0
    write_new(Path(options.out), text)
    print(f"wrote {options.out}\nnext:  perfpilot validate {options.out}\n       perfpilot run {options.out}")
    return 0
