"""Reading and writing the journal of one hall. Synchronous: live, a thread of its own runs it.

A group of entries is one transaction: it is on the disk when `append` returns, or not there at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Insert, bindparam, delete, exists, insert, select

from vikno.queue import events as e
from vikno.queue.errors import JournalConflict, JournalCorrupt, JournalUnavailable
from vikno.queue.hall import Hall
from vikno.queue.journal.chain import START, Entry, link
from vikno.queue.journal.database import DATABASE_ERRORS, in_turn, insert_or, shared, turn_of
from vikno.queue.journal.epoch import MOVED, new_epoch
from vikno.queue.journal.reading import EVENTS, HALLS, NOTES, SNAPSHOTS, JournalReader, rows_after
from vikno.queue.journal.together import BEGIN, COMMIT, together, turns
from vikno.queue.state import HallState

__all__ = ["EVENTS", "HALLS", "NOTES", "SNAPSHOTS", "Journal", "News", "Note", "Record"]

COLUMNS = tuple(column.name for column in EVENTS.columns)
Row = tuple[Any, ...]
"""The values of one row, in the order of `COLUMNS`."""

SNAPSHOTS_KEPT = 2
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


class News(msgspec.Struct, frozen=True):
    """What other processes have written: their rows, the events in them, and the notes as they are now."""

    entries: Sequence[Entry] = ()
    events: Sequence[e.Event] = ()
    notes: dict[str, str] | None = None


def _insert_while_ours() -> Insert:
    """A row, unless the journal was restored or moved meanwhile; in SQLite whoever writes is alone.

    To ask for the epoch in a statement of its own costs as much as two thirds of a group.
    """
    values: Any = select(*(bindparam(name) for name in COLUMNS))
    ours = exists().where(HALLS.c.id == bindparam("id"), HALLS.c.epoch == bindparam("epoch"))
    return insert(EVENTS).from_select(COLUMNS, values.where(ours))


class Journal(JournalReader):
    """One hall's journal. `seq` and `hash` are those of its last row as far as this process knows.

    Where several processes serve the hall (`shared`), a group is a turn: `begin` takes the hall and tells
    what others wrote, `append` or `release` gives it back. Who serves alone only calls `append`.
    """

    def __init__(self, engine: Engine, hall: str) -> None:
        super().__init__(engine, hall)
        self._turn = turn_of(engine)
        self.shared = shared(engine)
        self.seq = 0
        self.hash = START
        self._epoch: str | None = None
        self._tried: tuple[int, str] | None = None
        self._connection: Connection | None = None
        new = insert(EVENTS) if self.shared else _insert_while_ours()
        self._insert = new.compile(dialect=engine.dialect)
        self._named = select(HALLS.c.epoch).where(HALLS.c.id == hall)
        self._held = self._named.with_for_update()
        if self.shared:
            self._turns = turns(engine)
            self._held_text = self._held.compile(dialect=engine.dialect)
            self._after = rows_after(hall, bindparam("after")).compile(dialect=engine.dialect)

    def close(self) -> None:
        """Give the connection back, undoing a turn that is not over; the next write takes a new one."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.rollback()  # said outright: closing leaves open what failed to commit
            if not connection.invalidated:
                connection.connection.rollback()  # likewise what went `together`
        except (*DATABASE_ERRORS, self._driver.Error):
            # SQLAlchemy, which did not see what went together, learns that the pool's others are gone too.
            with suppress(*DATABASE_ERRORS):
                connection.exec_driver_sql("SELECT 1")
            connection.invalidate()
        connection.close()

    def epoch(self) -> str:
        """The journal's own name; made when the hall is opened for the first time.

        `JournalUnavailable` if the hall is at work in another database.
        """
        with self._errors(), in_turn(self.engine) as connection:
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
                hall.apply((self._step(entry),))

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

    def _step(self, entry: Entry) -> e.Event:
        """The event of a row, which is now the last one known, if it is the next one and vouched for."""
        event = e.decode(entry.payload)
        due = link(self.hash, self.hall, self.seq + 1, entry.payload, entry.key, entry.request, entry.answer)
        if (entry.seq, entry.hash) != (self.seq + 1, due):
            raise self._corrupt(entry.seq)
        if (entry.at, entry.type) != (event.at, e.type_of(event)):
            raise self._corrupt(entry.seq)
        self.seq, self.hash = entry.seq, entry.hash
        return event

    def _corrupt(self, seq: int) -> JournalCorrupt:
        return JournalCorrupt(
            f"journal of hall {self.hall}: row {seq} is not the one that was written; "
            "it was changed, removed or damaged: restore a back-up"
        )

    def begin(self) -> News:
        """Take the hall, so that nobody else writes to it until `append` or `release`; what others wrote.

        It is taken by locking its row. The rows are read in a statement of its own, for one that waited for
        the lock sees what was there before it waited.
        """
        epoch = self._epoch or self.epoch()
        with self._errors(), self._undone():
            self._connection = self._turns.connect()
            with together(self._connection) as journey:
                journey.execute(BEGIN)
                held = journey.execute(self._held_text.string, self._held_text.params)
                rows = journey.execute(self._after.string, self._after.params | {"after": self.seq})
            if held.fetchone() != (epoch,):
                raise self._another()
            return self._news(self._connection, rows.fetchall())

    def news(self) -> News:
        """What others wrote, without taking the hall; `JournalConflict` if it was restored or moved."""
        with self._errors(), self.engine.connect() as connection:
            if connection.scalar(self._named) != self._epoch:
                raise self._another()
            # Few, so at once: to fetch them in parts would cross to the database more often.
            return self._news(connection, connection.execute(rows_after(self.hall, self.seq)).all())

    def _news(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> News:
        new = [Entry(*row) for row in rows]
        if not new:
            return News()
        notes = self._notes(connection)
        # Last, for from here on these rows count as known.
        return News(new, [self._step(entry) for entry in new], notes)

    def release(self) -> None:
        """Give the hall back with nothing written."""
        with self._errors():
            self.close()

    def append(self, records: Sequence[Record], notes: Sequence[Note] = ()) -> None:
        """Write a group and sync it; after `JournalConflict` or `JournalUnavailable` nothing is there.

        It ends the turn. Without one it is written all the same, unless another process was quicker.
        """
        rows, last = self._rows(records)
        if not rows:
            return
        taken = self.shared and self._connection is not None
        epoch = self._epoch or self.epoch()
        self._tried = self.seq + len(rows), last
        with self._errors(), self._writing() as connection:
            if self.shared and not taken:
                self._check_epoch(connection)
            for note in notes:
                new = insert_or(connection, NOTES).values(hall=self.hall, **msgspec.structs.asdict(note))
                same = {"text": note.text, "delete_after": note.delete_after}
                connection.execute(new.on_conflict_do_update(index_elements=["hall", "ticket"], set_=same))
            if taken:
                with together(connection) as journey:
                    journey.executemany(self._insert.string, self._bound(rows, epoch))
                    journey.execute(COMMIT)
            elif self._inserted(connection, rows, epoch) != len(rows):
                raise self._another()
        self.seq, self.hash = self._tried
        self._tried = None

    def was_written(self) -> bool:
        """Whether a group whose `append` failed is on the disk after all; asked once, after a fold."""
        tried, self._tried = self._tried, None
        if tried is None:
            return False
        seq, chain = tried
        here = select(EVENTS.c.hash).where(EVENTS.c.hall == self.hall, EVENTS.c.seq == seq)
        with self._errors(), self.engine.connect() as connection:
            return bool(connection.scalar(here) == chain)

    def _check_epoch(self, connection: Connection) -> None:
        """A journal that was restored or moved meanwhile is not ours, and cannot be until this is committed.

        PostgreSQL waits here for whoever has the hall; in SQLite whoever has written already is alone.
        """
        if connection.scalar(self._held) != self._epoch:
            raise self._another()

    def _another(self) -> JournalConflict:
        return JournalConflict(f"journal of hall {self.hall}: it was restored or moved; decide again")

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """The turn's transaction, or one of its own, committed at the end.

        On SQLite its connection is kept: a new one for each commit costs as much as a sync. On PostgreSQL,
        where connections are dear and halls are many, the next hall has it.
        """
        with self._turn, self._undone():
            if self._connection is None:
                self._connection = self.engine.connect()
            yield self._connection
            self._connection.commit()
        if self.shared:
            self.close()

    @contextmanager
    def _undone(self) -> Iterator[None]:
        """If anything fails, the transaction is undone and its connection given back."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    def _inserted(self, connection: Connection, rows: list[Row], epoch: str) -> int:
        """How many were written."""
        return connection.exec_driver_sql(self._insert.string, self._bound(rows, epoch)).rowcount

    def _bound(self, rows: list[Row], epoch: str) -> list[Any]:
        """Rows as the driver wants them; binding each by SQLAlchemy would double what a row costs."""
        if self.shared:
            return [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        return [(*row, self.hall, epoch) for row in rows]

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
        """Keep a state to start from, and only the newest few. That of an empty journal says nothing."""
        if not state.seq:
            return
        row = {"hall": self.hall, "seq": state.seq, "state": _encoder.encode(state).decode(), "hash": chain}
        mine = SNAPSHOTS.c.hall == self.hall
        with self._errors(), in_turn(self.engine) as connection:
            new = insert_or(connection, SNAPSHOTS).values(**row)
            connection.execute(new.on_conflict_do_update(index_elements=["hall", "seq"], set_=row))
            self._check_epoch(connection)
            kept = connection.scalars(
                select(SNAPSHOTS.c.seq).where(mine).order_by(SNAPSHOTS.c.seq.desc())
            ).all()
            connection.execute(delete(SNAPSHOTS).where(mine, SNAPSHOTS.c.seq < kept[:SNAPSHOTS_KEPT][-1]))

    def forget_notes(self, at: float) -> None:
        """Delete the notes whose time is over."""
        with self._errors(), in_turn(self.engine) as connection:
            connection.execute(delete(NOTES).where(NOTES.c.hall == self.hall, NOTES.c.delete_after <= at))
