"""Reading the journal of one hall: its rows, its days, and what lies beside them. Synchronous."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import BindParameter, Connection, Engine, Select, func, select
from sqlalchemy.exc import IntegrityError

from vikno.queue import events as e
from vikno.queue.errors import JournalConflict, JournalCorrupt, JournalUnavailable
from vikno.queue.journal.chain import Entry
from vikno.queue.journal.database import DATABASE_ERRORS, reason
from vikno.queue.journal.tables import EventRow, HallRow, NoteRow, SnapshotRow
from vikno.queue.plan import HallPlan

EVENTS = EventRow.__table__  # type: ignore[attr-defined]
HALLS = HallRow.__table__  # type: ignore[attr-defined]
NOTES = NoteRow.__table__  # type: ignore[attr-defined]
SNAPSHOTS = SnapshotRow.__table__  # type: ignore[attr-defined]

READ_ROWS = 2_000
"""Rows fetched at a time, so that a long journal never lies in memory as a whole."""


def rows_after(hall: str | BindParameter[str], after: int | BindParameter[int]) -> Select[Any]:
    """The columns of an `Entry`, of the rows of a hall after `after`, in order; both may be said later."""
    columns = [EVENTS.c[name] for name in Entry.__struct_fields__]
    return select(*columns).where(EVENTS.c.hall == hall, EVENTS.c.seq > after).order_by(EVENTS.c.seq)


def entries(connection: Connection, hall: str, after: int = 0) -> Iterator[Entry]:
    """Those rows one by one, as the transaction of `connection` sees them, however many."""
    rows = connection.execute(rows_after(hall, after), execution_options={"yield_per": READ_ROWS})
    for row in rows:
        yield Entry(*row)


class JournalReader:
    """The journal of `hall` for whoever only reads it."""

    def __init__(self, engine: Engine, hall: str) -> None:
        self.engine = engine
        self.hall = hall
        self._driver = engine.dialect.loaded_dbapi

    def read(self, after: int = 0) -> Iterator[Entry]:
        """The rows after `after`, in order."""
        with self.engine.connect() as connection:
            yield from entries(connection, self.hall, after)

    def last_at(self) -> float:
        """The instant of the newest event in POSIX seconds; 0 for an empty journal."""
        newest = select(EVENTS.c.at).where(EVENTS.c.hall == self.hall).order_by(EVENTS.c.seq.desc()).limit(1)
        with self._errors(), self.engine.connect() as connection:
            return float(connection.scalar(newest) or 0.0)

    def keys(self) -> Iterator[tuple[str, str, str]]:
        """Idempotency keys of this service day and the one before: key, request, answer."""
        days = (
            select(EVENTS.c.seq)
            .where(EVENTS.c.hall == self.hall, EVENTS.c.type == "day-began")
            .order_by(EVENTS.c.seq.desc())
            .limit(2)
        )
        with self._errors(), self.engine.connect() as connection:
            starts = connection.scalars(days).all()
            rows = select(EVENTS.c.key, EVENTS.c.request, EVENTS.c.answer).where(
                EVENTS.c.hall == self.hall,
                EVENTS.c.seq >= (starts[-1] if starts else 0),
                EVENTS.c.key.is_not(None),
            )
            for row in connection.execute(rows.order_by(EVENTS.c.seq)):
                yield row.key, row.request, row.answer

    def day(self, date: str) -> tuple[HallPlan | None, list[tuple[int, e.AnyEvent]]]:
        """The plan that a service day (YYYY-MM-DD) began with, and its events with their `seq`."""
        mine = EVENTS.c.hall == self.hall
        begun = select(EVENTS.c.seq, EVENTS.c.payload).where(mine, EVENTS.c.type == "day-began")
        rows = select(EVENTS.c.seq, EVENTS.c.payload).where(mine)
        with self._errors(), self.engine.connect() as connection:
            end = None
            for first, payload in connection.execute(begun.order_by(EVENTS.c.seq.desc())):
                if msgspec.json.decode(payload)["day"] == date:
                    break
                end = first
            else:
                return None, []
            adopted = self._adopted_before(connection, first)
            until = () if end is None else (EVENTS.c.seq < end,)
            day = connection.execute(rows.where(EVENTS.c.seq >= first, *until).order_by(EVENTS.c.seq))
            plan = adopted.plan if adopted else None
            return plan, [(seq, e.decode(payload)) for seq, payload in day]

    def days(self) -> int:
        """How many service days have begun."""
        begun = select(func.count()).where(EVENTS.c.hall == self.hall, EVENTS.c.type == "day-began")
        with self._errors(), self.engine.connect() as connection:
            return int(connection.scalar(begun) or 0)

    def last_days(self, count: int) -> tuple[e.PlanAdopted | None, int]:
        """The plan that the last `count` service days began with, and the `seq` after which they lie."""
        mine = EVENTS.c.hall == self.hall
        begun = select(EVENTS.c.seq).where(mine, EVENTS.c.type == "day-began").order_by(EVENTS.c.seq.desc())
        with self._errors(), self.engine.connect() as connection:
            first = connection.scalar(begun.offset(count - 1).limit(1))
            if first is None:
                return None, 0
            return self._adopted_before(connection, first), first - 1

    def _adopted_before(self, connection: Connection, seq: int) -> e.PlanAdopted | None:
        """How the plan came that was in force when the row `seq` was written."""
        mine = EVENTS.c.hall == self.hall
        plans = select(EVENTS.c.payload).where(mine, EVENTS.c.type == "plan-adopted", EVENTS.c.seq < seq)
        newest = connection.scalar(plans.order_by(EVENTS.c.seq.desc()).limit(1))
        return msgspec.json.decode(newest, type=e.PlanAdopted) if newest else None

    def notes(self) -> dict[str, str]:
        """The clerks' notes by ticket."""
        with self._errors(), self.engine.connect() as connection:
            return self._notes(connection)

    def _notes(self, connection: Connection) -> dict[str, str]:
        rows = connection.execute(select(NOTES.c.ticket, NOTES.c.text).where(NOTES.c.hall == self.hall))
        return {row.ticket: row.text for row in rows}

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """What the database reports, in our words."""
        try:
            yield
        except (IntegrityError, self._driver.IntegrityError) as error:
            raise JournalConflict(
                f"journal of hall {self.hall}: another process has written this step; decide again"
            ) from error
        except (*DATABASE_ERRORS, self._driver.Error) as error:
            raise JournalUnavailable(
                f"the journal cannot be written now ({reason(error)}); nothing happened, try again"
            ) from error
        except msgspec.DecodeError as error:
            raise JournalCorrupt(
                f"journal of hall {self.hall}: a row cannot be read ({error}); restore a back-up"
            ) from error
