"""What each command makes happen: one short function per command, one table of them all.

A function looks at the hall, refuses with a `CommandRefused` or returns the events. It never changes
anything. Conditions that many commands share are the small `_…` functions at the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.errors import CommandRefused
from vikno.queue.lifecycle import LIFE, Step, TicketState
from vikno.queue.line import Entry
from vikno.queue.plan import Service
from vikno.queue.policy import why_overtaking
from vikno.queue.records import Ticket, Window, WindowState

if TYPE_CHECKING:
    from vikno.queue.hall import Hall

Events = tuple[e.Event, ...]

# By names of this module: to find a member of an Enum takes as long as to make an event.
START, FINISH, OPEN = Step.START, Step.FINISH, WindowState.OPEN
MAY_FINISH = LIFE[FINISH]


# The hall itself ---------------------------------------------------------------------------------------


def adopt_plan(hall: Hall, command: c.AdoptPlan) -> Events:
    """A new plan may not drop what people in the hall still need."""
    plan = command.plan
    if plan == hall.adopted:
        return ()
    for ticket in hall.tickets.values():
        if not ticket.over:
            for service in ticket.services[ticket.leg :]:
                if service not in plan.service:
                    raise CommandRefused(
                        "in-use",
                        f"service {service!r} is gone from the plan but ticket {ticket.number} needs it; "
                        "keep it until the day is over",
                        field="services",
                    )
    for window in hall.windows.values():
        if window.ticket and window.id not in plan.window:
            raise CommandRefused(
                "in-use",
                f"window {window.id!r} is gone from the plan but serves a visitor; let it finish first",
                field="windows",
            )
    if hall.day is None:
        return (e.PlanAdopted(command.at, plan),)
    day, zone = date.fromisoformat(hall.day.date), ZoneInfo(plan.time_zone)
    opens, closes = (instant(day, minutes, zone) for minutes in (plan.opens, plan.closes))
    return (e.PlanAdopted(command.at, plan, opens, closes),)


def begin_day(hall: Hall, command: c.BeginDay) -> Events:
    """The local date of the instant, and the instants at which it opens, closes and ends."""
    plan = hall.adopted
    if plan is None:
        raise LookupError("this hall has no plan yet; AdoptPlan comes first")
    zone = ZoneInfo(plan.time_zone)
    day = datetime.fromtimestamp(command.at, zone).date()
    if hall.day is not None and command.at < hall.day.until:
        raise CommandRefused("wrong-state", f"the day {hall.day.date} is not over yet")
    began = e.DayBegan(
        command.at,
        day=day.isoformat(),
        opens=instant(day, plan.opens, zone),
        closes=instant(day, plan.closes, zone),
        until=instant(day + timedelta(days=1), 0, zone),
    )
    return (*_unserved(hall, command.at, LIFE[Step.CLOSE_OF_DAY]), began)


def send_home(hall: Hall, command: c.SendHome) -> Events:
    """Only a hall that closes its doors on those still waiting does this; who is parked may finish."""
    if hall.plan.after_close != "leave" or hall.day is None or command.at < hall.day.closes:
        raise CommandRefused("wrong-state", "this hall does not send anybody home now")
    return _unserved(hall, command.at, (TicketState.WAITING,))


def _unserved(hall: Hall, at: float, states: Collection[TicketState]) -> Events:
    return tuple(e.VisitorUnserved(at, t.id) for t in hall.tickets.values() if t.state in states)


def instant(day: date, minutes: int, zone: ZoneInfo) -> float:
    """POSIX seconds of a wall-clock time, in minutes after midnight (1440: the next midnight).

    Where a clock change repeats the time, the first; where it skips it, as long after midnight as if it did
    not (PEP 495, fold 0).
    """
    days, rest = divmod(minutes, 24 * 60)
    wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), zone)
    return wall.timestamp()


# Tickets -----------------------------------------------------------------------------------------------


def issue_ticket(hall: Hall, command: c.IssueTicket) -> Events:
    """A number for a visitor, while the hall is open and has room."""
    day, at, ticket, services = hall.day, command.at, command.ticket, command.services
    service = hall.services.get(services[0]) if len(services) == 1 else None
    if service is None:
        service = _known_services(hall, services)
    if command.priority:
        _known_priority(hall, command.priority)
    if day is None or not day.opens <= at < day.closes or hall.waiting >= hall.places:
        _room_for_visitors(hall, at)
    if hall.issued >= hall.limits.tickets_a_day_max:
        most = hall.limits.tickets_a_day_max
        raise CommandRefused("day-full", f"all {most} tickets of today are gone")
    if ticket in hall.tickets:
        raise CommandRefused(
            "ticket-exists", "this ticket identifier is taken; use a new one", field="ticket"
        )
    prefix, line = service.prefix, hall.lines[service.id]
    number = f"{prefix}{hall.numbers.get(prefix, 0) + 1}"
    language = command.language or hall.plan.languages[0]
    ahead = line.size  # of nobody, and nearly always of all
    if ahead:
        ahead = line.ahead(command.priority, (at, ticket), priority_first=hall.policy.priority_first)
    return (e.TicketIssued(at, ticket, number, services, language, command.priority, ahead),)


def _known_services(hall: Hall, services: tuple[str, ...]) -> Service:
    """The first of them; each must be one of this hall."""
    known = hall.plan.service
    if not services:
        raise CommandRefused("no-service", "a ticket needs at least one service", field="services")
    if len(services) > hall.limits.services_a_ticket_max:
        most = hall.limits.services_a_ticket_max
        raise CommandRefused("too-many-services", f"a ticket holds at most {most} services", field="services")
    for service in services:
        if service not in known:
            raise CommandRefused("unknown-service", _no_such_service(hall, service), field="services")
    if len(set(services)) < len(services):
        raise CommandRefused("service-twice", "name each service once", field="services")
    return known[services[0]]


def _no_such_service(hall: Hall, service: str) -> str:
    return f"this hall has no service {service!r}; it has {', '.join(hall.plan.service)}"


def _known_priority(hall: Hall, priority: int) -> None:
    most = hall.limits.priority_max
    if abs(priority) > most:
        raise CommandRefused("bad-priority", f"priority goes from {-most} to {most}", field="priority")


def _room_for_visitors(hall: Hall, at: float) -> None:
    day, plan = hall.day, hall.plan
    if day is None or not day.opens <= at < day.closes:
        hours = f"{plan.opens // 60:02}:{plan.opens % 60:02} to {plan.closes // 60:02}:{plan.closes % 60:02}"
        raise CommandRefused("hall-closed", f"the hall is closed; tickets are issued from {hours}")
    if hall.waiting >= hall.places:
        raise CommandRefused("hall-full", f"all {hall.places} waiting places are taken; come back later")


def leave(hall: Hall, command: c.Leave) -> Events:
    """The visitor goes; a window that had called them is free again."""
    ticket = _ticket(hall, command.ticket)
    _may(ticket, Step.LEAVE)
    return (e.VisitorLeft(command.at, ticket.id, window=ticket.window if ticket.at_window else None),)


def return_to_line(hall: Hall, command: c.ReturnToLine) -> Events:
    """A visitor who pressed "leave" by mistake gets their place again."""
    ticket = _ticket(hall, command.ticket)
    _may(ticket, Step.RETURN)
    if command.at - ticket.since > hall.limits.return_seconds:
        minutes = hall.limits.return_seconds / 60
        raise CommandRefused(
            "too-late", f"leaving can be taken back for {minutes:g} minutes; take a new ticket"
        )
    gone = [service for service in ticket.services[ticket.leg :] if service not in hall.plan.service]
    if gone:
        raise CommandRefused("too-late", f"{gone[0]} is no longer served here; take a new ticket")
    return (e.VisitorReturned(command.at, ticket.id),)


def move_back(hall: Hall, command: c.MoveBack) -> Events:
    """Behind the next few of the same line, and before whoever comes after those."""
    ticket = _ticket(hall, command.ticket)
    _may(ticket, Step.MOVE_BACK)
    if not 1 <= command.places <= hall.limits.waiting_max:
        raise CommandRefused("bad-places", "let at least one visitor pass", field="places")
    behind = hall.lines[ticket.service].behind(ticket, priority_first=hall.policy.priority_first)
    if not behind:
        raise CommandRefused("nobody-behind", "nobody waits behind this ticket; it is the last already")
    place, passed = _later_place(behind, command.places, command.at)
    return (e.TicketMovedBack(command.at, ticket.id, place=place, passed=passed),)


def _later_place(behind: list[Entry], places: int, at: float) -> tuple[float, int]:
    """A place behind `places` others, and how many pass: more where no number lies before the next one."""
    for passed in range(places, len(behind)):
        last, following = behind[passed - 1][0], behind[passed][0]
        middle = (last + following) / 2
        if last < middle < following:
            return middle, passed
    last = behind[-1][0]
    return at if at > last else math.nextafter(last, math.inf), len(behind)


def change_priority(hall: Hall, command: c.ChangePriority) -> Events:
    """Another level for somebody who still waits."""
    ticket = _ticket(hall, command.ticket)
    _may(ticket, Step.REPRIORITISE)
    _known_priority(hall, command.priority)
    return (e.PriorityChanged(command.at, ticket.id, priority=command.priority),)


# Windows -----------------------------------------------------------------------------------------------


def open_window(hall: Hall, command: c.OpenWindow) -> Events:
    """Opening what is open changes nothing and is no error: a clerk signs in twice."""
    window = _window(hall, command.window)
    return () if window.state is WindowState.OPEN else (e.WindowOpened(command.at, window.id),)


def close_window(hall: Hall, command: c.CloseWindow) -> Events:
    """A visitor is finished first."""
    window = _window(hall, command.window)
    _without_visitor(hall, window)
    return () if window.state is WindowState.CLOSED else (e.WindowClosed(command.at, window.id),)


def pause_window(hall: Hall, command: c.PauseWindow) -> Events:
    """A visitor is finished first."""
    window = _window(hall, command.window)
    _without_visitor(hall, window)
    if window.state is WindowState.CLOSED:
        raise CommandRefused("window-closed", f"window {window.id} is closed; only an open one has a break")
    return () if window.state is WindowState.PAUSED else (e.WindowPaused(command.at, window.id),)


def call_next(hall: Hall, command: c.CallNext) -> Events:
    """The policy chooses; its reason is kept even when it names nobody."""
    at, window = command.at, command.window
    found = hall.windows.get(window)
    if found is None or found.ticket is not None or found.state is not OPEN:
        _free(hall, window)
    choice = hall.policy.choose(hall, window, at)
    if choice.ticket is None:
        return (e.NobodyCalled(at, window, choice.why),)
    return (e.TicketCalled(at, window, choice.ticket, choice.why),)


def call_chosen(hall: Hall, command: c.CallChosen) -> Events:
    """The clerk chooses; whom that overtakes is kept with the call."""
    window = _free(hall, command.window)
    ticket = _ticket(hall, command.ticket)
    if ticket.state not in LIFE[Step.CALL]:
        raise CommandRefused("not-waiting", f"ticket {ticket.number} is {ticket.state} and cannot be called")
    _skilled(hall, window, ticket.service)
    why = why_overtaking(hall, window.id, ticket, command.at, policy="clerk", rule="chosen-by-clerk")
    return (e.TicketCalled(command.at, window.id, ticket.id, why=why),)


def recall(hall: Hall, command: c.Recall) -> Events:
    """The same call once more."""
    ticket = _visit(hall, command.window, Step.RECALL)
    return (e.TicketRecalled(command.at, command.window, ticket.id),)


def start_service(hall: Hall, command: c.StartService) -> Events:
    """The visitor stands at the window."""
    return (e.ServiceStarted(command.at, command.window, _visit(hall, command.window, START).id),)


def finish_service(hall: Hall, command: c.FinishService) -> Events:
    """The next leg is one this window can do, whatever its turn; else the first that is left, elsewhere."""
    at, window = command.at, command.window
    found = hall.windows.get(window)
    ticket = hall.tickets[found.ticket] if found is not None and found.ticket is not None else None
    if ticket is None or ticket.state not in MAY_FINISH:
        ticket = _visit(hall, window, FINISH)
    if len(ticket.services) == ticket.leg + 1:
        return (e.ServiceFinished(at, window, ticket.id),)
    done, rest = ticket.services[: ticket.leg + 1], ticket.services[ticket.leg + 1 :]
    skills = hall.plan.window[window].skills
    following = next((service for service in rest if service in skills), rest[0])
    services = (*done, following, *(service for service in rest if service != following))
    return (
        e.ServiceFinished(at, window, ticket.id, services=services, leg=len(done), here=following in skills),
    )


def miss_visitor(hall: Hall, command: c.MissVisitor) -> Events:
    """Called, and not there."""
    ticket = _visit(hall, command.window, Step.MISS)
    return (e.VisitorMissed(command.at, command.window, ticket.id),)


def park_visitor(hall: Hall, command: c.ParkVisitor) -> Events:
    """Parked stays parked until somebody says otherwise."""
    ticket = _visit(hall, command.window, Step.PARK)
    return (e.TicketParked(command.at, command.window, ticket.id),)


def unpark_visitor(hall: Hall, command: c.UnparkVisitor) -> Events:
    """Any window may do it: the clerk who parked them may have gone home."""
    window = _window(hall, command.window)
    ticket = _ticket(hall, command.ticket)
    _may(ticket, Step.UNPARK)
    return (e.TicketUnparked(command.at, window.id, ticket.id),)


def transfer_visitor(hall: Hall, command: c.TransferVisitor) -> Events:
    """The present leg becomes one of another service."""
    ticket = _visit(hall, command.window, Step.TRANSFER)
    if command.service not in hall.plan.service:
        raise CommandRefused("unknown-service", _no_such_service(hall, command.service), field="service")
    if command.service in ticket.services[ticket.leg + 1 :]:
        raise CommandRefused(
            "service-twice",
            f"ticket {ticket.number} goes to {command.service} next anyway; finish this one",
            field="service",
        )
    return (e.TicketTransferred(command.at, command.window, ticket.id, service=command.service),)


def undo_step(hall: Hall, command: c.UndoStep) -> Events:
    """Only the window's last step, only for seconds, and only while its ticket is as the step left it."""
    window = _window(hall, command.window)
    last = hall.last_steps.get(window.id)
    if last is None:
        raise CommandRefused("nothing-to-undo", f"window {window.id} has nothing to take back")
    if command.at - last.at > hall.limits.undo_seconds:
        seconds = hall.limits.undo_seconds
        raise CommandRefused(
            "too-late", f"a step can be taken back for {seconds:g} seconds; this one is older"
        )
    ticket = last.ticket.id if last.ticket else None
    if ticket and hall.tickets.get(ticket) != last.ticket_after:
        raise CommandRefused(
            "too-late", "the visitor has gone on meanwhile; this step can no longer be taken back"
        )
    return (e.StepUndone(command.at, window.id, step=last.step, ticket=ticket),)


# Conditions. Those of every visit look for themselves and call the one that complains only if it will. ------


def _ticket(hall: Hall, ticket: str) -> Ticket:
    found = hall.tickets.get(ticket)
    if found is None:
        raise CommandRefused("unknown-ticket", "there is no such ticket today", field="ticket")
    return found


def _window(hall: Hall, window: str) -> Window:
    found = hall.windows.get(window)
    if found is None:
        raise CommandRefused("unknown-window", f"this hall has no window {window!r}", field="window")
    return found


def _may(ticket: Ticket, step: Step) -> None:
    if ticket.state not in LIFE[step]:
        raise CommandRefused(
            "wrong-state", f"ticket {ticket.number} is {ticket.state}; {step} is not possible now"
        )


def _visit(hall: Hall, window_id: str, step: Step) -> Ticket:
    window = hall.windows.get(window_id) or _window(hall, window_id)
    if window.ticket is None:
        raise CommandRefused("window-idle", f"window {window.id} has no visitor; call one first")
    ticket = hall.tickets[window.ticket]
    if ticket.state not in LIFE[step]:
        _may(ticket, step)
    return ticket


def _without_visitor(hall: Hall, window: Window) -> None:
    if window.ticket is not None:
        number = hall.tickets[window.ticket].number
        raise CommandRefused(
            "window-busy", f"window {window.id} has ticket {number}; finish, park or transfer it first"
        )


def _free(hall: Hall, window_id: str) -> Window:
    window = _window(hall, window_id)
    _without_visitor(hall, window)
    if window.state is not OPEN:
        code = "window-paused" if window.state is WindowState.PAUSED else "window-closed"
        raise CommandRefused(code, f"window {window.id} is {window.state}; open it first")
    return window


def _skilled(hall: Hall, window: Window, service: str) -> None:
    skills = hall.plan.window[window.id].skills
    if service not in skills:
        raise CommandRefused(
            "no-skill", f"window {window.id} does not serve {service}; it serves {', '.join(skills)}"
        )


DECISIONS: dict[type[c.Command], Callable[[Hall, Any], Events]] = {
    c.AdoptPlan: adopt_plan,
    c.BeginDay: begin_day,
    c.SendHome: send_home,
    c.IssueTicket: issue_ticket,
    c.Leave: leave,
    c.ReturnToLine: return_to_line,
    c.MoveBack: move_back,
    c.ChangePriority: change_priority,
    c.OpenWindow: open_window,
    c.CloseWindow: close_window,
    c.PauseWindow: pause_window,
    c.CallNext: call_next,
    c.CallChosen: call_chosen,
    c.Recall: recall,
    c.StartService: start_service,
    c.FinishService: finish_service,
    c.MissVisitor: miss_visitor,
    c.ParkVisitor: park_visitor,
    c.UnparkVisitor: unpark_visitor,
    c.TransferVisitor: transfer_visitor,
    c.UndoStep: undo_step,
}
