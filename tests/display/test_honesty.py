"""How true told waits were is what a slow reader of the whole day finds, whatever people do."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vikno.display.honesty import JUDGED_VISITS_MIN, WITHIN_SHARE_MIN, Honesty, Score
from vikno.display.waits import Expected, told
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.errors import CommandRefused
from vikno.queue.hall import Hall
from vikno.queue.plan import HallPlan
from vikno.queue.state import Limits
from vikno.scheduler import policy_named

MORNING = 1_763_618_400.0
STEPS = 600
OFTEN = ("issue", "issue", "call", "call", "call", "start", "start", "finish", "finish", "miss")
KINDS = (*OFTEN, *OFTEN, "open", "undo", "undo", "leave", "back")


class Stage:
    """A hall in which things happen by lot, and everybody is promised something."""

    def __init__(self, plan: HallPlan, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.hall = Hall(policy_named("fifo"), Limits(undo_seconds=300.0))
        self.honesty = Honesty()
        self.promises: dict[str, Expected] = {}
        self.moved: set[str] = set()
        self.now = MORNING
        self.services, self.windows = list(plan.service), list(plan.window)
        self._do(c.AdoptPlan(self.now, plan))
        self._do(c.BeginDay(self.now))
        for number in range(STEPS):
            self.now += float(self.rng.exponential(40.0))
            self._step(str(self.rng.choice(KINDS)), f"t-{number:03}")

    def _step(self, kind: str, new: str) -> None:
        at, window = self.now, str(self.rng.choice(self.windows))
        ticket = str(self.rng.choice(list(self.hall.tickets) or ["none"]))
        commands: dict[str, c.Command] = {
            "issue": c.IssueTicket(at, new, (str(self.rng.choice(self.services)),)),
            "open": c.OpenWindow(at, window),
            "call": c.CallNext(at, window),
            "start": c.StartService(at, window),
            "finish": c.FinishService(at, window),
            "miss": c.MissVisitor(at, window),
            "undo": c.UndoStep(at, window),
            "leave": c.Leave(at, ticket),
            "back": c.MoveBack(at, ticket, 2),
        }
        try:
            self._do(commands[kind])
        except CommandRefused:
            return

    def _do(self, command: c.Command) -> None:
        for event in self.hall.decide(command):
            self.hall.apply((event,))
            ticket = self.hall.tickets.get(getattr(event, "ticket", None) or "")
            if ticket is None:
                continue
            if isinstance(event, e.TicketIssued):
                self._promise(ticket.id)
            if isinstance(event, e.TicketMovedBack):
                self.honesty.released(ticket)
                self.moved |= {ticket.id} if ticket.first_called is None else set()
            self.honesty.saw(ticket)

    def _promise(self, ticket: str) -> None:
        expected = Expected(*sorted(self.rng.exponential(30, 3))) if self.rng.random() < 0.8 else None
        self.honesty.promised(self.hall.tickets[ticket], expected)
        if expected is not None:
            self.promises[ticket] = expected

    def slowly(self) -> Score:
        """The score, counted from the end of the day."""
        score = Score()
        for ticket, expected in self.promises.items():
            record, range_ = self.hall.tickets[ticket], told(expected)
            if record.first_called is None or ticket in self.moved or range_ is None:
                continue
            came = (record.first_called - record.issued) / 60
            score.visits += 1
            earliest, latest = math.floor(expected.p10), math.ceil(expected.p90)
            score.within += earliest <= came <= max(latest, earliest + 1)
            score.shown += range_.low <= came <= range_.high
            score.later += came > range_.high
            score.minutes_off += abs(came - expected.p50)
        return score


@pytest.mark.parametrize("seed", range(8))
def test_the_score_is_what_a_recount_finds(always_open: HallPlan, seed: int) -> None:
    stage = Stage(always_open, seed)
    slowly = stage.slowly()
    assert slowly.visits > 20, "a day in which something is measured"
    assert slowly.within, "and something is right"
    found = stage.honesty.score
    counts = [(one.visits, one.within, one.shown, one.later) for one in (found, slowly)]
    assert counts[0] == counts[1]
    assert math.isclose(found.minutes_off, slowly.minutes_off, abs_tol=1e-6)
    before = found.view()
    stage.honesty.folded(stage.hall.tickets)
    assert stage.honesty.score.view()["visits"] == before["visits"], "a fold counts nobody twice"


def test_too_few_visits_are_not_judged_and_bad_ones_are_said_to_be() -> None:
    good = Score(visits=JUDGED_VISITS_MIN, within=JUDGED_VISITS_MIN)
    assert good.view()["honest"] is True
    assert Score(visits=JUDGED_VISITS_MIN - 1, within=0).view()["honest"] is None
    seldom = math.ceil(WITHIN_SHARE_MIN * JUDGED_VISITS_MIN) - 1
    assert Score(visits=JUDGED_VISITS_MIN, within=seldom).view()["honest"] is False
    late = Score(visits=JUDGED_VISITS_MIN, within=JUDGED_VISITS_MIN, later=JUDGED_VISITS_MIN // 2)
    assert late.view()["honest"] is False
    assert Score().view()["within"] is None
