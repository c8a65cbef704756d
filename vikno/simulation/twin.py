"""The twin: the same hall under a simulated clock.

SimPy keeps the calendar (who comes next, who is done, whose patience ends, whose shift begins) and feeds the
very `Hall` of the live system with commands; the hall keeps its rules and the policy its choice. There is no
second implementation of either, so what a manager tries here is what would happen there.

Nothing here is a process that sleeps and wakes: a visit needs two appointments in the calendar (they come,
they are done), and each window has one alarm that is set again and again.

Time is POSIX seconds on a fixed date, as in the live hall.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache, partial
from heapq import heappush
from itertools import count
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from simpy.core import Environment
from simpy.events import NORMAL
from simpy.events import Event as SimPyEvent

from vikno.queue import commands as c
from vikno.queue.decisions import instant
from vikno.queue.errors import CommandRefused
from vikno.queue.events import Event, ServiceFinished, TicketCalled
from vikno.queue.hall import Hall
from vikno.queue.line import Line
from vikno.queue.plan import HallPlan, WindowPlan
from vikno.queue.policy import Policy
from vikno.queue.state import Limits
from vikno.scheduler.workload import shifts
from vikno.simulation.day import Visitor
from vikno.simulation.duty import stays_late
from vikno.simulation.record import NOWHERE, SECONDS_A_MINUTE, DayRecord, Leg, Outcome, day_record

SIMULATED_DATE = date(2001, 1, 1)
"""A Monday without a change of clocks; the day itself means nothing."""

SIMULATED_LIMITS = Limits(undo_seconds=0.0, tickets_a_day_max=10**9, waiting_max=10**9)
"""A simulated hall may be overloaded without end: the experiment shall show it, not refuse it."""

FOR_EVER = math.inf
_services = attrgetter("services")
SERVED, NO_SHOW = Outcome.SERVED.value, Outcome.NO_SHOW.value  # plain numbers are quicker to store

Do = Callable[[c.Command], tuple[Any, ...]]
"""Each command here makes one event of a known kind."""

Watch = Callable[[c.Command, tuple[Event, ...]], None]


def simulate_day(
    plan: HallPlan, policy: Policy, visitors: Sequence[Visitor], watch: Watch | None = None
) -> DayRecord:
    """Live one day of `plan` from an empty hall with these visitors, in order of arrival."""
    hall = Hall(policy, SIMULATED_LIMITS)
    hall.do(c.AdoptPlan(0.0, plan))
    with _without_collector():
        return Twin(hall, visitors, SIMULATED_DATE, watch).run()


@contextmanager
def _without_collector() -> Iterator[None]:
    """A day keeps nearly all it makes until its end; looking for garbage meanwhile costs a tenth of it."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


class Alarm(SimPyEvent):
    """An appointment that can be made again: SimPy's Timeout, without a new one for every visitor.

    `ring` is called with the alarm when its time has come; `about` is for `ring` to read.
    """

    def __init__(self, calendar: Calendar, ring: Callable[[Alarm], None], about: Any = None) -> None:
        super().__init__(calendar)
        self._ok, self._value = True, None
        self.rings: list[Callable[[Any], None]] = [ring]
        self.about = about


class Calendar(Environment):
    """SimPy's own, which also takes an instant where its `schedule` takes how long until then."""

    def set(self, alarm: Alarm, at: float) -> None:
        """Let `alarm` ring at this instant; only while it is not set."""
        alarm.callbacks = alarm.rings
        heappush(self._queue, (at, NORMAL, next(self._eid), alarm))


class Twin:
    """One day of a hall. `watch`, if given, is told every command and its events, in order."""

    def __init__(
        self, hall: Hall, visitors: Sequence[Visitor], day: date, watch: Watch | None = None
    ) -> None:
        plan = hall.plan
        self._hall, self._plan, self._visitors = hall, plan, visitors
        self._do: Do = hall.do if watch is None else partial(_watched, hall, watch)
        zone = ZoneInfo(plan.time_zone)
        self._begins = instant(day, 0, zone)
        # Minutes are the wall's; on a day when clocks change before opening, this is no real midnight.
        self._midnight = instant(day, plan.opens, zone) - plan.opens * SECONDS_A_MINUTE
        self._calendar = Calendar(initial_time=self._midnight)
        self._set = self._calendar.set
        self._over = self._calendar.event()
        self._closes = self._midnight + plan.closes * SECONDS_A_MINUTE
        self._skilled = plan.skilled
        self._service = {service.id: number for number, service in enumerate(plan.services)}
        self._posts = {w.id: _Post(number, w, hall.lines_at[w.id]) for number, w in enumerate(plan.windows)}
        for window in plan.windows:
            post = self._posts[window.id]
            post.stays_late = stays_late(plan, window)
            post.done = Alarm(self._calendar, self._finish, post)
        self._idle: set[str] = set()
        self._inside: dict[str, tuple[int, Visitor, float]] = {}
        self._legs: list[float] = []
        instants = _instants(self._midnight, self._closes, visitors)
        self._coming = zip(instants, count(), _identifiers(1 << len(visitors).bit_length()), visitors)

    def run(self) -> DayRecord:
        """The whole day, until the last window is left."""
        due = self._hall.due(self._begins)
        if due is not None:
            self._do(due)
        for window in self._plan.windows:
            post, hours = self._posts[window.id], shifts(self._plan, window)
            for number, (start, end) in enumerate(hours, 1):
                self._ring(self._begin, self._midnight + start * SECONDS_A_MINUTE, post)
                last = number == len(hours)
                self._ring(self._end, self._midnight + end * SECONDS_A_MINUTE, (post, not last))
        self._ring(self._close, self._closes)
        first = next(self._coming, None)
        if first is not None:
            self._ring(self._arrive, first[0], first)
        self._calendar.run(until=self._over)
        return self._record()

    def _ring(self, what: Callable[[Alarm], None], at: float, about: Any = None) -> None:
        """An appointment that is made once."""
        self._set(Alarm(self._calendar, what, about), at)

    # Visitors ------------------------------------------------------------------------------------------

    def _arrive(self, alarm: Alarm) -> None:
        """The next one in order of arrival is the only one in the calendar."""
        now, number, ticket, visitor = alarm.about
        following = next(self._coming, None)
        if following is not None:
            alarm.about = following
            self._set(alarm, following[0])
        self._join(number, ticket, visitor, now)
        self._look_again(now)

    def _join(self, number: int, ticket: str, visitor: Visitor, now: float) -> None:
        services = visitor.services
        try:
            self._do(c.IssueTicket(now, ticket, services, visitor.language))
        except CommandRefused as refusal:
            if refusal.code != "hall-full":
                raise
            self._row(number, 0, services[0], now, Outcome.BLOCKED)
            return
        self._inside[ticket] = number, visitor, now
        if self._idle:
            self._offer(services[0], now)
        if visitor.patience_minutes != FOR_EVER and self._hall.tickets[ticket].waiting:
            if visitor.patience_minutes:
                waits = visitor.patience_minutes * SECONDS_A_MINUTE
                self._ring(self._lose_patience, now + waits, ticket)
            else:
                self._leave(ticket)

    def _lose_patience(self, alarm: Alarm) -> None:
        ticket: str = alarm.about
        held = self._hall.tickets[ticket]
        if held.waiting and held.first_called is None:
            self._leave(ticket)

    def _leave(self, ticket: str) -> None:
        now = self._calendar.now
        self._do(c.Leave(now, ticket))
        self._gone(ticket, Outcome.LEFT)
        if now >= self._closes:
            self._end_of_day()

    # Windows -------------------------------------------------------------------------------------------

    def _begin(self, alarm: Alarm) -> None:
        post, now = alarm.about, self._calendar.now
        post.on_duty = True
        if post.opened is None:
            post.opened = now
            self._do(c.OpenWindow(now, post.window))
        else:  # a visitor took the whole break
            post.overtime += now - post.ends
        if not post.ticket:
            self._free(post, now)
        self._look_again(now)

    def _end(self, alarm: Alarm) -> None:
        post, again = alarm.about
        post.on_duty, post.again, post.ends = False, again, self._calendar.now
        if not post.ticket:
            self._free(post, self._calendar.now)
        self._look_again(self._calendar.now)

    def _close(self, _alarm: Alarm | None = None) -> None:
        """Closing time, or a leg that ends after it. Windows whose hours end now have heard it already."""
        if self._plan.after_close == "leave":
            self._do(c.SendHome(self._calendar.now))
            for ticket in [t for t in self._inside if not self._hall.tickets[t].at_window]:
                self._gone(ticket, Outcome.UNSERVED)
        self._end_of_day()

    def _free(self, post: _Post, now: float) -> None:
        """A window without a visitor calls, waits for one, or goes."""
        if not post.on_duty and not self._stays(post):
            self._go(post)
        elif self._hall.waiting and self._call(post, now):
            self._idle.discard(post.window)  # it may have been free, having left somebody to another
        else:
            self._idle.add(post.window)

    def _stays(self, post: _Post) -> bool:
        """After closing, while somebody is inside who still needs a skill of this window."""
        if not post.stays_late or post.again or self._calendar.now < self._closes:
            return False
        tickets = self._hall.tickets
        return any(
            service in post.skills
            for held in map(tickets.__getitem__, self._inside)
            for service in held.services[held.leg + held.at_window :]
        )

    def _go(self, post: _Post) -> None:
        now = self._calendar.now
        self._idle.discard(post.window)
        command = c.PauseWindow if post.again else c.CloseWindow
        self._do(command(now, post.window))
        assert post.opened is not None
        post.staffed += now - post.opened
        post.overtime += now - post.ends
        post.opened = None

    def _end_of_day(self) -> None:
        """After closing each visit that ends may let windows go; with the last the day is over."""
        posts = self._posts
        for window in [w for w in posts if w in self._idle]:
            if not posts[window].on_duty and not self._stays(posts[window]):
                self._go(posts[window])
        if not self._over.triggered and all(post.opened is None for post in posts.values()):
            self._over.succeed()

    def _offer(self, service: str, now: float) -> None:
        """The free windows for `service`, in the order of the file, until nobody waits for it.

        One may leave a visitor to another, and change its mind when that one has taken somebody else.
        """
        idle, line, called = self._idle, self._hall.lines[service], True
        while called:
            called = False
            for window in self._skilled[service]:
                if window in idle and self._call(self._posts[window], now):
                    idle.discard(window)
                    called = True
                    if not line.size:
                        return

    def _look_again(self, now: float) -> None:
        """What has happened may end why a window stayed free though somebody waits whom it could serve."""
        if not self._idle or not self._hall.waiting:
            return
        for window in [window for window in self._posts if window in self._idle]:
            if self._call(self._posts[window], now):
                self._idle.discard(window)

    def _call(self, post: _Post, now: float) -> bool:
        """A free window takes whom the policy chooses, if anybody."""
        for line in post.lines:
            if line.size:
                break
        else:
            return False
        event = self._do(c.CallNext(now, post.window))[0]
        if event.__class__ is not TicketCalled:
            return False
        post.ticket = ticket = event.ticket
        visit, visitor, joined = self._inside[ticket]
        post.visit, post.visitor = visit, visitor
        services = visitor.services
        if not visitor.comes:
            self._wait_in_vain(post, joined, now)
        elif len(services) > 1:
            self._serve(post, self._hall.tickets[ticket].leg, joined, now, now)
        else:
            # They stand at the window at once: service counts from the call. As `_serve`, spelled out, for
            # all but a few visits come this way.
            service = services[0]
            seconds = visitor.service_minutes[0] * post.skills[service] * SECONDS_A_MINUTE
            post.until = until = now + seconds
            self._legs.extend((visit, 0, self._service[service], joined, now, until, post.number, SERVED))
            self._set(post.done, until)
        return True

    def _wait_in_vain(self, post: _Post, joined: float, now: float) -> None:
        """Called, and not there: it costs the window some time."""
        service = self._plan.service[post.visitor.services[0]]
        post.until = until = now + service.no_show_minutes * SECONDS_A_MINUTE
        place = self._service[service.id]
        row: Leg = (post.visit, 0, place, joined, now, until, post.number, NO_SHOW)
        self._legs.extend(row)
        self._set(post.done, until)

    def _serve(self, post: _Post, leg: int, joined: float, called: float, now: float) -> None:
        """As long as this visitor takes for it at this window. Nothing can come between: it is noted now."""
        visitor = post.visitor
        service = self._hall.tickets[post.ticket].service  # the hall may have changed their order
        minutes = visitor.service_minutes[visitor.services.index(service)]
        seconds = minutes * post.skills[service] * SECONDS_A_MINUTE
        place = self._service[service]
        post.until = until = now + seconds
        self._legs.extend((post.visit, leg, place, joined, called, until, post.number, SERVED))
        self._set(post.done, until)

    def _finish(self, alarm: Alarm) -> None:
        """The visitor is done, or has not come."""
        post: _Post = alarm.about
        now = post.until
        if post.visitor.comes:
            event = self._do(c.FinishService(now, post.window))[0]
            if event.services:
                self._next_leg(post, event, now)
                return
        else:
            self._do(c.MissVisitor(now, post.window))
        del self._inside[post.ticket]
        post.ticket = ""
        self._free(post, now)
        self._look_again(now)
        if now >= self._closes:
            self._end_of_day()

    def _next_leg(self, post: _Post, event: ServiceFinished, now: float) -> None:
        if event.here:
            self._serve(post, event.leg, now, math.nan, now)
            if now >= self._closes:
                self._end_of_day()
            return
        self._inside[event.ticket] = post.visit, post.visitor, now
        post.ticket = ""
        self._free(post, now)
        self._offer(event.services[event.leg], now)
        self._look_again(now)
        if now >= self._closes:
            self._close()

    # Book-keeping --------------------------------------------------------------------------------------

    def _gone(self, ticket: str, outcome: Outcome) -> None:
        """Somebody who waited goes without having been called for this leg."""
        held, (number, _, joined) = self._hall.tickets[ticket], self._inside.pop(ticket)
        self._row(number, held.leg, held.service, joined, outcome)

    def _row(self, number: int, leg: int, service: str, joined: float, outcome: Outcome) -> None:
        place, now = self._service[service], self._calendar.now
        row: Leg = (number, leg, place, joined, math.nan, now, NOWHERE, outcome)
        self._legs.extend(row)

    def _record(self) -> DayRecord:
        for ticket in list(self._inside):
            self._gone(ticket, Outcome.UNSERVED)
        visitors = self._visitors
        counts = np.fromiter(map(len, map(_services, visitors)), np.int32, len(visitors))
        times = np.array([(post.staffed, post.overtime) for post in self._posts.values()]).reshape(-1, 2)
        return day_record(self._legs, self._midnight, counts, times)


def _instants(midnight: float, closes: float, visitors: Sequence[Visitor]) -> list[float]:
    """When they come. Who comes before closing by less than an instant's last bit still comes before it."""
    found = [midnight + visitor.minute * SECONDS_A_MINUTE for visitor in visitors]
    for place in range(len(found) - 1, -1, -1):
        if found[place] < closes:
            break
        found[place] = math.nextafter(closes, midnight)
    return found


@lru_cache(maxsize=4)
def _identifiers(count: int) -> tuple[str, ...]:
    """Of tickets, in an order that is also that of their letters; every day of an experiment needs them."""
    return tuple(f"{number:06}" for number in range(count))


def _watched(hall: Hall, watch: Watch, command: c.Command) -> tuple[Event, ...]:
    events = hall.do(command)
    watch(command, events)
    return events


class _Post:
    """What the twin knows of one window. POSIX seconds; `ticket` is empty while nobody is there."""

    __slots__ = (
        "again",
        "done",
        "ends",
        "lines",
        "number",
        "on_duty",
        "opened",
        "overtime",
        "skills",
        "staffed",
        "stays_late",
        "ticket",
        "until",
        "visit",
        "visitor",
        "window",
    )

    done: Alarm
    stays_late: bool
    visitor: Visitor

    def __init__(self, number: int, window: WindowPlan, lines: tuple[Line, ...]) -> None:
        self.lines = lines
        self.number = number
        self.window = window.id
        self.skills = window.skills
        self.on_duty = False
        self.again = False
        self.ticket = ""
        self.opened: float | None = None
        self.visit = 0
        self.ends = self.until = self.staffed = self.overtime = 0.0
