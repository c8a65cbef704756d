"""A hall that moves takes all it has along, and is at work in one place at any instant."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, event, text

from tests.api.operations.keeping import contents, filled, two_days, written
from vikno.api.operations.contents import OF_A_HALL, REFERS, table
from vikno.api.operations.move import CannotMove, move
from vikno.queue import commands as c
from vikno.queue.errors import JournalConflict, JournalUnavailable
from vikno.queue.hall import Hall
from vikno.queue.journal.journal import Journal, Record
from vikno.queue.plan import HallPlan
from vikno.scheduler.fifo import Fifo

STRIDE = 4
"""Of the statements of a move, each fourth fails in turn: each kind of them is among these."""

FAR = 1_000
"""Numbers of rows in the other database begin beyond this, so that none is right by accident."""


def crowded(engine: Engine) -> None:
    """The other database has another hall, and has given many numbers."""
    filled(engine, "other")
    with engine.begin() as connection:
        for name in OF_A_HALL:
            if "id" in table(name).columns and name != "halls":
                connection.execute(text(f"UPDATE {name} SET id = id + {FAR}"))  # noqa: S608
                if engine.dialect.name == "postgresql":
                    connection.execute(text(f"SELECT setval('{name}_id_seq', {2 * FAR})"))
        for name, column in REFERS:
            connection.execute(text(f"UPDATE {name} SET {column} = {column} + {FAR}"))  # noqa: S608


def told(engine: Engine, hall: str) -> dict[str, list[tuple[object, ...]]]:
    """What a hall has, without the numbers that a database gives its rows, but with what they lead to."""
    found: dict[str, list[tuple[object, ...]]] = {}
    with engine.connect() as connection:
        rows = {
            name: [dict(row) for row in connection.execute(table(name).select()).mappings()]
            for name in OF_A_HALL
            if name != "halls"
        }
    named = {
        name: {row["id"]: tuple(value for key, value in row.items() if key != "id") for row in many}
        for name, many in rows.items()
        if "id" in table(name).columns
    }
    for name, many in rows.items():
        found[name] = sorted(
            (
                tuple(
                    named[REFERS[name, key]].get(value, "leads nowhere") if (name, key) in REFERS else value
                    for key, value in row.items()
                    if key != "id"
                )
                for row in many
                if row["hall"] == hall
            ),
            key=repr,
        )
    return found


def test_everything_of_the_hall_goes_along_and_nothing_of_another(source: Engine, target: Engine) -> None:
    crowded(target)
    filled(source, "stays")
    before, others, staying = told(source, "small"), told(target, "other"), contents(source, hall="stays")
    checked = move("small", source, target)
    assert checked.hall == "small"
    assert all(before.values())
    assert told(target, "small") == before
    assert told(target, "other") == others
    assert contents(source, hall="stays") == staying
    assert told(source, "small") == before


def test_the_hall_goes_on_there_and_is_refused_here(source: Engine, target: Engine, plan: HallPlan) -> None:
    here, hall = Journal(source, plan.id), Hall(Fifo())
    here.epoch()
    here.fold(hall)
    move(plan.id, source, target)
    with pytest.raises(JournalConflict):
        here.append([Record(hall.decide(c.OpenWindow(hall.at + 1.0, "w-3")))])
    with pytest.raises(JournalUnavailable, match="hall small has moved to another database"):
        here.epoch()
    there, moved = Journal(target, plan.id), Hall(Fifo())
    there.epoch()
    there.fold(moved)
    assert moved.fingerprint() == hall.fingerprint()
    there.append([Record(moved.do(c.OpenWindow(hall.at + 1.0, "w-3")))])
    there.close()


def test_it_is_refused_where_the_hall_is_already_or_never_was(source: Engine, target: Engine) -> None:
    with pytest.raises(CannotMove, match=r"there is no hall 'tiny' .* choose one of small"):
        move("tiny", source, target)
    move("small", source, target)
    before = contents(source), contents(target)
    with pytest.raises(CannotMove, match="small is already in the database that --to names"):
        move("small", source, target)
    assert (contents(source), contents(target)) == before


@pytest.mark.parametrize(("source", "target"), [("sqlite", "postgresql")], indirect=True)
def test_where_the_other_database_fails_the_hall_stays_and_can_move_later(
    source: Engine, target: Engine, plan: HallPlan
) -> None:
    """At one statement there after the other; what was written there is gone again."""
    before, empty = told(source, plan.id), contents(target)
    statement = 1 - STRIDE
    while True:
        statement += STRIDE
        left = [statement]

        def fail(*_anything: object, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                message = "the disk is full"
                raise OSError(message)

        event.listen(target, "before_cursor_execute", fail)
        try:
            move(plan.id, source, target)
        except OSError:
            event.remove(target, "before_cursor_execute", fail)
            assert contents(target) == empty, f"statement {statement} failed and left its traces"
            Journal(source, plan.id).epoch()
        else:
            event.remove(target, "before_cursor_execute", fail)
            break
    assert told(target, plan.id) == before
    assert statement > len(OF_A_HALL)


def test_who_was_killed_on_the_way_finishes_by_the_same_command(source: Engine, target: Engine) -> None:
    with source.begin() as connection:
        connection.execute(text("UPDATE halls SET epoch = 'moved'"))
    move("small", source, target)
    Journal(target, "small").epoch()


@pytest.mark.parametrize(("source", "target"), [("sqlite", "postgresql")], indirect=True)
def test_a_hall_can_come_back_to_a_place_that_has_forgotten_it(
    source: Engine, target: Engine, plan: HallPlan
) -> None:
    move(plan.id, source, target)
    with source.begin() as connection:
        for name in OF_A_HALL:
            column = "id" if name == "halls" else "hall"
            connection.execute(text(f"DELETE FROM {name} WHERE {column} = '{plan.id}'"))  # noqa: S608
    before = told(target, plan.id)
    move(plan.id, target, source)
    assert told(source, plan.id) == before


@pytest.mark.parametrize(("source", "target"), [("sqlite", "postgresql")], indirect=True)
def test_two_halls_of_two_databases_meet_in_a_third(source: Engine, target: Engine, plan: HallPlan) -> None:
    move(plan.id, source, target)
    written(source, two_days(replace(plan, id="second")))
    move("second", source, target)
    with target.connect() as connection:
        assert set(connection.scalars(text("SELECT id FROM halls"))) == {"second", plan.id}
