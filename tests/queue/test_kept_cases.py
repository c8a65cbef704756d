"""What once went wrong, kept as it was found."""

from __future__ import annotations

from msgspec.structs import replace

from tests.queue.scene import Scene
from vikno.queue import commands as c
from vikno.queue.plan import HallPlan


def without_pickup(plan: HallPlan) -> HallPlan:
    """The plan after a manager took one service and its window out."""
    return replace(
        plan,
        services=tuple(s for s in plan.services if s.id != "pickup"),
        windows=tuple(w for w in plan.windows if "pickup" not in w.skills),
    )


def test_more_time_lets_somebody_pass_who_came_at_the_same_instant(plan: HallPlan) -> None:
    scene = Scene(plan)
    scene.issue("a")
    scene.issue("b", after=0)
    scene.do(c.MoveBack, "a", 1)
    assert scene.line("passport") == ["b", "a"]


def test_more_time_between_two_of_the_same_instant_lets_both_pass(plan: HallPlan) -> None:
    scene = Scene(plan)
    scene.issue("a")
    scene.issue("b")
    scene.issue("c", after=0)
    scene.do(c.MoveBack, "a", 1)
    assert scene.line("passport") == ["b", "c", "a"]


def test_asking_for_more_time_again_and_again_never_runs_out_of_places(plan: HallPlan) -> None:
    """Each press halves the gap before the next visitor; a float has only so many halves."""
    scene = Scene(plan)
    for ticket in "abc":
        scene.issue(ticket)
    for _ in range(60):
        first, second, third = scene.line("passport")
        scene.do(c.MoveBack, first, 1, after=0.1)
        assert scene.line("passport") in ([second, first, third], [second, third, first])


def test_nobody_returns_for_a_later_leg_that_is_gone(plan: HallPlan) -> None:
    scene = Scene(plan)
    scene.issue("t", "passport", "pickup")
    scene.do(c.Leave, "t")
    scene.do(c.AdoptPlan, without_pickup(plan))
    assert scene.refused(c.ReturnToLine, "t") == "too-late"
