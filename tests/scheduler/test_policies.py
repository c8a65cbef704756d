"""Policies that rank visitors call whom a look through all who wait would call, and say rightly why."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.conftest import SMALL_HALL
from tests.queue.scene import Scene
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.hallfile import parse_hall
from vikno.queue.plan import HallPlan
from vikno.queue.policy import OVERTOOK_NAMED, Choice
from vikno.queue.records import Ticket
from vikno.scheduler import POLICIES, UnknownPolicy, policy_named

PLAN = parse_hall(SMALL_HALL)
CLASS = {service.id: service.priority for service in PLAN.services}
BY_RANK = ("fifo", "priority")
"""Who is called next is a matter of two visitors alone; the weighted ones are in test_index.py."""
SKILLS = {window.id: set(window.skills) for window in PLAN.windows}


@dataclass(frozen=True)
class Arrival:
    """One visitor: what for, with which priority, how long after the one before."""

    service: str
    priority: int
    after: float


arrivals = st.lists(
    st.builds(
        Arrival,
        st.sampled_from(sorted(CLASS)),
        st.sampled_from((0, 0, 0, 1, 2, -1)),
        st.sampled_from((0.0, 0.0, 1.0, 60.0)),
    ),
    max_size=25,
)


def place(ticket: Ticket) -> tuple[float, str]:
    return ticket.place, ticket.id


def class_of(ticket: Ticket) -> int:
    return ticket.priority + CLASS[ticket.service]


def best(policy: str, tickets: list[Ticket]) -> Ticket:
    """Brute force: compare everybody with everybody."""

    def beats(one: Ticket, other: Ticket) -> bool:
        if policy == "priority" and class_of(one) != class_of(other):
            return class_of(one) > class_of(other)
        return place(one) < place(other)

    (winner,) = [t for t in tickets if all(t is other or beats(t, other) for other in tickets)]
    return winner


def filled(policy: str, visitors: list[Arrival], moved: list[int]) -> Scene:
    """A hall where these have come; some asked for more time."""
    scene = Scene(PLAN, "2026-11-20 08:00", policy=policy)
    for n, visitor in enumerate(visitors):
        # 7919 scatters the identifiers, for those of life are random.
        name = f"t{n * 7919 % 1_000:03}"
        scene.issue(name, visitor.service, priority=visitor.priority, after=visitor.after)
    names = list(scene.hall.tickets)
    for n in moved:
        ticket = scene.hall.tickets[names[n % len(names)]] if names else None
        if ticket:
            first = scene.hall.policy.priority_first
            if scene.hall.lines[ticket.service].behind(ticket, priority_first=first):
                scene.do(c.MoveBack, ticket.id, 1 + n % 3, after=1)
    return scene


@settings(max_examples=150, deadline=None)
@given(
    policy=st.sampled_from(BY_RANK),
    visitors=arrivals,
    moved=st.lists(st.integers(0, 99), max_size=4),
    windows=st.lists(st.sampled_from(sorted(SKILLS)), min_size=1, max_size=30),
)
def test_every_call_of_a_day_is_the_one_a_look_at_everybody_finds(
    policy: str, visitors: list[Arrival], moved: list[int], windows: list[str]
) -> None:
    scene = filled(policy, visitors, moved)
    for window in windows:
        scene.do(c.OpenWindow, window)
        could = [t for t in scene.hall.tickets.values() if t.waiting and t.service in SKILLS[window]]
        before = scene.hall.fingerprint()
        choice = scene.hall.policy.choose(scene.hall, window, scene.now)
        assert scene.hall.fingerprint() == before, "a policy only looks"
        (event,) = scene.do(c.CallNext, window, after=1)
        assert event.why.policy == policy  # type: ignore[attr-defined]
        if not could:
            assert isinstance(event, e.NobodyCalled)
            assert choice.ticket is None
            assert event.why.rule == "nobody-waiting"
            continue
        assert isinstance(event, e.TicketCalled)
        winner = best(policy, could)
        assert event.ticket == choice.ticket == winner.id
        earlier = sorted((t for t in could if place(t) < place(winner)), key=place)
        assert event.why.waiting == len(could)
        assert event.why.overtook == len(earlier)
        assert event.why.overtook_numbers == tuple(t.number for t in earlier[:OVERTOOK_NAMED])
        assert event.why.waited_minutes == pytest.approx((scene.now - winner.issued) / 60)
        if policy == "priority":
            assert event.why.score == {"priority": class_of(winner)}
        else:
            assert earlier == []
        scene.do(c.MissVisitor, window)


@settings(max_examples=150, deadline=None)
@given(
    policy=st.sampled_from(BY_RANK),
    visitors=arrivals,
    moved=st.lists(st.integers(0, 99), max_size=4),
)
def test_ahead_counts_those_who_would_be_called_before(
    policy: str, visitors: list[Arrival], moved: list[int]
) -> None:
    """Of one line, one by one, by brute force: the place in that order is `ahead`."""
    scene = filled(policy, visitors, moved)
    for service in CLASS:
        line = [t for t in scene.hall.tickets.values() if t.waiting and t.service == service]
        expected = 0
        while line:
            first = best(policy, line)
            assert scene.hall.ahead(first) == expected
            line.remove(first)
            expected += 1


@settings(max_examples=100, deadline=None)
@given(policy=st.sampled_from(BY_RANK), visitors=arrivals)
def test_what_the_kiosk_tells_is_what_the_hall_then_says(policy: str, visitors: list[Arrival]) -> None:
    scene = Scene(PLAN, "2026-11-20 08:00", policy=policy)
    for n, visitor in enumerate(visitors):
        name = f"t{n * 7919 % 1_000:03}"
        scene.issue(name, visitor.service, priority=visitor.priority, after=visitor.after)
        issued = scene.events[-1]
        assert isinstance(issued, e.TicketIssued)
        assert issued.ahead == scene.hall.ahead(scene.hall.tickets[name])


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_a_tie_goes_to_the_smaller_identifier(plan: HallPlan, policy: str) -> None:
    scene = Scene(plan, policy=policy)
    for ticket in ("m", "z", "a"):
        scene.issue(ticket, after=0)
    scene.do(c.OpenWindow, "w-1")
    for ticket in ("a", "m", "z"):
        (called,) = scene.do(c.CallNext, "w-1")
        assert isinstance(called, e.TicketCalled)
        assert called.ticket == ticket
        scene.do(c.MissVisitor, "w-1")


def test_fifo_takes_the_longest_waiting_of_all_skills_whatever_the_priority(plan: HallPlan) -> None:
    scene = Scene(plan)
    scene.issue("first", "passport", priority=-9)
    scene.issue("second", "residence", priority=9)
    scene.do(c.OpenWindow, "w-1")
    (called,) = scene.do(c.CallNext, "w-1", after=90)
    assert isinstance(called, e.TicketCalled)
    assert called.ticket == "first"
    assert (called.why.rule, called.why.waiting, called.why.overtook) == ("longest-waiting", 2, 0)
    assert called.why.waited_minutes == pytest.approx(91 / 60)


def test_priority_adds_the_class_of_the_service_to_that_of_the_ticket(plan: HallPlan) -> None:
    scene = Scene(plan, policy="priority")
    for ticket in "abcdef":
        scene.issue(ticket, "passport")
    scene.issue("equal", "passport", priority=1)
    scene.issue("high", "residence", priority=1)
    scene.do(c.OpenWindow, "w-1")
    (called,) = scene.do(c.CallNext, "w-1")
    assert isinstance(called, e.TicketCalled)
    assert called.ticket == "high"
    assert called.why.rule == "highest-priority"
    assert called.why.score == {"priority": 2.0}
    assert called.why.overtook == 7
    assert called.why.overtook_numbers == ("A1", "A2", "A3", "A4", "A5")


def test_a_chosen_visitor_overtakes_and_the_reason_says_whom(plan: HallPlan) -> None:
    scene = Scene(plan, policy="priority")
    for ticket in "abc":
        scene.issue(ticket)
    scene.issue("elsewhere", "pickup", after=0)
    scene.do(c.OpenWindow, "w-3")
    (called,) = scene.do(c.CallChosen, "w-3", "c")
    assert isinstance(called, e.TicketCalled)
    assert (called.why.policy, called.why.rule) == ("clerk", "chosen-by-clerk")
    assert (called.why.waiting, called.why.overtook_numbers) == (3, ("A1", "A2"))


def test_a_policy_sees_the_whole_hall(plan: HallPlan) -> None:
    """The seam suits one that weighs all windows against all who wait: here, leave the last for another."""

    class LeavesTheLastToOthers:
        name = "leaves-the-last"
        priority_first = False

        def choose(self, hall: object, window: str, at: float) -> Choice:
            inner = policy_named("fifo")
            choice = inner.choose(hall, window, at)  # type: ignore[arg-type]
            others = [w for w in hall.windows.values() if w.state == "open" and w.id != window]  # type: ignore[attr-defined]
            if choice.why.waiting == 1 and others:
                return Choice(None, replace(choice.why, policy=self.name, rule="another-is-free"))
            return choice

    scene = Scene(plan)
    scene.hall.policy = LeavesTheLastToOthers()
    scene.issue("a")
    scene.do(c.OpenWindow, "w-1")
    scene.do(c.OpenWindow, "w-3")
    (nobody,) = scene.do(c.CallNext, "w-1")
    assert isinstance(nobody, e.NobodyCalled)
    assert nobody.why.rule == "another-is-free"
    assert scene.hall.tickets["a"].state == "waiting"


def test_an_unknown_policy_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownPolicy, match="fifo, priority"):
        policy_named("lifo")
    for name in POLICIES:
        assert policy_named(name).name == name
