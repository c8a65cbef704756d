"""What each audience is told of an event: the state it left behind, so that a reader never calculates."""

from __future__ import annotations

from typing import Any

from vikno.display.views import View, Views
from vikno.queue import events as e
from vikno.queue.records import Ticket, Window

Message = dict[str, Any]

CALL_CHANGES = (e.TicketCalled, e.TicketRecalled, e.StepUndone, e.ServiceFinished)
"""After these a call on the board is not what it was; the last goes on here with another service."""


def staff_message(
    views: Views, event: e.Event, before: Ticket | None, after: Ticket | None, window: Window | None
) -> Message:
    """Whole tickets and windows, the day's figures, and the reason of a call."""
    message = _common(views, event, before, after)
    if after is not None:
        message["ticket"] = views.ticket(after, staff=True)
    if window is not None:
        message["window"] = views.window(window)
    if after is not None or window is not None:
        message["today"] = views.today()
    if isinstance(event, e.TicketCalled | e.NobodyCalled):
        message["why"] = event.why
    return message


def public_message(
    views: Views, event: e.Event, before: Ticket | None, after: Ticket | None, window: Window | None
) -> Message:
    """Numbers and windows. A call that is over, or was taken back, is retracted."""
    message = _common(views, event, before, after)
    if window is not None:
        message["window"] = views.public_window(window)
    if window is not None and after is None:  # it began, ended or interrupted its work
        skills = views.hall.plan.window[window.id].services
        message["windows"] = {service: views.windows_open(service) for service in skills}
    if after is not None:
        message["number"] = after.number
        if after.at_window and isinstance(event, CALL_CHANGES):
            message["call"] = views.call(after)
        elif before is not None and before.at_window and not after.at_window:
            message["retract"] = after.number
    return message


def heartbeat(views: Views) -> Message:
    """That the stream lives, what time it is, and what a newcomer would wait."""
    return {"type": "heartbeat", "at": views.instant(views.at), "waits": views.waits()}


def waits_message(views: Views, services: View, tickets: View) -> Message:
    """Waits that are told otherwise now: a newcomer's by service, and of those waiting by `tickets`' keys."""
    return {"type": "waits", "at": views.instant(views.at), "waits": services, "tickets": tickets}


def snapshot(view: View, views: Views, audience: str, speed: float) -> Message:
    """The whole present, for who joins or has missed something."""
    return {
        "type": "snapshot",
        "at": views.instant(views.at),
        "audience": audience,
        "speed": speed,
        "hall": view,
    }


def _common(views: Views, event: e.Event, before: Ticket | None, after: Ticket | None) -> Message:
    message: Message = {"type": e.type_of(event), "at": views.instant(event.at)}
    changed = {ticket.service for ticket in (before, after) if ticket is not None and ticket.waiting}
    if changed:
        message["waiting"] = {service: len(views.hall.lines[service]) for service in changed}
    return message
