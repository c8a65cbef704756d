"""Twenty recorded days are the same hall in memory, in SQLite and in PostgreSQL, to the last digit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.simulation.any_hall import any_hall
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.hall import Hall
from vikno.queue.journal.database import open_database
from vikno.queue.journal.journal import Journal, Record
from vikno.queue.plan import HallPlan
from vikno.scheduler import policy_named
from vikno.simulation.day import draw_day
from vikno.simulation.twin import SIMULATED_DATE, SIMULATED_LIMITS, Twin

DAYS = 20
SNAPSHOT_AFTER = 13
"""Days; a journal is then folded from a snapshot and a tail."""


def fresh() -> Hall:
    return Hall(policy_named("fifo"), SIMULATED_LIMITS)


@pytest.fixture(scope="module")
def plan() -> HallPlan:
    return any_hall(3)


@pytest.fixture(scope="module")
def days(plan: HallPlan) -> list[list[Record]]:
    """What a twin did, day by day."""
    hall = fresh()
    recorded = [[Record(hall.do(c.AdoptPlan(0.0, plan)))]]
    for day in range(DAYS):
        recorded.append([])
        on = SIMULATED_DATE + timedelta(days=day)
        Twin(hall, draw_day(plan, 1, day), on, lambda _, events: recorded[-1].append(Record(events))).run()
    return recorded


def test_the_same_days_are_the_same_hall_wherever_they_are_kept(
    database_url: str, plan: HallPlan, days: list[list[Record]]
) -> None:
    engine = open_database(database_url)
    journal, lived = Journal(engine, plan.id), fresh()
    journal.epoch()
    for number, records in enumerate(days):
        if journal.shared:
            assert journal.begin().entries == ()
        journal.append(records)
        for record in records:
            lived.apply(record.events)
        if number == SNAPSHOT_AFTER:
            journal.snapshot(lived.state(), journal.hash)
    journal.close()
    events = [event for records in days for record in records for event in record.events]
    assert [e.decode(entry.payload) for entry in journal.read()] == events
    assert [entry.at for entry in journal.read()] == [event.at for event in events]

    folded = fresh()
    Journal(engine, plan.id).fold(folded)
    in_memory = fresh()
    in_memory.apply(events)
    assert folded.fingerprint() == in_memory.fingerprint() == lived.fingerprint()
    assert lived.seq == len(events) > 1_000
    engine.dispose()
