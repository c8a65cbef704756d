"""When a demonstration begins, and how fast its clock runs."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from vikno.api.demo import StageClock, busy_from, is_over, start_of
from vikno.queue import commands as c
from vikno.queue.hall import Hall
from vikno.queue.hallfile import parse_hall
from vikno.queue.plan import HallPlan
from vikno.scheduler import policy_named

KYIV = ZoneInfo("Europe/Kyiv")


def at(clock: str, day: int = 20) -> float:
    hour, minute = clock.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=KYIV).timestamp()


@pytest.mark.parametrize(
    ("last", "start"),
    [
        (0.0, at("07:55")),
        (at("17:30", 19), at("07:55")),
        (at("11:20"), at("11:20")),
        (at("16:00"), at("07:55", 21)),
        (at("09:10", 23), at("09:10", 23)),
        (at("17:59", 23), at("07:55", 24)),
    ],
    ids=["new", "yesterday", "this morning", "after closing", "days ahead", "days ahead after closing"],
)
def test_a_demonstration_begins_in_the_morning_or_goes_on(plan: HallPlan, last: float, start: float) -> None:
    assert start_of(plan, at("14:00"), last) == start


def test_a_hall_that_never_closes_goes_on_too(always_open: HallPlan) -> None:
    last = at("23:30")
    assert start_of(always_open, at("14:00"), last) == last


def test_the_first_hours_are_those_after_opening(plan: HallPlan) -> None:
    assert busy_from(plan, at("07:55")) == at("09:15")


def test_a_hall_of_short_hours_is_not_played_beyond_them() -> None:
    text = 'format=1\n[hall]\nid="h"\nname={en="H"}\nopens="10:00"\ncloses="10:30"\ntime_zone="Europe/Kyiv"\n'
    text += '[[services]]\nid="s"\nprefix="A"\nname={en="S"}\n[[windows]]\nid="w"\nskills={s=1.0}\n'
    assert busy_from(parse_hall(text), at("09:55")) == at("10:30")


def test_the_clock_stands_until_it_is_told_to_run(plan: HallPlan) -> None:
    clock = StageClock(plan, 30.0, at("07:55"))
    assert clock.now() == clock.now() == at("07:55")
    clock.run(480.0)
    assert clock.speed == 480.0
    assert clock.now() >= at("07:55")
    before = clock.now()
    clock.run(30.0)
    assert before <= clock.now() < at("12:00"), "another speed does not move the hands"
    clock.run(30.0, at("07:55", 21))
    assert at("07:55", 21) <= clock.now() < at("12:00", 21)


def test_a_day_is_over_when_nobody_is_there(plan: HallPlan) -> None:
    hall = Hall(policy_named("fifo"))

    def do(command: c.Command) -> None:
        hall.apply(hall.decide(command))

    assert not is_over(hall, at("17:00"))
    do(c.AdoptPlan(at("07:55"), plan))
    do(c.BeginDay(at("07:55")))
    assert not is_over(hall, at("15:59")), "closed windows in an open hall are a slow morning"
    assert is_over(hall, at("16:00"))
    do(c.IssueTicket(at("15:50"), "t1", ("passport",)))
    assert not is_over(hall, at("16:10"))
    do(c.OpenWindow(at("15:55"), "w-1"))
    do(c.Leave(at("16:15"), "t1"))
    assert not is_over(hall, at("16:20")), "a clerk is still there"
    do(c.CloseWindow(at("16:25"), "w-1"))
    assert is_over(hall, at("16:30"))
