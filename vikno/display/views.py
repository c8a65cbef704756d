"""What people see of a hall, as plain data: pure functions from the hall's state.

Two audiences: the public sees numbers, windows and lines, never a ticket's identifier (it is the visitor's
key); the staff sees tickets and windows whole. docs/api.md describes every shape.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from vikno.display.history import waiting_today
from vikno.display.honesty import Score
from vikno.display.passing import passing
from vikno.display.today import Today
from vikno.display.waits import Expected, Foreseen, told
from vikno.queue.hall import Hall
from vikno.queue.records import Ticket, Window, WindowState

View = dict[str, Any]

MINUTES_REMEMBERED = 2_000
"""Minutes whose writing is remembered: more than a day has."""

CALLS_MAX = 20
"""Calls on the board: more than any screen shows at once."""


class Figures(NamedTuple):
    """Of the day: what happened, and how true the waits were that were told."""

    today: Today
    told: Score


@lru_cache(maxsize=MINUTES_REMEMBERED)
def _minute(zone: ZoneInfo, minute: int) -> tuple[str, str]:
    """A minute since 1970 as ISO 8601 without its seconds, and the offset: the costly part of an instant."""
    moment = datetime.fromtimestamp(minute * 60, zone)
    return moment.strftime("%Y-%m-%dT%H:%M"), moment.isoformat()[19:]


class Views:
    """The views of one hall at one instant. `notes` are the clerks' words by ticket, for staff only.

    `figures` are those of the day, `foreseen` the latest answer about its waits.
    """

    def __init__(
        self, hall: Hall, at: float, foreseen: Foreseen, figures: Figures, notes: dict[str, str]
    ) -> None:
        self.hall = hall
        self.at = at
        self.foreseen = foreseen
        self.figures = figures
        self.notes = notes
        self._zone = ZoneInfo(hall.plan.time_zone)

    def instant(self, at: float) -> str:
        """ISO 8601 with the hall's offset, to the millisecond."""
        minute, second = divmod(at, 60.0)
        head, offset = _minute(self._zone, int(minute))
        return f"{head}:{int(second):02}.{int(second * 1000) % 1000:03}{offset}"

    def label(self, window: str | None) -> str | None:
        """What people call the window."""
        plan = self.hall.plan.window.get(window) if window else None
        return plan.label if plan else None

    def ticket(self, ticket: Ticket, *, staff: bool = False) -> View:
        """One ticket, whole."""
        ahead = self.hall.ahead(ticket) if ticket.waiting else 0
        view: View = {
            "id": ticket.id,
            "number": ticket.number,
            "state": ticket.state.value,
            "service": ticket.service,
            "services": ticket.services,
            "leg": ticket.leg,
            "language": ticket.language,
            "priority": ticket.priority,
            "issued": self.instant(ticket.issued),
            "since": self.instant(ticket.since),
            "called": None if ticket.called is None else self.instant(ticket.called),
            "window": ticket.window,
            "label": self.label(ticket.window),
            "calls": ticket.calls,
            "place": ticket.place,
            "ahead": ahead,
            "wait": self.wait(ticket),
        }
        if staff:
            view["why"] = ticket.why
            if ticket.id in self.notes:
                view["note"] = self.notes[ticket.id]
        else:
            view["passed"] = passing(self.hall, ticket) if ticket.waiting else None
        return view

    def wait(self, ticket: Ticket) -> View | None:
        """The honest wait of somebody in a line, in minutes; None: not known yet, or not waiting."""
        return _range(self.foreseen.of(ticket, self.at))

    def waits(self) -> dict[str, View | None]:
        """The wait of somebody who came now, for every service."""
        return {service: _range(self.foreseen.newcomer(service, self.at)) for service in self.hall.lines}

    def today(self) -> View:
        """The day's figures."""
        today, score = self.figures
        return today.view() | {"told": score.view()}

    def window(self, window: Window) -> View:
        """One window as staff see it."""
        last = self.hall.last_steps.get(window.id)
        return {
            "id": window.id,
            "label": self.label(window.id),
            "state": window.state.value,
            "skills": self.hall.plan.window[window.id].services,
            "ticket": window.ticket,
            "number": self._number(window),
            "since": self.instant(window.since),
            "undo": last.step if last else None,
            "undo_until": self.instant(last.at + self.hall.limits.undo_seconds) if last else None,
            "served": window.served,
            "no_shows": window.no_shows,
            "serving_minutes": window.serving_seconds / 60,
        }

    def public_window(self, window: Window) -> View:
        """One window as everybody sees it."""
        ticket = self.hall.tickets[window.ticket] if window.ticket else None
        return {
            "id": window.id,
            "label": self.label(window.id),
            "state": window.state.value,
            "number": self._number(window),
            "step": ticket.state.value if ticket else None,
        }

    def _number(self, window: Window) -> str | None:
        return self.hall.tickets[window.ticket].number if window.ticket else None

    def call(self, ticket: Ticket) -> View:
        """A call as a screen shows and speaks it."""
        return {
            "number": ticket.number,
            "window": ticket.window,
            "label": self.label(ticket.window),
            "service": ticket.service,
            "language": ticket.language,
            "at": self.instant(ticket.called or ticket.since),
            "times": ticket.calls,
        }

    def board(self) -> View:
        """The hall as everybody sees it."""
        return self._head() | {
            "windows": [self.public_window(window) for window in self.hall.windows.values()],
            "calls": [self.call(ticket) for ticket in self._visits()],
        }

    def _visits(self) -> list[Ticket]:
        """Those at a window, the newest call first."""
        visits = [self.hall.tickets[w.ticket] for w in self.hall.windows.values() if w.ticket]
        return sorted(visits, key=lambda ticket: ticket.called or 0.0, reverse=True)[:CALLS_MAX]

    def staff(self) -> View:
        """The hall as its staff see it."""
        day = self.hall.day
        present = [ticket for ticket in self.hall.tickets.values() if not ticket.over]
        board = self.board()
        return board | {
            "calls": [
                call | {"why": visit.why} for call, visit in zip(board["calls"], self._visits(), strict=True)
            ],
            "windows": [self.window(window) for window in self.hall.windows.values()],
            "tickets": [self.ticket(ticket, staff=True) for ticket in present],
            "policy": self.hall.policy.name,
            "day": day.date if day else None,
            "today": self.today(),
            "history": [
                {"at": self.instant(sample.at), "waiting": sample.waiting, "late": sample.late}
                for sample in waiting_today(self.hall, self.at)
            ],
        }

    def _head(self) -> View:
        hall, plan, day = self.hall, self.hall.plan, self.hall.day
        return {
            "id": plan.id,
            "name": plan.name,
            "languages": plan.languages,
            "time_zone": plan.time_zone,
            "open": day is not None and day.opens <= self.at < day.closes,
            "opens": self.instant(day.opens) if day else None,
            "closes": self.instant(day.closes) if day else None,
            "target_minutes": plan.target_minutes,
            "services": [
                {
                    "id": service.id,
                    "prefix": service.prefix,
                    "name": service.name,
                    "target_minutes": service.target_minutes,
                    "waiting": len(hall.lines[service.id]),
                    "wait": _range(self.foreseen.newcomer(service.id, self.at)),
                    "windows": self.windows_open(service.id),
                }
                for service in plan.services
            ],
        }

    def windows_open(self, service: str) -> int:
        """How many windows with this skill work now."""
        skilled = self.hall.plan.skilled[service]
        return sum(self.hall.windows[window].state is WindowState.OPEN for window in skilled)


def _range(expected: Expected | None) -> View | None:
    wait = told(expected)
    return None if wait is None else wait._asdict()
