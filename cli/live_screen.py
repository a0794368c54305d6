"""The live view kept on a terminal: drawn twice a second, with notes and alerts scrolling away above it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import TracebackType
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.live import Live

from perfpilot.cli.live_blocks import safe
from perfpilot.cli.live_table import live_view
from perfpilot.cli.progress import Progress

# Twice a second is alive enough, and the processor that draws is one that the load needs.
_DRAWN_PER_S = 2


class LiveScreen:
    """A context: the view is on the terminal inside it and gone after it, for the summary to stand there."""

    def __init__(self, stream: TextIO, title: str) -> None:
        # Width, height and colours are Rich's to find out, NO_COLOR included.
        self._console = Console(file=stream, force_terminal=True, highlight=False, markup=False, emoji=False)
        self.progress = Progress(title=title)
        self._live = self._new()

    def __enter__(self) -> LiveScreen:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def __call__(self, message: dict[str, Any]) -> None:
        """Take one message of the run."""
        self.progress.feed(message)
        if message.get("kind") in ("note", "alert"):
            style = "bold yellow" if message["kind"] == "alert" else "bright_black"
            mark = "! " if message["kind"] == "alert" else ""
            self.say(mark + str(message.get("text", "")), style)

    def say(self, text: str, style: str = "bold") -> None:
        """A line that stays, above the view."""
        self._console.print(safe(text, style))

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Without the view inside the block, for a question."""
        self._live.stop()
        try:
            yield
        finally:
            self._live = self._new()
            self._live.start()

    def _new(self) -> Live:
        return Live(
            console=self._console,
            get_renderable=self._draw,
            refresh_per_second=_DRAWN_PER_S,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def _draw(self) -> RenderableType:
        return live_view(self.progress, self._console.width, self._console.height)
