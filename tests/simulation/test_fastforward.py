"""The kernel lives the very days of the twin: the same visitors, windows and minutes, to the last bit."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.simulation.any_hall import any_hall
from tests.simulation.fast_halls import POLICIES, fast_hall, fast_policy, fast_visitors
from tests.simulation.halls import MIXED, WOLA, constant, exponential, hall, service, window, windows
from vikno.queue.hallfile import read_hall_file
from vikno.queue.plan import HallPlan
from vikno.scheduler import policy_named
from vikno.simulation.day import Visitor, draw_day
from vikno.simulation.fastforward.bundles import Crowd, Fate, Floor, Rule
from vikno.simulation.fastforward.days import (
    FastHall,
    NotFast,
    crowd_of,
    draw_crowd,
    plain_rule,
    record_of,
    rule_of,
    together,
)
from vikno.simulation.fastforward.floor import floor_of
from vikno.simulation.record import DayRecord
from vikno.simulation.twin import simulate_day

QUICK = settings(deadline=None, max_examples=150)
seeds = st.integers(0, 10**6)
policies = st.sampled_from(POLICIES)

A_BIT = 1e-12
"""Sums of minutes are added up in another order than the twin's."""


def same_day(twin: DayRecord, fast: DayRecord) -> None:
    """All but the order of rows."""
    order = np.argsort(twin.visit)
    for name in DayRecord._fields[:9]:
        np.testing.assert_array_equal(getattr(twin, name)[order], getattr(fast, name), name)
    np.testing.assert_array_equal(twin.staffed, fast.staffed)
    np.testing.assert_array_equal(twin.overtime, fast.overtime)
    np.testing.assert_allclose(twin.serving, fast.serving, rtol=A_BIT)


def lived_both_ways(plan: HallPlan, visitors: list[Visitor], policy: str, seed: int = 0) -> None:
    crowd = crowd_of(plan, visitors)
    fate = FastHall(plan).live(rule_of(plan, fast_policy(policy, seed)), crowd)
    same_day(simulate_day(plan, fast_policy(policy, seed), visitors), record_of(plan, crowd, fate))


@QUICK
@given(seeds, policies)
def test_any_day_of_any_hall(seed: int, policy: str) -> None:
    plan = fast_hall(seed)
    lived_both_ways(plan, fast_visitors(plan, seed), policy, seed)


@pytest.mark.parametrize(("seed", "policy"), [(63, "lots"), (66, "few"), (96, "lots"), (472, "lots")])
def test_days_that_once_parted(seed: int, policy: str) -> None:
    """Who was left to a free window counted as overtaken in the kernel only; who calls is idle no more."""
    plan = fast_hall(seed)
    lived_both_ways(plan, fast_visitors(plan, seed), policy, seed)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("file", [MIXED, WOLA], ids=lambda file: file.stem)
def test_days_of_the_example_halls(policy: str, file: Path) -> None:
    plan = read_hall_file(file)
    lived_both_ways(plan, draw_day(plan, 1, 0), policy)


def test_a_hall_where_nobody_works_is_lived_by_what_is_compiled_already() -> None:
    """Arrays of another kind would be compiled anew, in half a minute."""
    usual = read_hall_file(MIXED)
    empty = replace(usual, windows=())
    for name, here, there in zip(Floor._fields, floor_of(usual), floor_of(empty), strict=True):
        assert np.asarray(here).dtype == np.asarray(there).dtype, name


def test_halls_by_lot_have_all_that_a_day_can_have() -> None:
    """Or the property above would hold of too little."""
    outcomes, overtaken, overtime, ties = set(), 0, 0.0, 0
    for seed in range(60):
        plan = fast_hall(seed)
        crowd, fate = whole_day(plan, seed, "lots")
        outcomes |= set(fate.outcome.tolist())
        overtaken = max(overtaken, int(fate.overtaken.max(initial=0)))
        overtime += fate.overtime.sum()
        ties += len(crowd.at) - len(np.unique(crowd.at))
    assert outcomes == {0, 1, 2, 3, 4}
    assert overtaken >= 5
    assert overtime > 0
    assert ties > 100


def whole_day(plan: HallPlan, seed: int, policy: str) -> tuple[Crowd, Fate]:
    crowd = crowd_of(plan, fast_visitors(plan, seed))
    return crowd, FastHall(plan).live(rule_of(plan, fast_policy(policy, seed)), crowd)


@QUICK
@given(seeds, st.sampled_from(["index", "lots", "few"]))
def test_overtakes_are_those_that_can_be_counted_afterwards(seed: int, policy: str) -> None:
    """A call overtakes whoever came earlier, still waits, and could have been called to that window."""
    plan = fast_hall(seed)
    crowd, fate = whole_day(plan, seed, policy)
    for visitor, (since, until) in enumerate(stays_in_line(crowd, fate)):
        able = np.array([plan.services[crowd.service[visitor]].id in w.skills for w in plan.windows])
        later = slice(visitor + 1, None)
        calls, at = fate.called[later], fate.window[later]
        # At one instant rows do not tell who went first.
        sure = able[at] & (at >= 0) & (calls > since) & (calls < until)
        maybe = able[at] & (at >= 0) & (calls >= since) & (calls <= until)
        assert sure.sum() <= fate.overtaken[visitor] <= maybe.sum()


def stays_in_line(crowd: Crowd, fate: Fate) -> list[tuple[float, float]]:
    ends = np.where(np.isnan(fate.called), fate.ended, fate.called)
    return list(zip(crowd.at.tolist(), ends.tolist(), strict=True))


@QUICK
@given(seeds, st.sampled_from(["index", "lots", "few"]))
def test_nobody_is_overtaken_more_often_than_the_bound(seed: int, policy: str) -> None:
    plan = fast_hall(seed)
    _, fate = whole_day(plan, seed, policy)
    assert fate.overtaken.max(initial=0) <= plan.overtaken_max


@settings(deadline=None, max_examples=30)
@given(seeds, policies)
def test_many_days_in_one_call_are_the_days_one_by_one(seed: int, policy: str) -> None:
    """Whatever the day before has left in the arrays; also a day without anybody."""
    plan = fast_hall(seed)
    rule, one = rule_of(plan, fast_policy(policy, seed)), FastHall(plan)
    crowds = [draw_crowd(plan, seed, day) for day in range(4)] + [crowd_of(plan, ())]
    days = together(crowds)
    all_days = one.live_days(rule, days)
    for day, crowd in enumerate(crowds):
        here = slice(days.begins[day], days.begins[day + 1])
        alone = one.live(rule, crowd)
        for column, expected in zip(all_days[:5], alone[:5], strict=True):
            np.testing.assert_array_equal(column[here], expected)
        np.testing.assert_array_equal(all_days.staffed[day], alone.staffed)
        np.testing.assert_array_equal(all_days.overtime[day], alone.overtime)


@settings(deadline=None, max_examples=30)
@given(seeds)
def test_a_crowd_is_drawn_as_visitors_are(seed: int) -> None:
    plan = any_hall(seed, legs=False)
    for drawn, made in zip(draw_crowd(plan, seed, 3), crowd_of(plan, draw_day(plan, seed, 3)), strict=True):
        np.testing.assert_array_equal(drawn, made)


def test_a_hall_with_many_windows_and_a_long_line() -> None:
    services = [
        service(f"s{n}", exponential(9.0), 1.2, patience=exponential(45.0), no_show=0.1) for n in range(6)
    ]
    desks = [window(f"w{n}", [f"s{(n + k) % 6}" for k in range(1 + n % 4)]) for n in range(70)]
    plan = hall(services, *desks)
    for policy in ("fifo", "lots"):
        lived_both_ways(plan, draw_day(plan, 1, 0), policy)


def test_patience_beyond_the_minutes_that_are_kept() -> None:
    """A day and more after the first arrival; the window stays for them."""
    plan = hall([service("a", constant(300.0), 0.05)], *windows(1, "a"))
    rng = np.random.default_rng(1)
    visitors = [
        Visitor(minute, ("a",), "en", (300.0,), float(rng.uniform(300, 4000)), comes=True)
        for minute in np.sort(rng.uniform(0, 470, 40)).tolist()
    ]
    lived_both_ways(plan, visitors, "fifo")


def test_only_a_shadow_overtakes_nobody() -> None:
    """A service that is there to be looked at takes no time and leaves all others as they are."""
    plan = hall(
        [service("a", exponential(5.0), 0.4), service("b", exponential(9.0), 0.2)],
        *windows(3, "a", "b"),
        overtaken_max=2,
    )
    looked_at = hall(
        [*plan.services, service("c", no_show_minutes=0.0)], *windows(3, "a", "b", "c"), overtaken_max=2
    )
    visitors = draw_day(plan, 1, 0)
    looks = [Visitor(minute, ("c",), "en", (0.0,), math.inf, comes=False) for minute in range(100, 400, 7)]
    both = sorted([*visitors, *looks], key=lambda visitor: visitor.minute)
    heavy = np.array([1.0, 0.5, 9.0])

    def rule(services: int) -> Rule:
        weight = np.tile(heavy[:services], (3, 1))
        return plain_rule(3, services)._replace(
            weight=weight, overtaken_max=2, yield_seconds=10.0, shadows_from=2
        )

    alone = FastHall(plan).live(rule(2), crowd_of(plan, visitors))
    crowd = crowd_of(looked_at, both)
    watched, theirs = FastHall(looked_at).live(rule(3), crowd), crowd.service < 2
    for column, expected in zip(watched[:5], alone[:5], strict=True):
        np.testing.assert_array_equal(column[theirs], expected)


def test_what_only_the_twin_can_do_is_said() -> None:
    with pytest.raises(NotFast, match="policy"):
        rule_of(fast_hall(1), policy_named("priority"))
    plan = next(plan for plan in map(any_hall, range(100)) if plan.visits)
    with pytest.raises(NotFast, match="several services"):
        draw_crowd(plan, 1, 0)
