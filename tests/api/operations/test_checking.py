"""`vikno verify` believes nobody: whatever was changed, it names the first row that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Connection, Engine, create_engine, insert, text
from sqlmodel import SQLModel

from tests.queue.test_model import HallAgainstNaiveHall
from vikno.api.operations.checking import Checked, check_all, check_hall
from vikno.api.operations.places import reading
from vikno.display.today import Today
from vikno.queue.errors import JournalCorrupt
from vikno.queue.hall import Hall
from vikno.queue.journal.chain import START, link
from vikno.queue.journal.journal import EVENTS, Journal
from vikno.scheduler.fifo import Fifo

SETTINGS = settings(
    max_examples=20,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
"""The machine may be busy with other tests; what is too slow is found elsewhere."""

Change = Callable[[Connection], object]


def sql(statement: str) -> Change:
    return lambda connection: connection.execute(text(statement))


def chained(connection: Connection) -> None:
    """Whoever changed a row has computed all hashes after it anew, snapshots too."""
    last = START
    rows = connection.execute(EVENTS.select().order_by(EVENTS.c.seq)).all()
    for row in rows:
        last = link(last, row.hall, row.seq, row.payload, row.key, row.request, row.answer)
        connection.execute(EVENTS.update().where(EVENTS.c.seq == row.seq).values(hash=last))
        values = {"hash": last, "seq": row.seq}
        connection.execute(text("UPDATE snapshots SET hash = :hash WHERE seq = :seq"), values)


def rewritten(before: str, after: str, kind: str) -> Change:
    """One word of the first event of a kind, with everything that would give it away in a chain."""

    def change(connection: Connection) -> None:
        found = EVENTS.select().where(EVENTS.c.type == kind).order_by(EVENTS.c.seq)
        row = connection.execute(found.limit(1)).one()
        payload = row.payload.replace(before, after, 1)
        assert payload != row.payload
        connection.execute(EVENTS.update().where(EVENTS.c.seq == row.seq).values(payload=payload))
        chained(connection)

    return change


def test_a_journal_as_it_was_written_is_right(source: Engine) -> None:
    with reading(source) as connection:
        (found,) = check_all(connection)
    hall = Hall(Fifo())
    journal = Journal(source, "small")
    journal.fold(hall)
    assert found == Checked("small", hall.seq, 2, 1, journal.hash, hall.fingerprint())


@pytest.mark.parametrize("source", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (sql("UPDATE events SET payload = payload || ' ' WHERE seq = 9"), "row 9 does not follow"),
        (sql("UPDATE events SET answer = 'x' WHERE seq = 9"), "row 9 does not follow"),
        (sql("UPDATE events SET hash = '0' WHERE seq = 9"), "row 9 does not follow"),
        (sql("UPDATE events SET at = at + 1 WHERE seq = 9"), "row 9 says ticket-issued where"),
        (sql("UPDATE events SET type = 'x' WHERE seq = 9"), "row 9 says x where its event says"),
        (sql("DELETE FROM events WHERE seq = 9"), "row 9 is missing"),
        (sql("DELETE FROM events WHERE seq = 1"), "row 1 is missing"),
        (sql("DELETE FROM events WHERE seq > 9"), "row 10 is missing, though there is a snapshot of row"),
        (rewritten('"w-1"', '"w-9"', "window-opened"), r"row 3 cannot have happened .*w-9"),
        (rewritten('"number":"A1"', '"number":"A7"', "ticket-issued"), "makes another state than the snap"),
        (rewritten("{", "", "ticket-issued"), r"row 5 cannot be read"),
        (sql("UPDATE snapshots SET state = replace(state, 'A1', 'A7')"), "another state than the snapshot"),
        (sql("UPDATE snapshots SET state = 'x'"), "another state than the snapshot"),
        (sql("UPDATE snapshots SET hash = 'x'"), "another state than the snapshot"),
    ],
)
def test_what_was_changed_is_named_by_its_first_row(source: Engine, change: Change, complaint: str) -> None:
    with source.begin() as connection:
        change(connection)
    with reading(source) as connection, pytest.raises(JournalCorrupt) as error:
        check_all(connection)
    assert re.search(f"^journal of hall small: .*{complaint}.*; restore a back-up$", str(error.value))


@pytest.mark.parametrize("source", ["sqlite"], indirect=True)
def test_a_figure_that_is_told_otherwise_than_it_was_is_named_with_its_day(
    source: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the server had counted somebody twice."""
    seen = Today.saw

    def twice(self: Today, before: object, after: object, event: object = None) -> None:
        seen(self, before, after, event)  # type: ignore[arg-type]
        if type(event).__name__ == "VisitorMissed":
            seen(self, None, after)  # type: ignore[arg-type]

    monkeypatch.setattr(Today, "saw", twice)
    with reading(source) as connection, pytest.raises(JournalCorrupt) as error:
        check_all(connection)
    assert re.search(r"ends day 2026-11-20, of which issued is 10 as told and 9 as counted", str(error.value))


class Checking(HallAgainstNaiveHall):
    """Whatever people do, the journal of it is right, and its figures agree."""

    def teardown(self) -> None:
        """At the end of each run."""
        engine = create_engine("sqlite://")
        SQLModel.metadata.create_all(engine)
        last = START
        with engine.begin() as connection:
            for seq, payload in enumerate(self.twins.journal, 1):
                event = msgspec.json.decode(payload)
                last = link(last, "small", seq, payload, None, None, None)
                row = {"hall": "small", "seq": seq, "at": event["at"], "type": event["type"]}
                connection.execute(insert(EVENTS).values(payload=payload, hash=last, **row))
            assert check_hall(connection, "small").rows == len(self.twins.journal)
        engine.dispose()


def test_whatever_people_do_the_figures_of_the_day_agree() -> None:
    run_state_machine_as_test(Checking, settings=SETTINGS)
