"""The day's figures of the overview are what a slow reader of the journal finds, whatever people do."""

from __future__ import annotations

import math
from collections import defaultdict
from statistics import pstdev
from typing import Any

import numpy as np
import pytest

from vikno.display.today import Today
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.errors import CommandRefused
from vikno.queue.hall import Hall
from vikno.queue.plan import HallPlan
from vikno.queue.state import Limits
from vikno.scheduler import policy_named

MIDNIGHT = 1_763_589_600.0
"""Of 20 November 2025 in Kyiv."""

HOUR = 3600.0
SEEDS = range(12)
STEPS = 400
SIMPLE = ("issue", "issue", "leave", "open", "pause", "close", "call", "choose", "start", "finish", "finish")
RARE = ("miss", "park", "unpark", "transfer", "undo")
WINDOW_STEPS = (e.WindowOpened, e.WindowPaused, e.WindowClosed)


class Stage:
    """A hall in which things happen by lot; the figures hear of each, as the server tells them."""

    def __init__(self, plan: HallPlan, seed: int, steps: tuple[str, ...]) -> None:
        self.plan, self.rng, self.kinds = plan, np.random.default_rng(seed), steps
        self.hall = Hall(policy_named("priority"), Limits())
        self.events: list[e.Event] = []
        self.today = Today(plan, self.hall)
        self.now = MIDNIGHT + 8 * HOUR
        self._do(c.AdoptPlan(self.now, plan))
        self._do(c.BeginDay(self.now))
        for number in range(STEPS):
            self.now += float(self.rng.exponential(40.0))
            window = str(self.rng.choice(list(plan.window)))
            self._step(str(self.rng.choice(self.kinds)), f"t-{number:03}", window)

    def _step(self, kind: str, new: str, window: str) -> None:
        at = self.now
        service = str(self.rng.choice(list(self.plan.service)))
        ticket = str(self.rng.choice(list(self.hall.tickets) or ["none"]))
        commands: dict[str, c.Command] = {
            "issue": c.IssueTicket(at, new, (service,)),
            "leave": c.Leave(at, ticket),
            "open": c.OpenWindow(at, window),
            "pause": c.PauseWindow(at, window),
            "close": c.CloseWindow(at, window),
            "call": c.CallNext(at, window),
            "choose": c.CallChosen(at, window, ticket),
            "start": c.StartService(at, window),
            "finish": c.FinishService(at, window),
            "miss": c.MissVisitor(at, window),
            "park": c.ParkVisitor(at, window),
            "unpark": c.UnparkVisitor(at, window, ticket),
            "transfer": c.TransferVisitor(at, window, service),
        }
        if kind == "undo":  # soon enough after something to be undone
            self._step(str(self.rng.choice(SIMPLE)), f"{new}-u", window)
            self.now += 1.0
            self._do(c.UndoStep(self.now, window))
        else:
            self._do(commands[kind])

    def _do(self, command: c.Command) -> None:
        try:
            events = self.hall.decide(command)
        except CommandRefused:
            return
        for event in events:
            ticket = getattr(event, "ticket", None)
            before = self.hall.tickets.get(ticket) if ticket else None
            self.hall.apply((event,))
            after = self.hall.tickets.get(ticket) if ticket else None
            self.today.saw(before, after, event)
            self.events.append(event)


def kept(events: list[e.Event]) -> list[e.Event]:
    """What happened, without what was taken back."""
    found: list[e.Event] = []
    for event in events:
        if isinstance(event, e.StepUndone):
            own = [other for other in found if getattr(other, "window", None) == event.window]
            found = [other for other in found if other is not own[-1]]
        elif not isinstance(event, e.NobodyCalled):
            found.append(event)
    return found


def long_waits(plan: HallPlan, events: list[e.Event]) -> dict[str, float | None]:
    """Of each service, the wait that 19 of 20 do not exceed, in minutes."""
    issued: dict[str, float] = {}
    service: dict[str, str] = {}
    called: dict[str, float] = {}
    for event in events:
        if isinstance(event, e.TicketIssued):
            issued[event.ticket], service[event.ticket] = event.at, event.services[0]
        elif isinstance(event, e.TicketTransferred):
            service[event.ticket] = event.service
        elif isinstance(event, e.TicketCalled):
            called.setdefault(event.ticket, event.at)
    waits = {
        one: [(at - issued[ticket]) / 60 for ticket, at in called.items() if service[ticket] == one]
        for one in plan.service
    }
    return {
        one: float(np.quantile(each, 0.95, method="inverted_cdf")) if each else None
        for one, each in waits.items()
    }


def spread(plan: HallPlan, events: list[e.Event], now: float) -> float | None:
    """Of the time serving over the time staffed, window by window, second by second of the journal."""
    shares = []
    for window in plan.window:
        open_since = serving_since = called = math.inf
        staffed = serving = 0.0
        for event in events:
            if getattr(event, "window", None) != window:
                continue
            if isinstance(event, WINDOW_STEPS):
                staffed += max(event.at - open_since, 0.0)
                open_since = event.at if isinstance(event, e.WindowOpened) else math.inf
            elif isinstance(event, e.TicketCalled):
                called = event.at
            elif isinstance(event, e.ServiceStarted):
                serving_since = event.at
            else:  # who is served without a start is served from the call on
                at_once = isinstance(event, e.ServiceFinished) and math.isinf(serving_since)
                serving += max(event.at - (called if at_once else serving_since), 0.0)
                serving_since = called = math.inf
        staffed += max(now - open_since, 0.0)
        serving += max(now - serving_since, 0.0)
        if staffed:
            shares.append(serving / staffed)
    return pstdev(shares) if shares else None


def overtaken(plan: HallPlan, events: list[e.Event]) -> int:
    """How often the most overtaken of those waiting was."""
    waiting: dict[str, tuple[str, float]] = {}
    times: defaultdict[str, int] = defaultdict(int)
    for event in events:
        if isinstance(event, e.TicketIssued):
            waiting[event.ticket] = event.services[0], event.at
        elif isinstance(event, e.VisitorLeft):
            waiting.pop(event.ticket, None)
        elif isinstance(event, e.TicketCalled):
            _, came = waiting.pop(event.ticket)
            for ticket, (service, earlier) in waiting.items():
                times[ticket] += earlier < came and service in plan.window[event.window].skills
    return max((times[ticket] for ticket in waiting), default=0)


def fairness(today: Today) -> dict[str, Any]:
    view = today.view()
    return {name: view[name] for name in ("waited_minutes_p95", "occupancy_spread", "overtaken")}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_figures_are_those_of_the_journal(plan: HallPlan, seed: int) -> None:
    stage = Stage(plan, seed, (*SIMPLE, *RARE))
    told, happened = stage.today.view(), kept(stage.events)
    assert told["waited_minutes_p95"] == pytest.approx(long_waits(plan, happened))
    assert told["occupancy_spread"] == pytest.approx(spread(plan, happened, stage.hall.at))
    counts = {stage.hall.overtaken(ticket.id) for ticket in stage.hall.tickets.values() if ticket.waiting}
    most = max(counts, default=0)
    assert (told["overtaken"] or {"times": 0})["times"] == most


@pytest.mark.parametrize("seed", SEEDS)
def test_who_was_overtaken_most_often_is_told(plan: HallPlan, seed: int) -> None:
    """Where nobody comes back into a line; what then counts, the hall's own tests say."""
    stage = Stage(plan, seed, SIMPLE)
    told, most = stage.today.view()["overtaken"], overtaken(plan, kept(stage.events))
    if not most:
        assert told is None
        return
    assert told["times"] == most
    [ticket] = [t for t in stage.hall.tickets.values() if t.number == told["number"] and t.waiting]
    assert stage.hall.overtaken(ticket.id) == most


def test_the_days_of_these_tests_know_overtaking_and_undone_steps(plan: HallPlan) -> None:
    assert any(overtaken(plan, kept(Stage(plan, seed, SIMPLE).events)) > 1 for seed in SEEDS)
    undone = {
        event.step
        for seed in SEEDS
        for event in Stage(plan, seed, (*SIMPLE, *RARE)).events
        if isinstance(event, e.StepUndone)
    }
    assert {"open", "pause", "close", "call", "start", "finish"} <= undone


@pytest.mark.parametrize("seed", SEEDS)
def test_a_server_that_starts_again_finds_the_same_figures(plan: HallPlan, seed: int) -> None:
    stage = Stage(plan, seed, (*SIMPLE, *RARE))
    anew, before = Today.of(stage.hall, plan, stage.events).view(), stage.today.view()
    assert anew.pop("waited_minutes_mean") == pytest.approx(before.pop("waited_minutes_mean"))
    assert anew == before
    again = stage.today.anew(stage.hall, plan).view()
    assert again.pop("waited_minutes_mean") == pytest.approx(stage.today.view()["waited_minutes_mean"])
    assert again == before


def test_a_window_left_open_overnight_counts_from_the_opening_of_the_doors(plan: HallPlan) -> None:
    """One window serves from nine to ten, the other sits there: half of the second hour is work."""
    hall = Hall(policy_named("fifo"), Limits())
    hall.do(c.AdoptPlan(MIDNIGHT - HOUR, plan))
    hall.do(c.BeginDay(MIDNIGHT - HOUR))
    hall.do(c.OpenWindow(MIDNIGHT - HOUR, "w-1"))
    events: list[e.Event] = [*hall.do(c.BeginDay(MIDNIGHT + 1))]
    for command in (
        c.OpenWindow(MIDNIGHT + 8 * HOUR, "w-3"),
        c.IssueTicket(MIDNIGHT + 9 * HOUR, "t", ("passport",)),
        c.CallNext(MIDNIGHT + 9 * HOUR, "w-1"),
        c.StartService(MIDNIGHT + 9 * HOUR, "w-1"),
        c.FinishService(MIDNIGHT + 10 * HOUR, "w-1"),
    ):
        events += hall.do(command)
    assert Today.of(hall, plan, events).view()["occupancy_spread"] == pytest.approx(0.25)


def test_before_anything_has_happened_nothing_is_known(plan: HallPlan) -> None:
    assert fairness(Today(plan)) == {
        "waited_minutes_p95": dict.fromkeys(plan.service),
        "occupancy_spread": None,
        "overtaken": None,
    }
