"""A day taken up in the middle goes on as if it had run from its beginning."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.simulation.fast_halls import fast_hall, fast_policy, is_even
from vikno.queue.plan import HallPlan
from vikno.scheduler.workload import shifts
from vikno.simulation.day import draw_day
from vikno.simulation.fastforward.bundles import Crowd, Fate, Rule, Start
from vikno.simulation.fastforward.days import FastHall, crowd_of, rule_of, unlived
from vikno.simulation.fastforward.floor import midnight_of
from vikno.simulation.fastforward.kernel import live
from vikno.simulation.record import SECONDS_A_MINUTE

QUICK = settings(deadline=None, max_examples=150)
seeds = st.integers(0, 10**6).filter(lambda seed: not is_even(seed))
policies = st.sampled_from(["fifo", "index", "lots"])
minutes = st.floats(5.0, 235.0)


@QUICK
@given(seeds, policies, minutes)
def test_the_rest_of_a_day(seed: int, policy: str, minute: float) -> None:
    taken_up, whole = _both(seed, policy, minute)
    for column, expected in zip(taken_up[:5], whole[:5], strict=True):
        np.testing.assert_array_equal(column, expected)


@QUICK
@given(seeds, policies, minutes, st.integers(1, 5))
def test_a_day_ends_with_those_who_are_looked_at(seed: int, policy: str, minute: float, stop: int) -> None:
    """Their fate is that of a whole day, and nobody is called after the last of them has gone."""
    taken_up, whole = _both(seed, policy, minute, stop)
    for column, expected in zip(taken_up[:5], whole[:5], strict=True):
        np.testing.assert_array_equal(column[:stop], expected[:stop])
    gone = np.where(np.isnan(taken_up.called), taken_up.ended, taken_up.called)[:stop]
    assert not (taken_up.called > gone.max(initial=-math.inf)).any()


def _both(seed: int, policy: str, minute: float, stop: int = 0) -> tuple[Fate, Fate]:
    """Those in line at a minute and those who come later: from there on, and as a whole day had it.

    Nobody loses patience: what is left of it would differ in its last bit.
    """
    plan = fast_hall(seed)
    rule, hall = rule_of(plan, fast_policy(policy, seed)), FastHall(plan)
    crowd = crowd_of(plan, [replace(v, patience_minutes=math.inf) for v in draw_day(plan, seed, 0)])
    whole = hall.live(rule, crowd)
    at = midnight_of(plan) + minute * SECONDS_A_MINUTE
    in_line = (crowd.at <= at) & (np.where(np.isnan(whole.called), whole.ended, whole.called) > at)
    start = _start(plan, rule, crowd, whole, at)
    # Who is left to a better window for some seconds is called at once by a hall that is just taken up.
    assume(not (in_line.any() and (np.isnan(start.until) & start.on_duty).any()))
    rest = in_line | (crowd.at > at)
    start = start._replace(
        inside=int(in_line.sum()), overtaken=_overtaken(plan, crowd, whole, at)[in_line], stop=stop
    )
    assume(stop <= rest.sum())
    fate = unlived(int(rest.sum()), len(plan.windows))
    live(hall.floor, rule, Crowd._make(column[rest] for column in crowd), start, fate)
    return fate, Fate._make([*(column[rest] for column in whole[:5]), whole.staffed, whole.overtime])


def _start(plan: HallPlan, rule: Rule, crowd: Crowd, whole: Fate, at: float) -> Start:
    """The windows as they stand at an instant of a day that was lived."""
    midnight, size = midnight_of(plan), len(plan.windows)
    until, since, ended = np.full(size, math.nan), np.full(size, math.nan), np.zeros(size)
    expected = np.zeros(size)
    on_duty, again = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    free = np.zeros(size)
    there = (whole.called <= at) & (whole.ended > at)
    until[whole.window[there]] = whole.ended[there]
    if rule.holds:
        visits = rule.seconds[whole.window[there], crowd.service[there]]
        expected[whole.window[there]] = whole.called[there] + visits
    for place, window in enumerate(plan.windows):
        hours = np.array(shifts(plan, window)) * SECONDS_A_MINUTE + midnight
        begun, over = hours[hours[:, 0] <= at], hours[hours[:, 1] <= at]
        on_duty[place], again[place] = len(begun) > len(over), len(over) < len(hours)
        ended[place] = over[-1, 1] if len(over) else 0.0
        if on_duty[place] or not math.isnan(until[place]):
            since[place] = begun[-1, 0]
            over = whole.ended[(whole.window == place) & (whole.ended <= at)]
            free[place] = over.max(initial=since[place])
    return Start(at, 0, np.zeros(0, np.int64), until, expected, since, on_duty, again, ended, free)


def _overtaken(plan: HallPlan, crowd: Crowd, whole: Fate, at: float) -> np.ndarray:
    """How often everybody had been overtaken until then, if they still waited; counted one by one."""
    found = np.zeros(len(crowd.at), np.int64)
    for visitor, since in enumerate(crowd.at):
        able = np.array([plan.services[crowd.service[visitor]].id in w.skills for w in plan.windows])
        later = slice(visitor + 1, None)
        calls, window = whole.called[later], whole.window[later]
        found[visitor] = (able[window] & (calls >= since) & (calls <= at)).sum()
    return found
