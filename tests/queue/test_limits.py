"""What a hall refuses, with which word, and that it leaves no trace (the scene checks that each time)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.queue.scene import Scene
from vikno.queue import commands as c
from vikno.queue.plan import HallPlan
from vikno.queue.state import Limits

PASSPORT = ("passport",)


@pytest.fixture
def scene(plan: HallPlan) -> Scene:
    """Somebody in every state: w-1 has called, w-2 is paused, w-3 closed."""
    scene = Scene(plan)
    for ticket in ("waiting", "called", "parked", "left", "missed", "served"):
        scene.issue(ticket)
    scene.issue("pickup", "pickup")
    scene.do(c.OpenWindow, "w-1")
    for ticket, step in (("parked", c.ParkVisitor), ("missed", c.MissVisitor), ("served", c.StartService)):
        scene.do(c.CallChosen, "w-1", ticket)
        scene.do(step, "w-1")
    scene.do(c.FinishService, "w-1")
    scene.do(c.Leave, "left")
    scene.do(c.CallChosen, "w-1", "called")
    scene.do(c.OpenWindow, "w-2")
    scene.do(c.PauseWindow, "w-2")
    return scene


@pytest.mark.parametrize(
    ("command", "arguments", "code"),
    [
        (c.IssueTicket, ("n", ()), "no-service"),
        (c.IssueTicket, ("n", ("visa",)), "unknown-service"),
        (c.IssueTicket, ("n", ("passport", "visa")), "unknown-service"),
        (c.IssueTicket, ("n", ("passport", "passport")), "service-twice"),
        (c.IssueTicket, ("n", ("passport",) * 9), "too-many-services"),
        (c.IssueTicket, ("n", PASSPORT, "", 10), "bad-priority"),
        (c.IssueTicket, ("n", PASSPORT, "", -10), "bad-priority"),
        (c.IssueTicket, ("waiting", PASSPORT), "ticket-exists"),
        (c.IssueTicket, ("served", PASSPORT), "ticket-exists"),
        (c.Leave, ("nobody",), "unknown-ticket"),
        (c.Leave, ("served",), "wrong-state"),
        (c.Leave, ("left",), "wrong-state"),
        (c.ReturnToLine, ("waiting",), "wrong-state"),
        (c.ReturnToLine, ("missed",), "wrong-state"),
        (c.MoveBack, ("nobody",), "unknown-ticket"),
        (c.MoveBack, ("called",), "wrong-state"),
        (c.MoveBack, ("waiting", 0), "bad-places"),
        (c.MoveBack, ("waiting", 5_001), "bad-places"),
        (c.MoveBack, ("waiting",), "nobody-behind"),
        (c.ChangePriority, ("waiting", 10), "bad-priority"),
        (c.ChangePriority, ("called", 1), "wrong-state"),
        (c.OpenWindow, ("w-9",), "unknown-window"),
        (c.CloseWindow, ("w-1",), "window-busy"),
        (c.PauseWindow, ("w-1",), "window-busy"),
        (c.PauseWindow, ("w-3",), "window-closed"),
        (c.CallNext, ("w-9",), "unknown-window"),
        (c.CallNext, ("w-1",), "window-busy"),
        (c.CallNext, ("w-2",), "window-paused"),
        (c.CallNext, ("w-3",), "window-closed"),
        (c.CallChosen, ("w-1", "waiting"), "window-busy"),
        (c.Recall, ("w-2",), "window-idle"),
        (c.StartService, ("w-3",), "window-idle"),
        (c.FinishService, ("w-2",), "window-idle"),
        (c.MissVisitor, ("w-2",), "window-idle"),
        (c.ParkVisitor, ("w-2",), "window-idle"),
        (c.UnparkVisitor, ("w-2", "waiting"), "wrong-state"),
        (c.UnparkVisitor, ("w-2", "nobody"), "unknown-ticket"),
        (c.UnparkVisitor, ("w-9", "parked"), "unknown-window"),
        (c.TransferVisitor, ("w-1", "visa"), "unknown-service"),
        (c.TransferVisitor, ("w-2", "passport"), "window-idle"),
        (c.UndoStep, ("w-9",), "unknown-window"),
    ],
)
def test_what_the_rules_refuse(
    scene: Scene, command: type[c.Command], arguments: tuple[object, ...], code: str
) -> None:
    assert scene.refused(command, *arguments) == code


@pytest.mark.parametrize("ticket", ["called", "left", "missed", "served"])
def test_nobody_is_called_who_does_not_wait(scene: Scene, ticket: str) -> None:
    scene.do(c.OpenWindow, "w-3")
    assert scene.refused(c.CallChosen, "w-3", ticket) == "not-waiting"


def test_a_window_calls_only_for_its_skills(scene: Scene) -> None:
    scene.do(c.OpenWindow, "w-3")
    assert scene.refused(c.CallChosen, "w-3", "pickup") == "no-skill"


def test_a_full_hall_refuses_until_somebody_is_called(plan: HallPlan) -> None:
    scene = Scene(replace(plan, waiting_places=2))
    scene.issue("a")
    scene.issue("b", "pickup")
    assert scene.refused(c.IssueTicket, "c", PASSPORT) == "hall-full"
    scene.do(c.OpenWindow, "w-1")
    scene.do(c.CallNext, "w-1")
    scene.issue("c")


def test_no_hall_has_more_waiting_than_the_limit(plan: HallPlan) -> None:
    scene = Scene(replace(plan, waiting_places=100), limits=Limits(waiting_max=1))
    scene.issue("a")
    assert scene.refused(c.IssueTicket, "b", PASSPORT) == "hall-full"


def test_a_day_has_only_so_many_tickets(plan: HallPlan) -> None:
    scene = Scene(plan, limits=Limits(tickets_a_day_max=2))
    for ticket in "ab":
        scene.issue(ticket)
        scene.do(c.Leave, ticket)
    assert scene.refused(c.IssueTicket, "c", PASSPORT) == "day-full"
    scene.comes("2026-11-21 08:00")
    scene.issue("c")


def test_a_closed_hall_issues_nothing(plan: HallPlan) -> None:
    scene = Scene(plan, "2026-11-20 07:59")
    assert scene.refused(c.IssueTicket, "a", PASSPORT) == "hall-closed"
    scene.issue("a", after=60)
    scene.comes("2026-11-20 15:59:59")
    scene.issue("b", after=0)
    assert scene.refused(c.IssueTicket, "c", PASSPORT, after=1) == "hall-closed"


def test_leaving_is_taken_back_for_two_minutes(plan: HallPlan) -> None:
    scene = Scene(plan)
    for ticket in "ab":
        scene.issue(ticket)
    scene.do(c.Leave, "a")
    scene.do(c.ReturnToLine, "a", after=120)
    assert scene.line("passport") == ["a", "b"]
    scene.do(c.Leave, "a")
    assert scene.refused(c.ReturnToLine, "a", after=121) == "too-late"


def test_a_plan_keeps_what_people_in_the_hall_need(plan: HallPlan) -> None:
    without = replace(
        plan,
        services=tuple(s for s in plan.services if s.id != "pickup"),
        windows=tuple(w for w in plan.windows if w.id != "w-2"),
    )
    scene = Scene(plan)
    scene.issue("t", "passport", "pickup")
    assert scene.refused(c.AdoptPlan, without) == "in-use"
    scene.do(c.Leave, "t")
    scene.do(c.AdoptPlan, without)
    scene.serve("w-3", ticket="u")
    assert scene.refused(c.AdoptPlan, replace(without, windows=without.windows[:1])) == "in-use"


def test_twice_open_is_no_error_and_no_event(plan: HallPlan) -> None:
    scene = Scene(plan)
    assert scene.do(c.OpenWindow, "w-1")
    assert scene.do(c.OpenWindow, "w-1") == []
    assert scene.do(c.CloseWindow, "w-2") == []
    assert scene.do(c.AdoptPlan, plan) == []
