"""What commands do at a terminal alike: say a line, show how far they are, heed a Ctrl-C."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import ProgressColumn

INTERRUPTED = 130
WIDTH_UNWATCHED = 120
"""Columns of a table that goes to a file or a pipe, where nobody says how wide it may be."""

Show = Callable[..., None]
"""Takes what has changed of a line, as `rich.progress.Progress.update` does."""


def say(message: str) -> None:
    """A line on stderr."""
    sys.stderr.write(f"vikno: {message}\n")


def screen() -> Console:
    """Where results are shown: as wide as the terminal, or as nobody minds."""
    from rich.console import Console  # noqa: PLC0415  (quick --help)

    return Console(width=None if sys.stdout.isatty() else WIDTH_UNWATCHED, highlight=False)


@contextmanager
def progress_line(first: str, total: float | None, *, clock: bool, counted: str = "") -> Iterator[Show]:
    """A line on stderr that moves, if anybody sees it.

    `first` is told until there is more to tell; `clock` tells the time that is left, `counted` how many of
    what are done.
    """
    if not sys.stderr.isatty():
        yield lambda **_news: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns: list[ProgressColumn] = [BarColumn()]
    if counted:
        columns += [MofNCompleteColumn(), TextColumn(counted)]
    if clock:
        columns.append(TimeRemainingColumn())
    columns.append(TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(first, total=total)

        def show(**news: object) -> None:
            bar.update(task, **news)  # type: ignore[arg-type]

        yield show


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """The first Ctrl-C is a wish to stop with what is there, a second one means at once."""
    wishes: list[int] = []

    def stop(number: int, _frame: object) -> None:
        wishes.append(number)
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: bool(wishes)
    finally:
        signal.signal(signal.SIGINT, before)
