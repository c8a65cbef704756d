"""What really happened in a hall, day by day, read from its journal.

A journal tells what clerks did, corrections and all; an experiment wants to know who came, how long each
waited, where and how long they were served. A visit is told here as a row of spells: a spell is one stay in
a line, one at a window, or one after the other. Whoever is parked, sent on to another service or has a
second service begins a new spell; who takes leaving back goes on with the old one; a step that was taken back
never happened. What the journal does not see to its end (it was cut off, the day was over, a button was
forgotten) is open: it lasted at least until the day's last sign of life.

Times are minutes after local midnight on the wall's clock, as in the hall file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

import msgspec
from msgspec.structs import replace

from vikno.queue import events as e
from vikno.queue.plan import HallPlan
from vikno.simulation.record import SECONDS_A_MINUTE

Span = tuple[float, float]
"""From and to, in minutes after midnight."""


class Ending(StrEnum):
    """How a spell ended. `OPEN`: the record does not say."""

    SERVED = "served"
    NO_SHOW = "no-show"
    LEFT = "left"
    UNSERVED = "unserved"
    PARKED = "parked"
    TRANSFERRED = "transferred"
    OPEN = "open"


class Spell(msgspec.Struct, frozen=True, gc=False):
    """A stay in the line of `service`, from `joined`, and the one at `window` that followed, from `called`.

    `joined` is None where nobody waited: called while parked. `window` is None if no call came. `called` is
    None, with a window, if the visitor was there already, after the service before; then `joined` is the
    instant at which that ended. A repeated call does not count, so `called` is the first. `started` is None
    if service never began, and the call itself if a clerk finished a service without having started it.
    `ended` is the end of it all, or for an open one the last sign of life.
    """

    service: str
    joined: float | None
    window: str | None = None
    called: float | None = None
    started: float | None = None
    ended: float = math.nan
    ending: Ending = Ending.OPEN

    @property
    def waiting(self) -> bool:
        """In the line still."""
        return self.window is None and self.ending is Ending.OPEN

    @property
    def window_from(self) -> float | None:
        """Since when the window was taken; the walk to it counts."""
        if self.window is None:
            return None
        return self.joined if self.called is None else self.called


class Visit(msgspec.Struct, frozen=True, gc=False):
    """One ticket: what it was issued for and what became of it. `priority` is the one it had in the end."""

    ticket: str
    number: str
    services: tuple[str, ...]
    language: str
    priority: int
    issued: float
    spells: tuple[Spell, ...]

    @property
    def ending(self) -> Ending:
        """How the visit ended."""
        return self.spells[-1].ending

    @property
    def first_called(self) -> float | None:
        """When the first call came."""
        return next((spell.called for spell in self.spells if spell.called is not None), None)


class RecordedDay(msgspec.Struct, frozen=True):
    """One day of a journal, in a hall with this plan.

    It is seen from `began` to `ended`; `whole` if that holds all its opening hours. `staffed`: when somebody
    worked at each window. `full`: when no place was left to wait, so that who came got no ticket. `gaps`:
    how long each window that could have called somebody took to do so.
    """

    date: str
    plan: HallPlan
    opens: float
    closes: float
    began: float
    ended: float
    whole: bool
    visits: tuple[Visit, ...]
    staffed: dict[str, tuple[Span, ...]]
    full: tuple[Span, ...] = ()
    gaps: tuple[float, ...] = ()


def read_history(events: Iterable[e.Event]) -> list[RecordedDay]:
    """The days of one hall's journal, in order."""
    reader = _Reader()
    for event in events:
        reader.take(event)
    return reader.days()


BY_THE_CLOCK = (e.PlanAdopted, e.DayBegan, e.VisitorUnserved)
"""What happens although nobody does anything: no sign of life."""

SINCE_YESTERDAY = (math.nan, None)
"""A window that was not closed at night: since when somebody is there today shows its first step."""


class _Post:
    """A window today: when it was staffed (None: still), since when it has been idle although it could
    call, how long each such wait was, and the way back from its last step.
    """

    __slots__ = ("gaps", "idle", "last_sign", "staffed", "undo")

    def __init__(self, *, staffed: bool) -> None:
        self.staffed: tuple[tuple[float, float | None], ...] = (SINCE_YESTERDAY,) if staffed else ()
        self.gaps: tuple[float, ...] = ()
        self.idle: float | None = None
        self.last_sign = math.nan
        self.undo: Callable[[], None] | None = None

    @property
    def open(self) -> bool:
        """Whether somebody works here now."""
        return bool(self.staffed) and self.staffed[-1][1] is None

    def close(self, at: float) -> None:
        """Nobody works here any more."""
        self.idle = None
        if self.open:
            self.staffed = (*self.staffed[:-1], (self.staffed[-1][0], at))

    def spans(self, until: float) -> tuple[Span, ...]:
        """When it was staffed; what was not closed ended at `until`, what shows no length was not."""
        spans = ((start, until if end is None else end) for start, end in self.staffed)
        return tuple(span for span in spans if span[0] < span[1])


class _Reader:
    """Takes events one by one; knows the day that goes on, and keeps those that are over."""

    def __init__(self) -> None:
        self._days: list[RecordedDay] = []
        self._plan: HallPlan | None = None
        self._next_plan: HallPlan | None = None
        self._day: e.DayBegan | None = None
        self._midnight = self._opens = self._closes = self._last = 0.0
        self._visits: dict[str, Visit] = {}
        self._posts: dict[str, _Post] = {}
        self._lines: dict[str, int] = {}
        self._full: list[Span] = []
        self._full_since: float | None = None

    def take(self, event: e.Event) -> None:
        """What happened next."""
        if isinstance(event, e.PlanAdopted):
            self._adopt(event)
        elif isinstance(event, e.DayBegan):
            self._finish(over=True)
            self._begin(event)
        elif self._day is not None:
            at = self._minute(event.at)
            if not isinstance(event, BY_THE_CLOCK):
                self._last = max(self._last, at)
            _EFFECTS[type(event)](self, event, at)

    def days(self) -> list[RecordedDay]:
        """All days; the last one as far as the journal goes."""
        self._finish(over=False)
        return self._days

    # Days ----------------------------------------------------------------------------------------------

    def _minute(self, at: float) -> float:
        return (at - self._midnight) / SECONDS_A_MINUTE

    def _adopt(self, event: e.PlanAdopted) -> None:
        """A plan that comes in the night is the next day's."""
        self._next_plan = event.plan
        if self._day is None or event.at >= self._day.until:
            return
        self._plan, at = event.plan, self._minute(event.at)
        if event.opens is not None and event.closes is not None:
            self._opens, self._closes = self._minute(event.opens), self._minute(event.closes)
        for window, post in self._posts.items():
            if window not in event.plan.window:
                post.close(at)

    def _begin(self, event: e.DayBegan) -> None:
        assert self._next_plan is not None, "a journal begins with a plan"
        self._day, self._plan = event, self._next_plan
        # Counted from the opening: where the clocks changed in the night, it is still what the wall shows.
        self._midnight = event.opens - self._plan.opens * SECONDS_A_MINUTE
        self._opens, self._closes = self._minute(event.opens), self._minute(event.closes)
        self._last = self._minute(event.at)
        self._visits, self._lines, self._full, self._full_since = {}, {}, [], None
        self._posts = {
            window: _Post(staffed=post.open)
            for window, post in self._posts.items()
            if window in self._plan.window
        }

    def _finish(self, *, over: bool) -> None:
        """Close the book of the day; `over`: the next one has begun."""
        if self._day is None or self._plan is None:
            return
        began = self._minute(self._day.at)
        ended = self.over() if over else self._last
        if self._full_since is not None:
            self._full.append((self._full_since, ended))
        self._days.append(
            RecordedDay(
                date=self._day.day,
                plan=self._plan,
                opens=self._opens,
                closes=self._closes,
                began=began,
                ended=ended,
                whole=began <= self._opens and ended >= self._closes,
                visits=tuple(map(self._as_far_as_seen, self._visits.values())),
                staffed={
                    # Who forgot to close was there at least until the window's own last sign of life.
                    window: post.spans(post.last_sign if over else ended)
                    for window, post in self._posts.items()
                },
                full=tuple(self._full),
                gaps=tuple(gap for post in self._posts.values() for gap in post.gaps),
            )
        )

    def over(self) -> float:
        """When a day that was lived to its end was over."""
        return max(self._last, self._closes)

    def _as_far_as_seen(self, visit: Visit) -> Visit:
        """An open spell lasts until the day's last sign of life."""
        last = visit.spells[-1]
        if last.ending is not Ending.OPEN:
            return visit
        return replace(visit, spells=(*visit.spells[:-1], replace(last, ended=self._last)))

    # Visits --------------------------------------------------------------------------------------------

    def spell(self, ticket: str) -> Spell | None:
        """The visitor's last spell; None for one of the day before who was still at a window."""
        visit = self._visits.get(ticket)
        return visit.spells[-1] if visit else None

    def become(self, ticket: str, at: float, *spells: Spell) -> None:
        """`spells` take the place of the visit's last spell."""
        visit = self._visits.get(ticket)
        if visit is not None:
            self.put(replace(visit, spells=visit.spells[:-1] + spells), at)

    def put(self, visit: Visit, at: float) -> None:
        """Make `visit` the record of its ticket; the lines follow."""
        before = self._visits.get(visit.ticket)
        if before is not None and before.spells[-1].waiting:
            self._lines[before.spells[-1].service] -= 1
        self._visits[visit.ticket] = visit
        last = visit.spells[-1]
        if last.waiting:
            self._lines[last.service] = self._lines.get(last.service, 0) + 1
        self._watch_places(at)

    def visit(self, ticket: str) -> Visit | None:
        """The record of a ticket of this day."""
        return self._visits.get(ticket)

    def _watch_places(self, at: float) -> None:
        places = self._plan.waiting_places if self._plan else None
        full = places is not None and sum(self._lines.values()) >= places
        if full and self._full_since is None:
            self._full_since = at
        elif not full and self._full_since is not None:
            self._full.append((self._full_since, at))
            self._full_since = None

    # Windows -------------------------------------------------------------------------------------------

    def post(self, window: str) -> _Post:
        """What is known of a window today."""
        return self._posts.setdefault(window, _Post(staffed=False))

    def step(self, window: str, at: float, ticket: str | None = None) -> _Post:
        """A step at a window begins: keep the way back, and that somebody is there."""
        post, visit = self.post(window), self._visits.get(ticket) if ticket else None
        staffed, gaps, idle = post.staffed, post.gaps, post.idle

        def back() -> None:
            post.staffed, post.gaps, post.idle = staffed, gaps, idle
            if visit is not None:
                self.put(visit, at)

        post.undo, post.last_sign = back, at
        if post.staffed and post.staffed[-1] == SINCE_YESTERDAY:
            post.staffed = (*post.staffed[:-1], (at, None))
        return post

    def could_call(self, window: str) -> bool:
        """Whether somebody waits whom this window can serve."""
        plan = self._plan.window.get(window) if self._plan else None
        return plan is not None and any(self._lines.get(service) for service in plan.skills)


# What each event changes -------------------------------------------------------------------------------


def _issued(reader: _Reader, event: e.TicketIssued, at: float) -> None:
    first = Spell(event.services[0], at)
    reader.put(
        Visit(event.ticket, event.number, event.services, event.language, event.priority, at, (first,)), at
    )


def _gone(ending: Ending) -> Callable[[_Reader, Any, float], None]:
    """Out of the line, away from the window that had called, or not back from where they were parked."""

    def effect(reader: _Reader, event: e.TicketEvent, at: float) -> None:
        last = reader.spell(event.ticket)
        # Midnight tells of those unserved, who went home long before.
        ended = min(at, reader.over()) if ending is Ending.UNSERVED else at
        if last is not None and last.ending is Ending.OPEN:
            reader.become(event.ticket, at, replace(last, ended=ended, ending=ending))
        elif last is not None:
            reader.become(event.ticket, at, last, Spell(last.service, None, ended=ended, ending=ending))
        window = getattr(event, "window", None)
        if window is not None:
            post = reader.step(window, at)
            post.undo, post.idle = None, at if reader.could_call(window) else None

    return effect


def _returned(reader: _Reader, event: e.VisitorReturned, at: float) -> None:
    """Who had waited goes on waiting; who was called or parked begins to wait now."""
    last = reader.spell(event.ticket)
    if last is None:
        return
    if last.window is None and last.joined is not None:
        reader.become(event.ticket, at, replace(last, ended=math.nan, ending=Ending.OPEN))
    else:
        reader.become(event.ticket, at, last, Spell(last.service, at))


def _reprioritised(reader: _Reader, event: e.PriorityChanged, at: float) -> None:
    visit = reader.visit(event.ticket)
    if visit is not None:
        reader.put(replace(visit, priority=event.priority), at)


def _opened(reader: _Reader, event: e.WindowOpened, at: float) -> None:
    post = reader.step(event.window, at)
    post.staffed = (*post.staffed, (at, None))


def _unstaffed(reader: _Reader, event: e.WindowEvent, at: float) -> None:
    """Closed, or paused; a window that has a break can also be closed."""
    reader.step(event.window, at).close(at)


def _called(reader: _Reader, event: e.TicketCalled, at: float) -> None:
    post, last = reader.step(event.window, at, event.ticket), reader.spell(event.ticket)
    if post.idle is not None:
        post.gaps, post.idle = (*post.gaps, at - post.idle), None
    if last is not None and last.waiting:
        reader.become(event.ticket, at, replace(last, window=event.window, called=at))
    elif last is not None:
        reader.become(event.ticket, at, last, Spell(last.service, None, event.window, at))


def _recalled(reader: _Reader, event: e.TicketRecalled, at: float) -> None:
    """Nothing new, but nothing can be taken back any more."""
    reader.step(event.window, at).undo = None


def _started(reader: _Reader, event: e.ServiceStarted, at: float) -> None:
    reader.step(event.window, at, event.ticket)
    last = reader.spell(event.ticket)
    if last is not None:
        reader.become(event.ticket, at, replace(last, started=at))


def _finished(reader: _Reader, event: e.ServiceFinished, at: float) -> None:
    """Home, or on to the next service: here at once, or elsewhere through the line."""
    following: tuple[Spell, ...] = ()
    if not event.last:
        service = event.services[event.leg]
        here = Spell(service, at, event.window, started=at)
        following = (here if event.here else Spell(service, at),)
    _released(reader, event, at, Ending.SERVED, *following)
    if event.here:
        reader.post(event.window).idle = None


def _transferred(reader: _Reader, event: e.TicketTransferred, at: float) -> None:
    _released(reader, event, at, Ending.TRANSFERRED, Spell(event.service, at))


def _ended(ending: Ending) -> Callable[[_Reader, Any, float], None]:
    def effect(reader: _Reader, event: e.VisitEvent, at: float) -> None:
        _released(reader, event, at, ending)

    return effect


def _released(reader: _Reader, event: e.VisitEvent, at: float, ending: Ending, *following: Spell) -> None:
    """The window has done with its visitor."""
    post, last = reader.step(event.window, at, event.ticket), reader.spell(event.ticket)
    if last is not None:
        begun = last.started
        if begun is None and ending is Ending.SERVED:  # finished without a start: since the call
            begun = last.window_from
        reader.become(event.ticket, at, replace(last, started=begun, ended=at, ending=ending), *following)
    post.idle = at if reader.could_call(event.window) else None


def _unparked(reader: _Reader, event: e.TicketUnparked, at: float) -> None:
    last = reader.spell(event.ticket)
    if last is not None:
        reader.become(event.ticket, at, last, Spell(last.service, at))


def _undone(reader: _Reader, event: e.StepUndone, at: float) -> None:
    """As before the step."""
    post = reader.post(event.window)
    if post.undo is not None:
        post.undo()
    post.undo, post.last_sign = None, at


def _nothing(_reader: _Reader, _event: e.Event, _at: float) -> None:
    """It changes nothing that a history tells."""


_EFFECTS: dict[type[e.Event], Callable[[_Reader, Any, float], None]] = {
    e.TicketIssued: _issued,
    e.VisitorLeft: _gone(Ending.LEFT),
    e.VisitorReturned: _returned,
    e.VisitorUnserved: _gone(Ending.UNSERVED),
    e.TicketMovedBack: _nothing,
    e.PriorityChanged: _reprioritised,
    e.WindowOpened: _opened,
    e.WindowClosed: _unstaffed,
    e.WindowPaused: _unstaffed,
    e.NobodyCalled: _nothing,
    e.TicketCalled: _called,
    e.TicketRecalled: _recalled,
    e.ServiceStarted: _started,
    e.ServiceFinished: _finished,
    e.VisitorMissed: _ended(Ending.NO_SHOW),
    e.TicketParked: _ended(Ending.PARKED),
    e.TicketUnparked: _unparked,
    e.TicketTransferred: _transferred,
    e.StepUndone: _undone,
}
