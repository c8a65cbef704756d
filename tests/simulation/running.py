"""Running experiments in tests: a hall that is quickly lived, and its results as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from tests.simulation.any_hall import any_hall
from vikno.simulation.estimates import Estimate
from vikno.simulation.executors import Executor, Here
from vikno.simulation.experiment import Experiment, Scenario
from vikno.simulation.results import results

SEED = 7


def scenarios(*policies: str) -> list[Scenario]:
    """A hall with several services, several legs, no-shows and priorities, under these policies."""
    plan = replace(any_hall(5), waiting_places=None)
    return [Scenario(policy, plan, policy) for policy in policies or ("fifo", "priority")]


def found(experiment: Experiment) -> bytes:
    """Everything it found, to the last digit."""
    return msgspec.json.encode(results(experiment))


def ends(estimate: Estimate) -> tuple[float, float]:
    """Its interval, which is known."""
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


def experiment(
    days: int,
    executor: Executor | None = None,
    what: Sequence[Scenario] | None = None,
    **how: Any,
) -> Experiment:
    """One that has run."""
    started = Experiment(what or scenarios(), SEED)
    for _ in started.run(executor or Here(), days, **how):
        pass
    return started
