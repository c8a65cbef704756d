"""What is proposed and what is not: every proof has to hold, and days that cannot teach are left out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.simulation.calibration.truth import lived, true_hall
from tests.simulation.halls import exponential, hall, service, window
from vikno.queue.plan import HallPlan
from vikno.scheduler import POLICIES
from vikno.scheduler.learned import Learned, learned_of
from vikno.scheduler.table import index_table, optimized_table
from vikno.simulation.estimates import UNKNOWN, Estimate
from vikno.simulation.proposal import DAYS_MIN, Effort, Reason
from vikno.simulation.proposing import Gain, as_in_force, objection, propose
from vikno.simulation.proving import Pair, Proof, prove_drawn, prove_recorded

EFFORT = Effort(1, seconds=None, rounds=0)


def two_windows() -> HallPlan:
    """A short morning with two services that share two windows."""
    services = [
        service("passport", exponential(9.0), arrivals=((540, 5.0),)),
        service("pickup", exponential(3.0), arrivals=((540, 12.0),)),
    ]
    both = {"passport": 1.0, "pickup": 1.0}
    return hall(services, window("w-1", both), window("w-2", both), opens=540, closes=720)


def estimate(value: float, half: float) -> Estimate:
    return Estimate(value, value - half, value + half)


def proof(ratio: Estimate, lost: Estimate = UNKNOWN, p95: Estimate = UNKNOWN) -> Proof:
    """One whose mean wait has this ratio, whose P95 differs so, and whose service's share does."""
    wait, longest, share = (
        Pair(UNKNOWN, UNKNOWN, UNKNOWN, ratio),
        Pair(UNKNOWN, UNKNOWN, p95, UNKNOWN),
        Pair(UNKNOWN, UNKNOWN, lost, UNKNOWN),
    )
    return Proof(20, {"wait_mean": wait, "wait_p95": longest}, {"passport": {"within_target": share}})


BETTER = proof(estimate(0.8, 0.1))


@given(value=st.floats(0.5, 1.5), half=st.floats(0.0, 0.5), real=st.booleans())
def test_nothing_is_proposed_whose_interval_reaches_the_present(
    value: float, half: float, real: bool
) -> None:
    here = proof(estimate(value, half))
    reason = objection(Gain("fifo", BETTER, here) if real else Gain("fifo", here, None))
    if value + half >= 1:
        assert reason is not None
    if reason is None:
        assert value < 1


@pytest.mark.parametrize(
    ("gain", "reason"),
    [
        (Gain("fifo", BETTER, BETTER), None),
        (Gain("fifo", BETTER, None), None),
        (Gain("fifo", proof(UNKNOWN), None), Reason.NOT_BETTER),
        (Gain("fifo", proof(estimate(0.99, 0.001)), None), Reason.NOT_BETTER),
        (Gain("fifo", proof(estimate(0.8, 0.1), p95=estimate(3.0, 1.0)), None), Reason.NOT_BETTER),
        (Gain("fifo", BETTER, proof(estimate(0.9, 0.2))), Reason.NOT_BETTER_THEN),
        (Gain("fifo", proof(estimate(0.8, 0.1), lost=estimate(-0.05, 0.01)), None), Reason.UNFAIR),
        (Gain("fifo", proof(estimate(0.8, 0.1), lost=estimate(-0.05, 0.06)), None), None),
    ],
)
def test_each_objection_is_named(gain: Gain, reason: Reason | None) -> None:
    assert objection(gain) == reason


def test_a_policy_gains_nothing_over_itself() -> None:
    plan = two_windows()
    [*days] = lived(plan, 3, 5)
    same = learned_of(plan, index_table(plan), {})
    for told in (
        prove_drawn(plan, ("index", same), 1, days=20),
        prove_recorded(plan, ("index", same), days, 1),
    ):
        pair = told.figures["wait_mean"]
        assert pair.present.value == pair.proposed.value
        assert (pair.difference.value, pair.ratio.value) == (0.0, 1.0)
        assert objection(Gain("index", BETTER, told)) is Reason.NOT_BETTER_THEN


@pytest.mark.parametrize("policy", POLICIES)
def test_the_present_policy_keeps_the_weights_of_the_hall_that_runs(policy: str) -> None:
    plan = two_windows()
    frozen = as_in_force(policy, plan)
    if policy in {"fifo", "priority"}:
        assert frozen == policy
        return
    assert isinstance(frozen, Learned)
    table = index_table(plan) if policy == "index" else optimized_table(plan)
    again = frozen.table_of(plan, frozenset())
    assert again.weight / again.weight.max() == pytest.approx(table.weight / table.weight.max())
    assert again.head_start == pytest.approx(table.head_start)
    assert as_in_force(frozen, plan) is frozen


def test_days_that_are_cut_off_or_empty_do_not_count() -> None:
    days = lived(two_windows(), 3, DAYS_MIN)
    with ThreadPoolExecutor(1) as executor:
        assert propose(days, "fifo", EFFORT, executor).reason is not Reason.FEW_DAYS
        first = days[0]
        for useless in (replace(first, whole=False), replace(first, visits=()), replace(first, staffed={})):
            found = propose([useless, *days[1:]], "fifo", EFFORT, executor)
            assert (found.reason, found.policy) == (Reason.FEW_DAYS, None)


def test_the_days_left_out_are_the_last_and_nothing_is_learned_from_them() -> None:
    days = lived(two_windows(), 3, 20)
    with ThreadPoolExecutor(1) as executor:
        found = propose(days, "fifo", EFFORT, executor)
    dates = [day.date for day in days]
    assert [*found.days, *found.left_out] == dates
    assert len(found.left_out) == 5
    assert date.fromisoformat(found.left_out[0]) > date.fromisoformat(found.days[-1])
    assert found.gain is not None
    assert found.gain.recorded is not None
    assert found.gain.recorded.days == 5


def test_a_hall_with_several_services_on_a_ticket_is_told_as_one_that_cannot_be_tuned() -> None:
    with ThreadPoolExecutor(1) as executor:
        found = propose(lived(true_hall(1), 1, DAYS_MIN), "fifo", EFFORT, executor)
    assert (found.reason, found.policy) == (Reason.NOT_TUNABLE, None)
    assert "several services" in found.detail
