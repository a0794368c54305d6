"""The live view kept on a terminal: drawn twice a second, with notes and alerts scrolling away above it."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from types import TracebackType
from typing import Any, TextIO, cast

from rich.console import Console, RenderableType
from rich.control import Control
from rich.live import Live
from rich.text import Text

from perfpilot.cli.live.alerts import STYLES
from perfpilot.cli.live.blocks import clock, safe
from perfpilot.cli.live.progress import Progress, alert_words
from perfpilot.cli.live.table import live_view
from perfpilot.cli.words import UntilItIsGone

# Twice a second is alive enough, and the processor that draws is one that the load needs.
_DRAWN_PER_S = 2
_SAID_AGAIN = 5  # lines that stay, after the terminal was cleared


class LiveScreen:
    """A context: the view is on the terminal inside it and gone after it, for the summary to stand there."""

    def __init__(self, stream: TextIO, title: str) -> None:
        # Width, height and colours are Rich's to find out, NO_COLOR included.
        enduring = cast(TextIO, UntilItIsGone(stream))  # a terminal that is closed must not end the run
        self._console = Console(
            file=enduring, force_terminal=True, highlight=False, markup=False, emoji=False
        )
        self.progress = Progress(title=title)
        self._said: deque[Text] = deque(maxlen=_SAID_AGAIN)
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
        text = str(message.get("text", ""))
        if message.get("kind") == "note":
            self.say(text, "bright_black")
        elif message.get("kind") == "steering":
            self.say(f"{self._moment()}  {text}", "cyan")
        elif message.get("kind") == "alert":
            self._alert(message, text)

    def say(self, text: str, style: str = "bold") -> None:
        """A line that stays, above the view."""
        self._said.append(safe(text, style))
        self._console.print(self._said[-1])

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Without the view inside the block, for a question."""
        self._live.stop()
        try:
            yield
        finally:
            self._live = self._new()
            self._live.start()

    def _alert(self, message: dict[str, Any], text: str) -> None:
        name = str(message.get("name", ""))
        words = alert_words(name, text)
        if message.get("state") == "ended":  # its text is that with which it began
            self.say(f"{self._moment()}  over: {name or words}", "green")
            return
        severity = str(message.get("severity", ""))
        mark = f"! {severity:<8} " if severity else "! "
        self.say(f"{self._moment()}  {mark} {words}", STYLES.get(severity, "bold yellow"))

    def _moment(self) -> str:
        """Of the load, in which alerts and steps are told."""
        return clock(self.progress.figures.t_s).rjust(5) if self.progress.figures else ""

    def _new(self) -> Live:
        return _Resized(
            self._said,
            console=self._console,
            get_renderable=self._draw,
            refresh_per_second=_DRAWN_PER_S,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def _draw(self) -> RenderableType:
        return live_view(self.progress, self._console.width, self._console.height)


class _Resized(Live):
    """Begins on a clear terminal when its size has changed.

    A terminal that becomes narrower breaks the lines of the last drawing, so that nobody knows any more how
    many there are to draw over.
    """

    def __init__(self, said: deque[Text], *, console: Console, **options: Any) -> None:
        super().__init__(console=console, **options)
        self._said = said
        self._size = console.size

    def refresh(self) -> None:
        with self._lock:
            if self.console.size != self._size:
                self._size = self.console.size
                self.console.control(Control.clear(), Control.home())
                for text in list(self._said):
                    self.console.print(text)
            super().refresh()
