"""Who came for what and when, and for how long somebody watched."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.simulation.calibration.days import recorded, served, visit, waited
from tests.simulation.halls import hall, service, window
from vikno.simulation.calibration.arrivals import demand_of, kind_of, watched
from vikno.simulation.history import Ending, Spell, Visit

PLAN = hall([service("a"), service("b"), service("c")], window("w", ["a", "b", "c"]), closes=120)
HALF_HOURS = [0, 30, 60, 90, 120]


def come(minute: float, *services: str) -> Visit:
    return visit(waited(services[0], minute, minute + 1, Ending.UNSERVED), services=services)


def test_the_kind_of_a_visit_is_what_it_turned_out_to_need() -> None:
    assert kind_of(come(0, "b", "a")) == ("b", "a")
    sent = Spell("a", 0, "w", 1, 1, 2, Ending.TRANSFERRED)
    assert kind_of(visit(sent, served("c", 2, 3, 4), services=("a", "b"))) == ("a", "c", "b")
    assert kind_of(visit(sent, served("a", 2, 3, 4))) == ("a",)


def test_a_day_counts_for_as_long_as_it_was_watched() -> None:
    assert watched(recorded(PLAN), HALF_HOURS) == pytest.approx([0.5] * 4)
    cut = recorded(PLAN, began=15.0, ended=60.0)
    assert watched(cut, HALF_HOURS) == pytest.approx([0.25, 0.5, 0, 0])
    full = recorded(PLAN, full=((20.0, 50.0), (110.0, 130.0)))
    assert watched(full, HALF_HOURS) == pytest.approx([1 / 3, 1 / 6, 0.5, 1 / 3])


def test_a_rate_is_visitors_an_hour_of_the_time_watched() -> None:
    days = [
        recorded(PLAN, *(come(minute, "a") for minute in range(5, 115, 10))),
        recorded(PLAN, *(come(minute, "a") for minute in range(5, 55, 10)), number=1, ended=55.0),
        recorded(PLAN, come(3, "b", "c"), number=2, full=((60.0, 120.0),)),
    ]
    found = demand_of(PLAN, days)
    ((start, a),) = found.rates["a",]
    assert (start, a.seen) == (0, 16)
    assert a.value == pytest.approx(16 / (2 + 55 / 60 + 1))
    ((_, both),) = found.rates["b", "c"]
    assert both.seen == 1
    assert both.value == pytest.approx(1 / (2 + 55 / 60 + 1))
    ((_, none),) = found.rates["b",]
    assert (none.value, none.low, none.seen) == (0, 0, 0)
    assert none.high is not None
    assert none.high > 0
    assert [came for came, _ in found.totals.values()] == [11, 5, 1]
    assert sum(expected for _, expected in found.totals.values()) == pytest.approx(17)


def test_a_service_counts_from_the_day_it_was_offered() -> None:
    before = replace(PLAN, services=PLAN.services[:2])
    days = [recorded(before), recorded(PLAN, come(40, "c"), come(80, "c"), number=1)]
    ((_, c),) = demand_of(PLAN, days).rates["c",]
    assert c.value == 1.0


def test_what_the_plan_does_not_have_is_counted_and_left_out() -> None:
    days = [recorded(PLAN, come(1, "old"), come(2, "a", "old"), come(150, "a"), come(3, "a"))]
    found = demand_of(PLAN, days)
    assert found.foreign == 3
    assert sum(rate.seen for _, rate in found.rates["a",]) == 1
