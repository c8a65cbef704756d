"""After a restore all is as it was kept, or nothing has changed; nothing is lost that nobody gave up."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, event, insert, text

from tests.api.operations.keeping import contents
from vikno.api.operations.backup import back_up
from vikno.api.operations.contents import PASSING
from vikno.api.operations.restore import WouldLose, restore
from vikno.queue import commands as c
from vikno.queue.errors import JournalConflict, JournalUnavailable
from vikno.queue.hall import Hall
from vikno.queue.journal.journal import EVENTS, NOTES, SNAPSHOTS, Journal, Record
from vikno.queue.plan import HallPlan
from vikno.scheduler.fifo import Fifo


@pytest.fixture
def kept(source: Engine, tmp_path: Path) -> Path:
    """A back-up of the source."""
    place = tmp_path / "kept.vikno"
    back_up(source, place)
    return place


def without(tables: dict[str, list[tuple[object, ...]]], *names: str) -> dict[str, list[tuple[object, ...]]]:
    return {name: rows for name, rows in tables.items() if name not in names}


def opened_window(engine: Engine, hall: str) -> Journal:
    """A server's journal of the hall, after one command more."""
    journal, live = Journal(engine, hall), Hall(Fifo())
    journal.epoch()
    journal.fold(live)
    journal.append([Record(live.do(c.OpenWindow(live.at + 1.0, "w-3")))])
    journal.close()
    return journal


def test_an_empty_place_has_what_was_kept(source: Engine, target: Engine, kept: Path) -> None:
    before = contents(source)
    checked = restore(kept, target)
    assert [one.hall for one in checked] == ["small"]
    found = contents(target)
    assert without(found, "halls", "trail", *PASSING) == without(before, "halls", "trail", *PASSING)
    assert [found[name] for name in PASSING] == [[]] * len(PASSING)
    assert set(found["trail"]) > set(before["trail"])


def test_the_numbers_of_new_rows_follow_those_that_were_restored(target: Engine, kept: Path) -> None:
    restore(kept, target)
    with target.begin() as connection:
        made = connection.execute(
            text(
                "INSERT INTO decisions (hall, proposal, decision, role, at, policy) "
                "VALUES ('small', 1, 'accepted', 'manager', 1, 'fifo') RETURNING id"
            )
        ).scalar_one()
        assert made == max(connection.scalars(text("SELECT id FROM decisions")))


def test_every_hall_has_a_new_epoch(source: Engine, kept: Path) -> None:
    before = Journal(source, "small").epoch()
    restore(kept, source, replace=True)
    assert Journal(source, "small").epoch() != before


def test_a_restore_of_what_is_there_loses_nothing(source: Engine, kept: Path) -> None:
    before = contents(source)
    restore(kept, source)
    found = contents(source)
    assert without(found, "halls", "trail", *PASSING) == without(before, "halls", "trail", *PASSING)


def test_a_journal_that_lost_its_end_gets_it_back(source: Engine, kept: Path) -> None:
    before = contents(source)
    with source.begin() as connection:
        connection.execute(delete(EVENTS).where(EVENTS.c.seq > 20))
        connection.execute(delete(SNAPSHOTS).where(SNAPSHOTS.c.seq > 20))
    restore(kept, source)
    assert contents(source)["events"] == before["events"]


def test_rows_that_the_back_up_does_not_have_are_counted_and_stay(source: Engine, kept: Path) -> None:
    opened_window(source, "small")
    with source.begin() as connection:
        connection.execute(insert(NOTES).values(hall="small", ticket="x", text="new", delete_after=4e9))
    before = contents(source)
    with pytest.raises(WouldLose, match=r"hall small: 1 rows; notes: 2 rows\); make a back-up .* --replace"):
        restore(kept, source)
    assert contents(source) == before
    restore(kept, source, replace=True)
    assert contents(source) != before


def test_another_history_is_not_taken_for_the_same(source: Engine, kept: Path, plan: HallPlan) -> None:
    """The same length, but somebody else's rows from some row on."""
    with source.begin() as connection:
        last = connection.scalar(text("SELECT max(seq) FROM events"))
        connection.execute(delete(EVENTS).where(EVENTS.c.seq == last))
    opened_window(source, plan.id)
    with pytest.raises(WouldLose, match=r"hall small: 1 rows"):
        restore(kept, source)


def test_a_server_that_runs_meanwhile_writes_nothing_that_does_not_follow(
    source: Engine, kept: Path, plan: HallPlan
) -> None:
    live, before, hall = opened_window(source, plan.id), Hall(Fifo()), Hall(Fifo())
    Journal(source, plan.id).fold(before)
    restore(kept, source, replace=True)
    with pytest.raises(JournalConflict, match="it was restored or moved; decide again"):
        live.append([Record(Hall(Fifo()).do(c.AdoptPlan(4e9, plan)))])
    with pytest.raises(JournalConflict):
        live.snapshot(before.state(), live.hash)
    live.epoch()
    live.fold(hall)
    live.append([Record(hall.do(c.OpenWindow(hall.at + 1.0, "w-3")))])
    live.close()
    folded = Hall(Fifo())
    Journal(source, plan.id).fold(folded)
    assert folded.fingerprint() == hall.fingerprint()


@pytest.mark.parametrize("source", ["sqlite"], indirect=True)
def test_where_the_database_fails_nothing_has_changed(source: Engine, kept: Path) -> None:
    """At every statement in turn."""
    before = contents(source)
    statement = 0
    while True:
        statement += 1
        left = [statement]

        def fail(*_anything: object, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                message = "the disk is full"
                raise OSError(message)

        event.listen(source, "before_cursor_execute", fail)
        try:
            restore(kept, source, replace=True)
        except (OSError, JournalUnavailable):
            event.remove(source, "before_cursor_execute", fail)
            assert contents(source) == before, f"statement {statement} failed and left its traces"
        else:
            event.remove(source, "before_cursor_execute", fail)
            break
    assert statement > len(before)
