"""The hall and its naive twin, asked the same things: each method is one command put to both.

The hall must refuse what the twin has reasons against, for one of these reasons and without a trace, and
must do everything else so that both look the same afterwards.
"""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest
from msgspec.structs import asdict

from tests.queue.naive_hall import NaiveHall, Visitor
from tests.queue.overtakes import Referee
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.errors import CommandRefused
from vikno.queue.hall import Hall
from vikno.queue.plan import HallPlan
from vikno.queue.records import Window
from vikno.queue.state import HallState, Limits
from vikno.scheduler import policy_named

RULES = {"fifo": "longest-waiting", "priority": "highest-priority"}

_encoder, _decoder = msgspec.json.Encoder(), msgspec.json.Decoder(HallState)


def window_as_told(hall: Hall, window: Window) -> dict[str, object]:
    """A window as the naive hall keeps it; of the way back only the instant is compared."""
    last = hall.last_steps.get(window.id)
    return {**asdict(window), "undo": last and last.at}


def same_lines(one: Hall, other: Hall) -> bool:
    return {s: list(line) for s, line in one.lines.items()} == {s: list(v) for s, v in other.lines.items()}


class Twins:
    """One hall, its naive twin, and the journal of what happened."""

    def __init__(self, plan: HallPlan, policy: str, limits: Limits, now: float) -> None:
        self.now = now
        self.limits = limits
        self.hall = Hall(policy_named(policy), limits)
        self.referee = Referee(self.hall)
        self.naive = NaiveHall(plan, policy, limits, now)
        self.fingerprint = self.hall.fingerprint()
        self.journal: list[str] = []
        self.numbers: Counter[tuple[str, str]] = Counter()
        self._ask(c.AdoptPlan(now, plan), set())
        self.passes(0.0)

    def _ask(self, command: c.Command, against: set[str]) -> tuple[e.Event, ...] | None:
        """The hall's events, which are applied and kept; `None` if it refused, as it had to."""
        events, refusal = None, None
        try:
            events = self.hall.decide(command)
        except CommandRefused as error:
            refusal = error
        assert self.hall.fingerprint() == self.fingerprint, "deciding changed the hall"
        if events is None:
            assert refusal is not None
            assert refusal.code in against, f"{command}: {refusal.code} {refusal}; reasons: {against}"
            assert "\n" not in str(refusal)
            return None
        assert not against, f"{command} happened in spite of {against}"
        self.referee.applies(events)
        for event in events:
            text = e.encode(event)
            assert e.decode(text) == event
            self.journal.append(text)
        self.fingerprint = self.hall.fingerprint()
        return events

    # Time and plans --------------------------------------------------------------------------------------

    def passes(self, seconds: float) -> None:
        """Time passes, and the hall does what its clock asks for."""
        self.now += seconds
        while due := self.hall.due(self.now):
            if isinstance(due, c.BeginDay):
                self.begin_day()
            else:
                self.send_home()
        assert self.naive.no_new_day(self.now), "the day on the wall has begun in the hall"

    def comes_to(self, minute: int, seconds: float = 0.0) -> None:
        """To the next such minute of the clock on the hall's wall, and some seconds more or less."""
        left = (minute - self.naive.wall(self.now)[1]) % (24 * 60)
        self.passes(max(0.0, left * 60 + seconds))

    def begin_day(self) -> None:
        if self._ask(c.BeginDay(self.now), self.naive.no_new_day(self.now)):
            self.naive.new_day(self.now)

    def send_home(self) -> None:
        if self._ask(c.SendHome(self.now), self.naive.no_send_home(self.now)):
            self.naive.send_home(self.now)

    def adopt(self, plan: HallPlan) -> None:
        against = self.naive.no_plan(plan) if plan != self.naive.plan else set()
        if self._ask(c.AdoptPlan(self.now, plan), against):
            self.naive.adopt(plan, self.now)
            self.passes(0.0)

    # Visitors --------------------------------------------------------------------------------------------

    def issue(self, ticket: str, services: tuple[str, ...], language: str, priority: int) -> None:
        naive = self.naive
        against = naive.no_issue(self.now, ticket, services, priority)
        ahead = 0 if against else naive.ahead(services[0], priority, (self.now, ticket))
        if events := self._ask(c.IssueTicket(self.now, ticket, services, language, priority), against):
            (event,) = events
            assert isinstance(event, e.TicketIssued)
            assert event.ahead == ahead
            assert event.number == naive.issue(self.now, ticket, services, language, priority)
            self.numbers[naive.date, event.number] += 1

    def leave(self, ticket: str) -> None:
        if self._ask(c.Leave(self.now, ticket), self.naive.no_leave(ticket)):
            self.naive.change(ticket, "left", self.now)

    def come_back(self, ticket: str) -> None:
        if self._ask(c.ReturnToLine(self.now, ticket), self.naive.no_return(self.now, ticket)):
            self.naive.change(ticket, "waiting", self.now)

    def move_back(self, ticket: str, places: int) -> None:
        against = self.naive.no_move_back(ticket, places)
        visitor = self.naive.visitor(ticket)
        behind = self.naive.behind(visitor) if visitor and not against else []
        passed = self.naive.passed(visitor, places) if visitor and not against else 0
        if events := self._ask(c.MoveBack(self.now, ticket, places), against):
            (event,) = events
            assert isinstance(event, e.TicketMovedBack)
            assert visitor is not None
            visitor["place"] = event.place
            assert event.passed == passed
            assert self.naive.behind(visitor) == behind[passed:], "the next few pass, and nobody else"

    def change_priority(self, ticket: str, priority: int) -> None:
        if self._ask(c.ChangePriority(self.now, ticket, priority), self.naive.no_priority(ticket, priority)):
            visitor = self.naive.visitor(ticket)
            assert visitor
            visitor["priority"] = priority

    # Clerks ----------------------------------------------------------------------------------------------

    def open(self, window: str) -> None:
        if self._ask(c.OpenWindow(self.now, window), self.naive.no_open(window)):
            self.naive.set_window(window, "open", self.now)

    def close(self, window: str) -> None:
        if self._ask(c.CloseWindow(self.now, window), self.naive.no_close(window)):
            self.naive.set_window(window, "closed", self.now)

    def pause(self, window: str) -> None:
        if self._ask(c.PauseWindow(self.now, window), self.naive.no_pause(window)):
            self.naive.set_window(window, "paused", self.now)

    def call_next(self, window: str) -> None:
        if events := self._ask(c.CallNext(self.now, window), self.naive.no_call_next(window)):
            visitor = self.naive.called_next(window)
            if visitor is None:
                assert [type(event) for event in events] == [e.NobodyCalled]
            else:
                self._called(events, window, visitor, RULES[self.naive.policy])

    def call_chosen(self, window: str, ticket: str) -> None:
        against = self.naive.no_call_chosen(window, ticket)
        if events := self._ask(c.CallChosen(self.now, window, ticket), against):
            visitor = self.naive.visitor(ticket)
            assert visitor
            self._called(events, window, visitor, "chosen-by-clerk")

    def _called(self, events: tuple[e.Event, ...], window: str, visitor: Visitor, rule: str) -> None:
        """The call names this visitor and says rightly why."""
        (event,) = events
        assert isinstance(event, e.TicketCalled)
        overtaken = self.naive.overtaken(window, visitor)
        assert (event.window, event.ticket) == (window, visitor["id"])
        assert event.why.rule == rule
        assert event.why.waited_minutes == pytest.approx((self.now - visitor["issued"]) / 60)
        assert event.why.waiting == len(self.naive.waiting(*self.naive.skills(window)))
        assert event.why.overtook == len(overtaken)
        assert list(event.why.overtook_numbers) == overtaken[:5]
        self.naive.call(window, visitor["id"], self.now, event.why)

    def recall(self, window: str) -> None:
        if self._ask(c.Recall(self.now, window), self.naive.no_visit(window, "called")):
            self.naive.recall(window, self.now)

    def start(self, window: str) -> None:
        if self._ask(c.StartService(self.now, window), self.naive.no_visit(window, "called")):
            self.naive.visit(window, "serving", self.now)

    def finish(self, window: str) -> None:
        if self._ask(c.FinishService(self.now, window), self.naive.no_visit(window, "called", "serving")):
            self.naive.finish(window, self.now)

    def miss(self, window: str) -> None:
        if self._ask(c.MissVisitor(self.now, window), self.naive.no_visit(window, "called")):
            self.naive.visit(window, "no-show", self.now)

    def park(self, window: str) -> None:
        if self._ask(c.ParkVisitor(self.now, window), self.naive.no_visit(window, "called", "serving")):
            self.naive.visit(window, "parked", self.now)

    def unpark(self, window: str, ticket: str) -> None:
        if self._ask(c.UnparkVisitor(self.now, window, ticket), self.naive.no_unpark(window, ticket)):
            self.naive.change(ticket, "waiting", self.now)

    def transfer(self, window: str, service: str) -> None:
        against = self.naive.no_transfer(window, service)
        if self._ask(c.TransferVisitor(self.now, window, service), against):
            self.naive.transfer(window, service, self.now)

    def undo(self, window: str) -> None:
        if self._ask(c.UndoStep(self.now, window), self.naive.no_undo(self.now, window)):
            self.naive.undo(window)

    # What is always true ---------------------------------------------------------------------------------

    def look_the_same(self) -> None:
        naive = [{**w, "undo": w["undo"] and w["undo"]["at"]} for w in self.naive.windows]
        assert [window_as_told(self.hall, window) for window in self.hall.windows.values()] == naive
        assert [asdict(ticket) for ticket in self.hall.tickets.values()] == self.naive.visitors
        assert self.hall.plan == self.naive.plan

    def every_ticket_is_in_one_place(self) -> None:
        in_line = Counter(ticket for line in self.hall.lines.values() for ticket in line)
        at_windows = Counter(w.ticket for w in self.hall.windows.values() if w.ticket)
        for ticket in self.hall.tickets.values():
            assert in_line[ticket.id] == (ticket.state == "waiting")
            assert at_windows[ticket.id] == (ticket.state in {"called", "serving"})
        assert in_line.total() == self.hall.waiting
        assert set(in_line) | set(at_windows) <= set(self.hall.tickets)

    def a_copy_is_the_same(self) -> None:
        copy = Hall(self.hall.policy, self.limits)
        copy.restore(self.hall.state())
        assert copy.state() == self.hall.state()
        assert copy.waiting == self.hall.waiting
        assert same_lines(copy, self.hall)

    def the_journal_makes_the_same_hall(self) -> None:
        """The events alone, and a snapshot that went through JSON."""
        again = Hall(self.hall.policy, self.limits)
        again.apply(e.decode(text) for text in self.journal)
        assert again.fingerprint() == self.fingerprint
        assert same_lines(again, self.hall)
        restored = Hall(self.hall.policy, self.limits)
        restored.restore(_decoder.decode(_encoder.encode(self.hall.state())))
        assert restored.fingerprint() == self.fingerprint

    def no_number_came_twice(self) -> None:
        assert set(self.numbers.values()) <= {1}
