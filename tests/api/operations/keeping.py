"""A database with something in every table, to be backed up, restored and moved; and what is in one."""

from __future__ import annotations

import itertools
from typing import Any

from sqlalchemy import Boolean, Column, Engine, Float, Integer, insert, select
from sqlmodel import SQLModel

from tests.queue.scene import Scene
from vikno.api.operations.contents import OF_A_HALL, OF_PEOPLE, PASSING, REFERS, table
from vikno.queue import commands as c
from vikno.queue.hall import Hall
from vikno.queue.journal.journal import Journal, Note, Record
from vikno.queue.plan import HallPlan

JOURNAL = frozenset({"halls", "events", "snapshots", "notes"})
ROWS = 3
LENGTH = 60
NOTE = "walks with a stick"
LONG_AFTER = 4e9
"""POSIX seconds: in the year 2096."""

Tables = dict[str, list[tuple[Any, ...]]]


def two_days(plan: HallPlan) -> Scene:
    """Most of what can happen in a hall, over a night."""
    scene = Scene(plan, "2026-11-20 08:30")
    for window in ("w-1", "w-2"):
        scene.do(c.OpenWindow, window)
    for number in range(9):
        scene.issue(f"t{number}", *(["passport"], ["residence", "passport"])[number % 2], after=40)
    for step in (c.CallNext, c.StartService, c.FinishService, c.UndoStep, c.FinishService):
        scene.do(step, "w-1", after=2)
    scene.do(c.CallNext, "w-2")
    scene.do(c.ParkVisitor, "w-2", after=90)
    scene.do(c.CallNext, "w-1")
    scene.do(c.TransferVisitor, "w-1", "residence")
    scene.do(c.CallNext, "w-1")
    scene.do(c.MissVisitor, "w-1")
    scene.do(c.CallNext, "w-1")  # at the window until midnight, and after
    scene.do(c.Leave, "t8")
    scene.comes("2026-11-21 08:30")
    scene.issue("next-day", "passport")
    for step in (c.FinishService, c.FinishService, c.CallNext):
        scene.do(step, "w-1", after=60)
    return scene


def written(engine: Engine, scene: Scene) -> Journal:
    """The scene's journal with a snapshot on the way, and a note."""
    journal, hall = Journal(engine, scene.hall.plan.id), Hall(scene.hall.policy)
    journal.epoch()
    records = [Record(events, f"key-{number}", "r", "{}") for number, events in enumerate(scene.steps)]
    half = len(records) // 2
    journal.append(records[:half], [Note("t1", NOTE, LONG_AFTER)])
    for record in records[:half]:
        hall.apply(record.events)
    journal.snapshot(hall.state(), journal.hash)
    journal.append(records[half:])
    journal.close()
    return journal


def filled(engine: Engine, hall: str) -> None:
    """Some rows in every table beside the journal, no two values of a column alike."""
    numbers = itertools.count(1)
    with engine.begin() as connection:
        for name in (*OF_A_HALL, *OF_PEOPLE, *PASSING):
            for turn in range(0 if name in JOURNAL else ROWS):
                row = {
                    column.name: _value(column, next(numbers), hall)
                    for column in table(name).columns
                    if column.name != "id"
                }
                for (of, column), other in REFERS.items():
                    if of == name:
                        one = table(other)
                        there = select(one.c.id).where(one.c.hall == hall).order_by(one.c.id).offset(turn)
                        row[column] = connection.scalar(there.limit(1))
                connection.execute(insert(table(name)).values(**row))


def _value(column: Column[Any], number: int, hall: str) -> Any:
    if column.name == "hall":
        return hall
    if isinstance(column.type, Boolean):
        return number % 2 == 0
    if isinstance(column.type, Integer):
        return number
    if isinstance(column.type, Float):
        return number / 7
    length = getattr(column.type, "length", None) or LENGTH
    return f"ї{number} {hall}"[:length]


def contents(engine: Engine, *, hall: str | None = None) -> Tables:
    """Every row of every table, in order; of one hall only if it is named."""
    found: Tables = {}
    with engine.connect() as connection:
        for one in SQLModel.metadata.sorted_tables:
            wanted = select(one)
            if hall is not None:
                if "hall" not in one.columns and one.name != "halls":
                    continue
                wanted = wanted.where((one.c.id if one.name == "halls" else one.c.hall) == hall)
            found[one.name] = sorted((tuple(row) for row in connection.execute(wanted)), key=repr)
    return found
