"""Visitors have patience, stay away, find the hall full: each as the file says, and to the minute."""

from __future__ import annotations

import math

from tests.simulation.halls import BLOCKED, LEFT, NO_SHOW, SERVED, Row, come, hall, service, told, window
from tests.simulation.referee import refereed
from vikno.queue.plan import HallPlan
from vikno.simulation.day import Visitor
from vikno.simulation.record import DayRecord

VISIT = service("visit", no_show_minutes=3.0)
ONE = window("a", ["visit"])


def lives(plan: HallPlan, *visitors: Visitor) -> tuple[list[Row], DayRecord]:
    record = refereed(plan, list(visitors), "fifo")
    return told(plan, record), record


def test_who_has_waited_long_enough_leaves_and_is_never_called() -> None:
    rows, record = lives(
        hall([VISIT], ONE), come(0, "visit", takes=30), come(5, "visit", waits=20), come(6, "visit", waits=25)
    )
    assert [(row.outcome, row.called, row.ended) for row in rows] == [
        (SERVED, 0, 30),
        (LEFT, None, 25),
        (SERVED, 30, 40),
    ]
    assert record.serving.tolist() == [40]


def test_nobody_leaves_while_being_served() -> None:
    rows, _ = lives(hall([VISIT], ONE), come(0, "visit", takes=60, waits=1))
    assert [(row.outcome, row.ended) for row in rows] == [(SERVED, 60)]


def test_who_would_not_wait_at_all_leaves_at_once_or_is_called_at_once() -> None:
    rows, _ = lives(
        hall([VISIT], ONE), come(0, "visit", waits=0), come(5, "visit", waits=0), come(10, "visit")
    )
    assert [(row.outcome, row.called, row.ended) for row in rows] == [
        (SERVED, 0, 10),
        (LEFT, None, 5),
        (SERVED, 10, 20),
    ]


def test_patience_is_for_the_first_call() -> None:
    """Who has been called once waits for the rest of the visit."""
    pickup = service("pickup")
    plan = hall([VISIT, pickup], ONE, window("b", ["pickup"]))
    rows, _ = lives(plan, come(0, "pickup", takes=100), come(1, "visit", "pickup", takes=(5, 5), waits=10))
    assert [(row.service, row.outcome, row.called) for row in rows[1:]] == [
        ("visit", SERVED, 1),
        ("pickup", SERVED, 100),
    ]


def test_who_does_not_come_when_called_costs_the_window_minutes() -> None:
    rows, record = lives(hall([VISIT], ONE), come(0, "visit", comes=False), come(1, "visit"))
    assert [(row.outcome, row.called, row.ended) for row in rows] == [(NO_SHOW, 0, 3), (SERVED, 3, 13)]
    assert record.serving.tolist() == [13], "the no-show's cost included"


def test_who_does_not_come_misses_every_service_of_the_visit() -> None:
    pickup = service("pickup")
    plan = hall([VISIT, pickup], window("a", ["visit", "pickup"]))
    rows, _ = lives(plan, come(0, "visit", "pickup", comes=False))
    assert [(row.service, row.outcome) for row in rows] == [("visit", NO_SHOW)]


def test_who_finds_all_places_taken_is_turned_away() -> None:
    """Places are for those who wait; who is at the window has left one free."""
    plan = hall([VISIT], ONE, waiting_places=2)
    rows, record = lives(plan, *(come(minute, "visit", takes=10) for minute in (0, 1, 2, 3, 10.5)))
    assert [(row.outcome, row.joined, row.called, row.ended) for row in rows] == [
        (SERVED, 0, 0, 10),
        (SERVED, 1, 10, 20),
        (SERVED, 2, 20, 30),
        (BLOCKED, 3, None, 3),
        (SERVED, 10.5, 30, 40),
    ]
    assert record.serving.tolist() == [40]


def test_who_leaves_makes_room() -> None:
    plan = hall([VISIT], ONE, waiting_places=1)
    rows, _ = lives(plan, *(come(minute, "visit", waits=5) for minute in (0, 1, 4, 7)))
    assert [row.outcome for row in rows] == [SERVED, LEFT, BLOCKED, SERVED]


def test_everybody_else_waits_for_as_long_as_it_takes() -> None:
    rows, _ = lives(hall([VISIT], ONE), come(0, "visit", takes=450), come(1, "visit", waits=math.inf))
    assert [row.called for row in rows] == [0, 450]


def test_an_overloaded_hall_is_simulated_to_the_end() -> None:
    """Three times as many as it can serve: the last is served in the night after."""
    rows, record = lives(
        hall([VISIT], ONE), *(come(minute, "visit", takes=30) for minute in range(0, 480, 10))
    )
    assert [row.outcome for row in rows] == [SERVED] * 48
    assert rows[-1].ended == 48 * 30
    assert record.overtime.tolist() == [48 * 30 - 480]
