"""A referee who notes every overtaking: for each who waits, each call that went before them, one by one.

It looks through all tickets at every event and keeps a list for each visitor. Of what the hall keeps for the
same purpose (a sorted list for each line) it knows nothing, nor of the policies.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vikno.queue import events as e
from vikno.queue.hall import Hall
from vikno.queue.line import Entry
from vikno.queue.records import Ticket

CLERK = "clerk"


@dataclass(frozen=True)
class Call:
    """One call: which, of whom, and by whose choice."""

    number: int
    entry: Entry
    policy: str


@dataclass
class Stay:
    """Somebody's present wait in one line."""

    overtaken: list[Call] = field(default_factory=list)


@dataclass(frozen=True)
class Overtaking:
    """A call went before somebody who had come earlier: how often it had happened to them, and their age."""

    call: Call
    ticket: str
    times_before: int
    age_minutes: float


def entry(ticket: Ticket) -> Entry:
    return ticket.place, ticket.id


class Referee:
    """Watches one hall from its beginning. `applies` is to be asked in place of `hall.apply`."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.stays: dict[str, Stay] = {}
        self.overtakings: list[Overtaking] = []
        self.exact = True
        """Whether nobody has come into a line at an old place and no call was taken back."""
        self._calls = 0
        self._last: dict[str, tuple[Call, Stay | None]] = {}

    def applies(self, events: tuple[e.Event, ...]) -> None:
        for event in events:
            before = self._waiting()
            counts = {ticket: self.hall.overtaken(ticket) for ticket in before}
            if isinstance(event, e.TicketCalled):
                self._called(event, before)
            self.hall.apply((event,))
            after = self._waiting()
            for ticket in before.keys() - after.keys():
                del self.stays[ticket]
            for ticket in after.keys() - before.keys():
                self.stays[ticket] = Stay()
                if not isinstance(event, e.StepUndone):
                    self._joined(after[ticket], before, counts)
            if isinstance(event, e.StepUndone) and event.step == "call":
                self._undone(event)
            self._compare(after)

    def times(self, ticket: Ticket) -> int:
        """How often somebody has been overtaken in this line, from where they stand now."""
        return sum(call.entry > entry(ticket) for call in self.stays[ticket.id].overtaken)

    def _waiting(self) -> dict[str, Ticket]:
        return {ticket.id: ticket for ticket in self.hall.tickets.values() if ticket.waiting}

    def _called(self, event: e.TicketCalled, waiting: dict[str, Ticket]) -> None:
        self._calls += 1
        call = Call(self._calls, entry(self.hall.tickets[event.ticket]), event.why.policy)
        skills = self.hall.plan.window[event.window].skills
        for ticket in waiting.values():
            if ticket.service in skills and entry(ticket) < call.entry:
                age = (event.at - ticket.place) / 60
                self.overtakings.append(Overtaking(call, ticket.id, self.times(ticket), age))
                self.stays[ticket.id].overtaken.append(call)
        self._last[event.window] = call, self.stays.get(event.ticket)

    def _undone(self, event: e.StepUndone) -> None:
        """As if it had not been: for those it overtook, and for the one called."""
        call, stay = self._last.pop(event.window)
        if stay is not None:
            assert event.ticket is not None
            self.stays[event.ticket] = stay
        kept = [other for _, other in self._last.values() if other is not None]
        for known in (*self.stays.values(), *kept):
            known.overtaken = [other for other in known.overtaken if other != call]
        self.exact = False

    def _joined(self, ticket: Ticket, before: dict[str, Ticket], counts: dict[str, int]) -> None:
        """Who comes in begins with at most what the longest waiting has; mostly with nothing."""
        line = [other for other in before.values() if other.service == ticket.service]
        first = min(line, key=entry, default=None)
        most = 0 if first is None else counts[first.id]
        assert self.hall.overtaken(ticket.id) <= most, "more than the longest waiting has"
        if self.hall.overtaken(ticket.id):
            self.exact = False

    def _compare(self, waiting: dict[str, Ticket]) -> None:
        for ticket in waiting.values():
            counted, times = self.hall.overtaken(ticket.id), self.times(ticket)
            assert counted >= times, f"{ticket.id} was overtaken {times} times, the hall says {counted}"
            assert counted == times or not self.exact, f"{ticket.id}: {times} times, the hall says {counted}"
        for line in self.hall.lines.values():
            assert line.passed == sorted(line.passed)
