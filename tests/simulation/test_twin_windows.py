"""Windows come and go by the clock, finish whom they serve, and stay after closing as the rule says."""

from __future__ import annotations

import math
from datetime import date

import pytest
from msgspec.structs import replace

from tests.simulation.halls import SERVED, UNSERVED, Row, come, hall, service, told, window
from tests.simulation.referee import refereed
from vikno.queue import commands as c
from vikno.queue.hall import Hall
from vikno.queue.plan import HallPlan
from vikno.scheduler import policy_named
from vikno.simulation.day import Visitor
from vikno.simulation.record import DayRecord
from vikno.simulation.twin import SIMULATED_LIMITS, Twin

PASSPORT, PICKUP = service("passport"), service("pickup")
LATE = 470.0
"""Ten minutes before closing."""


def lives(plan: HallPlan, *visitors: Visitor) -> tuple[list[Row], DayRecord]:
    record = refereed(plan, list(visitors), "fifo")
    return told(plan, record), record


def test_a_window_finishes_its_visitor_before_its_break_and_calls_again_after_it() -> None:
    plan = hall([PASSPORT], window("a", ["passport"], (0, 60), (90, 480)))
    rows, record = lives(plan, come(50, "passport", takes=25), come(55, "passport"), come(80, "passport"))
    assert [(row.called, row.ended) for row in rows] == [(50, 75), (90, 100), (100, 110)]
    assert record.staffed.tolist() == [75 + 390]
    assert record.serving.tolist() == [45]
    assert record.overtime.tolist() == [15]


def test_a_visitor_who_takes_the_whole_break_is_served_through_it() -> None:
    plan = hall([PASSPORT], window("a", ["passport"], (0, 60), (90, 480)))
    rows, record = lives(plan, come(50, "passport", takes=50), come(55, "passport"))
    assert [(row.called, row.ended) for row in rows] == [(50, 100), (100, 110)]
    assert record.staffed.tolist() == [480]
    assert record.overtime.tolist() == [30], "the break was worked through"


def test_nobody_is_called_before_a_window_comes() -> None:
    plan = hall([PASSPORT], window("a", ["passport"], (120, 480)))
    rows, record = lives(plan, come(0, "passport"))
    assert [(row.called, row.ended) for row in rows] == [(120, 130)]
    assert record.staffed.tolist() == [360]


def test_periods_that_touch_are_one() -> None:
    plan = hall([PASSPORT], window("a", ["passport"], (0, 60), (60, 480)))
    _, record = lives(plan, come(55, "passport", takes=30))
    assert record.staffed.tolist() == [480]
    assert record.overtime.tolist() == [0]


def test_hours_beyond_closing_are_not_worked_unless_somebody_waits() -> None:
    plan = hall([PASSPORT], window("a", ["passport"], (0, 600)))
    _, record = lives(plan, come(0, "passport"))
    assert record.staffed.tolist() == [480]


def test_after_closing_windows_serve_who_still_waits_and_go_one_by_one() -> None:
    """`a` and `b` are staffed at closing; `c` has gone before, and does not come back."""
    plan = hall(
        [PASSPORT, PICKUP],
        window("a", ["passport"]),
        window("b", ["passport", "pickup"]),
        window("c", ["pickup"], (0, 400)),
    )
    rows, record = lives(
        plan,
        come(LATE, "passport", takes=20),
        come(LATE, "passport", takes=15),
        come(LATE + 1, "pickup", takes=5),
        come(LATE + 2, "pickup", takes=5),
    )
    assert [(row.window, row.called, row.ended) for row in rows] == [
        ("a", 470, 490),
        ("b", 470, 485),
        ("b", 485, 490),
        ("b", 490, 495),
    ]
    assert record.staffed.tolist() == [490, 495, 400]
    assert record.overtime.tolist() == [10, 15, 0]


def test_a_window_that_nobody_needs_goes_at_closing() -> None:
    plan = hall([PASSPORT, PICKUP], window("a", ["passport"]), window("b", ["pickup"]))
    _, record = lives(plan, *(come(LATE, "passport", takes=20) for _ in range(3)))
    assert record.overtime.tolist() == [50, 0]


def test_at_closing_a_window_goes_if_another_serves_the_last_visitor() -> None:
    plan = hall([PASSPORT], window("a", ["passport"]), window("b", ["passport"]))
    _, record = lives(plan, come(LATE, "passport", takes=20))
    assert record.staffed.tolist() == [490, 480]


def test_after_closing_a_window_waits_for_who_is_in_line_elsewhere_first() -> None:
    plan = hall([PASSPORT, PICKUP], window("a", ["passport"]), window("b", ["pickup"]))
    _, record = lives(plan, come(LATE, "passport", takes=20), come(LATE, "passport", "pickup", takes=(10, 5)))
    assert record.staffed.tolist() == [500, 505]


def test_after_closing_a_window_waits_for_who_will_need_it() -> None:
    """The visitor at `a` has another service ahead that only `b` can give."""
    plan = hall([PASSPORT, PICKUP], window("a", ["passport"]), window("b", ["pickup"]))
    rows, record = lives(plan, come(LATE, "passport", "pickup", takes=(30, 5)))
    assert [(row.window, row.called, row.ended) for row in rows] == [("a", 470, 500), ("b", 500, 505)]
    assert record.staffed.tolist() == [500, 505]
    assert record.serving.tolist() == [30, 5]


def test_after_closing_a_window_goes_once_who_might_have_needed_it_goes_on_elsewhere() -> None:
    plan = hall([PASSPORT, PICKUP], window("a", ["pickup"]), window("b", ["passport", "pickup"]))
    rows, record = lives(plan, come(LATE, "passport", "pickup", takes=(20, 5)))
    assert [(row.window, row.called, row.ended) for row in rows] == [("b", 470, 490), ("b", None, 495)]
    assert record.staffed.tolist() == [490, 495]


def test_after_closing_a_window_goes_once_who_would_have_needed_it_has_left() -> None:
    plan = hall([PASSPORT, PICKUP], window("a", ["passport"]), window("b", ["pickup"]))
    impatient = come(LATE + 5, "passport", "pickup", takes=(10, 5), waits=10)
    _, record = lives(plan, come(LATE, "passport", takes=30), impatient)
    assert record.staffed.tolist() == [500, 485]


def test_a_hall_that_sends_people_home_finishes_who_is_at_a_window() -> None:
    plan = hall([PASSPORT], window("a", ["passport"]), after_close="leave")
    rows, record = lives(plan, come(LATE, "passport", takes=20), come(LATE + 5, "passport"))
    assert [(row.outcome, row.called, row.ended) for row in rows] == [
        (SERVED, 470, 490),
        (UNSERVED, None, 480),
    ]
    assert record.staffed.tolist() == [490]
    assert record.overtime.tolist() == [10]


def test_a_hall_that_sends_people_home_sends_them_between_two_services_too() -> None:
    """Unless they go on at the same window."""
    plan = hall(
        [PASSPORT, PICKUP],
        window("a", ["passport"]),
        window("b", ["pickup"]),
        window("c", ["passport", "pickup"]),
        after_close="leave",
    )
    rows, _ = lives(plan, *(come(LATE, "passport", "pickup", takes=(20, 5)) for _ in range(2)))
    assert [(row.visit, row.service, row.outcome, row.ended) for row in rows] == [
        (0, "passport", SERVED, 490),
        (0, "pickup", UNSERVED, 490),
        (1, "passport", SERVED, 490),
        (1, "pickup", SERVED, 495),
    ]


@pytest.mark.parametrize("after_close", ["serve", "leave"])
def test_who_waits_for_a_window_that_does_not_come_again_is_not_served(after_close: str) -> None:
    plan = hall([PASSPORT], window("a", ["passport"], (0, 60)), after_close=after_close)
    rows, record = lives(plan, come(50, "passport"), come(61, "passport"))
    assert [(row.outcome, row.ended) for row in rows] == [(SERVED, 60), (UNSERVED, 480)]
    assert record.staffed.tolist() == [60]


def test_somebody_at_a_window_for_hours_after_midnight() -> None:
    plan = replace(hall([PASSPORT], window("a", ["passport"])), opens=1000, closes=1440)
    rows, record = lives(plan, come(1430, "passport", takes=200), come(1439, "passport"))
    assert [(row.called, row.ended) for row in rows] == [(1430, 1630), (1630, 1640)]
    assert record.overtime.tolist() == [200]


def test_who_comes_a_hair_before_closing_comes_before_closing() -> None:
    plan = hall([PASSPORT], window("a", ["passport"]))
    rows, _ = lives(plan, come(math.nextafter(480, 0), "passport", takes=5))
    assert [row.outcome for row in rows] == [SERVED]


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1)], ids=str)
def test_hours_are_the_walls_on_a_day_when_clocks_change(day: date) -> None:
    """Both changes come before the hall opens; it opens and closes by the clock on its wall."""
    plan = replace(
        hall([PASSPORT], window("a", ["passport"]), opens=480, closes=960), time_zone="Europe/Kyiv"
    )
    fresh = Hall(policy_named("fifo"), SIMULATED_LIMITS)
    fresh.do(c.AdoptPlan(0.0, plan))
    visitors = [come(480, "passport", takes=10), come(959, "passport", takes=10)]
    record = Twin(fresh, visitors, day).run()
    assert record.outcome.tolist() == [SERVED, SERVED]
    assert record.called.tolist() == [480, 959]
    assert fresh.day is not None
    assert fresh.day.date == day.isoformat()
    assert fresh.at == fresh.day.closes + 9 * 60
