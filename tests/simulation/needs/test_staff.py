"""Staffing by simulation: it holds, nobody is counted twice, and more is asked for by more."""

from __future__ import annotations

import math

import numpy as np
import pytest
from msgspec.structs import replace

from benchmarks.staffing import SKILL_SHARE, counted_twice, skills_plan, twin_says
from tests.simulation.halls import exponential, hall, service, window, windows
from vikno.queue.plan import HallPlan, Visits
from vikno.simulation.needs.cells import Seen, Target, cells_of, shares_of
from vikno.simulation.needs.lived import draw, live, see
from vikno.simulation.needs.staff import Asked, NothingToStaff, Staffed, day_of, staff, with_p95

DAYS = 120


def small(rate: float = 30.0, target: float = 5.0, skills: tuple[str, ...] = ("visit",)) -> HallPlan:
    one = service("visit", exponential(8.0), arrivals=((480, rate), (600, rate / 2)), target_minutes=target)
    others = [service("other", exponential(12.0), arrivals=((480, rate / 3),), target_minutes=target)] * (
        "other" in skills
    )
    return hall([one, *others], *windows(2, *skills), opens=480, closes=720)


def asked(share: float = 0.8, each: int = 15) -> Asked:
    return Asked(Target(share, 0.9), each=each, days=DAYS)


@pytest.fixture(scope="module")
def shared() -> Staffed:
    return staff(skills_plan(), Asked(Target(SKILL_SHARE, 0.9), days=200))


def test_the_twin_confirms_needs_of_five_and_three_and_refutes_counting_twice(shared: Staffed) -> None:
    ours = replace(shared.day.plan, windows=shared.day.staffed(shared.people).windows)
    assert shared.proof.holds
    assert all((share.low or 0.0) >= SKILL_SHARE for share in twin_says(ours, 60).values())
    twice = twin_says(counted_twice(), 60)
    assert all((share.high or 1.0) < SKILL_SHARE for share in twice.values())
    knows = [sum(skill in w.skills for w in counted_twice().windows) for skill in ("passport", "residence")]
    assert knows == [5, 3]


def test_needs_add_up_to_the_people_and_no_more(shared: Staffed) -> None:
    assert shared.needs.sum(1) == pytest.approx(shared.people.sum(1))
    hour = 4
    assert shared.people[hour:].sum(1).mean() > shared.load[hour:].sum(1).mean()


def test_a_higher_share_and_a_longer_day_of_judgement(shared: Staffed) -> None:
    assert shared.people.sum() > 0
    plan = small()
    low, high = staff(plan, asked(0.7)), staff(plan, asked(0.95))
    assert high.people.sum() > low.people.sum()
    whole = staff(plan, asked(0.7, each=240))
    assert whole.people.sum() <= low.people.sum()
    assert low.proof.holds
    assert high.proof.holds


def test_p95_is_a_share_of_waits() -> None:
    found = staff(with_p95(small(), 10.0), asked(0.95, each=240))
    p95 = found.proof.achieved[0].wait_p95
    assert p95.value is not None
    assert p95.value <= 10.0


def test_who_holds_nobody_can_be_spared_for_the_whole_day() -> None:
    """One person less in every quarter and the target is missed."""
    plan = small()
    found = staff(plan, asked())
    drawn = draw(found.day, 5, range(DAYS))
    fewer = np.maximum(found.people - 1, 0)
    seen = see(found.day, fewer, drawn)
    assert seen.within.sum() / seen.judged.sum() < 0.8


def test_people_on_duty_are_never_more_than_counted() -> None:
    """Whoever is free first goes, so at no time more serve than there are, but for who is not free yet."""
    plan = small(skills=("visit", "other"))
    day, _ = day_of(plan, asked())
    people = np.full((len(day.starts), 1), 5)
    people[4:8] = 2
    drawn = draw(day, 1, range(DAYS))
    fate = live(day, people, drawn)
    called = fate.called[~np.isnan(fate.called)]
    ended = fate.ended[~np.isnan(fate.called)]
    at = day.starts[6] * 60.0
    midnight = float(drawn.crowds.crowd.at[0] - drawn.order[0])
    serving = ((called <= midnight + at) & (ended > midnight + at)).sum() / DAYS
    assert serving <= 2.3


def test_guests_send_nobody_to_a_window_without_the_skill() -> None:
    """They once looked like shadows of other lines to the kernel: whole days stood still."""
    day, _ = day_of(skills_plan(), asked())
    people = np.array([[3 + q % 5, 2 + q % 3, 2 + q % 2] for q in range(len(day.starts))])
    drawn = draw(day, 1, range(20))
    fate = live(day, people, drawn)
    assert np.isfinite(fate.called).all()
    knows = np.repeat([[True, False], [False, True], [True, True]], people.max(0), axis=0)
    assert knows[fate.window, drawn.crowds.crowd.service].all()


def test_what_cannot_be_staffed_is_told_in_one_line() -> None:
    plan = small(skills=("visit", "other"))
    both = replace(plan, visits=(Visits(("visit", "other"), ((480, 5.0),)),))
    with pytest.raises(NothingToStaff, match="several services on one ticket"):
        staff(both, asked())
    nobody = replace(plan, services=tuple(replace(s, arrivals=()) for s in plan.services))
    with pytest.raises(NothingToStaff, match="nobody comes"):
        staff(nobody, asked())


def test_stretches_with_hardly_anybody_are_judged_together() -> None:
    came = np.array([[3.0, 3.0, 3.0, 3.0], [0.2, 0.3, 0.6, 0.1], [0.0, 0.0, 0.0, 0.0]])
    cells = cells_of(came, 1)
    assert cells.of.tolist() == [[0, 1, 2, 3], [4, 4, 4, 4], [-1, -1, -1, -1]]
    assert cells_of(came, 2).of[0].tolist() == [0, 0, 1, 1]


def test_a_share_is_as_sure_as_its_days() -> None:
    rng = np.random.default_rng(1)
    judged = np.full((400, 1), 10.0)
    alike = Seen(rng.binomial(10, 0.8, (400, 1)).astype(np.float64), judged)
    waves = Seen(np.where(rng.random((400, 1)) < 0.8, 10.0, 0.0), judged)
    one, other = (shares_of(seen, 0.9) for seen in (alike, waves))
    error = math.sqrt(0.8 * 0.2 / 4000)
    assert one.value[0] - one.low[0] == pytest.approx(1.2816 * error, rel=0.15)
    assert other.value[0] - other.low[0] == pytest.approx(1.2816 * error * math.sqrt(10), rel=0.15)
    nothing = shares_of(Seen(np.zeros((5, 1)), np.zeros((5, 1))), 0.9)
    assert (nothing.low[0], nothing.high[0]) == (0.0, 1.0)


def test_the_same_seed_needs_the_same() -> None:
    one, other = (staff(small(), asked()) for _ in range(2))
    assert np.array_equal(one.people, other.people)


def test_a_factor_and_a_second_profile() -> None:
    plan = small()
    slow = replace(plan, windows=(window("slow", {"visit": 2.0}),))
    assert staff(slow, asked()).people.sum() > 1.5 * staff(plan, asked()).people.sum()
