"""A demonstration, or a fast server and a public, as child processes of a test."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from sqlalchemy import Engine

from vikno.api.access import Grant, Role
from vikno.api.people.registry import People
from vikno.api.serve import open_engine
from vikno.queue import events as e
from vikno.queue.journal.journal import Journal

PROGRAM = (sys.executable, "-m", "vikno.api.cli")
PATIENCE_SECONDS = 60.0
"""A test fails that waits longer; on an idle machine everything here takes a second or two."""

LOOK_SECONDS = 0.05

HALL = """
format = 1
[hall]
id = "small"
name = { uk = "ЦНАП", en = "Service centre" }
time_zone = "Europe/Kyiv"
opens = "08:00"
closes = "16:00"

[[services]]
id = "passport"
prefix = "A"
name = { en = "Passport" }
arrivals = [["08:00", 60.0]]
service = { distribution = "lognormal", mean = 4.0, cv = 0.5 }
patience = { distribution = "exponential", mean = 30.0, zero = 0.05 }
no_show = 0.1

[[services]]
id = "pickup"
prefix = "B"
name = { en = "Pick-up" }
arrivals = [["08:00", 40.0]]
service = { distribution = "exponential", mean = 2.0 }

[[windows]]
id = "w"
count = 4
skills = { passport = 1.0, pickup = 1.0 }

[[windows]]
id = "x-5"
skills = { pickup = 0.8 }
"""
"""A hundred visitors an hour for five windows, of whom some do not come and some do not wait."""


def until(so: Callable[[], bool], what: str) -> None:
    """Wait until it is so, or fail."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not so():
        assert time.monotonic() < end, f"not within {PATIENCE_SECONDS:g} s: {what}"
        time.sleep(LOOK_SECONDS)


class Play:
    """One process, what it prints, and the processes it has started."""

    def __init__(self, *command: str, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        self.lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def said(self) -> str:
        """Everything so far."""
        return "\n".join(self.lines)

    def children(self) -> list[psutil.Process]:
        """The processes it has started that still run."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def public(self) -> list[psutil.Process]:
        """Those of them that are the simulated public; the other foresees waits."""
        return [child for child in self.children() if "public" in child.cmdline()]

    def kill(self) -> None:
        """`kill -9`, and nothing of it is left."""
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)


def engine_of(data: Path) -> Engine:
    """The database of a data folder."""
    return open_engine(data, None)


def events_of(data: Path) -> Sequence[e.Event]:
    """What has happened so far."""
    engine = engine_of(data)
    events = [e.decode(entry.payload) for entry in Journal(engine, "small").read()]
    engine.dispose()
    return events


def count(events: Sequence[e.Event], kind: type[e.Event]) -> int:
    """How many of a kind."""
    return sum(isinstance(event, kind) for event in events)


def manager_token(data: Path) -> str:
    """A token that outlives any process."""
    engine = engine_of(data)
    token = People(engine).tokens.issue(Grant(Role.MANAGER, "small"))
    engine.dispose()
    return token
