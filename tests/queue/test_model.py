"""No order of commands breaks the hall: whatever people do, it agrees with its naive twin, step by step.

Hypothesis makes up days: visitors, clerks, mistakes, pauses of seconds and of nights, new plans. Most rules
are what may well happen next; `a_mistake` is anything else. A failing run prints a blob that reproduces it;
what it found is kept as a plain test (test_kept_cases.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from tests.conftest import SMALL_HALL
from tests.queue.naive_hall import AT_A_WINDOW
from tests.queue.twins import Twins
from vikno.queue.hallfile import parse_hall
from vikno.queue.plan import HallPlan
from vikno.queue.state import Limits

LIMITS = Limits(tickets_a_day_max=11, waiting_max=50, services_a_ticket_max=3)
"""Small enough to be met within fifty steps."""

BASE = replace(parse_hall(SMALL_HALL), waiting_places=8)
ALL = tuple(service.id for service in BASE.services)
MORNINGS = tuple(
    datetime(2026, month, day, 9, tzinfo=ZoneInfo("Europe/Kyiv")).timestamp()
    for month, day in ((11, 20), (3, 28), (10, 24))
)
"""An ordinary day, and the days before both clock changes."""

WHO = st.integers(0, 23)
AFTER = st.sampled_from((0.0, 0.0, 0.4, 1.0, 1.0, 3.0, 20.0))
"""Seconds that pass before a step: none at all often enough that visitors share an instant."""

UNDO_AFTER = st.sampled_from((0.0, 1.0, 4.9, 5.0, 5.1))
PAUSES = (60.0, 119.0, 121.0, 1_000.0)


def without_service(plan: HallPlan) -> HallPlan:
    return replace(
        plan,
        services=tuple(s for s in plan.services if s.id != "pickup"),
        windows=tuple(
            replace(w, skills={s: f for s, f in w.skills.items() if s != "pickup"}) for w in plan.windows
        ),
    )


PLANS: tuple[Callable[[HallPlan], HallPlan], ...] = (
    lambda plan: plan,
    lambda plan: replace(BASE, after_close=plan.after_close),
    without_service,
    lambda plan: replace(plan, windows=plan.windows[:2]),
    lambda plan: replace(plan, opens=9 * 60, closes=13 * 60 + 30, waiting_places=3),
    lambda plan: replace(plan, after_close="serve" if plan.after_close == "leave" else "leave"),
)
"""What a manager may change in the hall file during the day."""


def some_window(*states: str) -> Callable[[Any], bool]:
    """Some window has a visitor in one of these states."""
    return lambda machine: bool(machine.windows(*states))


def some_ticket(*states: str) -> Callable[[Any], bool]:
    return lambda machine: bool(machine.tickets(*states))


class HallAgainstNaiveHall(RuleBasedStateMachine):
    """People in a hall, and the clock on its wall."""

    twins: Twins
    came = 0

    @initialize(
        policy=st.sampled_from(("fifo", "priority")),
        after_close=st.sampled_from(("serve", "leave")),
        morning=st.sampled_from(MORNINGS),
        windows=st.integers(0, 3),
        visitors=st.integers(0, 6),
    )
    def a_morning(self, policy: str, after_close: str, morning: float, windows: int, visitors: int) -> None:
        self.twins = Twins(replace(BASE, after_close=after_close), policy, LIMITS, morning)
        for window in BASE.windows[:windows]:
            self.twins.open(window.id)
        for visitor in range(visitors):
            self._come(ALL[visitor % 3 :][: 1 + visitor % 2])

    def windows(self, *states: str) -> list[str]:
        """Windows whose visitor is in one of the states; "" is no visitor."""
        naive, found = self.twins.naive, []
        for window in naive.windows:
            visitor = naive.visitor(window["ticket"])
            if (visitor["state"] if visitor else "") in states:
                found.append(window["id"])
        return found

    def tickets(self, *states: str) -> list[str]:
        return [v["id"] for v in self.twins.naive.visitors if v["state"] in states]

    # The clock ---------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from(PAUSES))
    def time_passes(self, seconds: float) -> None:
        self.twins.passes(seconds)

    @rule(
        minute=st.sampled_from((None, None, None, None, 3 * 60, 8 * 60, 13 * 60 + 30, 16 * 60, 24 * 60)),
        seconds=st.sampled_from((-3.0, 0.0, 1.0)),
    )
    def the_clock_comes_to(self, minute: int | None, seconds: float) -> None:
        """Mostly an hour later; sometimes where a day turns, opens or closes, or just before or after it."""
        if minute is None:
            self.twins.passes(3_600.0)
        else:
            self.twins.comes_to(minute, seconds)

    @rule(which=st.integers(0, len(PLANS) - 1))
    def a_plan_is_adopted(self, which: int) -> None:
        self.twins.adopt(PLANS[which](self.twins.naive.plan))

    # Visitors --------------------------------------------------------------------------------------------

    def _come(self, services: tuple[str, ...], priority: int = 0, language: str = "") -> None:
        # Identifiers are random in life, so they must not happen to be in the order of coming.
        self.came += 1
        self.twins.issue(f"t{self.came * 617 % 1_000:03}", services, language, priority)

    def _wait_for_the_doors(self, after: float) -> None:
        """Who finds the doors closed mostly comes back when they open."""
        _, minute = self.twins.naive.wall(self.twins.now)
        plan = self.twins.naive.plan
        if after and not plan.opens <= minute < plan.closes:
            self.twins.comes_to(plan.opens)
        self.twins.passes(after)

    @rule(
        service=st.sampled_from(ALL),
        priority=st.sampled_from((0, 0, 0, 1, -9)),
        language=st.sampled_from(("", "en")),
        after=AFTER,
    )
    def a_visitor_comes(self, service: str, priority: int, language: str, after: float) -> None:
        self._wait_for_the_doors(after)
        self._come((service,), priority, language)

    @rule(services=st.permutations(ALL), count=st.integers(2, 3), after=AFTER)
    def a_visitor_comes_for_several(self, services: list[str], count: int, after: float) -> None:
        self._wait_for_the_doors(after)
        self._come(tuple(services[:count]))

    def _ticket(self, who: int, *states: str) -> str:
        tickets = self.tickets(*states)
        return tickets[who % len(tickets)]

    @precondition(some_ticket("waiting", "parked", "called"))
    @rule(who=WHO, after=AFTER)
    def leave(self, who: int, after: float) -> None:
        ticket = self._ticket(who, "waiting", "parked", "called")
        self.twins.passes(after)
        self.twins.leave(ticket)

    @precondition(some_ticket("left"))
    @rule(who=WHO, after=AFTER)
    def come_back(self, who: int, after: float) -> None:
        ticket = self._ticket(who, "left")
        self.twins.passes(after)
        self.twins.come_back(ticket)

    @precondition(some_ticket("waiting"))
    @rule(who=WHO, places=st.sampled_from((1, 1, 2, 3)), after=AFTER)
    def ask_for_more_time(self, who: int, places: int, after: float) -> None:
        ticket = self._ticket(who, "waiting")
        self.twins.passes(after)
        self.twins.move_back(ticket, places)

    @precondition(some_ticket("waiting", "parked"))
    @rule(who=WHO, priority=st.sampled_from((0, 1, 9)), after=AFTER)
    def change_priority(self, who: int, priority: int, after: float) -> None:
        ticket = self._ticket(who, "waiting", "parked")
        self.twins.passes(after)
        self.twins.change_priority(ticket, priority)

    # Clerks ----------------------------------------------------------------------------------------------

    def _window(self, who: int, *states: str) -> str:
        windows = self.windows(*states)
        return windows[who % len(windows)]

    @rule(who=WHO, step=st.sampled_from(("open", "open", "close", "pause")), after=AFTER)
    def work_begins_or_ends(self, who: int, step: str, after: float) -> None:
        windows = self.windows("", *AT_A_WINDOW)
        self.twins.passes(after)
        getattr(self.twins, step)(windows[who % len(windows)])

    @precondition(some_window(""))
    @rule(who=WHO, after=AFTER)
    def call_next(self, who: int, after: float) -> None:
        window = self._window(who, "")
        self.twins.passes(after)
        if who % 4:  # mostly a clerk who is there
            self.twins.open(window)
        self.twins.call_next(window)

    @precondition(some_window(""))
    @rule(who=WHO, seconds=st.sampled_from((0.0, 1.0, 30.0)))
    def a_visit_begins(self, who: int, seconds: float) -> None:
        """What a clerk does most: three steps at once, so that days get far in fifty steps."""
        window = self._window(who, "")
        for step in (self.twins.open, self.twins.call_next, self.twins.start):
            step(window)
            self.twins.passes(seconds)

    @precondition(lambda self: self.windows("") and self.tickets("waiting", "parked"))
    @rule(who=WHO, whom=WHO, after=AFTER)
    def call_chosen(self, who: int, whom: int, after: float) -> None:
        window, ticket = self._window(who, ""), self._ticket(whom, "waiting", "parked")
        self.twins.passes(after)
        if who % 4:
            self.twins.open(window)
        self.twins.call_chosen(window, ticket)

    @precondition(some_window("called"))
    @rule(who=WHO, step=st.sampled_from(("start", "recall", "miss")), after=AFTER)
    def after_a_call(self, who: int, step: str, after: float) -> None:
        window = self._window(who, "called")
        self.twins.passes(after)
        getattr(self.twins, step)(window)

    @precondition(some_window("called", "serving"))
    @rule(who=WHO, after=AFTER)
    def finish(self, who: int, after: float) -> None:
        """Who was only called is served first, so that later legs are reached too."""
        window = self._window(who, "called", "serving")
        if window in self.windows("called"):
            self.twins.start(window)
        self.twins.passes(after)
        self.twins.finish(window)

    @precondition(some_window("called", "serving"))
    @rule(who=WHO, after=AFTER)
    def park(self, who: int, after: float) -> None:
        window = self._window(who, "called", "serving")
        self.twins.passes(after)
        self.twins.park(window)

    @precondition(some_window("called", "serving"))
    @rule(who=WHO, service=st.sampled_from(ALL), after=AFTER)
    def transfer(self, who: int, service: str, after: float) -> None:
        window = self._window(who, "called", "serving")
        self.twins.passes(after)
        self.twins.transfer(window, service)

    @precondition(some_ticket("parked"))
    @rule(who=WHO, whom=WHO, after=AFTER)
    def unpark(self, who: int, whom: int, after: float) -> None:
        ticket, windows = self._ticket(whom, "parked"), self.windows("", *AT_A_WINDOW)
        self.twins.passes(after)
        self.twins.unpark(windows[who % len(windows)], ticket)

    @precondition(lambda self: any(window["undo"] for window in self.twins.naive.windows))
    @rule(who=WHO, after=UNDO_AFTER)
    def undo(self, who: int, after: float) -> None:
        newest = sorted(
            (w for w in self.twins.naive.windows if w["undo"]), key=lambda w: -float(w["undo"]["at"])
        )
        window = newest[min(who % 4, len(newest) - 1)]["id"]
        self.twins.passes(after)
        self.twins.undo(window)

    # Mistakes --------------------------------------------------------------------------------------------

    @rule(
        step=st.sampled_from(
            ("open", "close", "pause", "call_next", "recall", "start", "finish", "miss", "park", "undo")
        ),
        window=st.sampled_from(("w-1", "w-2", "w-3", "w-99")),
    )
    def a_clerk_is_mistaken(self, step: str, window: str) -> None:
        getattr(self.twins, step)(window)

    @rule(
        step=st.sampled_from(
            ("leave", "come_back", "call_chosen", "unpark", "move_back", "priority", "transfer")
        ),
        window=st.sampled_from(("w-1", "w-2", "w-99")),
        whom=WHO,
        number=st.sampled_from((0, 1, 10, -10, 51)),
    )
    def somebody_is_mistaken(self, step: str, window: str, whom: int, number: int) -> None:
        tickets = ["nobody", *(v["id"] for v in self.twins.naive.visitors)]
        ticket = tickets[whom % len(tickets)]
        if step == "move_back":
            self.twins.move_back(ticket, number)
        elif step == "priority":
            self.twins.change_priority(ticket, number)
        elif step == "transfer":
            self.twins.transfer(window, (*ALL, "marriage")[whom % 4])
        elif step in {"leave", "come_back"}:
            getattr(self.twins, step)(ticket)
        else:
            getattr(self.twins, step)(window, ticket)

    @rule(
        services=st.lists(st.sampled_from(("passport", "pickup", "marriage")), max_size=4),
        priority=st.sampled_from((0, 9, 10, -10)),
        whom=WHO,
    )
    def a_kiosk_is_mistaken(self, services: list[str], priority: int, whom: int) -> None:
        tickets = ["n", *(v["id"] for v in self.twins.naive.visitors)]
        self.twins.issue(tickets[whom % len(tickets)], tuple(services), "", priority)

    @rule(step=st.sampled_from(("begin_day", "send_home")))
    def the_clock_is_mistaken(self, step: str) -> None:
        getattr(self.twins, step)()

    # What is always true ---------------------------------------------------------------------------------

    @invariant()
    def all_is_well(self) -> None:
        self.twins.passes(0.0)
        self.twins.look_the_same()
        self.twins.every_ticket_is_in_one_place()
        self.twins.a_copy_is_the_same()

    def teardown(self) -> None:
        if hasattr(self, "twins"):
            self.twins.the_journal_makes_the_same_hall()
            self.twins.no_number_came_twice()


@pytest.mark.timeout(1_200)
def test_no_order_of_commands_breaks_the_hall() -> None:
    run_state_machine_as_test(
        HallAgainstNaiveHall,
        settings=settings(
            max_examples=1_200,
            stateful_step_count=50,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
