"""One ticket, several services: legs are done in order, but one window does all it can."""

from __future__ import annotations

import pytest

from tests.queue.scene import Scene
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.plan import HallPlan


def test_legs_a_window_can_do_are_done_there_one_after_the_other(plan: HallPlan) -> None:
    scene = Scene(plan)
    scene.serve("w-1", "passport", "residence")
    scene.do(c.FinishService, "w-1", after=60)
    ticket, window = scene.hall.tickets["t"], scene.hall.windows["w-1"]
    assert (ticket.state, ticket.service, ticket.leg, ticket.window) == ("serving", "residence", 1, "w-1")
    assert (window.ticket, window.served) == ("t", 1)
    scene.do(c.FinishService, "w-1", after=90)
    assert scene.hall.tickets["t"].state == "served"
    assert scene.hall.windows["w-1"].ticket is None
    assert scene.hall.windows["w-1"].served == 2
    assert scene.hall.windows["w-1"].serving_seconds == 150


def test_a_leg_that_only_others_can_do_goes_through_their_line_at_the_old_place(plan: HallPlan) -> None:
    scene = Scene(plan)
    scene.issue("t", "passport", "pickup")
    scene.issue("later", "pickup")
    scene.do(c.OpenWindow, "w-1")
    scene.do(c.CallNext, "w-1", after=600)
    scene.do(c.StartService, "w-1")
    (finished,) = scene.do(c.FinishService, "w-1", after=60)
    assert isinstance(finished, e.ServiceFinished)
    assert (finished.last, finished.here) == (False, False)
    assert scene.line("pickup") == ["t", "later"]
    assert scene.hall.tickets["t"].window is None
    scene.do(c.OpenWindow, "w-2")
    (called,) = scene.do(c.CallNext, "w-2")
    assert isinstance(called, e.TicketCalled)
    assert called.ticket == "t"
    assert scene.hall.tickets["t"].first_called == scene.hall.tickets["t"].issued + 601


def test_what_the_window_can_do_comes_before_what_is_next_in_the_list(plan: HallPlan) -> None:
    scene = Scene(plan)
    scene.serve("w-1", "passport", "pickup", "residence")
    scene.do(c.FinishService, "w-1")
    assert scene.hall.tickets["t"].services == ("passport", "residence", "pickup")
    assert scene.hall.tickets["t"].state == "serving"
    scene.do(c.FinishService, "w-1")
    assert scene.line("pickup") == ["t"]


def test_a_transfer_replaces_the_present_leg_only(plan: HallPlan) -> None:
    scene = Scene(plan)
    scene.serve("w-3", "passport", "pickup")
    scene.do(c.TransferVisitor, "w-3", "residence", after=30)
    ticket = scene.hall.tickets["t"]
    assert (ticket.services, ticket.leg, ticket.state) == (("residence", "pickup"), 0, "waiting")
    assert scene.hall.windows["w-3"].serving_seconds == 30
    assert scene.hall.windows["w-3"].served == 0


def test_a_transfer_to_a_leg_that_comes_anyway_is_refused(plan: HallPlan) -> None:
    scene = Scene(plan)
    scene.serve("w-3", "passport", "pickup")
    assert scene.refused(c.TransferVisitor, "w-3", "pickup") == "service-twice"


@pytest.mark.parametrize("window", ["w-1", "w-2", "w-3"])
def test_parked_keeps_leg_and_place_and_any_window_may_bring_them_back(plan: HallPlan, window: str) -> None:
    scene = Scene(plan)
    scene.serve("w-1", "passport", "residence")
    scene.do(c.FinishService, "w-1")
    scene.do(c.ParkVisitor, "w-1")
    scene.issue("later", "residence")
    scene.do(c.OpenWindow, "w-2")
    (called,) = scene.do(c.CallNext, "w-2")
    assert isinstance(called, e.TicketCalled)
    assert called.ticket == "later", "a parked visitor is never called by itself"
    scene.do(c.UnparkVisitor, window, "t")
    assert scene.line("residence") == ["t"]
    assert scene.hall.tickets["t"].leg == 1


def test_a_parked_visitor_is_called_by_choice_straight_from_aside(plan: HallPlan) -> None:
    scene = Scene(plan)
    scene.serve("w-1")
    scene.do(c.ParkVisitor, "w-1")
    scene.do(c.CallChosen, "w-1", "t")
    assert scene.hall.tickets["t"].state == "called"
