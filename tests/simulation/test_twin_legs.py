"""A visit for several services: on at the same window if it can, else elsewhere at the old place in line."""

from __future__ import annotations

from tests.simulation.halls import Row, come, hall, service, told, window
from tests.simulation.referee import refereed
from vikno.queue.plan import HallPlan, Visits
from vikno.simulation.day import Visitor, draw_day

A, B, C = (service(name) for name in ("address", "benefit", "card"))


def legs(plan: HallPlan, *visitors: Visitor) -> list[tuple[int, str, str | None, float | None, float]]:
    rows: list[Row] = told(plan, refereed(plan, list(visitors), "fifo"))
    return [(row.visit, row.service, row.window, row.called, row.ended) for row in rows]


def test_one_window_for_all_where_skills_allow() -> None:
    """Going on is no new call, and takes this window's time for it."""
    plan = hall([A, B, C], window("all", {"address": 1.0, "benefit": 2.0, "card": 0.5}))
    assert legs(plan, come(0, "address", "benefit", "card", takes=(10, 5, 4))) == [
        (0, "address", "all", 0, 10),
        (0, "benefit", "all", None, 20),
        (0, "card", "all", None, 22),
    ]


def test_what_the_window_can_do_goes_before_what_it_cannot() -> None:
    """The card is done here first, though the benefit was to be next; durations stay with their services."""
    plan = hall([A, B, C], window("a", ["address", "card"]), window("b", ["benefit"]))
    assert legs(plan, come(0, "address", "benefit", "card", takes=(10, 7, 3))) == [
        (0, "address", "a", 0, 10),
        (0, "card", "a", None, 13),
        (0, "benefit", "b", 13, 20),
    ]


def test_elsewhere_the_old_place_in_line_counts() -> None:
    """Who came first goes before who came later but has waited there for longer."""
    plan = hall([A, B], window("a", ["address"]), window("b", ["benefit"]))
    assert legs(
        plan,
        come(0, "benefit", takes=20),
        come(1, "address", "benefit", takes=(15, 5)),
        come(2, "benefit", takes=5),
    ) == [
        (0, "benefit", "b", 0, 20),
        (1, "address", "a", 1, 16),
        (1, "benefit", "b", 20, 25),
        (2, "benefit", "b", 25, 30),
    ]


def test_a_window_that_passes_its_visitor_on_is_free() -> None:
    plan = hall([A, B], window("a", ["address"]), window("b", ["benefit"]))
    assert legs(plan, come(0, "address", "benefit", takes=(10, 5)), come(1, "address", takes=4)) == [
        (0, "address", "a", 0, 10),
        (0, "benefit", "b", 10, 15),
        (1, "address", "a", 10, 14),
    ]


def test_a_full_hall_turns_nobody_away_who_is_inside() -> None:
    plan = hall([A, B], window("a", ["address"]), window("b", ["benefit"]), waiting_places=1)
    visitors = [
        come(0, "benefit", takes=30),
        come(1, "address", "benefit", takes=(10, 5)),
        come(2, "benefit", takes=5),
        come(12, "benefit", takes=5),
    ]
    assert legs(plan, *visitors) == [
        (0, "benefit", "b", 0, 30),
        (1, "address", "a", 1, 11),
        (1, "benefit", "b", 30, 35),
        (2, "benefit", "b", 35, 40),
        (3, "benefit", None, None, 12),
    ]


def test_visits_of_the_file_come_for_their_services_in_order() -> None:
    plan = hall([A, B, C], window("all", ["address", "benefit", "card"]))
    kinds = (("card", "address"), ("address", "benefit", "card"))
    plan = hall([A, B, C], *plan.windows, visits=tuple(Visits(kind, ((60, 30.0),)) for kind in kinds))
    visitors = draw_day(plan, 1, 0)
    assert {visitor.services for visitor in visitors} == set(kinds)
    assert min(visitor.minute for visitor in visitors) >= 60
    record = refereed(plan, visitors, "fifo")
    assert record.visit.size == sum(len(visitor.services) for visitor in visitors)
