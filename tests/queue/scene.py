"""A hall on a stage: a few words to act out a scene in a test."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.errors import CommandRefused
from vikno.queue.hall import Hall
from vikno.queue.plan import HallPlan
from vikno.queue.records import Ticket
from vikno.queue.state import Limits
from vikno.scheduler import policy_named


def at_clock(plan: HallPlan, when: str) -> float:
    """POSIX seconds of a local date and time of the hall, for example "2026-11-20 09:00"."""
    return datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(plan.time_zone)).timestamp()


class Scene:
    """A hall whose clock stands still unless a command says how many seconds have passed."""

    def __init__(
        self,
        plan: HallPlan,
        when: str = "2026-11-20 09:00",
        *,
        policy: str = "fifo",
        limits: Limits | None = None,
    ) -> None:
        self.hall = Hall(policy_named(policy), limits)
        self.now = at_clock(plan, when)
        self.events: list[e.Event] = []
        self.steps: list[tuple[e.Event, ...]] = []
        self.do(c.AdoptPlan, plan)
        self.passes(0)

    def passes(self, seconds: float) -> None:
        """Time passes; the hall does what its clock asks for."""
        self.now += seconds
        while due := self.hall.due(self.now):
            self._happen(due)

    def comes(self, when: str) -> None:
        """The hall's wall shows this date and time."""
        self.passes(at_clock(self.hall.plan, when) - self.now)

    def do(self, command: type[c.Command], *arguments: object, after: float = 0.0) -> list[e.Event]:
        """The command happens, `after` seconds later."""
        if after:
            self.passes(after)
        return self._happen(command(self.now, *arguments))

    def _happen(self, command: c.Command) -> list[e.Event]:
        events = self.hall.decide(command)
        self.hall.apply(events)
        self.events += events
        self.steps.append(events)
        return list(events)

    def refused(self, command: type[c.Command], *arguments: object, after: float = 0.0) -> str:
        """The code of the refusal, which left no trace."""
        if after:
            self.passes(after)
        before, state = self.hall.fingerprint(), self.hall.state()
        with pytest.raises(CommandRefused) as refusal:
            self.hall.decide(command(self.now, *arguments))
        assert self.hall.fingerprint() == before
        assert self.hall.state() == state
        assert refusal.value.detail
        assert "\n" not in refusal.value.detail
        return refusal.value.code

    def issue(self, ticket: str, *services: str, priority: int = 0, after: float = 1.0) -> Ticket:
        """A visitor comes, a second after whatever was before unless told otherwise."""
        self.do(c.IssueTicket, ticket, services or ("passport",), "", priority, after=after)
        return self.hall.tickets[ticket]

    def serve(self, window: str, *services: str, ticket: str = "t") -> Ticket:
        """A visitor comes, the window opens, calls them and begins."""
        self.issue(ticket, *services)
        self.do(c.OpenWindow, window)
        self.do(c.CallChosen, window, ticket)
        self.do(c.StartService, window)
        return self.hall.tickets[ticket]

    def line(self, service: str) -> list[str]:
        """Those waiting, as they would be called if nobody had a priority."""
        line = self.hall.lines[service]
        return sorted(line, key=lambda t: (self.hall.tickets[t].place, t))
