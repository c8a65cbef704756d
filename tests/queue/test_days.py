"""Days: numbers, hours and waits are right at midnight, at both clock changes and in every zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.conftest import SMALL_HALL
from tests.queue.scene import Scene, at_clock
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.decisions import instant
from vikno.queue.errors import CommandRefused
from vikno.queue.hall import Hall
from vikno.queue.hallfile import parse_hall
from vikno.queue.plan import HallPlan
from vikno.scheduler.fifo import Fifo

ZONES = ("Europe/Kyiv", "Europe/Sofia", "UTC")
DAYS = ("2026-11-20", "2026-03-29", "2026-10-25", "2026-12-31")
"""An ordinary one, both clock changes of Europe, the turn of the year."""

QUARTER = 15 * 60
PLAN = parse_hall(SMALL_HALL)


def wall(hall: Hall, at: float) -> datetime:
    return datetime.fromtimestamp(at, ZoneInfo(hall.plan.time_zone))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize(("opens", "closes"), [(8 * 60, 16 * 60), (0, 24 * 60), (2 * 60, 5 * 60)])
def test_every_quarter_of_an_hour_around_a_day(
    plan: HallPlan, zone: str, day: str, opens: int, closes: int
) -> None:
    """From the noon before to the noon after: date, doors and numbers agree with the clock on the wall."""
    plan = replace(plan, time_zone=zone, opens=opens, closes=closes)
    scene = Scene(plan, "2026-01-01 00:00")
    scene.passes(at_clock(plan, f"{day} 12:00") - 24 * 3600 - scene.now)
    numbers: dict[str, list[int]] = {}
    for step in range(4 * 48):
        here = wall(scene.hall, scene.now)
        assert scene.hall.day is not None
        assert scene.hall.day.date == here.date().isoformat()
        assert scene.hall.day.until > scene.now
        if opens <= here.hour * 60 + here.minute < closes:
            ticket = scene.issue(f"t{step}", after=0)
            numbers.setdefault(scene.hall.day.date, []).append(int(ticket.number.removeprefix("A")))
        else:
            assert scene.refused(c.IssueTicket, f"t{step}", ("passport",)) == "hall-closed"
        scene.passes(QUARTER)
    for given_out in numbers.values():
        assert given_out == list(range(1, len(given_out) + 1))
    assert list(numbers) == sorted(numbers)


@pytest.mark.parametrize(
    ("zone", "day", "clock", "utc"),
    [
        ("UTC", "2026-03-29", "08:00", "2026-03-29 08:00"),
        ("Europe/Kyiv", "2026-03-28", "08:00", "2026-03-28 06:00"),
        ("Europe/Kyiv", "2026-03-29", "08:00", "2026-03-29 05:00"),
        (
            "Europe/Kyiv",
            "2026-03-29",
            "03:30",
            "2026-03-29 01:30",
        ),  # does not exist: 3.5 hours after midnight
        ("Europe/Kyiv", "2026-03-29", "24:00", "2026-03-29 21:00"),  # a day of 23 hours
        ("Europe/Kyiv", "2026-10-25", "03:30", "2026-10-25 00:30"),  # happens twice: the first
        ("Europe/Kyiv", "2026-10-25", "08:00", "2026-10-25 06:00"),
        ("Europe/Kyiv", "2026-10-25", "24:00", "2026-10-25 22:00"),  # a day of 25 hours
        ("Europe/Sofia", "2026-03-29", "00:00", "2026-03-28 22:00"),
        ("America/Havana", "2026-03-08", "00:00", "2026-03-08 05:00"),  # midnight itself is skipped
        ("America/Havana", "2026-11-01", "00:00", "2026-11-01 04:00"),  # midnight happens twice
        ("Pacific/Kiritimati", "2026-01-01", "00:00", "2025-12-31 10:00"),
    ],
)
def test_clock_times_are_these_instants(zone: str, day: str, clock: str, utc: str) -> None:
    hour, minute = map(int, clock.split(":"))
    found = instant(date.fromisoformat(day), hour * 60 + minute, ZoneInfo(zone))
    assert datetime.fromtimestamp(found, UTC).strftime("%Y-%m-%d %H:%M") == utc


@settings(max_examples=400, deadline=None)
@given(
    zone=st.sampled_from(sorted(available_timezones())),
    at=st.datetimes(datetime(2020, 1, 1), datetime(2037, 12, 31)),  # noqa: DTZ001  (made aware below)
)
def test_days_of_any_zone_follow_each_other_without_gap(zone: str, at: datetime) -> None:
    hall = Hall(Fifo())
    hall.apply([e.PlanAdopted(0.0, replace(PLAN, time_zone=zone))])
    now = at.replace(tzinfo=UTC).timestamp()
    (began,) = hall.decide(c.BeginDay(now))
    assert isinstance(began, e.DayBegan)
    assert began.day == wall(hall, now).date().isoformat()
    assert now < began.until
    assert wall(hall, began.until - 1e-3).date().isoformat() == began.day
    assert wall(hall, began.until).date().isoformat() > began.day
    assert began.opens < began.closes <= began.until


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("day", "issued"), [("2026-03-29", "02:30"), ("2026-10-25", "02:30")])
def test_a_wait_across_a_clock_change_is_counted_in_minutes_that_passed(
    plan: HallPlan, zone: str, day: str, issued: str
) -> None:
    plan = replace(plan, time_zone=zone, opens=0, closes=24 * 60)
    scene = Scene(plan, f"{day} {issued}")
    scene.issue("t", after=0)
    scene.do(c.OpenWindow, "w-1")
    (called,) = scene.do(c.CallNext, "w-1", after=95 * 60)
    assert isinstance(called, e.TicketCalled)
    assert called.why.waited_minutes == 95


def test_midnight_ends_the_wait_of_all_but_those_at_a_window(plan: HallPlan) -> None:
    scene = Scene(plan, "2026-11-20 15:50")
    for ticket in ("called", "serving", "parked", "waiting", "left"):
        scene.issue(ticket)
    for window, ticket in (("w-1", "called"), ("w-3", "serving")):
        scene.do(c.OpenWindow, window)
        scene.do(c.CallChosen, window, ticket)
    scene.do(c.StartService, "w-3")
    scene.do(c.Leave, "left")
    scene.do(c.MissVisitor, "w-1")
    scene.do(c.CallChosen, "w-1", "parked")
    scene.do(c.ParkVisitor, "w-1")
    scene.comes("2026-11-20 23:59:59")
    assert scene.hall.tickets["waiting"].state == "waiting"
    events = len(scene.events)
    scene.passes(1)
    *unserved, began = scene.events[events:]
    assert {event.ticket for event in unserved if isinstance(event, e.VisitorUnserved)} == {
        "parked",
        "waiting",
    }
    assert isinstance(began, e.DayBegan)
    assert began.day == "2026-11-21"
    assert list(scene.hall.tickets) == ["serving"]
    assert scene.hall.windows["w-3"].ticket == "serving"
    scene.do(c.FinishService, "w-3", after=60)
    assert scene.hall.windows["w-3"].served == 1
    assert scene.hall.windows["w-1"].no_shows == 0


def test_a_night_that_nobody_watched_still_turns_the_day(plan: HallPlan) -> None:
    scene = Scene(plan)
    scene.issue("t")
    scene.passes(5 * 24 * 3600)
    assert scene.hall.day is not None
    assert scene.hall.day.date == "2026-11-25"
    assert scene.issue("u").number == "A1"


def test_the_day_does_not_begin_twice(plan: HallPlan) -> None:
    assert Scene(plan).refused(c.BeginDay) == "wrong-state"


def test_closing_sends_home_where_the_hall_says_so(plan: HallPlan) -> None:
    scene = Scene(replace(plan, after_close="leave"), "2026-11-20 15:59")
    scene.serve("w-1", ticket="served")
    scene.issue("t")
    assert scene.refused(c.SendHome) == "wrong-state"
    scene.comes("2026-11-20 16:00")
    assert scene.hall.tickets["t"].state == "unserved"
    scene.do(c.FinishService, "w-1")
    assert scene.hall.tickets["served"].state == "served"


def test_closing_keeps_those_who_wait_where_the_hall_serves_them(plan: HallPlan) -> None:
    scene = Scene(plan, "2026-11-20 15:59")
    scene.issue("t")
    scene.comes("2026-11-20 16:00")
    assert scene.refused(c.SendHome) == "wrong-state"
    assert scene.refused(c.IssueTicket, "u", ("passport",)) == "hall-closed"
    scene.do(c.OpenWindow, "w-1")
    (called,) = scene.do(c.CallNext, "w-1")
    assert isinstance(called, e.TicketCalled)


def test_new_hours_hold_for_the_day_that_runs(plan: HallPlan) -> None:
    scene = Scene(plan, "2026-11-20 15:30")
    scene.do(c.AdoptPlan, replace(plan, closes=15 * 60))
    assert scene.refused(c.IssueTicket, "t", ("passport",)) == "hall-closed"
    scene.do(c.AdoptPlan, replace(plan, closes=18 * 60))
    scene.comes("2026-11-20 17:59:59")
    scene.issue("t", after=0)


def test_numbers_go_on_when_a_plan_changes_and_a_transfer_keeps_its_number(plan: HallPlan) -> None:
    scene = Scene(plan)
    assert [scene.issue("a").number, scene.issue("b", "pickup").number] == ["A1", "A2"]
    scene.do(c.AdoptPlan, replace(plan, waiting_places=10))
    scene.serve("w-1", "residence", ticket="c")
    scene.do(c.TransferVisitor, "w-1", "passport")
    assert scene.hall.tickets["c"].number == "B1"
    assert scene.issue("d").number == "A3"


def test_the_instant_a_wall_shows_is_the_one_the_scene_names(plan: HallPlan) -> None:
    assert at_clock(plan, "2026-11-20 08:00") == datetime(2026, 11, 20, 6, tzinfo=UTC).timestamp()
    assert timedelta(
        seconds=at_clock(plan, "2026-03-30 00:00") - at_clock(plan, "2026-03-29 00:00")
    ) == timedelta(hours=23)


def test_a_hall_without_a_plan_accepts_nothing_else() -> None:
    hall = Hall(Fifo())
    assert hall.due(0.0) is None
    for command in (c.OpenWindow(0.0, "w-1"), c.Leave(0.0, "t")):
        with pytest.raises(CommandRefused):
            hall.decide(command)
    with pytest.raises(LookupError, match="AdoptPlan"):
        hall.decide(c.BeginDay(0.0))
