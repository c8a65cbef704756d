"""A database of either kind, and a morning to write into it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.queue.scene import Scene
from vikno.queue import commands as c
from vikno.queue.hall import Hall
from vikno.queue.journal.database import open_database
from vikno.queue.journal.journal import Journal, Record
from vikno.queue.plan import HallPlan
from vikno.scheduler.fifo import Fifo


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Of either kind in turn."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def scene(plan: HallPlan) -> Scene:
    """Two days with nearly everything that can happen."""
    scene = Scene(plan, "2026-11-20 08:30")
    for window in ("w-1", "w-2"):
        scene.do(c.OpenWindow, window)
    for n in range(9):
        scene.issue(
            f"t{n}", *[["passport"], ["passport", "pickup"], ["residence", "passport"]][n % 3], after=40
        )
    scene.do(c.MoveBack, "t3", 1)
    scene.do(c.ChangePriority, "t6", 2)
    clerk: tuple[type[c.Command], ...]
    clerk = (c.CallNext, c.Recall, c.StartService, c.FinishService, c.UndoStep, c.FinishService)
    for step in clerk:
        scene.do(step, "w-1", after=2)
    for other in (c.CallNext, c.StartService, c.ParkVisitor):
        scene.do(other, "w-2", after=30)
    scene.do(c.CallNext, "w-1")
    scene.do(c.TransferVisitor, "w-1", "residence")
    scene.do(c.CallNext, "w-1")
    scene.do(c.MissVisitor, "w-1")
    scene.do(c.Leave, "t8")
    scene.do(c.ReturnToLine, "t8", after=60)
    scene.comes("2026-11-21 08:30")
    scene.issue("next-day")
    scene.do(c.CallNext, "w-1")
    return scene


@pytest.fixture
def records(scene: Scene) -> list[Record]:
    """The same as the journal gets it, each command with its key."""
    return [
        Record(events, f"key-{n}", f"request-{n}", f'{{"n":{n}}}') for n, events in enumerate(scene.steps)
    ]


def fresh() -> Hall:
    return Hall(Fifo())


def folded(engine: Engine, hall: str = "small") -> tuple[Hall, Journal]:
    """What a process that starts now makes of the journal."""
    journal, found = Journal(engine, hall), fresh()
    journal.fold(found)
    return found, journal
