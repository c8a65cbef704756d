"""What each event changes: one short function per event, one table of them all.

An effect trusts its event: whatever had to be decided was decided before. Every change of a ticket goes
through `_put`, which keeps the lines in step, and every change at a window through `_step`, which keeps
the records of before so that the step can be undone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from vikno.queue import events as e
from vikno.queue.lifecycle import LIFE, Step, TicketState
from vikno.queue.line import Line
from vikno.queue.records import LastStep, Ticket, Window, WindowState
from vikno.queue.state import Day

if TYPE_CHECKING:
    from vikno.queue.hall import Hall


def _put(hall: Hall, ticket: Ticket) -> None:
    """Make `ticket` the record of its identifier; the lines follow."""
    before = hall.tickets.get(ticket.id)
    if before is not None and before.waiting:
        hall.lines[before.service].remove(before)
        hall.waiting -= 1
    hall.tickets[ticket.id] = ticket
    if ticket.waiting:
        hall.lines[ticket.service].add(ticket)
        hall.waiting += 1


def _moved(ticket: Ticket, step: Step, at: float, **changes: Any) -> Ticket:
    """The ticket after a step of its life."""
    return replace(ticket, state=LIFE[step][ticket.state], since=at, **changes)


def _step(hall: Hall, step: str, before: Window, after: Window, ticket: Ticket | None = None) -> None:
    """A window's step: its new record, the new record of its ticket, and the way back."""
    old = None
    if ticket is not None:
        old = hall.tickets[ticket.id]
        _put(hall, ticket)
    last = LastStep(step, after.since, replace(before, last_step=None), old, ticket)
    hall.windows[before.id] = replace(after, last_step=last)


# The hall itself ---------------------------------------------------------------------------------------


def plan_adopted(hall: Hall, event: e.PlanAdopted) -> None:
    """Windows and lines that stay keep what they hold; what belonged to the old plan is not undone."""
    hall.adopted = event.plan
    if hall.day and event.opens is not None and event.closes is not None:
        hall.day = replace(hall.day, opens=event.opens, closes=event.closes)
    hall.windows = {
        w.id: replace(hall.windows.get(w.id, Window(w.id, since=event.at)), last_step=None)
        for w in event.plan.windows
    }
    hall.lines = {s.id: hall.lines.get(s.id, Line()) for s in event.plan.services}


def day_began(hall: Hall, event: e.DayBegan) -> None:
    """Numbers start again; only who is at a window at midnight stays."""
    hall.day = Day(event.day, event.opens, event.closes, event.until)
    hall.issued, hall.numbers = 0, {}
    hall.tickets = {t.id: t for t in hall.tickets.values() if t.at_window}
    hall.windows = {
        w.id: Window(w.id, state=w.state, since=w.since, ticket=w.ticket) for w in hall.windows.values()
    }


# Tickets -----------------------------------------------------------------------------------------------


def ticket_issued(hall: Hall, event: e.TicketIssued) -> None:
    """A new record at the end of its line."""
    prefix = hall.plan.service[event.services[0]].prefix
    hall.numbers[prefix] = hall.numbers.get(prefix, 0) + 1
    hall.issued += 1
    _put(
        hall,
        Ticket(
            event.ticket,
            event.number,
            event.services,
            event.language,
            event.priority,
            issued=event.at,
            since=event.at,
            place=event.at,
        ),
    )


def visitor_left(hall: Hall, event: e.VisitorLeft) -> None:
    """Out of the line, or away from the window that had called."""
    _put(hall, _moved(hall.tickets[event.ticket], Step.LEAVE, event.at))
    if event.window is not None:
        hall.windows[event.window] = replace(
            hall.windows[event.window], ticket=None, since=event.at, last_step=None
        )


def visitor_returned(hall: Hall, event: e.VisitorReturned) -> None:
    """Back at the old place."""
    _put(hall, _moved(hall.tickets[event.ticket], Step.RETURN, event.at, window=None))


def visitor_unserved(hall: Hall, event: e.VisitorUnserved) -> None:
    """The day is over for them."""
    _put(hall, _moved(hall.tickets[event.ticket], Step.CLOSE_OF_DAY, event.at))


def ticket_moved_back(hall: Hall, event: e.TicketMovedBack) -> None:
    """The same state, a later place."""
    _put(hall, replace(hall.tickets[event.ticket], place=event.place))


def priority_changed(hall: Hall, event: e.PriorityChanged) -> None:
    """The same state, another level."""
    _put(hall, replace(hall.tickets[event.ticket], priority=event.priority))


# Windows -----------------------------------------------------------------------------------------------


def _window_state(state: WindowState, step: str) -> Callable[[Hall, Any], None]:
    def effect(hall: Hall, event: e.WindowEvent) -> None:
        before = hall.windows[event.window]
        _step(hall, step, before, replace(before, state=state, since=event.at))

    return effect


def nobody_called(hall: Hall, event: e.NobodyCalled) -> None:
    """Nothing to remember but that it was asked."""


def ticket_called(hall: Hall, event: e.TicketCalled) -> None:
    """The visitor belongs to the window."""
    before, old = hall.windows[event.window], hall.tickets[event.ticket]
    ticket = _moved(
        old,
        Step.CALL,
        event.at,
        called=event.at,
        first_called=event.at if old.first_called is None else old.first_called,
        calls=1,
        window=event.window,
        why=event.why,
    )
    _step(hall, Step.CALL, before, replace(before, ticket=ticket.id, since=event.at), ticket)


def ticket_recalled(hall: Hall, event: e.TicketRecalled) -> None:
    """Counted, and the call's own undo is over: it was heard twice."""
    old = hall.tickets[event.ticket]
    _put(hall, replace(old, calls=old.calls + 1, called=event.at))
    hall.windows[event.window] = replace(hall.windows[event.window], last_step=None)


def service_started(hall: Hall, event: e.ServiceStarted) -> None:
    """Serving begins."""
    before = hall.windows[event.window]
    ticket = _moved(hall.tickets[event.ticket], Step.START, event.at)
    _step(hall, Step.START, before, replace(before, since=event.at), ticket)


def service_finished(hall: Hall, event: e.ServiceFinished) -> None:
    """Home, or on to the next leg: here at once, or elsewhere through the line."""
    before, old = hall.windows[event.window], hall.tickets[event.ticket]
    seconds = before.serving_seconds + event.at - old.since
    after = replace(before, ticket=None, since=event.at, served=before.served + 1, serving_seconds=seconds)
    if event.last:
        ticket = _moved(old, Step.FINISH, event.at)
    elif event.here:
        ticket = _moved(old, Step.NEXT_LEG_HERE, event.at, services=event.services, leg=event.leg)
        after = replace(after, ticket=old.id)
    else:
        ticket = _moved(
            old, Step.NEXT_LEG_ELSEWHERE, event.at, services=event.services, leg=event.leg, window=None
        )
    _step(hall, Step.FINISH, before, after, ticket)


def _release(hall: Hall, step: Step, event: e.VisitEvent, **changes: Any) -> None:
    """The visitor leaves the window without the leg being done; a service begun counts as work."""
    before, old = hall.windows[event.window], hall.tickets[event.ticket]
    worked = event.at - old.since if old.state is TicketState.SERVING else 0.0
    after = replace(
        before,
        ticket=None,
        since=event.at,
        no_shows=before.no_shows + (step is Step.MISS),
        serving_seconds=before.serving_seconds + worked,
    )
    _step(hall, step, before, after, _moved(old, step, event.at, **changes))


def visitor_missed(hall: Hall, event: e.VisitorMissed) -> None:
    """Gone, and counted."""
    _release(hall, Step.MISS, event)


def ticket_parked(hall: Hall, event: e.TicketParked) -> None:
    """Aside; the record still names the window that knows why."""
    _release(hall, Step.PARK, event)


def ticket_transferred(hall: Hall, event: e.TicketTransferred) -> None:
    """In another line, at the old place."""
    old = hall.tickets[event.ticket]
    services = (*old.services[: old.leg], event.service, *old.services[old.leg + 1 :])
    _release(hall, Step.TRANSFER, event, services=services, window=None)


def ticket_unparked(hall: Hall, event: e.TicketUnparked) -> None:
    """Back in the line."""
    _put(hall, _moved(hall.tickets[event.ticket], Step.UNPARK, event.at, window=None))


def step_undone(hall: Hall, event: e.StepUndone) -> None:
    """The records of before, to the letter."""
    last = hall.windows[event.window].last_step
    if last is None:
        raise LookupError(f"step-undone at window {event.window}: there is no step to undo")
    if last.ticket is not None:
        _put(hall, last.ticket)
    hall.windows[event.window] = last.window


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
