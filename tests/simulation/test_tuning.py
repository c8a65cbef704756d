"""The search for a hall's own table: it finds what there is to be found, and hands out nothing worse."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest

from tests.simulation.any_hall import any_hall
from tests.simulation.halls import constant, exponential, hall, one_line, service, window, windows
from vikno.queue.plan import HallPlan, Visits, WindowPlan
from vikno.scheduler import policy_named
from vikno.scheduler.learned import write_learned
from vikno.scheduler.table import index_table, optimized_table
from vikno.scheduler.workload import visitors_a_day
from vikno.simulation.day import draw_day
from vikno.simulation.fastforward.days import crowd_of
from vikno.simulation.tuning.budget import Budget
from vikno.simulation.tuning.judge import judge
from vikno.simulation.tuning.measure import MEAN_PRICE, P95_MOST, P95_PRICE, Ground, batch_of, busier, held
from vikno.simulation.tuning.search import DAYS_KEPT, Dealt, Deck, Search, Standing
from vikno.simulation.tuning.space import Space, starts
from vikno.simulation.tuning.strategy import Strategy
from vikno.simulation.tuning.tune import NothingToLearn, Tuned, budget_of, tune
from vikno.simulation.twin import simulate_day


class Clock:
    """A second passes whenever somebody looks."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def n_model() -> HallPlan:
    """Two windows know only the quick service, one knows both: it had better leave the quick to them."""
    quick = service("quick", exponential(4.0), 0.5, target_minutes=5.0)
    slow = service("slow", exponential(12.0), 0.055, target_minutes=20.0)
    return hall([quick, slow], window("both", ("quick", "slow")), *windows(2, "quick"))


def two_speeds() -> HallPlan:
    """A quick service and a slow one; most windows know both, each is better at one of them."""
    quick = service("quick", exponential(3.0), 0.8, target_minutes=10.0)
    slow = service("slow", exponential(30.0), 0.1, target_minutes=30.0)
    return hall(
        [quick, slow],
        WindowPlan("handy", "handy", {"quick": 0.7, "slow": 1.2}),
        WindowPlan("thorough", "thorough", {"quick": 1.4, "slow": 0.8}),
        *windows(2, "quick", "slow"),
        window("slow-only", ("slow",)),
        window("quick-only", ("quick",)),
    )


def tuned(plan: HallPlan, rounds: int, seed: int = 1, threads: int = 2) -> Tuned:
    with ThreadPoolExecutor(threads) as executor:
        return tune(plan, seed, budget_of(None, rounds, Clock()), executor)


@pytest.fixture(scope="module")
def learned() -> Tuned:
    return tuned(two_speeds(), 6)


def test_it_gains_where_there_is_something_to_gain(learned: Tuned) -> None:
    assert learned.chosen == "learned"
    ratios = learned.learned.told["by_load"]["1"]["ratio_to"]
    assert ratios["fifo"]["wait_mean"]["high"] < 1
    assert ratios["index"]["wait_p95"]["high"] < 1


def test_no_service_pays_for_it(learned: Tuned) -> None:
    """Not surely: each share is told with what chance could do."""
    shares = learned.learned.told["within_target"]
    assert set(shares) == {"quick", "slow"}
    assert all(each["difference"]["high"] > 0 for each in shares.values())


def test_the_gain_it_tells_is_found_on_other_days(learned: Tuned) -> None:
    """Of days that no part of it has seen, within the chance of both."""
    plan, told = two_speeds(), learned.learned.told["by_load"]["1"]["ratio_to"]["fifo"]["wait_mean"]
    ground = Ground(plan)
    here = ground.draw(77, range(600))[:1]
    mean = held(ground.table(learned.learned.table_of(plan), here), ground.fifo(here)).mean
    width = told["high"] - told["low"]
    assert told["low"] - width < mean < told["high"] + width


def test_same_seed_and_rounds_give_the_same_file_with_any_number_of_threads(learned: Tuned) -> None:
    text = write_learned(learned.learned)
    assert text == write_learned(tuned(two_speeds(), 6, threads=1).learned)
    assert text != write_learned(tuned(two_speeds(), 6, seed=2).learned)


def test_where_nothing_can_be_gained_a_safe_policy_is_handed_out() -> None:
    """One service, windows alike: every policy calls the same visitors."""
    plan = one_line(2, 0.3, 5.0, closes=480)
    found = tuned(plan, 1)
    assert found.chosen in {"index", "optimized"}
    assert found.learned.told["chosen"] == found.chosen
    safe = index_table(plan) if found.chosen == "index" else optimized_table(plan)
    assert found.learned.table_of(plan).head_start == pytest.approx(safe.head_start)
    assert found.learned.told["by_load"]["1"]["ratio_to"]["fifo"]["wait_mean"]["value"] == pytest.approx(1.0)


def test_a_table_that_is_worse_than_index_is_not_handed_out() -> None:
    """One that calls the slow only when nobody quick is there."""
    plan = n_model()
    bad = optimized_table(plan)._replace(weight=optimized_table(plan).weight * np.array([1.0, 1e-6]))
    with ThreadPoolExecutor(2) as executor:
        judged = judge(Search(plan, 1, budget_of(None, 0, Clock()), executor), bad)
    assert judged.chosen in {"index", "optimized"}
    assert not np.array_equal(judged.table.weight, bad.weight)
    assert judged.told["by_load"]["1"]["ratio_to"][judged.chosen]["wait_mean"]["value"] == 1.0


@pytest.mark.parametrize("seed", range(6))
def test_the_days_are_those_of_the_twin(seed: int) -> None:
    """Waits, targets and the work of windows, as the twin's own days have them."""
    plan = any_hall(seed, legs=False)
    days = [draw_day(plan, 5, day) for day in range(4)]
    lived = Ground(plan).table(optimized_table(plan), [batch_of([crowd_of(plan, day) for day in days])])[0]
    records = [simulate_day(plan, policy_named("optimized"), day) for day in days]
    waits = np.concatenate([(r.called - r.joined)[~np.isnan(r.called)] for r in records]) * 60
    assert np.sort(lived.waits) == pytest.approx(np.sort(waits), abs=0.01)
    targets = np.array([s.target_minutes for s in plan.services])
    for day, record in enumerate(records):
        called = ~np.isnan(record.called)
        late = (record.outcome == 2) & (record.ended - record.joined > targets[record.service])
        within = called & (record.called - record.joined <= targets[record.service])
        for place in range(len(plan.services)):
            of_it = record.service == place
            assert lived.within[day, place] == (within & of_it).sum()
            assert lived.counted[day, place] == ((called | late) & of_it).sum()
        assert lived.serving[day] / 60 == pytest.approx(record.serving)
        assert lived.staffed[day] / 60 == pytest.approx(record.staffed)


def test_fifo_held_against_itself_is_one_and_pays_nothing() -> None:
    ground = Ground(n_model())
    batches = ground.draw(1, range(8))
    same = held(ground.fifo(batches), ground.fifo(batches))
    assert (same.mean, same.p95) == pytest.approx((1, 1))
    assert same.tail == pytest.approx(1)
    assert same.spread == pytest.approx(1)
    assert not same.drop.any()
    assert not same.plus(same, -1.0).tail.any()


def test_a_lost_share_costs_more_than_the_mean_can_win() -> None:
    ground = Ground(n_model())
    batches = ground.draw(1, range(8))
    same = held(ground.fifo(batches), ground.fifo(batches))
    same = same._replace(tail=0.9 * same.tail, spread=0.9 * same.spread)
    worse = same._replace(mean=0.8, drop=same.drop + np.array([0.0, 0.05]))
    assert same.score == pytest.approx(MEAN_PRICE + 1 + P95_PRICE * (1 - P95_MOST))
    assert worse.score > same.score


def first_arrivals(*dealt: Dealt) -> list[float]:
    """One for each day: no two days have the same."""
    batches = [batch for each in dealt for batch in each.batches]
    return [float(b.crowds.crowd.at[start]) for b in batches for start in b.crowds.begins[:-1]]


def test_days_to_choose_and_to_judge_by_were_never_seen() -> None:
    with ThreadPoolExecutor(1) as executor:
        search = Search(n_model(), 1, budget_of(None, 1, Clock()), executor)
        seen = first_arrivals(search.fresh(4), search.fresh(4))
    assert len(set(seen)) == len(seen) == 8


def test_days_of_the_search_come_round_again_when_there_are_enough() -> None:
    drawn: list[Dealt] = []

    def deal(_days: int) -> Future[Dealt]:
        drawn.append(Dealt([], []))
        dealt: Future[Dealt] = Future()
        dealt.set_result(drawn[-1])
        return dealt

    deck, rounds = Deck(deal, 384), DAYS_KEPT // 384
    seen = [id(deck.next()) for _ in range(2 * rounds + 1)]
    assert seen == [*map(id, drawn), *map(id, drawn), id(drawn[0])]
    assert len(drawn) == rounds


def test_a_busier_public_comes_for_every_service() -> None:
    plan = n_model()
    more = busier(plan, 1.5)
    for visits, others in zip(plan.demand, more.demand, strict=True):
        assert visitors_a_day(more, others) == pytest.approx(1.5 * visitors_a_day(plan, visits))


def test_the_step_nowhere_is_the_start_and_every_step_keeps_the_skills() -> None:
    plan = n_model()
    rng = np.random.default_rng(1)
    for start in starts(plan, rng)[:10]:
        space = Space(start)
        for stayed, was in zip(space.table(np.zeros(space.size)), start, strict=True):
            np.testing.assert_array_equal(stayed, was)
        stepped = space.table(rng.normal(0, 50, space.size))
        assert np.array_equal(stepped.weight > 0, start.weight > 0)
        assert all(np.isfinite(column).all() for column in stepped)


@pytest.mark.parametrize("seed", range(3))
def test_the_strategy_finds_the_bottom_of_a_bent_valley(seed: int) -> None:
    rng = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(rng.standard_normal((8, 8)))
    stretched = axes * 10 ** np.linspace(0, 2, 8)
    bottom = rng.standard_normal(8)
    strategy = Strategy(np.zeros(8), 0.5, rng, 24)
    for _ in range(300):
        points = strategy.ask()
        strategy.tell(points, (((points - bottom) @ stretched) ** 2).sum(1))
    assert strategy.mean == pytest.approx(bottom, abs=1e-3)


def test_the_time_is_kept_with_something_left_to_judge() -> None:
    clock = Clock()
    budget = Budget(100.0, None, clock=clock, begun=clock.now, last_days=400, last_lives=4.0)
    budget.lived(1_000, 10.0)
    rounds = 0
    while budget.allows(rounds):
        rounds += 1
        clock.now += 2.0
    left = 100.0 - budget.spent()
    assert left > 400 * 4 * 10 / 1_000
    assert rounds > 15


def test_where_days_are_slow_fewer_of_them_judge() -> None:
    clock = Clock()
    budget = Budget(10.0, None, clock=clock, begun=clock.now, last_days=400, last_lives=4.0)
    budget.lived(100, 1.0)
    assert 0 < budget.last_days < 400


def test_who_cancels_gets_what_was_found_by_then() -> None:
    wishes: list[Standing] = []
    with ThreadPoolExecutor(2) as executor:
        found = tune(
            n_model(),
            1,
            budget_of(None, 60, Clock()),
            executor,
            tell=wishes.append,
            cancelled=lambda: len(wishes) >= 2,
        )
    assert found.interrupted
    assert found.learned.told["rounds"] == 2
    assert found.learned.told["by_load"]["1"]["days"] > 0


def test_a_hall_that_cannot_be_learned_is_told_so() -> None:
    plan = n_model()
    legs = hall(plan.services, *plan.windows, visits=(Visits(("quick", "slow"), ((0, 5.0),)),))
    nobody = hall([service("quick", constant(4.0))], *windows(1, "quick"))
    for unfit, message in ((legs, "visits"), (nobody, "arrivals")):
        with pytest.raises(NothingToLearn, match=message):
            tuned(unfit, 1)
