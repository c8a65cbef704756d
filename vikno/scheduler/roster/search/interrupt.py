"""Ending a solver that is at work, once somebody says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from ortools.util.python.solve_interrupter import SolveInterrupter

SECONDS_BETWEEN = 0.1
"""How often it is asked."""


@contextmanager
def interrupted_by(stop: Callable[[], bool]) -> Iterator[Any]:
    """An interrupter for a solver that is triggered as soon as `stop` says so."""
    interrupter = SolveInterrupter()
    done = Event()

    def watch() -> None:
        while not done.wait(SECONDS_BETWEEN):
            if stop():
                interrupter.interrupt()
                return

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield interrupter
    finally:
        done.set()
        watcher.join()
