"""What holds of every hall and every day, whatever the file says: a referee watches them all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.simulation.any_hall import any_hall
from tests.simulation.halls import MIXED, WOLA, constant, service, told, window
from tests.simulation.referee import refereed
from tests.simulation.watching import lived
from vikno.queue.hallfile import read_hall_file
from vikno.scheduler import policy_named
from vikno.simulation.day import draw_day
from vikno.simulation.twin import simulate_day

QUICK = settings(deadline=None)
"""Machines pause; a slow example is no wrong one."""

NO_BOUND = 10**9

seeds = st.integers(0, 10**6)
policies = st.sampled_from(["fifo", "priority"])


@QUICK
@given(seeds, policies)
def test_any_day_of_any_hall(seed: int, policy: str) -> None:
    plan = replace(any_hall(seed), overtaken_max=NO_BOUND)  # the bound has tests of its own
    refereed(plan, draw_day(plan, seed, 0), policy)


@pytest.mark.parametrize("policy", ["fifo", "priority"])
@pytest.mark.parametrize("file", [MIXED, WOLA], ids=lambda file: file.stem)
def test_days_of_the_example_halls(file: Path, policy: str) -> None:
    plan = replace(read_hall_file(file), overtaken_max=NO_BOUND)
    refereed(plan, draw_day(plan, 1, 0), policy)


@QUICK
@given(seeds, policies)
def test_the_same_visitors_make_the_same_day(seed: int, policy: str) -> None:
    """Whether or not anybody watches."""
    plan = any_hall(seed)
    visitors = draw_day(plan, seed, 0)
    watched, alone = lived(plan, visitors, policy), simulate_day(plan, policy_named(policy), visitors)
    for one, other in zip(watched, alone, strict=True):
        np.testing.assert_array_equal(one, other)


@QUICK
@given(seeds)
def test_a_service_that_nobody_comes_for_changes_nothing(seed: int) -> None:
    """Neither does a window that is never staffed."""
    plan = any_hall(seed)
    visitors = draw_day(plan, seed, 0)
    idle = service("idle", constant(5.0))
    more = replace(
        plan,
        services=(*plan.services, idle),
        windows=(*plan.windows, window("idle", [idle.id]), window("never", list(plan.service), (300, 310))),
    )
    before, after = told(plan, lived(plan, visitors)), told(more, lived(more, visitors))
    assert before == after
