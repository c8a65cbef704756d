"""What each event changes: one short function per event, one table of them all.

An effect trusts its event: whatever had to be decided was decided before. A ticket that enters or leaves a
line goes through `_put`, which keeps the lines in step; each step of a window keeps the records of before
it, so that it can be undone. The three steps of every visit (call, start, finish) spell out what the rare
ones leave to helpers: a simulation lives through them millions of times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from vikno.queue import events as e
from vikno.queue.lifecycle import LIFE, Step, TicketState
from vikno.queue.line import Entry
from vikno.queue.records import WAITING, LastStep, Ticket, Window, WindowState
from vikno.queue.state import Day

if TYPE_CHECKING:
    from vikno.queue.hall import Hall


# Each kind of step and state by a name of this module: to find a member of an Enum takes as long as to
# make a record, and these are looked up at every event of every hall.
CALL, START, FINISH, MISS, PARK = Step.CALL, Step.START, Step.FINISH, Step.MISS, Step.PARK
NEXT_LEG_HERE, NEXT_LEG_ELSEWHERE = Step.NEXT_LEG_HERE, Step.NEXT_LEG_ELSEWHERE
SERVING = TicketState.SERVING
AFTER_CALL, AFTER_START, AFTER_FINISH = LIFE[CALL], LIFE[START], LIFE[FINISH]


def _put(hall: Hall, old: Ticket | None, ticket: Ticket) -> None:
    """Let `ticket` take the place of the record `old`; the lines follow.

    In before out: who only moves within a line must not leave it empty, for an empty line forgets.
    """
    hall.tickets[ticket.id] = ticket
    if ticket.state is WAITING:
        hall.lines[ticket.services[ticket.leg]].add(ticket)
        hall.waiting += 1
    if old is not None and old.state is WAITING:
        hall.lines[old.services[old.leg]].remove(old)
        hall.waiting -= 1


def _moved(ticket: Ticket, step: Step, at: float, **changes: Any) -> Ticket:
    """The ticket after a step of its life."""
    return replace(ticket, state=LIFE[step][ticket.state], since=at, **changes)


# The hall itself ---------------------------------------------------------------------------------------


def plan_adopted(hall: Hall, event: e.PlanAdopted) -> None:
    """Windows and lines that stay keep what they hold; what belonged to the old plan is not undone."""
    hall.adopt(event.plan)
    if hall.day and event.opens is not None and event.closes is not None:
        hall.day = replace(hall.day, opens=event.opens, closes=event.closes)
    hall.windows = {w.id: hall.windows.get(w.id, Window(w.id, since=event.at)) for w in event.plan.windows}
    hall.last_steps = {}


def day_began(hall: Hall, event: e.DayBegan) -> None:
    """Numbers start again; only who is at a window at midnight stays."""
    hall.day = Day(event.day, event.opens, event.closes, event.until)
    hall.issued, hall.numbers, hall.last_steps = 0, {}, {}
    hall.tickets = {t.id: t for t in hall.tickets.values() if t.at_window}
    hall.windows = {
        w.id: Window(w.id, state=w.state, since=w.since, ticket=w.ticket) for w in hall.windows.values()
    }


# Tickets -----------------------------------------------------------------------------------------------


def ticket_issued(hall: Hall, event: e.TicketIssued) -> None:
    """A new record at the end of its line."""
    services, issued = event.services, event.at
    since = place = issued
    ticket = Ticket(
        event.ticket, event.number, services, event.language, event.priority, issued, since, place
    )
    prefix = hall.services[services[0]].prefix
    hall.numbers[prefix] = hall.numbers.get(prefix, 0) + 1
    hall.issued += 1
    hall.tickets[event.ticket] = ticket
    hall.lines[services[0]].add(ticket)
    hall.waiting += 1


def visitor_left(hall: Hall, event: e.VisitorLeft) -> None:
    """Out of the line, or away from the window that had called."""
    old = hall.tickets[event.ticket]
    _put(hall, old, _moved(old, Step.LEAVE, event.at))
    if event.window is not None:
        hall.windows[event.window] = replace(hall.windows[event.window], ticket=None, since=event.at)
        hall.last_steps.pop(event.window, None)


def visitor_returned(hall: Hall, event: e.VisitorReturned) -> None:
    """Back at the old place."""
    old = hall.tickets[event.ticket]
    _put(hall, old, _moved(old, Step.RETURN, event.at, window=None))


def visitor_unserved(hall: Hall, event: e.VisitorUnserved) -> None:
    """The day is over for them."""
    old = hall.tickets[event.ticket]
    _put(hall, old, _moved(old, Step.CLOSE_OF_DAY, event.at))


def ticket_moved_back(hall: Hall, event: e.TicketMovedBack) -> None:
    """The same state, a later place."""
    old = hall.tickets[event.ticket]
    _put(hall, old, replace(old, place=event.place))


def priority_changed(hall: Hall, event: e.PriorityChanged) -> None:
    """The same state, another level."""
    old = hall.tickets[event.ticket]
    _put(hall, old, replace(old, priority=event.priority))


# Windows -----------------------------------------------------------------------------------------------


def _window_state(state: WindowState, step: str) -> Callable[[Hall, Any], None]:
    def effect(hall: Hall, event: e.WindowEvent) -> None:
        before = hall.windows[event.window]
        hall.windows[before.id] = replace(before, state=state, since=event.at)
        hall.last_steps[before.id] = LastStep(step, event.at, before, None, None)

    return effect


def nobody_called(hall: Hall, event: e.NobodyCalled) -> None:
    """Nothing to remember but that it was asked."""


def ticket_called(hall: Hall, event: e.TicketCalled) -> None:
    """The visitor belongs to the window."""
    at, window, why, old = event.at, event.window, event.why, hall.tickets[event.ticket]
    if old.state is WAITING:
        hall.lines[old.services[old.leg]].remove(old)
        hall.waiting -= 1
    if why.overtook:
        for line in hall.lines_at[window]:
            line.overtake((old.place, old.id))
    first, state, before = old.first_called or at, AFTER_CALL[old.state], hall.windows[window]
    ticket = replace(
        old, state=state, since=at, called=at, first_called=first, calls=1, window=window, why=why
    )
    hall.tickets[event.ticket] = ticket
    hall.windows[window] = replace(before, ticket=event.ticket, since=at)
    if hall.keeps_steps:
        hall.last_steps[window] = LastStep(CALL, at, before, old, ticket, _overtakers(hall, old))


def _overtakers(hall: Hall, called: Ticket) -> tuple[Entry, ...]:
    """Who has overtaken somebody who has just left the line; the line still knows."""
    if called.state is not WAITING:
        return ()
    return hall.lines[called.service].overtakers((called.place, called.id))


def ticket_recalled(hall: Hall, event: e.TicketRecalled) -> None:
    """Counted, and the call's own undo is over: it was heard twice."""
    old = hall.tickets[event.ticket]
    _put(hall, old, replace(old, calls=old.calls + 1, called=event.at))
    hall.last_steps.pop(event.window, None)


def service_started(hall: Hall, event: e.ServiceStarted) -> None:
    """Serving begins."""
    at, window, old = event.at, event.window, hall.tickets[event.ticket]
    before = hall.windows[window]
    hall.tickets[event.ticket] = ticket = replace(old, state=AFTER_START[old.state], since=at)
    hall.windows[window] = replace(before, since=at)
    if hall.keeps_steps:
        hall.last_steps[window] = LastStep(START, at, before, old, ticket)


def service_finished(hall: Hall, event: e.ServiceFinished) -> None:
    """Home, or on to the next leg: here at once, or elsewhere through the line."""
    at, window, old = event.at, event.window, hall.tickets[event.ticket]
    before = hall.windows[window]
    served, seconds = before.served + 1, before.serving_seconds + at - old.since
    if not event.services:
        hall.tickets[event.ticket] = ticket = replace(old, state=AFTER_FINISH[old.state], since=at)
    else:
        step, stays = (NEXT_LEG_HERE, window) if event.here else (NEXT_LEG_ELSEWHERE, None)
        ticket = _moved(old, step, at, services=event.services, leg=event.leg, window=stays)
        _put(hall, old, ticket)
    held = event.ticket if event.here else None
    hall.windows[window] = replace(before, ticket=held, since=at, served=served, serving_seconds=seconds)
    if hall.keeps_steps:
        hall.last_steps[window] = LastStep(FINISH, at, before, old, ticket)


def _release(hall: Hall, step: Step, event: e.VisitEvent, **changes: Any) -> None:
    """The visitor leaves the window without the leg being done; a service begun counts as work."""
    before, old = hall.windows[event.window], hall.tickets[event.ticket]
    worked = event.at - old.since if old.state is SERVING else 0.0
    after = replace(
        before,
        ticket=None,
        since=event.at,
        no_shows=before.no_shows + (step is MISS),
        serving_seconds=before.serving_seconds + worked,
    )
    ticket = _moved(old, step, event.at, **changes)
    _put(hall, old, ticket)
    hall.windows[before.id] = after
    hall.last_steps[before.id] = LastStep(step, event.at, before, old, ticket)


def visitor_missed(hall: Hall, event: e.VisitorMissed) -> None:
    """Gone, and counted."""
    _release(hall, MISS, event)


def ticket_parked(hall: Hall, event: e.TicketParked) -> None:
    """Aside; the record still names the window that knows why."""
    _release(hall, PARK, event)


def ticket_transferred(hall: Hall, event: e.TicketTransferred) -> None:
    """In another line, at the old place."""
    old = hall.tickets[event.ticket]
    services = (*old.services[: old.leg], event.service, *old.services[old.leg + 1 :])
    _release(hall, Step.TRANSFER, event, services=services, window=None)


def ticket_unparked(hall: Hall, event: e.TicketUnparked) -> None:
    """Back in the line."""
    old = hall.tickets[event.ticket]
    _put(hall, old, _moved(old, Step.UNPARK, event.at, window=None))


def step_undone(hall: Hall, event: e.StepUndone) -> None:
    """The records of before, to the letter."""
    last = hall.last_steps.pop(event.window, None)
    if last is None:
        raise LookupError(f"step-undone at window {event.window}: there is no step to undo")
    if last.ticket is not None:
        _put(hall, hall.tickets[last.ticket.id], last.ticket)
        if last.step == CALL:
            _take_call_back(hall, last.ticket, last)
    hall.windows[event.window] = last.window


def _take_call_back(hall: Hall, called: Ticket, last: LastStep) -> None:
    """Nobody was overtaken by it, and who was called is as overtaken as before."""
    for line in hall.lines_at[last.window.id]:
        line.take_back((called.place, called.id))
    if last.overtakers:
        hall.lines[called.service].remember(last.overtakers)


EFFECTS: dict[type[e.Event], Callable[[Hall, Any], None]] = {
    e.PlanAdopted: plan_adopted,
    e.DayBegan: day_began,
    e.TicketIssued: ticket_issued,
    e.VisitorLeft: visitor_left,
    e.VisitorReturned: visitor_returned,
    e.VisitorUnserved: visitor_unserved,
    e.TicketMovedBack: ticket_moved_back,
    e.PriorityChanged: priority_changed,
    e.WindowOpened: _window_state(WindowState.OPEN, "open"),
    e.WindowClosed: _window_state(WindowState.CLOSED, "close"),
    e.WindowPaused: _window_state(WindowState.PAUSED, "pause"),
    e.NobodyCalled: nobody_called,
    e.TicketCalled: ticket_called,
    e.TicketRecalled: ticket_recalled,
    e.ServiceStarted: service_started,
    e.ServiceFinished: service_finished,
    e.VisitorMissed: visitor_missed,
    e.TicketParked: ticket_parked,
    e.TicketUnparked: ticket_unparked,
    e.TicketTransferred: ticket_transferred,
    e.StepUndone: step_undone,
}
