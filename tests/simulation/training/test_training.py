"""A training plan finds the skill that is scarce, says where none is, and does not boast."""

from __future__ import annotations

import pytest

from tests.simulation.halls import constant, exponential, hall, service, window, windows
from vikno.queue.plan import HallPlan
from vikno.simulation.executors import Here
from vikno.simulation.experiment import Experiment, Scenario
from vikno.simulation.training import pairs
from vikno.simulation.training.ground import Ground, trained
from vikno.simulation.training.race import LIFE_FIRST, Standing, Watch
from vikno.simulation.training.skills import Skill, factor_of, missing
from vikno.simulation.training.train import NothingToLearn, train
from vikno.simulation.trial.lived import Public

MORNING, AFTERNOON = (0, 240), (240, 480)


def scarce() -> HallPlan:
    """One person for land registry has far too much to do; those for passports have time."""
    return hall(
        [service("passport", exponential(8.0), 0.1), service("land", exponential(12.0), 0.1)],
        *windows(3, "passport", name="p"),
        window("l", ["land"]),
    )


def disjoint() -> HallPlan:
    """Whoever could learn something has gone when it is asked for."""
    return hall(
        [
            service("early", constant(5.0), arrivals=((0, 3.0), (100, 0.0))),
            service("late", exponential(10.0), arrivals=((240, 9.0),)),
        ],
        window("e", ["early"], (0, 240)),
        window("l", ["late"], (300, 480)),
        closes=480,
    )


def chained() -> HallPlan:
    """In the afternoon a crowd comes for `pickup`, and Anna is still at what came for `permit` at opening.

    Borys has nothing to do and goes at noon: he cannot help with the crowd, and what he could take over from
    Anna is not what people wait for.
    """
    return hall(
        [
            service("permit", constant(20.0), arrivals=((0, 96.0), (15, 0.0))),
            service("pickup", constant(0.6), arrivals=((240, 180.0),)),
            service("archive", constant(5.0), arrivals=((0, 1.0), (200, 0.0))),
        ],
        window("anna", ["permit"]),
        window("borys", ["archive"], MORNING),
        window("stefa", ["pickup"], AFTERNOON),
        after_close="leave",
    )


def test_where_one_skill_is_evidently_scarce_it_is_found() -> None:
    plan = train([scarce()], "fifo", seed=1, days=40)
    assert plan.gains
    for gain in plan.singles[:3]:
        assert gain.skills[0].service == "land"
        assert gain.sure
    assert plan.singles[-1].skills[0] == Skill("l", "passport", 1.0)
    assert not plan.singles[-1].sure


def test_where_nothing_can_be_gained_it_says_so() -> None:
    plan = train([disjoint()], "fifo", seed=1, days=30)
    assert not plan.gains
    assert all(gain.saved.value == 0 for gain in plan.singles)


def test_the_pair_of_which_neither_is_worth_much_alone_is_found() -> None:
    plan = train([chained()], "fifo", seed=1, days=40)
    best = plan.pairs[0]
    assert {(skill.person, skill.service) for skill in best.skills} == {
        ("anna", "pickup"),
        ("borys", "permit"),
    }
    assert best.sure
    assert best.saved.value is not None
    alone = [gain.saved.value for gain in plan.singles]
    assert max(saved for saved in alone if saved is not None) < best.saved.value / 4
    assert best.beyond is not None
    assert best.beyond.low is not None
    assert best.beyond.low > best.saved.value / 2


def test_a_chain_hands_on_what_the_busy_one_does() -> None:
    lacking = missing([chained()])
    waited = {"permit": 100.0, "pickup": 1000.0, "archive": 0.0}
    worked = {"anna": 480.0, "borys": 20.0, "stefa": 240.0}
    free = {"anna": 0.0, "borys": 220.0, "stefa": 0.0}
    first, *_ = pairs.chains([chained()], lacking, waited, worked, free)
    assert {(skill.person, skill.service) for skill in first} == {("anna", "pickup"), ("borys", "permit")}


def test_what_is_told_was_lived_on_the_days_of_vikno_simulate() -> None:
    """And no race uses one of them."""
    days = 30
    told = train([scarce()], "fifo", seed=4, days=days)
    experiment = Experiment([Scenario("fifo", scarce(), "fifo")], 4)
    for _standing in experiment.run(Here(), days):
        pass
    mean = experiment.summaries["fifo"].wait_mean()
    assert told.wait_mean.value == pytest.approx(mean.value)
    assert told.wait_mean.half_width == pytest.approx(mean.half_width)
    assert days < LIFE_FIRST


def test_the_gain_of_the_winner_is_what_it_gains_on_many_other_days() -> None:
    """All intervals of a plan hold together in 19 plans of 20; of eight, six hold but once in 10,000."""
    plan = hall(
        [service(name, exponential(9.0), 0.09) for name in ("a", "b", "c")],
        *(window(name, [name]) for name in ("a", "b", "c")),
    )
    ground, public = Ground([plan], "fifo"), Public([plan], 99, range(3_000))
    held = 0
    for seed in range(8):
        best = train([plan], "fifo", seed=seed, days=25).singles[0]
        truth = float(ground.saved([best.skills], public, [0]).mean())
        assert best.saved.low is not None
        assert best.saved.high is not None
        held += best.saved.low <= truth <= best.saved.high
    assert held >= 6


def test_the_same_seed_gives_the_same_plan() -> None:
    assert train([scarce()], "fifo", seed=2, days=20) == train([scarce()], "fifo", seed=2, days=20)


def test_a_lesson_that_takes_longer_must_save_more() -> None:
    cheap = train([scarce()], "fifo", seed=1, days=30)
    dear = train([scarce()], "fifo", seed=1, days=30, hours={"land": 1e6})
    assert cheap.singles[0].skills[0].service == "land"
    assert dear.singles[0].hours == 1e6
    for one in cheap.singles:
        assert one.saved.value is not None
        assert one.saved_an_hour.value == pytest.approx(one.saved.value / one.hours)


def test_who_is_not_at_work_changes_nothing() -> None:
    alone = hall(scarce().services, window("l", ["land"]))
    days = [alone, hall(scarce().services, window("l", ["land"]), *windows(1, "passport"))]
    saved = Ground(days, "fifo").saved([(Skill("w-1", "land", 1.0),)], Public(days, 1, range(5)), [0, 1])
    assert (saved[0, :5] == 0).all()
    assert saved[0, 5:].mean() > 0


@pytest.mark.parametrize(("looks", "singles"), [(1, False), (2, True)])
def test_ctrl_c_keeps_what_was_measured(looks: int, singles: bool) -> None:
    seen: list[Standing] = []
    watch = Watch(seen.append, lambda: len(seen) >= looks)
    plan = train([scarce()], "fifo", seed=1, days=30, watch=watch)
    assert plan.interrupted
    assert bool(plan.singles) is singles
    assert not plan.pairs


def test_a_hall_where_everybody_knows_everything_has_nothing_to_learn() -> None:
    plan = hall([service("a", exponential(5.0), 0.1)], *windows(2, "a"))
    with pytest.raises(NothingToLearn, match="everybody knows every service"):
        train([plan], "fifo", seed=1, days=10)


def test_what_nobody_comes_for_is_not_learned() -> None:
    plan = hall([service("a", exponential(5.0), 0.1), service("b", exponential(5.0))], window("x", ["b"]))
    assert [skill.service for skill in missing([plan])] == ["a"]


def test_a_quick_clerk_is_taken_to_learn_to_be_quick() -> None:
    people = {
        "quick": {"a": 0.8, "b": 0.5},
        "usual": {"a": 1.6, "b": 1.0, "c": 1.2},
        "alone": {"d": 3.0},
    }
    assert factor_of(people, "quick", "c") == pytest.approx(0.6)
    assert factor_of(people, "alone", "c") == pytest.approx(1.2)
    assert factor_of(people, "usual", "d") == pytest.approx(6.0)
    assert factor_of(people, "quick", "e") == pytest.approx(0.5)


def test_to_learn_leaves_everything_else_as_it_was() -> None:
    plan = scarce()
    after = trained(plan, (Skill("p-1", "land", 1.1), Skill("p-1", "other", 2.0)))
    assert after.window["p-1"].skills == {"passport": 1.0, "land": 1.1, "other": 2.0}
    assert after.windows[1:] == plan.windows[1:]
    assert after.services == plan.services
