"""Reading and writing the journal of one hall. Synchronous: live, a thread of its own runs it.

A group of entries is one transaction: it is on the disk when `append` returns, or not there at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from vikno.queue import events as e
from vikno.queue.errors import JournalConflict, JournalCorrupt, JournalUnavailable
from vikno.queue.hall import Hall
from vikno.queue.journal.chain import START, Entry, link
from vikno.queue.journal.database import DATABASE_ERRORS, insert_or, reason, shared
from vikno.queue.journal.epoch import MOVED, new_epoch
from vikno.queue.journal.tables import EventRow, HallRow, NoteRow, SnapshotRow
from vikno.queue.plan import HallPlan
from vikno.queue.state import HallState

EVENTS = EventRow.__table__  # type: ignore[attr-defined]
HALLS = HallRow.__table__  # type: ignore[attr-defined]
NOTES = NoteRow.__table__  # type: ignore[attr-defined]
SNAPSHOTS = SnapshotRow.__table__  # type: ignore[attr-defined]

COLUMNS = tuple(column.name for column in EVENTS.columns)
Row = tuple[Any, ...]
"""The values of one row, in the order of `COLUMNS`."""

SNAPSHOTS_KEPT = 2
READ_ROWS = 2_000
"""Rows fetched at a time, so that a long journal never lies in memory as a whole."""

_encoder = msgspec.json.Encoder()
_state = msgspec.json.Decoder(HallState)


class Note(msgspec.Struct, frozen=True):
    """A clerk's words about a visitor, kept until `delete_after` (POSIX seconds)."""

    ticket: str
    text: str
    delete_after: float


class Record(msgspec.Struct, frozen=True):
    """What one command adds: its events, and how a repetition of it is recognised and answered."""

    events: tuple[e.Event, ...]
    key: str | None = None
    request: str | None = None
    answer: str | None = None


class Journal:
    """One hall's journal. `seq` and `hash` are those of its last row as far as this process knows."""

    def __init__(self, engine: Engine, hall: str) -> None:
        self.engine = engine
        self.hall = hall
        self.seq = 0
        self.hash = START
        self._epoch: str | None = None
        self._connection: Connection | None = None
        self._insert = insert(EVENTS).compile(dialect=engine.dialect)
        self._named = select(HALLS.c.epoch).where(HALLS.c.id == hall)

    def close(self) -> None:
        """Give the connection back; the next write takes a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def epoch(self) -> str:
        """The journal's own name; made when the hall is opened for the first time.

        `JournalUnavailable` if the hall is at work in another database.
        """
        with self._errors(), self.engine.begin() as connection:
            known = connection.scalar(self._named)
            if known is None:
                new = insert_or(connection, HALLS).values(id=self.hall, epoch=new_epoch())
                connection.execute(new.on_conflict_do_nothing())
                known = connection.scalar(self._named)  # perhaps that of another process, which was quicker
        if known == MOVED:
            raise JournalUnavailable(f"hall {self.hall} has moved to another database; serve it from there")
        self._epoch = str(known)
        return self._epoch

    def fold(self, hall: Hall) -> None:
        """Bring a fresh hall to the present: the newest snapshot, then every event after it."""
        with self._errors():
            self._begin(hall)
            for entry in self.read(after=self.seq):
                if not self._follows(entry):
                    raise self._corrupt(entry.seq)
                event = e.decode(entry.payload)
                if (entry.at, entry.type) != (event.at, e.type_of(event)):
                    raise self._corrupt(entry.seq)
                hall.apply((event,))
                self.seq, self.hash = entry.seq, entry.hash

    def _begin(self, hall: Hall) -> None:
        """Start from the newest snapshot, if the journal still holds the row it was taken after."""
        newest = select(SNAPSHOTS).where(SNAPSHOTS.c.hall == self.hall).order_by(SNAPSHOTS.c.seq.desc())
        with self.engine.connect() as connection:
            row = connection.execute(newest.limit(1)).first()
            self.seq, self.hash = (row.seq, row.hash) if row else (0, START)
            if row is None:
                return
            here = select(EVENTS.c.hash).where(EVENTS.c.hall == self.hall, EVENTS.c.seq == row.seq)
            if connection.scalar(here) != row.hash:
                raise self._corrupt(row.seq)
        hall.restore(_state.decode(row.state))

    def _follows(self, entry: Entry) -> bool:
        """Whether the row is the next one and vouched for."""
        return entry.seq == self.seq + 1 and entry.hash == link(
            self.hash, self.hall, entry.seq, entry.payload, entry.key, entry.request, entry.answer
        )

    def _corrupt(self, seq: int) -> JournalCorrupt:
        return JournalCorrupt(
            f"journal of hall {self.hall}: row {seq} is not the one that was written; "
            "it was changed, removed or damaged: restore a back-up"
        )

    def read(self, after: int = 0) -> Iterator[Entry]:
        """The rows after `after`, in order."""
        columns = [EVENTS.c[name] for name in Entry.__struct_fields__]
        rows = select(*columns).where(EVENTS.c.hall == self.hall, EVENTS.c.seq > after).order_by(EVENTS.c.seq)
        with self.engine.connect() as connection:
            for row in connection.execution_options(yield_per=READ_ROWS).execute(rows):
                yield Entry(*row)

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
            plans = select(EVENTS.c.payload).where(
                mine, EVENTS.c.type == "plan-adopted", EVENTS.c.seq < first
            )
            adopted = connection.scalar(plans.order_by(EVENTS.c.seq.desc()).limit(1))
            plan = msgspec.json.decode(adopted, type=e.PlanAdopted).plan if adopted else None
            until = () if end is None else (EVENTS.c.seq < end,)
            day = connection.execute(rows.where(EVENTS.c.seq >= first, *until).order_by(EVENTS.c.seq))
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
            plans = select(EVENTS.c.payload).where(
                mine, EVENTS.c.type == "plan-adopted", EVENTS.c.seq < first
            )
            adopted = connection.scalar(plans.order_by(EVENTS.c.seq.desc()).limit(1))
            plan = msgspec.json.decode(adopted, type=e.PlanAdopted) if adopted else None
            return plan, first - 1

    def append(self, records: Sequence[Record], notes: Sequence[Note] = ()) -> None:
        """Write a group and sync it; after `JournalConflict` or `JournalUnavailable` nothing is there."""
        rows, last = self._rows(records)
        if not rows:
            return
        with self._errors(), self._writing() as connection:
            connection.exec_driver_sql(self._insert.string, self._bound(rows))
            self._check_epoch(connection)
            for note in notes:
                connection.execute(
                    delete(NOTES).where(NOTES.c.hall == self.hall, NOTES.c.ticket == note.ticket)
                )
                connection.execute(insert(NOTES).values(hall=self.hall, **msgspec.structs.asdict(note)))
        self.seq, self.hash = self.seq + len(rows), last

    def _check_epoch(self, connection: Connection) -> None:
        """A journal that was restored or moved meanwhile is not ours, and cannot be until this is committed.

        PostgreSQL waits here for whoever restores; in SQLite whoever has written already is alone.
        """
        if self._epoch is None:
            return
        if connection.scalar(self._named.with_for_update()) != self._epoch:
            raise JournalConflict(f"journal of hall {self.hall}: it was restored or moved; decide again")

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction. On SQLite its connection is kept: a new one for each commit costs as much as a sync.

        On PostgreSQL, where connections are dear and halls are many, the next hall has it.
        """
        if self._connection is None:
            self._connection = self.engine.connect()
        keep = False
        try:
            with self._connection.begin():
                yield self._connection
            keep = not shared(self.engine)
        finally:
            if not keep:
                self.close()

    def _bound(self, rows: list[Row]) -> list[Any]:
        """Rows as the driver wants them; binding each by SQLAlchemy would double what a row costs."""
        return rows if self._insert.positional else [dict(zip(COLUMNS, row, strict=True)) for row in rows]

    def _rows(self, records: Sequence[Record]) -> tuple[list[Row], str]:
        """The rows of a group and the hash of the last; key and answer stand with a command's first event."""
        rows: list[Row] = []
        last = self.hash
        for record in records:
            key, request, answer = record.key, record.request, record.answer
            for event in record.events:
                seq, payload = self.seq + len(rows) + 1, e.encode(event)
                last = link(last, self.hall, seq, payload, key, request, answer)
                kind = e.type_of(event)
                rows.append((self.hall, seq, event.at, kind, payload, key, request, answer, last))
                key = request = answer = None
        return rows, last

    def snapshot(self, state: HallState, chain: str) -> None:
        """Keep a state to start from, and only the newest few."""
        row = {"hall": self.hall, "seq": state.seq, "state": _encoder.encode(state).decode(), "hash": chain}
        mine = SNAPSHOTS.c.hall == self.hall
        with self._errors(), self.engine.begin() as connection:
            new = insert_or(connection, SNAPSHOTS).values(**row)
            connection.execute(new.on_conflict_do_update(index_elements=["hall", "seq"], set_=row))
            self._check_epoch(connection)
            kept = connection.scalars(
                select(SNAPSHOTS.c.seq).where(mine).order_by(SNAPSHOTS.c.seq.desc())
            ).all()
            connection.execute(delete(SNAPSHOTS).where(mine, SNAPSHOTS.c.seq < kept[:SNAPSHOTS_KEPT][-1]))

    def notes(self) -> dict[str, str]:
        """The clerks' notes by ticket."""
        with self._errors(), self.engine.connect() as connection:
            rows = connection.execute(select(NOTES.c.ticket, NOTES.c.text).where(NOTES.c.hall == self.hall))
            return {row.ticket: row.text for row in rows}

    def forget_notes(self, at: float) -> None:
        """Delete the notes whose time is over."""
        with self._errors(), self.engine.begin() as connection:
            connection.execute(delete(NOTES).where(NOTES.c.hall == self.hall, NOTES.c.delete_after <= at))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """What the database reports, in our words."""
        try:
            yield
        except IntegrityError as error:
            raise JournalConflict(
                f"journal of hall {self.hall}: another process has written this step; decide again"
            ) from error
        except DATABASE_ERRORS as error:
            raise JournalUnavailable(
                f"the journal cannot be written now ({reason(error)}); nothing happened, try again"
            ) from error
        except msgspec.DecodeError as error:
            raise JournalCorrupt(
                f"journal of hall {self.hall}: a row cannot be read ({error}); restore a back-up"
            ) from error
