"""What people are told of their wait: outward, never more than is known, and no longer than it is true."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from vikno.display.waits import STEP_MINUTES, WAIT_MINUTES_MAX, Expected, Foreseen, told
from vikno.queue.lifecycle import TicketState
from vikno.queue.records import Ticket

MINUTE = 60.0
NOON = 1_763_632_800.0
LASTS = 120.0

minutes = st.floats(0, 300)
expected = st.tuples(minutes, minutes, minutes).map(lambda three: Expected(*sorted(three)))


def waiting(ticket: str, issued: float, *, priority: int = 0) -> Ticket:
    """Somebody in line for passports."""
    return Ticket(
        id=ticket,
        number="A1",
        services=("passport",),
        leg=0,
        language="",
        priority=priority,
        issued=issued,
        since=issued,
        place=issued,
        state=TicketState.WAITING,
    )


@given(expected)
def test_a_range_is_rounded_outward_and_holds_median_and_90th_percentile(wait: Expected) -> None:
    range_ = told(wait)
    if range_ is None:
        assert wait.p50 > WAIT_MINUTES_MAX
        return
    assert range_.low <= wait.p50
    assert wait.p90 <= range_.high
    assert range_.low % STEP_MINUTES == range_.high % STEP_MINUTES == 0
    assert wait.p50 - range_.low < STEP_MINUTES
    assert range_.high - max(wait.p90, range_.low) <= STEP_MINUTES
    assert range_.low < range_.high


def test_an_immediate_call_is_told_as_under_five() -> None:
    assert told(Expected(0, 0, 0)) == (0, 5)
    assert told(None) is None


@given(expected, st.floats(0, LASTS))
def test_an_answer_ages_with_the_clock_of_the_hall(wait: Expected, later: float) -> None:
    foreseen = Foreseen(NOON, LASTS, {"t": wait}, {})
    left = foreseen.of(waiting("t", NOON - MINUTE), NOON + later)
    assert left is not None
    for now, then in zip(left, wait, strict=True):
        assert math.isclose(now, max(then - later / MINUTE, 0.0), abs_tol=1e-6)


def test_an_answer_that_is_too_old_says_nothing() -> None:
    wait = Expected(5, 10, 20)
    foreseen = Foreseen(NOON, LASTS, {"t": wait}, {"passport": wait})
    assert foreseen.newcomer("passport", NOON + LASTS) == wait
    assert foreseen.newcomer("passport", NOON + LASTS + 1) is None
    assert foreseen.of(waiting("t", NOON - MINUTE), NOON + LASTS + 1) is None


def test_who_came_after_the_answer_waits_as_a_newcomer_does() -> None:
    foreseen = Foreseen(NOON, LASTS, {}, {"passport": Expected(5, 10, 20)})
    came = NOON + MINUTE
    assert foreseen.of(waiting("new", came), came) == (5, 10, 20)
    assert foreseen.of(waiting("new", came), came + MINUTE) == (4, 9, 19)
    assert foreseen.of(waiting("first", came, priority=1), came) is None, "a priority makes another wait"
    assert foreseen.of(waiting("old", NOON - 1), came) is None, "they waited already, and were not foreseen"


def test_before_any_answer_nothing_is_known() -> None:
    nothing = Foreseen()
    assert nothing.newcomer("passport", NOON) is None
    assert nothing.of(waiting("t", NOON), NOON) is None
