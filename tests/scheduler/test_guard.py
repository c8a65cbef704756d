"""A policy may fail or dawdle: the clerk has an answer, the log a line, the policy another chance."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import SMALL_HALL
from tests.queue.scene import Scene
from tests.scheduler import adversaries
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.hall import Hall
from vikno.queue.hallfile import parse_hall
from vikno.queue.plan import HallPlan
from vikno.queue.policy import Choice, Policy, Why
from vikno.scheduler.bound import Bounded
from vikno.scheduler.fifo import Fifo
from vikno.scheduler.guard import CHOICE_SECONDS, SET_ASIDE_SECONDS, Guarded

LOG = logging.getLogger("tests.guard")


class Clock:
    """A clock that only moves when somebody takes time."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    def takes(self, seconds: float) -> None:
        self.now += seconds


Behaviour = Callable[[Hall, str, float], Choice]


class Moody:
    """Behaves as it is told to; says how often it was asked."""

    name = "moody"
    priority_first = True

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaves = behaviour
        self.asked = 0

    def choose(self, hall: Hall, window: str, at: float) -> Choice:
        self.asked += 1
        return self.behaves(hall, window, at)


LAST = adversaries.last_come_first()


def well(hall: Hall, window: str, at: float) -> Choice:
    """The last come."""
    return LAST.choose(hall, window, at)


def fails(_hall: Hall, window: str, _at: float) -> Choice:
    raise ZeroDivisionError(window)


def slow(clock: Clock, seconds: float) -> Behaviour:
    def behave(hall: Hall, window: str, at: float) -> Choice:
        clock.takes(seconds)
        return well(hall, window, at)

    return behave


def names(ticket: str) -> Behaviour:
    return lambda _hall, _window, _at: Choice(ticket, Why("moody", "because"))


class Guardroom:
    """The small hall with three waiting for a passport, under a guarded policy."""

    def __init__(self, plan: HallPlan, behaviour: Behaviour, fallback: Policy | None = None) -> None:
        self.clock = Clock()
        self.policy = Moody(behaviour)
        self.guarded = Guarded(self.policy, fallback or Fifo(), clock=self.clock, log=LOG)
        self.scene = Scene(plan)
        self.scene.hall.policy = self.guarded
        for ticket in ("first", "second", "third"):
            self.scene.issue(ticket)
        self.scene.issue("elsewhere", "pickup")
        self.scene.do(c.OpenWindow, "w-3")

    def asks(self) -> Choice:
        return self.guarded.choose(self.scene.hall, "w-3", self.scene.now)


def test_a_good_answer_in_time_is_the_answer(plan: HallPlan, caplog: pytest.LogCaptureFixture) -> None:
    room = Guardroom(plan, well)
    room.policy.behaves = slow(room.clock, CHOICE_SECONDS * 0.99)
    assert (room.guarded.name, room.guarded.priority_first) == ("moody", True)
    for asked in range(1, 4):
        choice = room.asks()
        assert (choice.ticket, choice.why.policy) == ("third", "last")
        assert room.policy.asked == asked
    assert caplog.records == []


def test_a_policy_that_raises_is_logged_and_another_answers(
    plan: HallPlan, caplog: pytest.LogCaptureFixture
) -> None:
    room = Guardroom(plan, fails)
    (event,) = room.scene.do(c.CallNext, "w-3")
    assert isinstance(event, e.TicketCalled)
    assert (event.ticket, event.why.policy, event.why.rule) == ("first", "fifo", "longest-waiting")
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "hall small, window w-3: policy moody failed (ZeroDivisionError('w-3'))" in record.getMessage()
    assert record.exc_info


def test_a_policy_that_dawdles_is_logged_and_another_answers(
    plan: HallPlan, caplog: pytest.LogCaptureFixture
) -> None:
    room = Guardroom(plan, well)
    room.policy.behaves = slow(room.clock, CHOICE_SECONDS + 0.010)
    assert room.asks().ticket == "first"
    (record,) = caplog.records
    assert "policy moody took 60 ms, more than 50 ms; fifo answers for 60 seconds" in record.getMessage()


@pytest.mark.parametrize("mishap", ["raises", "dawdles", "wrong"])
def test_after_a_mishap_the_policy_is_not_asked_for_a_while_and_then_again(
    plan: HallPlan, caplog: pytest.LogCaptureFixture, mishap: str
) -> None:
    """The clerk waits for a slow choice once, not at every call."""
    room = Guardroom(plan, well)
    room.policy.behaves = {"raises": fails, "dawdles": slow(room.clock, 9.0), "wrong": names("nobody")}[
        mishap
    ]
    room.asks()
    began = room.clock.now
    for _ in range(50):
        assert room.asks().ticket == "first"
        assert room.clock.now - began < SET_ASIDE_SECONDS
        room.clock.takes(SET_ASIDE_SECONDS / 51)
    assert (room.policy.asked, len(caplog.records)) == (1, 1), "asked once, said once"
    room.policy.behaves = well
    room.clock.now = began + SET_ASIDE_SECONDS
    assert room.asks().ticket == "third"
    assert (room.policy.asked, len(caplog.records)) == (2, 1)


def test_a_second_mishap_sets_it_aside_again(plan: HallPlan, caplog: pytest.LogCaptureFixture) -> None:
    room = Guardroom(plan, fails)
    for asked in (1, 2, 3):
        room.asks()
        room.asks()
        assert (room.policy.asked, len(caplog.records)) == (asked, asked)
        room.clock.takes(SET_ASIDE_SECONDS)


@pytest.mark.parametrize("ticket", ["nobody", "elsewhere", "called", "left"])
def test_an_answer_that_the_hall_cannot_do_is_no_answer(
    plan: HallPlan, caplog: pytest.LogCaptureFixture, ticket: str
) -> None:
    room = Guardroom(plan, names(ticket))
    for other in ("called", "left"):
        room.scene.issue(other)
    room.scene.do(c.OpenWindow, "w-1")
    room.scene.do(c.CallChosen, "w-1", "called")
    room.scene.do(c.Leave, "left")
    (event,) = room.scene.do(c.CallNext, "w-3")
    assert isinstance(event, e.TicketCalled)
    assert event.ticket == "first"
    assert f"WrongAnswer(\"ticket '{ticket}'" in caplog.records[0].getMessage()


def test_nobody_is_an_answer(plan: HallPlan, caplog: pytest.LogCaptureFixture) -> None:
    room = Guardroom(plan, lambda _hall, _window, _at: Choice(None, Why("moody", "better-window")))
    (event,) = room.scene.do(c.CallNext, "w-3")
    assert isinstance(event, e.NobodyCalled)
    assert event.why.rule == "better-window"
    assert caplog.records == []


def test_a_fall_back_that_fails_too_leaves_the_first_in_line(
    plan: HallPlan, caplog: pytest.LogCaptureFixture
) -> None:
    room = Guardroom(plan, fails, Moody(names("elsewhere")))
    choice = room.asks()
    assert (choice.ticket, choice.why.policy) == ("first", "fifo")
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert "fall-back moody failed (WrongAnswer" in caplog.records[1].getMessage()


@settings(max_examples=100, deadline=None)
@given(
    moods=st.lists(
        st.sampled_from(("well", "fails", "slow", "nobody", "elsewhere", "first")), min_size=1, max_size=30
    ),
    minutes=st.lists(st.sampled_from((0.0, 0.5, 1.0)), min_size=30, max_size=30),
    breaks=st.booleans(),
)
def test_whatever_it_does_everybody_is_called_and_nobody_beyond_the_bound(
    moods: list[str], minutes: list[float], breaks: bool
) -> None:
    """The guard over bounded policies is within the bound, and total: each press of "next" calls somebody."""
    room = Guardroom(parse_hall(SMALL_HALL + "\n[dispatch]\novertaken_max = 2"), well)
    fallback = Bounded(Moody(fails if breaks else well))
    hall = room.scene.hall
    hall.policy = Guarded(Bounded(room.policy), fallback, clock=room.clock, log=LOG)
    for number, (mood, pause) in enumerate(zip(moods, minutes, strict=False)):
        behaviours = {"well": well, "fails": fails, "slow": slow(room.clock, 1.0)}
        room.policy.behaves = behaviours.get(mood) or names(mood)
        if mood == "first" and not hall.tickets["first"].waiting:
            room.policy.behaves = well
        room.scene.issue(f"more-{number}")
        room.clock.takes(pause * SET_ASIDE_SECONDS)
        waiting = [t for t in hall.tickets.values() if t.waiting and t.service == "passport"]
        (event,) = room.scene.do(c.CallNext, "w-3", after=1)
        assert isinstance(event, e.TicketCalled)
        assert event.ticket in {ticket.id for ticket in waiting}
        assert all(hall.overtaken(ticket) <= 2 for ticket in hall.tickets)
        room.scene.do(c.FinishService, "w-3")
