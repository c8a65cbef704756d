"""A referee who watches a day and knows the rules as people would tell them.

It sees only what was said (the events) and keeps two lists: who waits, with their place, and what each
window does. It shares no code with the hall, the policies or the twin.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.simulation.halls import BLOCKED, LEFT, NO_SHOW, SERVED, UNSERVED
from tests.simulation.watching import SECONDS_A_MINUTE, lived, waits
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.plan import HallPlan
from vikno.scheduler.workload import shifts
from vikno.simulation.day import Visitor
from vikno.simulation.duty import stays_late
from vikno.simulation.record import DayRecord

IDLE, CLOSED = "idle", "closed"
ROUNDING_MINUTES = 1e-6


def refereed(plan: HallPlan, visitors: list[Visitor], policy: str) -> DayRecord:
    """The day, every event and every row of the record checked."""
    referee = Referee(plan, policy)
    record = lived(plan, visitors, policy, referee)
    sent_home = plan.after_close == "leave"
    assert len(referee.waiting) == (0 if sent_home else np.sum(record.outcome == UNSERVED))
    assert set(referee.doing.values()) == {CLOSED}, "everybody goes home"
    check_visits(plan, visitors, record)
    check_patience_and_places(plan, visitors, record)
    check_windows(plan, record, referee.staffed)
    return record


def near(minutes: float) -> Any:
    """To within the rounding of instants."""
    return pytest.approx(minutes, rel=0, abs=ROUNDING_MINUTES)


class Referee:
    """To be told every command with its events, in order."""

    def __init__(self, plan: HallPlan, policy: str) -> None:
        self.plan, self.policy = plan, policy
        self.at = 0.0
        self.waiting: dict[str, tuple[str, float]] = {}
        """Ticket -> the service it waits for, its place."""
        self.places: dict[str, float] = {}
        self.services: dict[str, tuple[str, ...]] = {}
        """Ticket -> its services, in the order in which they are done."""
        self.legs: dict[str, int] = {}
        """Ticket inside -> the leg it waits for or is served in."""
        self.closes = math.inf
        self.doing = {window.id: CLOSED for window in plan.windows}
        """Window -> its ticket, or `IDLE` or `CLOSED`."""
        self.opened: dict[str, float] = {}
        self.staffed = {window.id: 0.0 for window in plan.windows}

    def __call__(self, command: c.Command, events: tuple[e.Event, ...]) -> None:
        assert command.at >= self.at, "time goes forward"
        if command.at > self.at:
            self._nobody_idles()
            if self.at >= self.closes:
                self._only_who_is_needed_stays()
        self.at = command.at
        for event in events:
            assert event.at == command.at
            getattr(self, "_" + e.type_of(event).replace("-", "_"))(event)

    def _nobody_idles(self) -> None:
        """No window is idle while somebody it can serve waits."""
        wanted = {service for service, _ in self.waiting.values()}
        for window in self.plan.windows:
            assert self.doing[window.id] != IDLE or wanted.isdisjoint(window.skills), window.id

    def _only_who_is_needed_stays(self) -> None:
        """After closing: for those inside who wait, or have another service ahead."""
        needed = {
            service
            for ticket, leg in self.legs.items()
            for service in self.services[ticket][leg + (ticket not in self.waiting) :]
        }
        for window in self.plan.windows:
            stays = stays_late(self.plan, window) and not needed.isdisjoint(window.skills)
            assert self.doing[window.id] not in {IDLE, CLOSED} or (self.doing[window.id] == IDLE) == stays

    def _rank(self, ticket: str) -> tuple[int, float, str]:
        """Who is to be called first: by class under "priority", then by place."""
        service, place = self.waiting[ticket]
        priority = self.plan.service[service].priority if self.policy == "priority" else 0
        return -priority, place, ticket

    def _day_began(self, event: e.DayBegan) -> None:
        self.closes = event.closes

    def _ticket_issued(self, event: e.TicketIssued) -> None:
        line = [place for service, place in self.waiting.values() if service == event.services[0]]
        assert event.ahead == len(line)
        self.places[event.ticket], self.services[event.ticket] = event.at, event.services
        self.waiting[event.ticket] = event.services[0], event.at
        self.legs[event.ticket] = 0

    def _ticket_called(self, event: e.TicketCalled) -> None:
        """The first in rank of those the window can serve, at the first free window that can serve them."""
        skills = self.plan.window[event.window].skills
        assert self.doing[event.window] == IDLE
        candidates = [ticket for ticket, (service, _) in self.waiting.items() if service in skills]
        assert event.ticket == min(candidates, key=self._rank)
        service, _ = self.waiting.pop(event.ticket)
        for window in self.plan.windows:
            if window.id == event.window:
                break
            assert self.doing[window.id] != IDLE or service not in window.skills, "not in file order"
        self.doing[event.window] = event.ticket

    def _service_started(self, event: e.ServiceStarted) -> None:
        assert self.doing[event.window] == event.ticket

    def _service_finished(self, event: e.ServiceFinished) -> None:
        """Next is the first service left that this window can do, else the first left, at the old place."""
        assert self.doing[event.window] == event.ticket
        before, skills = self.services[event.ticket], self.plan.window[event.window].skills
        if not event.services:
            self.doing[event.window] = IDLE
            del self.legs[event.ticket]
            return
        done, rest = event.services[: event.leg], before[event.leg :]
        assert done == before[: event.leg]
        here = [service for service in rest if service in skills]
        following = (here or rest)[0]
        assert event.services[event.leg :] == (following, *(s for s in rest if s != following))
        assert event.here == bool(here)
        self.services[event.ticket], self.legs[event.ticket] = event.services, event.leg
        if not here:
            self.doing[event.window] = IDLE
            self.waiting[event.ticket] = following, self.places[event.ticket]

    def _visitor_missed(self, event: e.VisitorMissed) -> None:
        assert self.doing[event.window] == event.ticket
        self.doing[event.window] = IDLE
        del self.legs[event.ticket]

    def _visitor_left(self, event: e.VisitorLeft) -> None:
        assert event.window is None
        del self.waiting[event.ticket], self.legs[event.ticket]

    def _visitor_unserved(self, event: e.VisitorUnserved) -> None:
        assert self.plan.after_close == "leave"
        del self.waiting[event.ticket], self.legs[event.ticket]

    def _window_opened(self, event: e.WindowOpened) -> None:
        assert self.doing[event.window] == CLOSED
        self.doing[event.window], self.opened[event.window] = IDLE, event.at

    def _window_closed(self, event: e.WindowEvent) -> None:
        assert self.doing[event.window] == IDLE, "a visitor is finished first"
        self.doing[event.window] = CLOSED
        self.staffed[event.window] += (event.at - self.opened[event.window]) / SECONDS_A_MINUTE

    _window_paused = _window_closed

    def _nobody_called(self, event: e.NobodyCalled) -> None:
        wanted = {service for service, _ in self.waiting.values()}
        assert wanted.isdisjoint(self.plan.window[event.window].skills)


def check_visits(plan: HallPlan, visitors: list[Visitor], record: DayRecord) -> None:
    """Each visit's legs follow one another, take as long as they should, and end as they must."""
    order = np.lexsort((record.number, record.visit))
    columns = (*record[:9], waits(record))
    free_from, expected = math.nan, 0
    for row in zip(*(column[order].tolist() for column in columns), strict=True):
        visit, number, place, joined, called, ended, desk, outcome, last, waited = row
        visitor, service = visitors[visit], plan.services[place]
        assert number == expected
        assert joined == (near(visitor.minute) if number == 0 else free_from)
        assert service.id in (visitor.services if number else visitor.services[:1])
        assert waited >= 0
        free_from, expected = ended, 0 if last else number + 1
        took = ended - (joined if math.isnan(called) else called)
        if outcome == SERVED:
            minutes = visitor.service_minutes[visitor.services.index(service.id)]
            assert visitor.comes
            assert took == near(minutes * plan.windows[desk].skills[service.id])
            assert last == (number + 1 == len(visitor.services))
            continue
        assert last
        if outcome == UNSERVED:
            assert ended >= plan.closes
            continue
        assert number == 0, "who has been called once waits for the rest"
        if outcome == NO_SHOW:
            assert not visitor.comes
            assert took == near(service.no_show_minutes)
        elif outcome == LEFT:
            assert waited == near(visitor.patience_minutes)
        else:
            assert outcome == BLOCKED
            assert ended == joined


def check_patience_and_places(plan: HallPlan, visitors: list[Visitor], record: DayRecord) -> None:
    """Nobody waits for the first call longer than they would; who is turned away finds the hall full."""
    waited = waits(record)
    first = np.flatnonzero(record.number == 0)
    for leg in first:
        joined = record.joined[leg]
        assert waited[leg] <= visitors[record.visit[leg]].patience_minutes + ROUNDING_MINUTES
        waiting = np.sum((record.joined < joined) & (record.joined + waited > joined))
        full = plan.waiting_places is not None and waiting >= plan.waiting_places
        assert (record.outcome[leg] == BLOCKED) == full


def check_windows(plan: HallPlan, record: DayRecord, staffed: dict[str, float]) -> None:
    """A window serves one at a time, while it is staffed, and calls in its hours or after closing."""
    began = np.where(np.isnan(record.called), record.joined, record.called)
    for place, window in enumerate(plan.windows):
        here = record.window == place
        order = np.argsort(began[here], kind="stable")
        starts, ends = began[here][order], record.ended[here][order]
        assert (starts[1:] >= ends[:-1] - ROUNDING_MINUTES).all(), "one at a time"
        assert record.serving[place] == near(float(np.sum(ends - starts)))
        assert record.staffed[place] == near(staffed[window.id])
        assert record.serving[place] <= record.staffed[place] + ROUNDING_MINUTES, "occupancy is at most 1"
        hours = shifts(plan, window)
        for called in record.called[here & ~np.isnan(record.called)]:
            on_duty = any(
                start - ROUNDING_MINUTES <= called <= end + ROUNDING_MINUTES for start, end in hours
            )
            assert on_duty or (stays_late(plan, window) and called >= plan.closes)
