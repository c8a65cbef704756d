"""Where one line and a sum tell every visitor's wait, the twin tells the same, visitor by visitor.

Who comes first goes to the window that is free the soonest: a few lines of code that know no events, no
hall and no clock, for any arrivals, durations and patience.
"""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulation.halls import LEFT, come, hall, service, windows
from tests.simulation.one_line import OneLine, first_come
from tests.simulation.watching import lived, waits
from vikno.queue.plan import HallPlan
from vikno.simulation.day import Visitor, draw_day
from vikno.simulation.record import DayRecord

ROUNDING_MINUTES = 1e-6


def same(plan: HallPlan, visitors: list[Visitor], count: int) -> DayRecord:
    """Live the day and hold it against the recursion."""
    record = lived(plan, visitors)
    order = np.argsort(record.visit)
    assert (record.visit[order] == np.arange(len(visitors))).all()
    rows = [(v.minute, v.service_minutes[0], v.patience_minutes) for v in visitors]
    minutes, durations, patience = np.array(rows).reshape(-1, 3).T
    waited, left = first_come(minutes, durations, count, patience)
    np.testing.assert_allclose(waits(record)[order], waited, rtol=0, atol=ROUNDING_MINUTES)
    assert ((record.outcome[order] == LEFT) == left).all()
    return record


def test_days_of_the_halls_that_theory_is_asked_about() -> None:
    for line in (
        OneLine(1, 0.5),
        OneLine(10, 9),
        OneLine(100, 90),
        OneLine(10, 12, 1.0),
        OneLine(2, 1, zero=1.0),
    ):
        for day in range(2):
            visitors = draw_day(line.plan, 1, day)
            record = same(line.plan, visitors, line.windows)
            assert (waits(record) > 0).any() or line.zero


eighths = st.integers(0, 479 * 8).map(lambda eighth: eighth / 8)
short = st.integers(0, 60 * 8).map(lambda eighth: eighth / 8)
patience = short.map(lambda minutes: minutes + 1 / 16) | st.just(np.inf)
"""Windows get free, and people come, at the same instants; nobody leaves at one: it could go either way."""


@settings(deadline=None)
@given(st.integers(1, 5), st.lists(st.tuples(eighths, short, patience), max_size=60))
def test_any_day_of_any_people(count: int, people: list[tuple[float, float, float]]) -> None:
    plan = hall([service("visit")], *windows(count, "visit"))
    same(
        plan,
        [come(minute, "visit", takes=takes, waits=waits) for minute, takes, waits in sorted(people)],
        count,
    )
