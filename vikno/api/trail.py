"""The trail: who signed in, was refused, made or revoked an account, device or token, or decided a setting.

Entries are added, and forgotten when their time is over (retention.py); none is ever changed. There are no
secrets in them, and nothing of visitors: those are in the journal, which says why each was called when, and
says who stood at a window only by its name.

An entry about accounts, devices or tokens is written in the transaction that changes them, so the newest
entries also tell every process whether what it remembers of them is out of date (gate.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select

from vikno.api.access import ANY_HALL
from vikno.api.people.store import Store
from vikno.queue.journal.tables import TrailRow

TRAIL = TrailRow.__table__  # type: ignore[attr-defined]
WHAT = "the trail"
"""As errors of the database name it."""

TOLD_MAX = 200
"""Entries in one answer; `before` asks for those before them."""

NEWEST = 64
"""Entries that are compared to see that there are new ones. Transactions may end in another order than they
began, so the newest number alone could stand still while an older one appears."""

NUMBER_MAX = 2**31 - 1
"""The largest number of an entry that every database keeps."""

WHO_LENGTH_MAX = 200
COMMAND_LINE = "command-line"
NOBODY = "nobody"


class Entry(msgspec.Struct, frozen=True):
    """What happened. `hall` is empty if it is about none in particular."""

    id: int
    at: float
    who: str
    kind: str
    hall: str | None
    detail: dict[str, Any]


class Trail:
    """The trail of a database. Blocks; a server calls it in a thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, kind: str, *, who: str, hall: str | None = None, **detail: Any) -> None:
        """Add an entry by itself, about something that is kept elsewhere."""
        with self._store.writing(WHAT) as connection:
            self.add(connection, kind, who=who, hall=hall, **detail)

    def add(
        self, connection: Connection, kind: str, *, who: str, hall: str | None = None, **detail: Any
    ) -> None:
        """Add an entry in the transaction that does what it tells."""
        row = {
            "at": self._store.now(),
            "who": who[:WHO_LENGTH_MAX],
            "kind": kind,
            "hall": None if hall == ANY_HALL else hall,
            "detail": msgspec.json.encode(detail).decode(),
        }
        connection.execute(insert(TRAIL).values(**row))

    def entries(self, halls: frozenset[str], before: int = NUMBER_MAX, limit: int = TOLD_MAX) -> list[Entry]:
        """Those about these halls (`ANY_HALL`: about everything) with a lower number, newest first."""
        wanted = select(TRAIL).where(TRAIL.c.id < before)
        if ANY_HALL not in halls:
            wanted = wanted.where(TRAIL.c.hall.in_(sorted(halls)))
        with self._store.reading(WHAT) as connection:
            return [
                Entry(row.id, row.at, row.who, row.kind, row.hall, msgspec.json.decode(row.detail))
                for row in connection.execute(wanted.order_by(TRAIL.c.id.desc()).limit(limit))
            ]

    def newest(self) -> Sequence[int]:
        """The numbers of the newest entries: other numbers, other entries."""
        with self._store.reading(WHAT) as connection:
            return connection.scalars(select(TRAIL.c.id).order_by(TRAIL.c.id.desc()).limit(NEWEST)).all()
