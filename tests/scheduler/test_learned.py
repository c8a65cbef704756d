"""The file of a learned policy: what it says is what is done, also in a hall that has changed since."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from tests.simulation.any_hall import any_hall
from vikno.queue.plan import HallPlan
from vikno.scheduler import UnknownPolicy, policy_named, read_policy
from vikno.scheduler.learned import (
    Learned,
    LearnedPolicyError,
    learned_of,
    read_learned,
    write_learned,
)
from vikno.scheduler.table import Table, optimized_table

SEEDS = range(12)


def any_table(plan: HallPlan, seed: int) -> Table:
    """A table of the plan with numbers of every size."""
    rng = np.random.default_rng(seed)
    usual = optimized_table(plan)
    services = len(plan.services)
    return usual._replace(
        weight=usual.weight * np.exp(rng.normal(0, 3, usual.weight.shape)),
        head_start=rng.uniform(0, 3_600, services),
        curve=rng.uniform(0, 0.01, services),
        hold=rng.uniform(0, 2, services),
    )


def scores(table: Table, age: float) -> Any:
    return table.weight * (age * (1 + table.curve * age) + table.head_start)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_table_written_and_read_again_scores_everybody_alike(seed: int, tmp_path: Path) -> None:
    plan = any_hall(seed, legs=False)
    table = any_table(plan, seed)
    file = tmp_path / "policy.json"
    file.write_bytes(write_learned(learned_of(plan, table, {"seed": seed})))
    learned = read_learned(file)
    assert learned.told == {"seed": seed}
    again = learned.table_of(plan)
    for age in (0.0, 90.0, 5_000.0):
        ratios = scores(again, age)[table.weight > 0] / scores(table, age)[table.weight > 0]
        assert ratios == pytest.approx(np.full(ratios.shape, ratios.flat[0]), rel=1e-9)
    assert (again.weight[table.weight == 0] == 0).all()
    assert again.hold == pytest.approx(table.hold)
    assert (again.fit <= 1).all()
    assert (again.fit.max(0)[table.weight.any(0)] == 1).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hall_without_anything_of_the_file_is_served_as_optimized_would(seed: int) -> None:
    plan = any_hall(seed, legs=False)
    renamed = replace(plan, windows=tuple(replace(w, id=f"new-{w.id}") for w in plan.windows))
    learned = learned_of(plan, optimized_table(plan), {})
    assert learned.table_of(renamed).weight == pytest.approx(optimized_table(renamed).weight)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_the_file_does_not_know_has_the_weights_of_optimized_on_the_scale_of_the_file(seed: int) -> None:
    """A file that knows the numbers of `optimized` is filled up by these very numbers."""
    plan = any_hall(seed, legs=False)
    usual = optimized_table(plan)
    learned = learned_of(plan, usual, {})
    window, service = plan.windows[-1].id, plan.services[-1].id
    without_window = replace(learned, weights={k: v for k, v in learned.weights.items() if k != window})
    without_service = replace(
        learned,
        head_start_minutes={k: v for k, v in learned.head_start_minutes.items() if k != service},
        curve_per_minute={k: v for k, v in learned.curve_per_minute.items() if k != service},
    )
    most = usual.weight.max()
    for short in (without_window, without_service):
        found = short.table_of(plan)
        some_known = not np.isnan(found.weight).any() and len(plan.windows) > 1 and len(plan.services) > 1
        if some_known:
            assert found.weight == pytest.approx(usual.weight / most)
        assert found.head_start == pytest.approx(usual.head_start)
        assert found.curve == pytest.approx(usual.curve)


def test_a_window_less_and_a_service_less_change_nothing_for_the_rest() -> None:
    plan = any_hall(5, legs=False)
    table = any_table(plan, 5)
    learned = learned_of(plan, table, {})
    smaller = replace(plan, windows=plan.windows[1:])
    assert learned.table_of(smaller).weight == pytest.approx(learned.table_of(plan).weight[1:])


def learned_file(tmp_path: Path, **changes: Any) -> Path:
    plan = any_hall(3, legs=False)
    text = json.loads(write_learned(learned_of(plan, optimized_table(plan), {})))
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(text | changes))
    return file


def test_a_file_is_a_policy_by_its_path(tmp_path: Path) -> None:
    file = learned_file(tmp_path)
    assert policy_named(str(file)).name == "learned"
    found = read_policy(str(file))
    assert isinstance(found, Learned)
    assert policy_named(found).name == "learned"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"policy": "other"}, "is not of policy 'learned'"),
        ({"format": 2}, "is not of policy 'learned', format 1"),
        ({"weights": {"w": {"s": -1.0}}}, "weights"),
        ({"weights": {"w": {"s": "much"}}}, "weights"),
        ({"head_start_minutes": {"other": 1.0}}, "other services"),
        ({"more": 1}, "more"),
        ({"hall": None}, "hall"),
    ],
)
def test_a_wrong_file_is_told_in_one_line(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    file = learned_file(tmp_path, **changes)
    with pytest.raises(LearnedPolicyError) as refused:
        policy_named(str(file))
    assert message in str(refused.value)
    assert str(file) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"policy": "learned"}', "\xff\xfe", "[" * 100_000, '{"a": 1e999}']
)
def test_what_is_no_policy_at_all_is_told_so(tmp_path: Path, text: str) -> None:
    file = tmp_path / "policy.json"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(LearnedPolicyError, match="is no learned policy"):
        policy_named(str(file))


def test_a_file_that_is_not_there_and_a_name_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(LearnedPolicyError, match="cannot be read"):
        policy_named(str(tmp_path / "nothing.json"))
    with pytest.raises(UnknownPolicy, match="choose one of fifo, priority, index, optimized, or a file"):
        policy_named("lifo")


def test_a_policy_of_another_hall_is_refused(tmp_path: Path) -> None:
    file = learned_file(tmp_path)
    other = replace(any_hall(3, legs=False), id="other")
    with pytest.raises(LearnedPolicyError, match="learned for hall"):
        read_policy(str(file), other)
