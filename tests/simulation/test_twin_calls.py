"""Who is called, by whom, when: small days that can be worked out by hand. Minutes from opening on."""

from __future__ import annotations

import pytest

from tests.simulation.halls import come, hall, service, told, window
from tests.simulation.referee import refereed
from vikno.queue.plan import HallPlan
from vikno.simulation.day import Visitor

PASSPORT, PICKUP = service("passport", priority=2), service("pickup")
BOTH = ("passport", "pickup")

Call = tuple[int, str | None, float | None]


def calls(plan: HallPlan, *visitors: Visitor, policy: str = "fifo") -> list[Call]:
    """Visitor, window and minute of each call, in order of arrival."""
    rows = told(plan, refereed(plan, list(visitors), policy))
    return [(row.visit, row.window, row.called) for row in rows]


def test_who_comes_goes_to_the_first_free_window_of_the_file() -> None:
    plan = hall([PASSPORT, PICKUP], window("a", ["pickup"]), window("c", BOTH), window("b", BOTH))
    assert calls(plan, come(5, "passport"), come(6, "passport"), come(7, "pickup")) == [
        (0, "c", 5),
        (1, "b", 6),
        (2, "a", 7),
    ]


def test_a_freed_window_takes_the_longest_waiting_of_its_skills() -> None:
    plan = hall([PASSPORT, PICKUP], window("a", BOTH), window("b", ["pickup"]))
    visitors = [
        come(0, "pickup", takes=10),
        come(1, "pickup", takes=20),
        come(2, "passport", takes=3),
        come(3, "pickup", takes=5),
        come(4, "passport", takes=1),
    ]
    assert calls(plan, *visitors) == [(0, "a", 0), (1, "b", 1), (2, "a", 10), (3, "a", 13), (4, "a", 18)]


def test_windows_that_open_at_the_same_moment_choose_in_the_order_of_the_file() -> None:
    plan = hall([PASSPORT], *(window(name, ["passport"], (60, 480)) for name in ("c", "a", "b")))
    assert calls(plan, come(0, "passport"), come(10, "passport"), come(59, "passport")) == [
        (0, "c", 60),
        (1, "a", 60),
        (2, "b", 60),
    ]


def test_a_window_never_serves_what_it_cannot() -> None:
    """Even if everybody waits at the other one."""
    plan = hall([PASSPORT, PICKUP], window("a", ["passport"]), window("b", ["pickup"]))
    visitors = [come(minute, "passport", takes=10) for minute in range(4)]
    assert calls(plan, *visitors) == [(0, "a", 0), (1, "a", 10), (2, "a", 20), (3, "a", 30)]


def test_everybody_is_as_quick_as_they_are() -> None:
    """The factor of a window on the duration of each service."""
    plan = hall(
        [PASSPORT, PICKUP],
        window("slow", {"passport": 1.5, "pickup": 0.5}),
        window("quick", {"passport": 0.25}),
    )
    visitors = [come(0, "passport", takes=8), come(1, "passport", takes=8), come(20, "pickup", takes=8)]
    rows = told(plan, refereed(plan, visitors, "fifo"))
    assert [(row.window, row.called, row.ended) for row in rows] == [
        ("slow", 0, 12),
        ("quick", 1, 3),
        ("slow", 20, 24),
    ]


@pytest.mark.parametrize(
    ("policy", "order"),
    [("fifo", [0, 1, 2, 3, 4]), ("priority", [0, 2, 4, 1, 3])],
)
def test_only_the_policy_priority_looks_at_priorities(policy: str, order: list[int]) -> None:
    """The higher class first; in it the longest waiting. Nobody is interrupted."""
    plan = hall([PASSPORT, PICKUP], window("a", BOTH))
    wanted = ["pickup", "pickup", "passport", "pickup", "passport"]
    called = calls(plan, *(come(minute, name) for minute, name in enumerate(wanted)), policy=policy)
    assert sorted(called, key=lambda call: call[2] or 0) == [
        (visit, "a", 10 * n) for n, visit in enumerate(order)
    ]


def test_who_comes_at_the_same_moment_is_called_in_the_order_of_tickets() -> None:
    plan = hall([PASSPORT, PICKUP], window("a", BOTH))
    called = calls(plan, come(5, "pickup"), come(5, "passport"), come(5, "pickup"))
    assert called == [(0, "a", 5), (1, "a", 15), (2, "a", 25)]


def test_a_day_on_which_nobody_comes() -> None:
    plan = hall([PASSPORT], window("a", ["passport"]), window("b", ["passport"], (60, 120)))
    record = refereed(plan, [], "fifo")
    assert record.visit.size == 0
    assert record.staffed.tolist() == [480, 60]
    assert record.serving.tolist() == record.overtime.tolist() == [0, 0]
