"""Nobody is overtaken more often, or later, than the hall allows, whatever the policy would choose.

Hypothesis makes up halls and days; a referee who knows nothing of how the hall counts notes every overtaking.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.queue.overtakes import CLERK, Overtaking, Referee
from tests.queue.scene import Scene
from tests.scheduler import adversaries
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.errors import CommandRefused
from vikno.queue.hall import Hall
from vikno.queue.plan import HallPlan, Service, WindowPlan
from vikno.queue.policy import Policy
from vikno.queue.records import Ticket
from vikno.scheduler.bound import Bounded
from vikno.scheduler.fifo import Fifo
from vikno.scheduler.priority import Priority

SERVICES = ("a", "b", "c", "d")
MORNING = 1_800_000_000.0
"""Some instant; the halls made up here are open day and night."""


@st.composite
def halls(draw: st.DrawFn) -> HallPlan:
    """One to four services, of which each window has some and the last has all; a tight bound."""
    services = SERVICES[: draw(st.integers(1, 4))]
    skills = st.lists(st.sampled_from(services), min_size=1, unique=True)
    windows = [*draw(st.lists(skills, max_size=2)), list(services)]
    return HallPlan(
        id="hall",
        name={"en": "Hall"},
        time_zone="UTC",
        languages=("en",),
        opens=0,
        closes=24 * 60,
        services=tuple(
            Service(
                id=s, prefix=s.upper(), name={"en": s}, target_minutes=20, priority=draw(st.integers(0, 2))
            )
            for s in services
        ),
        windows=tuple(
            WindowPlan(f"w-{n}", str(n), dict.fromkeys(some, 1.0)) for n, some in enumerate(windows, 1)
        ),
        overtaken_max=draw(st.sampled_from((0, 1, 2, 3, 4, 5, 100))),
        waited_max_minutes=draw(st.sampled_from((None, None, 2.0, 5.0, 10.0))),
    )


policies: st.SearchStrategy[Policy] = st.one_of(
    st.builds(adversaries.last_come_first),
    st.builds(adversaries.one_service, st.sampled_from(SERVICES)),
    st.builds(adversaries.at_random, st.integers(0, 2**32)),
    st.builds(Priority),
)


@dataclass(frozen=True)
class Deed:
    """Something somebody does: what, which window and which visitor (of those it suits), how much later."""

    what: str
    window: int
    who: int
    after: float


VISITS = ("come",) * 8 + ("call",) * 8
"""What happens most, so that lines grow and are overtaken."""

NOBODY_CHOSEN = ("undo", "park", "unpark", "transfer", "finish")
CLERKS = ("chosen", "chosen", *NOBODY_CHOSEN)
VISITORS = ("two legs", "leave", "return", "move back", "priority")


def deeds(*whats: str) -> st.SearchStrategy[list[Deed]]:
    after = st.sampled_from((0.0, 0.5, 1.0, 20.0, 60.0))
    one = st.builds(Deed, st.sampled_from(whats), st.integers(0, 9), st.integers(0, 9), after)
    return st.lists(one, min_size=30, max_size=80)


class Life:
    """A hall under a bounded policy, with somebody who notes what happens."""

    def __init__(self, plan: HallPlan, policy: Policy) -> None:
        self.hall = Hall(Bounded(policy))
        self.referee = Referee(self.hall)
        self.now, self._came = MORNING, 0
        self.events: list[e.Event] = []
        self.does(c.AdoptPlan(self.now, plan))
        self.does(c.BeginDay(self.now))
        for window in plan.windows:
            self.does(c.OpenWindow(self.now, window.id))

    def does(self, command: c.Command) -> None:
        """It happens, if the hall allows it."""
        try:
            events = self.hall.decide(command)
        except CommandRefused:
            return
        self.events += events
        self.referee.applies(events)

    def live(self, days: list[Deed]) -> None:
        for deed in days:
            self.now += deed.after
            for command in self._commands(deed):
                self.does(command)

    def _commands(self, deed: Deed) -> list[c.Command]:
        at, windows = self.now, list(self.hall.windows)
        window = windows[deed.window % len(windows)]
        if deed.what in {"come", "two legs"}:
            self._came += 1
            services = list(self.hall.plan.service)
            first = services[deed.who % len(services)]
            more = [s for s in services if s != first][:1] if deed.what == "two legs" else []
            # 617 scatters the identifiers, for those of life are random.
            return [c.IssueTicket(at, f"t{self._came * 617 % 1_000:03}", (first, *more), "", deed.window % 3)]
        if deed.what == "call":  # whoever was there is done
            return [c.FinishService(at, window), c.CallNext(at, window)]
        if deed.what == "transfer":
            services = list(self.hall.plan.service)
            return [c.TransferVisitor(at, window, services[deed.who % len(services)])]
        if deed.what in {"undo", "park", "finish"}:
            steps = {"undo": c.UndoStep, "park": c.ParkVisitor, "finish": c.FinishService}
            return [steps[deed.what](at, window)]
        return self._of_a_ticket(deed, window)

    def _of_a_ticket(self, deed: Deed, window: str) -> list[c.Command]:
        states = {"return": ("left",), "unpark": ("parked",), "chosen": ("waiting", "parked")}
        fit = states.get(deed.what, ("waiting",))
        tickets = [t.id for t in self.hall.tickets.values() if t.state in fit]
        if not tickets:
            return []
        at, ticket = self.now, tickets[deed.who % len(tickets)]
        commands: dict[str, list[c.Command]] = {
            "chosen": [c.FinishService(at, window), c.CallChosen(at, window, ticket)],
            "unpark": [c.UnparkVisitor(at, window, ticket)],
            "leave": [c.Leave(at, ticket)],
            "return": [c.ReturnToLine(at, ticket)],
            "move back": [c.MoveBack(at, ticket, 1 + deed.window % 3)],
            "priority": [c.ChangePriority(at, ticket, deed.window % 3)],
        }
        return commands[deed.what]


def within(plan: HallPlan, overtaking: Overtaking) -> bool:
    """Whether the hall allowed this one more."""
    age = plan.waited_max_minutes
    return overtaking.times_before < plan.overtaken_max and (age is None or overtaking.age_minutes < age)


@settings(max_examples=200, deadline=None)
@given(halls(), policies, deeds(*VISITS, *CLERKS, *VISITORS))
def test_no_choice_of_a_policy_overtakes_who_is_due(plan: HallPlan, policy: Policy, day: list[Deed]) -> None:
    """Part (a) for a hall with clerks who choose themselves, and part (b)."""
    life = Life(plan, policy)
    life.live(day)
    beyond = [o for o in life.referee.overtakings if not within(plan, o)]
    assert [o for o in beyond if o.call.policy != CLERK] == []


@settings(max_examples=120, deadline=None)
@given(halls(), policies, deeds(*VISITS, *VISITORS, "park", "unpark", "transfer"))
def test_nobody_is_overtaken_more_often_than_the_hall_allows(
    plan: HallPlan, policy: Policy, day: list[Deed]
) -> None:
    """Part (a): no clerk chooses, so this is a number that everybody can be told."""
    life = Life(plan, policy)
    life.live(day)
    assert all(o.times_before + 1 <= plan.overtaken_max for o in life.referee.overtakings)


@settings(max_examples=60, deadline=None)
@given(halls(), deeds(*VISITS, *CLERKS, *VISITORS))
def test_first_in_first_out_overtakes_nobody(plan: HallPlan, day: list[Deed]) -> None:
    """`Bounded` is not asked here."""
    life = Life(plan, Fifo())
    life.hall.policy = Fifo()
    life.live(day)
    assert all(o.call.policy == CLERK for o in life.referee.overtakings)


@settings(max_examples=60, deadline=None)
@given(halls(), deeds(*VISITS, *VISITORS, *NOBODY_CHOSEN))
def test_first_in_first_out_needs_no_bound(plan: HallPlan, day: list[Deed]) -> None:
    """`Bounded` would change nothing; only a choice of clerks can make somebody due before who came first."""
    alone, bounded = Life(plan, Fifo()), Life(plan, Fifo())
    alone.hall.policy = Fifo()
    alone.live(day)
    bounded.live(day)
    assert [called(event) for event in alone.events] == [called(event) for event in bounded.events]


def called(event: e.Event) -> tuple[str, str] | None:
    return (event.window, event.ticket) if isinstance(event, e.TicketCalled) else None


@settings(max_examples=100, deadline=None)
@given(halls(), policies | st.builds(adversaries.idler), deeds(*VISITS, *CLERKS, *VISITORS))
def test_there_is_always_an_answer_and_the_hall_can_do_it(
    plan: HallPlan, policy: Policy, day: list[Deed]
) -> None:
    """At every window after any day; nobody only where nobody is due and the policy names nobody."""
    life = Life(plan, policy)
    life.live(day)
    hall, at = life.hall, life.now + 1
    for window in plan.windows:
        here = [t for t in hall.tickets.values() if t.waiting and t.service in window.skills]
        due = sorted((t for t in here if is_due(hall, t, at)), key=lambda t: (t.place, t.id))
        before = hall.fingerprint()
        choice = hall.policy.choose(hall, window.id, at)
        assert hall.fingerprint() == before
        assert choice.why.policy == policy.name
        if due:
            assert choice.ticket == due[0].id
            assert choice.why.rule in {"overtaken-enough", "waited-enough"}
        elif choice.ticket is None:
            assert not here or policy.name == "idler"
        else:
            assert choice.ticket in {ticket.id for ticket in here}
            assert choice.why.rule not in {"overtaken-enough", "waited-enough"}


def is_due(hall: Hall, ticket: Ticket, at: float) -> bool:
    age = hall.plan.waited_max_minutes
    return hall.overtaken(ticket.id) >= hall.plan.overtaken_max or (
        age is not None and at - ticket.place >= age * 60
    )


# Examples ------------------------------------------------------------------------------------------------


def scene_of(plan: HallPlan, policy: Policy, most: int, age: float | None = None) -> Scene:
    """The small hall under this bound, every window open."""
    scene = Scene(replace(plan, overtaken_max=most, waited_max_minutes=age))
    scene.hall.policy = Bounded(policy)
    for window in plan.windows:
        scene.do(c.OpenWindow, window.id)
    return scene


def call(scene: Scene, window: str, after: float = 0.0) -> e.TicketCalled:
    """The next at this window, who is gone at once."""
    (event,) = scene.do(c.CallNext, window, after=after)
    assert isinstance(event, e.TicketCalled)
    scene.do(c.MissVisitor, window)
    return event


def test_after_two_later_comers_it_is_the_first_ones_turn(plan: HallPlan) -> None:
    scene = scene_of(plan, adversaries.last_come_first(), 2)
    for ticket in ("first", "second", "third", "fourth", "fifth"):
        scene.issue(ticket)
    calls = [call(scene, "w-3") for _ in range(5)]
    assert [event.ticket for event in calls] == ["fifth", "fourth", "first", "second", "third"]
    why = calls[2].why
    assert (why.policy, why.rule, why.overtook) == ("last", "overtaken-enough", 0)
    assert why.score == {"overtaken": 2.0, "overtaken_max": 2.0}
    assert why.against == {}


def test_who_has_waited_long_enough_goes_before_whom_the_policy_prefers(plan: HallPlan) -> None:
    scene = scene_of(plan, adversaries.last_come_first(), 30, age=10.0)
    scene.issue("old")
    scene.issue("young", after=599)
    assert call(scene, "w-3", after=0.5).ticket == "young"
    scene.issue("younger", after=0.25)
    why = call(scene, "w-3", after=0.25).why
    assert (why.rule, why.waited_minutes, why.overtook) == ("waited-enough", 10.0, 0)
    assert why.score == {"waited": 10.0, "waited_max": 10.0}


def test_who_is_due_may_overtake_who_is_not_and_the_reason_compares_them(plan: HallPlan) -> None:
    """The earliest of all came into this line only now, where nobody has overtaken them yet."""
    scene = scene_of(plan, adversaries.one_service("pickup"), 2)
    scene.serve("w-3", "passport", ticket="sent-on")
    scene.issue("patient", "residence")
    scene.do(c.OpenWindow, "w-2")
    for ticket in ("x", "y"):
        scene.issue(ticket, "pickup")
        assert call(scene, "w-2").ticket == ticket
    scene.do(c.TransferVisitor, "w-3", "pickup")
    event = call(scene, "w-2")
    assert event.ticket == "patient"
    assert (event.why.rule, event.why.overtook_numbers) == ("overtaken-enough", ("A1",))
    assert event.why.score == {"overtaken": 2.0, "overtaken_max": 2.0}
    assert event.why.against == {"overtaken": 0.0, "overtaken_max": 2.0}


def test_a_clerk_may_go_beyond_and_the_policy_makes_up_for_it(plan: HallPlan) -> None:
    scene = scene_of(plan, adversaries.last_come_first(), 1)
    for ticket in ("first", "second", "third", "fourth"):
        scene.issue(ticket)
    for ticket in ("third", "second"):
        scene.do(c.CallChosen, "w-3", ticket)
        scene.do(c.MissVisitor, "w-3")
    assert scene.hall.overtaken("first") == 2
    assert call(scene, "w-3").ticket == "first"


def test_only_windows_that_could_have_served_count(plan: HallPlan) -> None:
    scene = scene_of(plan, adversaries.one_service("pickup"), 1)
    scene.issue("first", "passport")
    for ticket in "abc":
        scene.issue(ticket, "pickup")
        assert call(scene, "w-2").ticket == ticket
    assert scene.hall.overtaken("first") == 0


@pytest.mark.parametrize("level", [0, 9])
def test_the_longest_waiting_of_all_priorities_is_looked_at(plan: HallPlan, level: int) -> None:
    scene = scene_of(plan, Priority(), 2)
    scene.issue("low", priority=-9)
    for ticket in ("x", "y", "z"):
        scene.issue(ticket, priority=level)
    assert [call(scene, "w-3").ticket for _ in range(4)] == ["x", "y", "low", "z"]


def test_a_bound_of_nothing_is_first_in_first_out(plan: HallPlan) -> None:
    scene = scene_of(plan, adversaries.last_come_first(), 0)
    for ticket in ("m", "z", "a"):
        scene.issue(ticket)
    assert [call(scene, "w-3").ticket for _ in range(3)] == ["m", "z", "a"]
