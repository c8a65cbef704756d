"""When a demonstration begins, and how fast its clock runs."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from vikno.api.demo import StageClock, busy_from, start_of
from vikno.queue.hallfile import parse_hall
from vikno.queue.plan import HallPlan

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
