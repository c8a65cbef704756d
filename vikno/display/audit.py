"""The calls of a day as the journal holds them: who was called where and why, and whom that overtook.

For whoever must answer "why was A12 called when it was, and who went before it". The reason of a call is the
one written with it. Only who waited meanwhile is worked out, from what the journal says of each visitor, so
that asking for one ticket finds every call that overtook it, not only those whose reason names it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from vikno.display.reasons import sentence
from vikno.queue import events as e
from vikno.queue.plan import HallPlan
from vikno.queue.policy import Why

ALIKE: Final = str.maketrans("АВЕІКМНОРСТХ", "ABEIKMHOPCTX")
"""Letters of tickets that look the same: whoever types a number has one keyboard or the other."""

COLUMNS: Final = (
    *("seq", "at", "window", "label", "ticket", "service", "waited_minutes", "policy", "rule", "sentence"),
    *("waiting", "overtook", "overtook_numbers", "score", "against", "undone", "passed"),
)
"""Of the CSV: names of the fields of a call, in English whatever the language of its sentence."""

Step = e.TicketCalled | e.ServiceStarted | e.ServiceFinished | e.VisitorMissed | e.TicketParked
Day = Iterable[tuple[int, e.AnyEvent]]


class Visitor(msgspec.Struct, frozen=True):
    """One visitor as far as the line is concerned."""

    number: str
    services: tuple[str, ...]
    place: tuple[float, str]
    leg: int = 0
    waiting: bool = True


class Call(msgspec.Struct):
    """One call, or one time that a window was kept free. `passed`: it overtook the ticket asked for."""

    seq: int
    at: float
    window: str
    label: str
    why: Why
    ticket: str | None = None
    service: str | None = None
    undone: bool = False
    passed: bool = False


def calls_of(plan: HallPlan, day: Day, number: str = "") -> list[Call]:
    """The calls of a day, oldest first; with a `number`, its own and those that overtook it."""
    asked = canonical(number)
    book = _Book(plan, asked)
    for seq, event in day:
        book.saw(seq, event)
    return [call for call in book.calls if not asked or call.passed or canonical(call.ticket or "") == asked]


def canonical(number: str) -> str:
    """A ticket number as one alphabet writes it."""
    return "".join(number.split()).upper().translate(ALIKE)


class _Book:
    """Reads a day's events in order."""

    def __init__(self, plan: HallPlan, asked: str) -> None:
        self.calls: list[Call] = []
        self._plan = plan
        self._asked = asked
        self._visitors: dict[str, Visitor] = {}
        self._watched: set[str] = set()
        self._before: dict[str, tuple[str, Visitor | None]] = {}
        self._called: dict[str, Call] = {}

    def saw(self, seq: int, event: e.AnyEvent) -> None:
        """One event."""
        match event:
            case e.PlanAdopted():
                self._plan = event.plan
            case e.TicketIssued():
                self._issued(event)
            case e.TicketCalled():
                self._call(seq, event)
            case e.NobodyCalled() if event.why.rule != "nobody-waiting":
                self.calls.append(Call(seq, event.at, event.window, self._label(event.window), event.why))
            case e.StepUndone():
                self._undone(event)
            case _:
                self._moved(event)

    def _moved(self, event: e.AnyEvent) -> None:
        """What happens between two calls, as far as it changes who waits where."""
        match event:
            case e.ServiceFinished() if event.services:
                self._step(event, services=event.services, leg=event.leg, waiting=not event.here)
            case e.TicketTransferred():
                self._transferred(event)
            case e.ServiceStarted() | e.ServiceFinished() | e.VisitorMissed() | e.TicketParked():
                self._step(event)
            case e.TicketMovedBack():
                self._change(event.ticket, place=(event.place, event.ticket))
            case e.TicketUnparked() | e.VisitorReturned():
                self._change(event.ticket, waiting=True)
            case e.VisitorLeft() | e.VisitorUnserved():
                self._change(event.ticket, waiting=False)

    def _label(self, window: str) -> str:
        plan = self._plan.window.get(window)
        return plan.label if plan else window

    def _issued(self, event: e.TicketIssued) -> None:
        self._visitors[event.ticket] = Visitor(event.number, event.services, (event.at, event.ticket))
        if self._asked and canonical(event.number) == self._asked:
            self._watched.add(event.ticket)

    def _call(self, seq: int, event: e.TicketCalled) -> None:
        visitor = self._visitors.get(event.ticket)  # None: came before midnight
        call = Call(seq, event.at, event.window, self._label(event.window), event.why)
        if visitor is not None:
            call.ticket, call.service = visitor.number, visitor.services[visitor.leg]
            call.passed = any(self._overtakes(event.window, visitor, ticket) for ticket in self._watched)
        self.calls.append(call)
        self._called[event.window] = call
        self._step(event, waiting=False)

    def _overtakes(self, window: str, called: Visitor, ticket: str) -> bool:
        """Whether this call goes before a ticket that waits, came earlier and could be served there."""
        other, skills = self._visitors[ticket], self._plan.window[window].skills
        return other.waiting and other.place < called.place and other.services[other.leg] in skills

    def _transferred(self, event: e.TicketTransferred) -> None:
        visitor = self._visitors.get(event.ticket)
        if visitor is not None:
            legs, leg = visitor.services, visitor.leg
            services = (*legs[:leg], event.service, *legs[leg + 1 :])
            self._step(event, services=services, waiting=True)

    def _step(self, event: Step | e.TicketTransferred, **changes: Any) -> None:
        """What a window does can be taken back."""
        self._before[event.window] = event.ticket, self._visitors.get(event.ticket)
        self._change(event.ticket, **changes)

    def _change(self, ticket: str, **changes: Any) -> None:
        if ticket in self._visitors:
            self._visitors[ticket] = replace(self._visitors[ticket], **changes)

    def _undone(self, event: e.StepUndone) -> None:
        if event.ticket is None:
            return
        ticket, visitor = self._before.pop(event.window, (event.ticket, None))
        if visitor is not None:
            self._visitors[ticket] = visitor
        if event.step == "call" and event.window in self._called:
            self._called[event.window].undone = True


def view(call: Call, language: str, instant: Callable[[float], str]) -> dict[str, Any]:
    """A call as docs/api.md has it, its sentence in `language`."""
    told = msgspec.structs.asdict(call)
    return told | {"at": instant(call.at), "sentence": sentence(call.why, language, call.ticket or "")}


def csv_sheet(views: Sequence[dict[str, Any]]) -> bytes:
    """One row for each call."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for told in views:
        cells = {**msgspec.structs.asdict(told["why"]), **told}
        table.writerow([_cell(cells[column]) for column in COLUMNS])
    return text.getvalue().encode()


def _cell(value: object) -> object:
    """A cell that every program of tables reads the same."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, dict):
        return " ".join(f"{part}={figure}" for part, figure in value.items())
    return " ".join(value) if isinstance(value, tuple) else value
