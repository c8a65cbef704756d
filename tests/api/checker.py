"""The outside checker: what must be true of a journal, judged from its rows and the clients' notes alone.

It reads the database with its own SQL and shares no line with the program it judges.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

COLUMNS = "seq, at, type, payload, key, request, answer, hash"
ENDINGS = {
    "service-finished": "served",
    "visitor-missed": "no-show",
    "ticket-parked": "parked",
    "ticket-transferred": "waiting",
}


@dataclass(frozen=True)
class Row:
    """One row of the journal."""

    seq: int
    at: float
    type: str
    payload: str
    key: str | None
    request: str | None
    answer: str | None
    hash: str

    @property
    def event(self) -> dict[str, Any]:
        """The event as JSON."""
        event: dict[str, Any] = json.loads(self.payload)
        return event


def rows(database: Path | str, hall: str) -> list[Row]:
    """The whole journal of a hall, in an SQLite file or at the address of a database."""
    address = str(database)
    query = f"SELECT {COLUMNS} FROM events WHERE hall = {{}} ORDER BY seq"  # noqa: S608
    connection: Any
    if address.startswith("postgresql:"):
        connection = psycopg.connect(address)
        query = query.format("%s")
    else:
        connection = sqlite3.connect(f"file:{address.removeprefix('sqlite:///')}?mode=ro", uri=True)
        query = query.format("?")
    with closing(connection):
        return [Row(*row) for row in connection.execute(query, (hall,))]


def check_chain(journal: Iterable[Row], hall: str) -> None:
    """Numbers without a gap, each row vouching for the one before, time never going back."""
    last, at = "0" * 64, 0.0
    for number, row in enumerate(journal, 1):
        assert row.seq == number, f"row {row.seq} where {number} was due"
        parts = [hall, row.payload, row.key or "", row.request or "", row.answer or ""]
        text = f"{last} {number} {' '.join(str(len(part)) for part in parts)}\n{''.join(parts)}"
        assert row.hash == hashlib.sha256(text.encode()).hexdigest(), f"row {number} does not follow"
        assert (row.event["type"], row.event["at"]) == (row.type, row.at)
        assert row.at >= at, f"time goes back at row {number}"
        last, at = row.hash, row.at


@dataclass
class Floor:
    """Who is where: a few lines of bookkeeping that refuse to put one visitor at two windows."""

    at: dict[str, str] = field(default_factory=dict)
    state: dict[str, str] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    _before: dict[str, tuple[str | None, str | None, str | None]] = field(default_factory=dict)

    def see(self, row: Row) -> None:
        """Follow one event."""
        event, kind = row.event, row.type
        ticket, window = str(event.get("ticket")), str(event.get("window"))
        if kind == "ticket-issued":
            assert ticket not in self.state, f"{ticket} was issued twice"
            self.state[ticket] = "waiting"
        elif kind == "visitor-left":
            self.state[ticket] = "left"
            self.at.pop(window, None)
            self._before.pop(window, None)
        elif kind in {"visitor-returned", "ticket-unparked"}:
            self.state[ticket] = "waiting"
        elif kind == "ticket-called":
            self._call(ticket, window)
        elif kind == "service-started":
            self._remember(window, ticket)
            assert self.at[window] == ticket
            self.state[ticket] = "serving"
        elif kind in ENDINGS:
            self._end(kind, event)
        elif kind == "step-undone":
            self._undo(event)

    def _call(self, ticket: str, window: str) -> None:
        assert window not in self.at, f"{window} has {self.at.get(window)} and calls {ticket}"
        assert ticket not in self.at.values(), f"{ticket} is called at {window} and elsewhere"
        assert self.state[ticket] in {"waiting", "parked"}, f"{ticket} is called while {self.state[ticket]}"
        self._remember(window, ticket)
        self.at[window], self.state[ticket] = ticket, "called"
        self.calls[ticket] = self.calls.get(ticket, 0) + 1

    def _end(self, kind: str, event: dict[str, Any]) -> None:
        ticket, window = event["ticket"], event["window"]
        self._remember(window, ticket)
        assert self.at.pop(window) == ticket
        self.state[ticket] = ENDINGS[kind]
        if kind == "service-finished" and event.get("services"):
            self.state[ticket] = "serving" if event.get("here") else "waiting"
            if event.get("here"):
                self.at[window] = ticket

    def _undo(self, event: dict[str, Any]) -> None:
        here, ticket, state = self._before.pop(event["window"])
        if event["step"] in {"open", "close", "pause"}:
            return
        self.at.pop(event["window"], None)
        if here is not None:
            assert here not in self.at.values(), f"undo puts {here} at two windows"
            self.at[event["window"]] = here
        if ticket is not None and state is not None:
            self.calls[ticket] = self.calls.get(ticket, 0) - (event["step"] == "call")
            self.state[ticket] = state

    def _remember(self, window: str, ticket: str) -> None:
        self._before[window] = (self.at.get(window), ticket, self.state.get(ticket))


def check_calls(journal: Iterable[Row]) -> Floor:
    """Nobody is called to two windows, no window has two; where everybody is at the end."""
    floor = Floor()
    for row in journal:
        floor.see(row)
    return floor


def check_order(journal: Iterable[Row], windows: Mapping[str, Sequence[str]]) -> int:
    """Each call took the longest waiting of the window's skills; how many calls there were."""
    waiting: dict[str, tuple[float, str, str]] = {}
    calls = 0
    for row in journal:
        event = row.event
        if row.type == "ticket-issued":
            waiting[event["ticket"]] = (row.at, event["ticket"], event["services"][0])
        elif row.type == "ticket-called":
            could = [entry for entry in waiting.values() if entry[2] in windows[event["window"]]]
            assert event["ticket"] == min(could)[1], f"row {row.seq} calls somebody before their turn"
            assert event["why"]["waiting"] == len(could)
            del waiting[event["ticket"]]
            calls += 1
        elif row.type == "nobody-called":
            assert not [entry for entry in waiting.values() if entry[2] in windows[event["window"]]]
    assert not waiting
    return calls


def check_acknowledged(journal: Iterable[Row], acknowledged: Iterable[tuple[str, bytes]]) -> int:
    """Every acknowledged command stands in the journal once, with the very answer its client got."""
    answers: dict[str, str] = {}
    for row in journal:
        if row.key is not None:
            assert row.key not in answers, f"key {row.key} happened twice"
            assert row.answer is not None
            answers[row.key] = row.answer
    count = 0
    for key, body in acknowledged:
        assert key in answers, f"acknowledged command {key} is lost"
        assert answers[key] == body.decode(), f"command {key} was answered differently"
        count += 1
    return count
