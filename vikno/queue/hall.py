"""The hall: what is waiting, who sits where, what may happen next.

One pure object for two clocks. Live, asyncio feeds it what people do and writes its answers to a journal;
simulated, SimPy feeds it arrivals and completions. It reads no clock, no random number, no database and no
socket, so both see the same rules:

    events = hall.decide(command)    # what would happen, or CommandRefused; nothing has changed
    journal.append(events)           # live: synced; simulated: a list
    hall.apply(events)               # now it has happened

`decide` asks a table of functions (decisions.py), `apply` another (effects.py). The state is the fold of
the events: the same events give the same `fingerprint`, wherever they are applied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from vikno.queue.commands import BeginDay, Command, SendHome
from vikno.queue.decisions import DECISIONS
from vikno.queue.effects import EFFECTS
from vikno.queue.events import Event
from vikno.queue.line import Line
from vikno.queue.plan import HallPlan, Service
from vikno.queue.policy import Policy
from vikno.queue.records import LastStep, Ticket, Window
from vikno.queue.state import Day, HallState, Limits


class Hall:
    """The state of one hall and its rules. Attributes are for reading; only `apply` changes them."""

    def __init__(self, policy: Policy, limits: Limits | None = None) -> None:
        self.policy = policy
        self.limits = limits or Limits()
        self.keeps_steps = self.limits.undo_seconds > 0
        """Whether a window's steps can be taken back; in a simulation nobody will."""
        self.seq = 0
        self.at = 0.0
        self.adopted: HallPlan | None = None
        self.plan: HallPlan
        """The plan it runs by. A hall without one accepts nothing but `AdoptPlan`.

        A plain attribute, as all of these are: whatever makes one of them less (a property, `__getattr__`,
        a look into `__dict__`) makes Python look up every one of them the slow way, a sixth of a visit.
        """
        self.services: dict[str, Service] = {}
        self.places = 0
        """How many may wait, by plan and limits."""
        self.day: Day | None = None
        self.issued = 0
        self.numbers: dict[str, int] = {}
        self.tickets: dict[str, Ticket] = {}
        self.windows: dict[str, Window] = {}
        self.last_steps: dict[str, LastStep] = {}
        self.lines: dict[str, Line] = {}
        self.lines_at: dict[str, tuple[Line, ...]] = {}
        """The lines each window can call from, in the order of its skills."""
        self.waiting = 0

    def adopt(self, plan: HallPlan) -> None:
        """Run by `plan`; for effects and restoring only."""
        self.plan = self.adopted = plan
        self.services = plan.service
        self.lines = {service.id: self.lines.get(service.id, Line()) for service in plan.services}
        self.lines_at = {w.id: tuple(self.lines[service] for service in w.services) for w in plan.windows}
        most = self.limits.waiting_max
        self.places = most if plan.waiting_places is None else min(plan.waiting_places, most)

    def decide(self, command: Command) -> tuple[Event, ...]:
        """What `command` makes happen, in order. Raises `CommandRefused`; changes nothing either way."""
        return DECISIONS[command.__class__](self, command)

    def apply(self, events: Iterable[Event]) -> None:
        """Let the events have happened. They must come from `decide` on this very state, or a journal."""
        for event in events:
            EFFECTS[event.__class__](self, event)
            self.seq += 1
            self.at = event.at

    def do(self, command: Command) -> tuple[Event, ...]:
        """Decide and let it have happened at once: for a hall that no journal stands behind."""
        events = DECISIONS[command.__class__](self, command)
        if len(events) == 1:  # as nearly always, and a loop over one costs as much as a decision
            event = events[0]
            EFFECTS[event.__class__](self, event)
            self.seq += 1
            self.at = command.at
        else:
            self.apply(events)
        return events

    def due(self, at: float) -> Command | None:
        """What the clock itself asks for at `at`, before anybody else: a new day, the end of this one."""
        plan = self.adopted
        if plan is None:
            return None
        if self.day is None or at >= self.day.until:
            return BeginDay(at)
        if plan.after_close == "leave" and at >= self.day.closes and self.waiting:
            return SendHome(at)
        return None

    def ahead(self, ticket: Ticket) -> int:
        """How many in the line of its service go before a ticket, were nobody else to come."""
        entry = (ticket.place, ticket.id)
        first = self.policy.priority_first
        return self.lines[ticket.service].ahead(ticket.priority, entry, priority_first=first)

    def overtaken(self, ticket_id: str) -> int:
        """By how many calls of later comers a ticket has been overtaken in its line; 0 unless it waits."""
        ticket = self.tickets[ticket_id]
        return self.lines[ticket.service].overtaken((ticket.place, ticket.id)) if ticket.waiting else 0

    def state(self) -> HallState:
        """The whole state as data, in an order that depends on the events alone."""
        return HallState(
            seq=self.seq,
            at=self.at,
            plan=self.adopted,
            day=self.day,
            issued=self.issued,
            numbers=dict(sorted(self.numbers.items())),
            tickets=list(self.tickets.values()),
            windows=list(self.windows.values()),
            last_steps=dict(sorted(self.last_steps.items())),
            passed={s: list(line.passed) for s, line in sorted(self.lines.items()) if line.passed},
        )

    def restore(self, state: HallState) -> None:
        """Become the hall that `state` was taken from."""
        self.seq, self.at = state.seq, state.at
        self.lines, self.waiting = {}, 0
        if state.plan is not None:
            self.adopt(state.plan)
        self.day = state.day
        self.issued, self.numbers = state.issued, dict(state.numbers)
        self.tickets = {ticket.id: ticket for ticket in state.tickets}
        self.windows = {window.id: window for window in state.windows}
        self.last_steps = dict(state.last_steps)
        for ticket in state.tickets:
            if ticket.waiting:
                self.lines[ticket.service].add(ticket)
                self.waiting += 1
        for service, passed in state.passed.items():
            self.lines[service].passed = list(passed)

    def fingerprint(self) -> str:
        """A hash of the whole state: equal if, and practically only if, two halls are the same."""
        return hashlib.sha256(msgspec.json.encode(self.state(), order="deterministic")).hexdigest()
