"""The calls of a day: whoever asks for one ticket finds each call that went before it, and no other."""

from __future__ import annotations

from contextlib import suppress
from itertools import count

import numpy as np
import pytest

from tests.queue.scene import Scene
from tests.scheduler.adversaries import last_come_first
from vikno.display.audit import COLUMNS, calls_of, canonical, csv_sheet, view
from vikno.display.passing import passing
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.errors import CommandRefused
from vikno.queue.plan import HallPlan
from vikno.queue.policy import Why

STEPS_A_DAY = 400
UNDONE = 0.2
"""Share of calls that a clerk takes back at once."""

SERVICES = ("passport", "residence", "pickup")
WINDOWS = ("w-1", "w-2", "w-3")


class Day(Scene):
    """A day in which everything happens at random; the policy calls who came last."""

    def __init__(self, plan: HallPlan, seed: int) -> None:
        super().__init__(plan)
        self.hall.policy = last_come_first()
        self.random = np.random.default_rng(seed)
        for window in WINDOWS:
            self.do(c.OpenWindow, window)
        tickets = count()
        for _ in range(STEPS_A_DAY):
            self.now += float(self.random.uniform(0.1, 4))
            if self.random.random() < 0.4:
                services = self.random.permutation(SERVICES)[: self.random.integers(1, 3)]
                self.issue(f"t{next(tickets)}", *map(str, services))
            else:
                self.try_something()

    def try_something(self) -> None:
        """One of the steps of a window or a visitor; what the rules refuse does not happen."""
        window = str(self.random.choice(WINDOWS))
        ticket = str(self.random.choice(list(self.hall.tickets) or ["nobody"]))
        steps: list[tuple[type[c.Command], str | tuple[str, str]]] = [
            *[(step, window) for step in (c.CallNext, c.CallNext, c.UndoStep, c.StartService)],
            *[(step, window) for step in (c.FinishService, c.UndoStep, c.MissVisitor, c.ParkVisitor)],
            (c.CallChosen, (window, ticket)),
            (c.UnparkVisitor, (window, ticket)),
            (c.TransferVisitor, (window, str(self.random.choice(SERVICES)))),
            *[(step, ticket) for step in (c.MoveBack, c.Leave, c.ReturnToLine)],
        ]
        step, words = steps[self.random.integers(len(steps))]
        with suppress(CommandRefused):
            self.do(step, *([words] if isinstance(words, str) else words))
            if step is c.CallNext and self.random.random() < UNDONE:
                self.do(c.UndoStep, window)

    def read(self) -> list[tuple[int, e.AnyEvent]]:
        """The day as its journal has it."""
        first = next(n for n, event in enumerate(self.events) if isinstance(event, e.DayBegan))
        return [(n + 1, event) for n, event in enumerate(self.events) if n >= first]  # type: ignore[misc]


@pytest.mark.parametrize("seed", range(6))
def test_each_call_is_found_by_all_it_overtook_and_by_nobody_else(plan: HallPlan, seed: int) -> None:
    day = Day(plan, seed)
    told = calls_of(plan, day.read())
    found = dict.fromkeys((call.seq for call in told), 0)
    named: dict[int, set[str]] = {call.seq: set() for call in told}
    for ticket in day.hall.tickets.values():
        for call in calls_of(plan, day.read(), ticket.number):
            assert call.passed is not (call.ticket == ticket.number)
            found[call.seq] += call.passed
            named[call.seq] |= {ticket.number} if call.passed else set()
    assert sum(found.values()) > STEPS_A_DAY / 4
    for call in told:
        assert found[call.seq] == call.why.overtook
        assert named[call.seq] >= set(call.why.overtook_numbers)


@pytest.mark.parametrize("seed", range(3))
def test_the_calls_are_those_of_the_journal_with_their_reasons(plan: HallPlan, seed: int) -> None:
    day = Day(plan, seed)
    told = calls_of(plan, day.read())
    written = [(n, event) for n, event in day.read() if isinstance(event, e.TicketCalled)]
    assert [(call.seq, call.at, call.window, call.why) for call in told] == [
        (n, event.at, event.window, event.why) for n, event in written
    ]
    numbers = [day.hall.tickets[event.ticket].number for _, event in written]
    assert [call.ticket for call in told] == numbers
    undone = [event for _, event in day.read() if isinstance(event, e.StepUndone) and event.step == "call"]
    assert sum(call.undone for call in told) == len(undone) > 0


def test_a_visitor_learns_how_many_went_first_and_why_the_last_of_them(plan: HallPlan) -> None:
    scene = Scene(plan)
    scene.hall.policy = last_come_first()
    for window in WINDOWS:
        scene.do(c.OpenWindow, window)
    mine, other = scene.issue("mine", "passport"), scene.issue("other", "pickup")
    for n in range(3):
        scene.issue(f"later-{n}", "passport")
    assert passing(scene.hall, mine) == {"count": 0, "rule": None, "most": plan.overtaken_max}
    scene.do(c.CallNext, "w-1", after=1)
    assert passing(scene.hall, mine)["rule"] == "by-last"
    scene.do(c.CallChosen, "w-3", "later-0", after=1)
    assert passing(scene.hall, mine) == {"count": 2, "rule": "chosen-by-clerk", "most": plan.overtaken_max}
    assert passing(scene.hall, other) == {"count": 0, "rule": None, "most": plan.overtaken_max}
    scene.do(c.UndoStep, "w-3", after=1)
    assert passing(scene.hall, mine)["rule"] == "by-last"


def test_where_nobody_is_let_pass_no_limit_is_told(plan: HallPlan) -> None:
    scene = Scene(plan)
    assert passing(scene.hall, scene.issue("mine"))["most"] is None


def test_a_window_kept_free_is_told_and_an_empty_line_is_not(plan: HallPlan) -> None:
    day = [
        (2, e.NobodyCalled(1.0, "w-1", Why("index", "nobody-waiting"))),
        (3, e.NobodyCalled(2.0, "w-1", Why("index", "better-window", waiting=2))),
    ]
    [call] = calls_of(plan, day)
    told = view(call, "en", str)
    assert (told["seq"], told["ticket"], told["label"]) == (3, None, "1")
    assert told["sentence"] == "Nobody yet: another free window is better for those who wait."


def test_who_came_before_midnight_is_called_all_the_same(plan: HallPlan) -> None:
    why = Why("fifo", "longest-waiting", 400.0, 1)
    day: list[tuple[int, e.AnyEvent]] = [
        (2, e.TicketParked(0.5, "w-1", "yesterday")),
        (3, e.TicketCalled(1.0, "w-1", "yesterday", why)),
        (4, e.StepUndone(2.0, "w-1", "call", "yesterday")),
    ]
    [call] = calls_of(plan, day)
    assert (call.ticket, call.service, call.undone) == (None, None, True)


def test_a_number_is_found_whatever_keyboard_it_is_typed_on() -> None:
    assert canonical(" а 12 ") == canonical("A12") == "A12"
    assert canonical("Б7") != canonical("B7")


def test_a_sheet_has_a_row_for_each_call_and_a_cell_for_each_part(plan: HallPlan) -> None:
    day = Day(plan, 1)
    told = [view(call, "uk", str) for call in calls_of(plan, day.read())]
    rows = csv_sheet(told).decode().splitlines()
    assert rows[0] == ",".join(COLUMNS)
    assert len(rows) == len(told) + 1
