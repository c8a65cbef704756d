"""Undo in place of a question: a window takes its last step back for five seconds, exactly."""

from __future__ import annotations

import msgspec
import pytest

from tests.queue.scene import Scene
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.plan import HallPlan
from vikno.queue.state import Limits

STEPS: dict[type[c.Command], tuple[object, ...]] = {
    c.MissVisitor: (),
    c.ParkVisitor: (),
    c.TransferVisitor: ("residence",),
    c.StartService: (),
}


def records(scene: Scene) -> dict[str, object]:
    """Tickets and windows as they stand; without the way back, which an undo uses up."""
    return {
        **{ticket.id: ticket for ticket in scene.hall.tickets.values()},
        **{window.id: window for window in scene.hall.windows.values()},
        **{f"line of {service}": list(line) for service, line in scene.hall.lines.items()},
        "waiting": scene.hall.waiting,
    }


def called(plan: HallPlan) -> Scene:
    scene = Scene(plan)
    scene.issue("t", "passport", "pickup")
    scene.do(c.OpenWindow, "w-1", after=10)
    scene.do(c.CallNext, "w-1", after=10)
    return scene


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_step_after_a_call_is_taken_back_to_the_letter(plan: HallPlan, step: type[c.Command]) -> None:
    scene = called(plan)
    before = records(scene)
    scene.do(step, "w-1", *STEPS[step], after=10)
    assert records(scene) != before
    (undone,) = scene.do(c.UndoStep, "w-1", after=5)
    assert isinstance(undone, e.StepUndone)
    assert undone.ticket == "t"
    assert records(scene) == before


@pytest.mark.parametrize("window", ["w-1", "w-3"], ids=["the last leg", "a leg elsewhere"])
def test_finishing_is_taken_back_with_its_counts(plan: HallPlan, window: str) -> None:
    scene = Scene(plan)
    scene.serve(window, *(["passport"] if window == "w-1" else ["passport", "pickup"]))
    before = records(scene)
    scene.do(c.FinishService, window, after=300)
    assert scene.hall.windows[window].served == 1
    assert scene.hall.windows[window].serving_seconds == 300
    scene.do(c.UndoStep, window)
    assert records(scene) == before


def test_a_call_is_taken_back_and_the_visitor_has_the_old_place(plan: HallPlan) -> None:
    scene = Scene(plan)
    for ticket in "abc":
        scene.issue(ticket)
    scene.do(c.OpenWindow, "w-1")
    before = records(scene)
    scene.do(c.CallNext, "w-1")
    scene.do(c.UndoStep, "w-1", after=3)
    assert records(scene) == before
    assert scene.line("passport") == ["a", "b", "c"]


@pytest.mark.parametrize("step", [c.OpenWindow, c.PauseWindow, c.CloseWindow])
def test_opening_and_closing_is_taken_back(plan: HallPlan, step: type[c.Command]) -> None:
    scene = Scene(plan)
    if step is not c.OpenWindow:
        scene.do(c.OpenWindow, "w-1")
    before = records(scene)
    scene.do(step, "w-1", after=10)
    scene.do(c.UndoStep, "w-1")
    assert records(scene) == before


def test_five_seconds_is_in_time_and_a_moment_more_is_not(plan: HallPlan) -> None:
    scene = called(plan)
    scene.do(c.MissVisitor, "w-1")
    assert scene.refused(c.UndoStep, "w-1", after=5.001) == "too-late"
    scene = called(plan)
    scene.do(c.MissVisitor, "w-1")
    scene.do(c.UndoStep, "w-1", after=5.0)


def test_a_visit_finished_without_a_start_counts_from_its_call(plan: HallPlan) -> None:
    scene = called(plan)
    before = records(scene)
    (finished,) = scene.do(c.FinishService, "w-1", after=300)
    assert isinstance(finished, e.ServiceFinished)
    assert not finished.here, "pickup is not given here"
    assert scene.hall.windows["w-1"].serving_seconds == 300
    scene.do(c.UndoStep, "w-1")
    assert records(scene) == before


def test_the_hall_says_how_long(plan: HallPlan) -> None:
    scene = Scene(plan, limits=Limits(undo_seconds=60.0))
    scene.do(c.OpenWindow, "w-1")
    scene.do(c.UndoStep, "w-1", after=60)


def test_only_the_last_step_and_only_once(plan: HallPlan) -> None:
    scene = called(plan)
    scene.do(c.StartService, "w-1")
    scene.do(c.UndoStep, "w-1")
    assert scene.hall.tickets["t"].state == "called"
    assert scene.refused(c.UndoStep, "w-1") == "nothing-to-undo"


def test_a_window_that_did_nothing_has_nothing_to_take_back(plan: HallPlan) -> None:
    assert Scene(plan).refused(c.UndoStep, "w-1") == "nothing-to-undo"


def test_a_call_that_was_heard_twice_is_not_taken_back(plan: HallPlan) -> None:
    scene = called(plan)
    scene.do(c.Recall, "w-1")
    assert scene.refused(c.UndoStep, "w-1") == "nothing-to-undo"


def test_what_a_visitor_does_is_not_a_step_of_the_window(plan: HallPlan) -> None:
    scene = called(plan)
    scene.do(c.Leave, "t")
    assert scene.refused(c.UndoStep, "w-1") == "nothing-to-undo"


@pytest.mark.parametrize("meanwhile", ["unparked", "called elsewhere", "left", "another priority"])
def test_too_late_once_the_visitor_has_gone_on(plan: HallPlan, meanwhile: str) -> None:
    """Otherwise two windows would have the same visitor, or a visitor who left would come back unasked."""
    scene = called(plan)
    scene.do(c.ParkVisitor, "w-1")
    if meanwhile == "unparked":
        scene.do(c.UnparkVisitor, "w-2", "t")
    elif meanwhile == "called elsewhere":
        scene.do(c.OpenWindow, "w-3")
        scene.do(c.CallChosen, "w-3", "t")
    elif meanwhile == "left":
        scene.do(c.Leave, "t")
    else:
        scene.do(c.ChangePriority, "t", 1)
    assert scene.refused(c.UndoStep, "w-1") == "too-late"


def test_another_window_takes_back_its_call_and_then_the_first_its_parking(plan: HallPlan) -> None:
    scene = called(plan)
    before = records(scene)
    scene.do(c.ParkVisitor, "w-1")
    scene.do(c.OpenWindow, "w-3")
    scene.do(c.CallChosen, "w-3", "t")
    scene.do(c.UndoStep, "w-3")
    scene.do(c.UndoStep, "w-1")
    after = records(scene)
    assert (after["t"], after["w-1"]) == (before["t"], before["w-1"])


def test_nothing_is_taken_back_across_midnight(plan: HallPlan) -> None:
    scene = Scene(plan, "2026-11-20 15:59")
    scene.serve("w-1")
    scene.comes("2026-11-20 23:59:58")
    scene.do(c.FinishService, "w-1")
    assert scene.refused(c.UndoStep, "w-1", after=3) == "nothing-to-undo"


def test_nothing_is_taken_back_across_a_new_plan(plan: HallPlan) -> None:
    scene = called(plan)
    scene.do(c.AdoptPlan, msgspec.structs.replace(plan, target_minutes=10.0))
    assert scene.refused(c.UndoStep, "w-1") == "nothing-to-undo"
