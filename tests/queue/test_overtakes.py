"""How often somebody has been overtaken is part of the hall: counted, taken back, kept, forgotten."""

from __future__ import annotations

import json

import msgspec
import pytest

from tests.queue.scene import Scene
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.hall import Hall
from vikno.queue.plan import OVERTAKEN_MAX, WAITED_MAX_MINUTES, HallPlan
from vikno.queue.policy import Why
from vikno.queue.state import HallState
from vikno.scheduler import policy_named


def hall_with(plan: HallPlan, *tickets: str) -> Scene:
    """These wait for a passport, in this order; every window is open."""
    scene = Scene(plan)
    for ticket in tickets:
        scene.issue(ticket)
    for window in plan.windows:
        scene.do(c.OpenWindow, window.id)
    return scene


def choose(scene: Scene, ticket: str, window: str = "w-3") -> None:
    """The clerk calls this one, who is gone at once."""
    scene.do(c.CallChosen, window, ticket)
    scene.do(c.MissVisitor, window)


def counts(scene: Scene) -> dict[str, int]:
    return {ticket.id: scene.hall.overtaken(ticket.id) for ticket in scene.hall.tickets.values()}


def kept(scene: Scene, service: str = "passport") -> int:
    """How many entries the line holds."""
    return len(scene.hall.lines[service].passed)


def test_everybody_who_came_earlier_is_overtaken_and_nobody_else(plan: HallPlan) -> None:
    scene = hall_with(plan, "a", "b", "c", "d")
    choose(scene, "c")
    assert counts(scene) == {"a": 1, "b": 1, "c": 0, "d": 0}
    choose(scene, "b")
    assert counts(scene) == {"a": 2, "b": 0, "c": 0, "d": 0}


def test_all_lines_of_the_window_are_overtaken_and_no_others(plan: HallPlan) -> None:
    scene = hall_with(plan)
    for service in ("passport", "residence", "pickup"):
        scene.issue(service, service)
    scene.issue("later", "residence")
    scene.do(c.CallChosen, "w-1", "later")  # w-1 serves no pickup
    assert counts(scene) == {"passport": 1, "residence": 1, "pickup": 0, "later": 0}


def test_first_in_first_out_keeps_nothing(plan: HallPlan) -> None:
    scene = hall_with(plan, *"abcdef")
    for _ in range(6):
        scene.do(c.CallNext, "w-3", after=1)
        scene.do(c.FinishService, "w-3")
        assert kept(scene) == 0


def test_what_counts_for_nobody_is_dropped(plan: HallPlan) -> None:
    scene = hall_with(plan, "first", "second", *(f"later-{n}" for n in range(9)), "x", "y")
    for n in range(9):
        choose(scene, f"later-{n}")
    assert kept(scene) == 9
    choose(scene, "first")
    choose(scene, "second")
    choose(scene, "y")
    assert kept(scene) == 1, "only x waits, and came after all but one"
    choose(scene, "x")
    scene.issue("z")
    assert kept(scene) == 0


def test_a_call_taken_back_has_overtaken_nobody(plan: HallPlan) -> None:
    scene = hall_with(plan, "a", "b", "c")
    choose(scene, "b")
    scene.do(c.CallChosen, "w-3", "c")
    assert counts(scene)["a"] == 2
    scene.do(c.UndoStep, "w-3", after=3)
    assert counts(scene)["a"] == 1
    choose(scene, "c")
    assert counts(scene)["a"] == 2


def test_whose_call_is_taken_back_is_as_overtaken_as_before(plan: HallPlan) -> None:
    """Though the line was empty meanwhile."""
    scene = hall_with(plan, "a", "b", "c")
    choose(scene, "b")
    choose(scene, "c")
    scene.do(c.CallChosen, "w-3", "a")
    scene.do(c.UndoStep, "w-3", after=3)
    assert counts(scene) == {"a": 2, "b": 0, "c": 0}


def test_whom_somebody_passed_while_called_by_mistake_was_passed(plan: HallPlan) -> None:
    """As if the call that was taken back had never been; what the line forgot meanwhile is known again."""
    scene = hall_with(plan, "a", "b", "c", "later", "last")
    choose(scene, "b")
    choose(scene, "c")
    scene.do(c.CallChosen, "w-3", "a")
    choose(scene, "last", "w-1")
    assert kept(scene) == 1
    scene.do(c.UndoStep, "w-3", after=3)
    assert counts(scene) == {"a": 3, "b": 0, "c": 0, "later": 1, "last": 0}


def test_a_call_from_parking_is_taken_back_too(plan: HallPlan) -> None:
    scene = hall_with(plan, "a", "b")
    scene.do(c.CallChosen, "w-3", "b")
    scene.do(c.ParkVisitor, "w-3")
    assert counts(scene)["a"] == 1
    scene.do(c.CallChosen, "w-3", "b", after=10)
    assert counts(scene)["a"] == 2
    scene.do(c.UndoStep, "w-3")
    assert counts(scene)["a"] == 1


@pytest.mark.parametrize("alone", [True, False])
def test_another_priority_changes_no_count(plan: HallPlan, alone: bool) -> None:
    scene = hall_with(plan, "a", "b", "c", *([] if alone else ["d"]))
    choose(scene, "b")
    choose(scene, "c")
    for priority in (1, 1, -1):
        scene.do(c.ChangePriority, "a", priority)
        assert counts(scene)["a"] == 2


def test_who_moves_back_is_overtaken_only_by_those_who_are_later_even_so(plan: HallPlan) -> None:
    scene = hall_with(plan, "a", "b", "c", "d", "e")
    choose(scene, "b")
    choose(scene, "e")
    assert counts(scene)["a"] == 2
    scene.do(c.MoveBack, "a", 1)
    assert scene.line("passport") == ["c", "a", "d"]
    assert (counts(scene)["a"], counts(scene)["c"]) == (1, 1), "b is earlier now"


def test_who_returns_begins_with_what_the_longest_waiting_has(plan: HallPlan) -> None:
    scene = hall_with(plan, "a", "b", "c", "d")
    choose(scene, "b")
    choose(scene, "d")
    scene.do(c.Leave, "a")
    assert counts(scene) == {"a": 0, "b": 0, "c": 1, "d": 0}
    scene.do(c.ReturnToLine, "a")
    assert counts(scene)["a"] == 1
    scene.do(c.Leave, "a")
    scene.do(c.Leave, "c")
    scene.do(c.ReturnToLine, "a")
    assert counts(scene)["a"] == 0, "an empty line has forgotten"


def test_who_is_sent_on_begins_with_what_happened_in_the_new_line(plan: HallPlan) -> None:
    scene = hall_with(plan)
    scene.serve("w-3", "passport", ticket="sent-on")
    for ticket in ("r1", "r2", "r3"):
        scene.issue(ticket, "residence")
    choose(scene, "r3", "w-2")
    scene.do(c.TransferVisitor, "w-3", "pickup")
    assert counts(scene)["sent-on"] == 0
    scene.do(c.CallChosen, "w-2", "sent-on")
    scene.do(c.TransferVisitor, "w-2", "residence")
    assert counts(scene)["sent-on"] == 1 == counts(scene)["r1"]


def test_a_second_service_here_overtakes_nobody(plan: HallPlan) -> None:
    scene = hall_with(plan, "first")
    scene.issue("two", "pickup", "residence")
    scene.issue("waits", "residence")
    scene.do(c.CallChosen, "w-2", "two")
    (event,) = scene.do(c.FinishService, "w-2", after=60)
    assert isinstance(event, e.ServiceFinished)
    assert event.here
    assert counts(scene) == {"first": 0, "two": 0, "waits": 0}


def test_a_new_day_and_a_new_plan(plan: HallPlan) -> None:
    scene = hall_with(plan, "a", "b")
    choose(scene, "b")
    scene.do(c.AdoptPlan, msgspec.structs.replace(plan, target_minutes=10.0))
    assert counts(scene)["a"] == 1
    scene.comes("2026-11-21 09:00")
    scene.issue("n")
    assert counts(scene) == {"n": 0}
    assert kept(scene) == 0


# As data -------------------------------------------------------------------------------------------------


def test_a_snapshot_keeps_the_counts(plan: HallPlan) -> None:
    scene = hall_with(plan, "a", "b", "c")
    before = scene.hall.fingerprint()
    choose(scene, "b")
    assert scene.hall.fingerprint() != before
    text = msgspec.json.encode(scene.hall.state())
    copy = Hall(policy_named("fifo"))
    copy.restore(msgspec.json.decode(text, type=HallState))
    assert copy.fingerprint() == scene.hall.fingerprint()
    assert copy.overtaken("a") == 1
    for hall in (copy, scene.hall):  # and both go on alike: undo takes back what a snapshot held
        hall.do(c.CallChosen(scene.now, "w-3", "c"))
        hall.do(c.UndoStep(scene.now + 1, "w-3"))
        assert hall.overtaken("a") == 1
    assert copy.fingerprint() == scene.hall.fingerprint()


def test_counts_differ_in_the_fingerprint(plan: HallPlan) -> None:
    """Two halls of the same tickets and windows, of which one knows of an overtaking."""
    scene = hall_with(plan, "a", "b")
    choose(scene, "b")
    other = Hall(policy_named("fifo"))
    other.restore(msgspec.structs.replace(scene.hall.state(), passed={}))
    assert other.fingerprint() != scene.hall.fingerprint()


def test_a_snapshot_from_before_there_were_counts_is_read(plan: HallPlan) -> None:
    scene = hall_with(plan, "a", "b", "c")
    choose(scene, "b")
    old = json.loads(msgspec.json.encode(scene.hall.state()))
    del old["passed"]
    for step in old["last_steps"].values():
        del step["overtakers"]
    hall = Hall(policy_named("fifo"))
    hall.restore(msgspec.json.decode(json.dumps(old), type=HallState))
    assert hall.overtaken("a") == 0
    assert list(hall.lines["passport"]) == ["a", "c"]


def test_a_journal_from_before_there_was_a_bound_is_read(plan: HallPlan) -> None:
    called = (
        '{"type": "ticket-called", "at": 1.5, "window": "w-1", "ticket": "t", "why": {"policy": "priority", '
        '"rule": "highest-priority", "waited_minutes": 2.0, "waiting": 3, "overtook": 1, '
        '"overtook_numbers": ["A1"], "score": {"priority": 1.0}}}'
    )
    event = e.decode(called)
    assert isinstance(event, e.TicketCalled)
    assert event.why == Why("priority", "highest-priority", 2.0, 3, 1, ("A1",), {"priority": 1.0}, {})
    text = json.loads(e.encode(e.PlanAdopted(0.0, plan)))
    assert not {"overtaken_max", "waited_max_minutes"} & set(text["plan"])
    adopted = e.decode(json.dumps(text))
    assert isinstance(adopted, e.PlanAdopted)
    bound = adopted.plan.overtaken_max, adopted.plan.waited_max_minutes
    assert bound == (OVERTAKEN_MAX, WAITED_MAX_MINUTES)
