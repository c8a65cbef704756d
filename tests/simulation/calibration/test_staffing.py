"""When windows are usually staffed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.simulation.calibration.days import recorded, served, visit
from tests.simulation.halls import hall, service, window, windows
from vikno.queue.plan import HallPlan
from vikno.simulation.calibration.staffing import staffing_of
from vikno.simulation.history import Span

OPENS, CLOSES = 480, 960


def plan(count: int = 1) -> HallPlan:
    return hall([service("a")], *windows(count, "a"), opens=OPENS, closes=CLOSES)


def hours(*days: Sequence[Span]) -> tuple[tuple[int, int], ...]:
    """The usual hours of one window that was staffed so."""
    found = [recorded(plan(), number=n, staffed={"w-1": tuple(spans)}) for n, spans in enumerate(days)]
    return staffing_of(plan(), found)["w-1"].hours


def test_the_same_every_day_is_the_usual() -> None:
    lunch = (480.0, 720.0), (780.0, 960.0)
    assert hours(lunch, lunch, lunch) == ((480, 720), (780, 960))


def test_a_little_earlier_or_later_is_the_middle() -> None:
    rng = np.random.default_rng(1)
    days = [[(480 + rng.uniform(0, 20), 900 + rng.uniform(-30, 30))] for _ in range(40)]
    ((start, end),) = hours(*days)
    assert abs(start - 490) <= 5
    assert abs(end - 900) <= 5


def test_overtime_is_no_part_of_it() -> None:
    assert hours([(475.0, 990.0)]) == ((480, 960),)


def test_a_moment_is_neither_a_break_nor_a_shift() -> None:
    assert hours([(480.0, 600.0), (606.0, 960.0)]) == ((480, 960),)
    assert hours([(480.0, 485.0), (600.0, 960.0)]) == ((600, 960),)


def test_who_finishes_a_visitor_had_finished_the_shift() -> None:
    """The shift ends at 12:00 every day; whoever is there then is served to the end."""
    rng = np.random.default_rng(2)
    days = []
    for number in range(40):
        called = 720 - float(rng.uniform(0, 20))
        ended = 720 + float(rng.uniform(0, 20))
        last = visit(served("a", 700, called, ended, at="w-1"))
        days.append(recorded(plan(), last, number=number, staffed={"w-1": ((480.0, ended),)}))
    ((_, end),) = staffing_of(plan(), days)["w-1"].hours
    assert abs(end - 720) <= 5


def test_as_many_windows_as_on_an_average_day() -> None:
    """Six windows, of which four work each day in turn."""
    days = [
        recorded(
            plan(6),
            number=number,
            staffed={f"w-{1 + (number + n) % 6}": ((480.0, 960.0),) for n in range(4)},
        )
        for number in range(12)
    ]
    found = staffing_of(plan(6), days)
    assert sum(bool(usual.hours) for usual in found.values()) == 4
    assert {usual.days for usual in found.values()} == {8}
    assert found["w-1"].minutes.value == pytest.approx(480 * 8 / 12)


def test_a_service_keeps_a_window_however_seldom_it_is_open() -> None:
    rare = hall(
        [service("a"), service("b")], *windows(2, "a"), window("b-1", ["b"]), opens=OPENS, closes=CLOSES
    )
    usual: dict[str, tuple[Span, ...]] = {"w-1": ((480.0, 960.0),)}
    third = usual | {"b-1": ((600.0, 700.0),)}
    days = [recorded(rare, number=n, staffed=third if n == 3 else usual) for n in range(10)]
    found = staffing_of(rare, days)
    assert found["b-1"].hours == ((600, 700),)
    assert (found["w-2"].hours, found["w-2"].days) == ((), 0)
