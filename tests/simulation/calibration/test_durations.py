"""Families, levels and factors of durations, censored or not, many or few."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from msgspec.structs import replace

from tests.simulation.halls import hall, service, window
from vikno.queue.plan import Distribution
from vikno.simulation.calibration.durations import ASSUMED_CV, durations_of
from vikno.simulation.calibration.factors import Level, effects_of
from vikno.simulation.calibration.families import Cell, fit
from vikno.simulation.distributions import draw

MANY = 1_600
LEVEL = 10.0


def cell(
    rng: np.random.Generator, family: str, size: int, mean: float, cv: float = 0.6, *, cut: float = math.inf
) -> Cell:
    """Durations of a family; those longer than an exponential time of mean `cut` are cut off there."""
    values = draw(Distribution(family, mean=mean, cv=cv), rng, size)
    ends = rng.exponential(cut, size) if math.isfinite(cut) else np.full(size, math.inf)
    return Cell(tuple(values[values <= ends].tolist()), tuple(ends[values > ends].tolist()))


# Families ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("family", "cv"), [("lognormal", 0.6), ("gamma", 0.6), ("exponential", 1.0)])
@pytest.mark.parametrize("cut", [math.inf, 15.0], ids=["whole", "cut off"])
def test_a_family_is_known_by_many_of_it(family: str, cv: float, cut: float) -> None:
    rng = np.random.default_rng(1)
    cells = [cell(rng, family, MANY // 4, mean, cv, cut=cut) for mean in (8.0, 10.0, 12.0, 15.0)]
    found = fit(cells)
    assert found is not None
    assert found.family.name == family
    assert found.cv == pytest.approx(cv, rel=0.08)
    for mean, level, variance in zip(
        (8.0, 10.0, 12.0, 15.0), found.family.levels, found.family.variances, strict=True
    ):
        error = math.sqrt(variance + found.family.shift_variance)
        assert abs(level + found.family.mean_shift - math.log(mean)) <= 4 * error


@pytest.mark.parametrize(("family", "cv"), [("lognormal", 0.6), ("gamma", 0.6), ("exponential", 1.0)])
@pytest.mark.parametrize("cut", [math.inf, 20.0], ids=["whole", "cut off"])
def test_intervals_of_cv_and_level_hold_as_often_as_they_say(family: str, cv: float, cut: float) -> None:
    rng = np.random.default_rng(2)
    held: Counter[str] = Counter()
    times = 100
    for _ in range(times):
        found = fit([cell(rng, family, size, LEVEL, cv, cut=cut) for size in (30, 4, 25)])
        assert found is not None
        assert found.cv_low is not None
        assert found.cv_high is not None
        held["cv"] += found.cv_low <= cv <= found.cv_high
        for level, variance in zip(found.family.levels, found.family.variances, strict=True):
            error = math.sqrt(variance + found.family.shift_variance)
            held["level"] += abs(level + found.family.mean_shift - math.log(LEVEL)) <= 1.96 * error
    assert held["cv"] >= 0.87 * times
    assert held["level"] >= 0.90 * 3 * times


def test_windows_that_differ_do_not_make_visitors_differ() -> None:
    """Two hundred windows with two durations each: what is alike within them is what counts."""
    rng = np.random.default_rng(3)
    found = fit([cell(rng, "gamma", 2, mean, 0.3) for mean in rng.uniform(2, 40, 200)])
    assert found is not None
    assert found.cv == pytest.approx(0.3, rel=0.15)


def test_what_is_always_the_same_is_constant() -> None:
    found = fit([Cell((2.5,) * 5), Cell((5.0,) * 5)])
    assert found is not None
    assert (found.family.name, found.cv) == ("constant", 0.0)
    assert found.family.levels == pytest.approx([math.log(2.5), math.log(5.0)])


def test_few_durations_do_not_tell_how_much_they_vary() -> None:
    assert fit([Cell((3.0, 9.0)), Cell((4.0,))]) is None


# Factors -----------------------------------------------------------------------------------------------


def test_a_window_seen_often_keeps_its_own_and_one_seen_once_is_drawn_to_the_others() -> None:
    often = [Level("s", f"w{n}", value, 0.25 / 400, 400) for n, value in enumerate((-0.1, 0.0, 0.1, 0.0))]
    once = Level("s", "new", 1.0, 0.25, 1)
    found = effects_of([*often, once]).factors
    assert found["w0", "s"].value == pytest.approx(-0.1, abs=0.03)
    assert 0.0 < found["new", "s"].value < 0.3
    assert found["new", "s"].deviation < 0.4, "alone, it would be 0.5"


def test_who_is_slow_at_everything_is_expected_to_be_slow_at_what_nobody_saw() -> None:
    seen = [
        Level(s, f"w{n}", slow, 0.001, 250)
        for s in ("a", "b", "c")
        for n, slow in enumerate((-0.3, -0.1, 0.1, 0.3))
    ]
    found = effects_of(
        [*seen, *(Level("d", f"w{n}", 0.1 * n, 0.001, 250) for n in range(3)), unseen("d", "w3")]
    )
    assert found.factors["w3", "d"].value > 0.1
    assert found.factors["w3", "d"].deviation > found.factors["w2", "d"].deviation


def unseen(service: str, window: str) -> Level:
    return Level(service, window, 0.0, math.inf, 0)


def test_the_average_visitors_factor_is_one() -> None:
    levels = [Level("s", f"w{n}", value, 0.01, seen) for n, (value, seen) in enumerate([(0, 10), (1, 30)])]
    found = effects_of([*levels, unseen("s", "w2")])
    weighted = 10 * found.factors["w0", "s"].value + 30 * found.factors["w1", "s"].value
    assert weighted == pytest.approx(0.0, abs=1e-9)


def test_the_only_window_is_the_measure() -> None:
    found = effects_of([Level("s", "w", 2.0, 0.01, 50)])
    assert (found.factors["w", "s"].value, found.factors["w", "s"].deviation) == pytest.approx((0.0, 0.0))
    assert found.services["s"].value == pytest.approx(2.0)
    assert found.services["s"].deviation == pytest.approx(0.1, rel=0.01)


def test_a_service_that_nobody_saw_has_no_level() -> None:
    assert effects_of([unseen("s", "w")]) == effects_of([])


def beyond(weights: np.ndarray, levels: list[float]) -> list[float]:
    """How far each level is from the average visitor's."""
    average = float((weights * levels).sum() / weights.sum())
    return [level - average for level in levels]


@pytest.mark.parametrize(("often", "apart"), [(0.0, 0.0), (0.2, 0.1), (0.3, 0.0), (0.0, 0.3)])
def test_shrinking_is_nearer_to_the_truth_and_knows_how_near(often: float, apart: float) -> None:
    """Against taking each window as it was seen, over halls whose windows differ in every way."""
    rng = np.random.default_rng(4)
    held, errors, plain_errors = 0, [], []
    for _ in range(40):
        pace = rng.normal(0, often, 5)
        true = {(s, w): pace[w] + rng.normal(0, apart) for s in range(3) for w in range(5)}
        seen = {key: int(rng.integers(3, 40)) for key in true}
        values = {key: rng.normal(true[key], 0.5 / math.sqrt(seen[key])) for key in true}
        levels = [Level(f"s{s}", f"w{w}", values[s, w], 0.25 / seen[s, w], seen[s, w]) for s, w in true]
        found = effects_of(levels)
        for s in range(3):
            weights = np.array([seen[s, w] for w in range(5)], float)
            truth, plain = (beyond(weights, [of[s, w] for w in range(5)]) for of in (true, values))
            for w, (right, raw) in enumerate(zip(truth, plain, strict=True)):
                effect = found.factors[f"w{w}", f"s{s}"]
                errors.append((effect.value - right) ** 2)
                plain_errors.append((raw - right) ** 2)
                held += abs(effect.value - right) <= 1.96 * effect.deviation
    assert sum(errors) < sum(plain_errors)
    assert 0.92 <= held / len(errors) <= 1.0


# Together ----------------------------------------------------------------------------------------------


PLAN = hall(
    [service("long"), service("short"), service("rare"), service("never")],
    window("w-1", ["long", "short", "rare", "never"]),
    window("w-2", ["long", "short"]),
)


def test_the_numbers_of_a_hall_file() -> None:
    rng = np.random.default_rng(5)
    cells = {
        ("long", "w-1"): cell(rng, "lognormal", 2_000, 20.0),
        ("long", "w-2"): cell(rng, "lognormal", 1_000, 25.0),
        ("short", "w-1"): cell(rng, "exponential", 2_000, 4.0, 1.0),
        ("rare", "w-1"): Cell((9.0, 11.0)),
    }
    found = durations_of(PLAN, cells)
    assert set(found.services) == {"long", "short", "rare"}
    long, short, rare = (found.services[name] for name in ("long", "short", "rare"))
    assert long.distribution.distribution == "lognormal"
    assert short.distribution == replace(short.distribution, distribution="exponential", cv=None)
    for (window_id, mean), seen in {("w-1", 20.0): 2_000, ("w-2", 25.0): 1_000}.items():
        factor = found.factors[window_id, "long"]
        assert factor.seen == seen
        assert factor.value is not None
        assert long.mean.value is not None
        assert long.mean.value * factor.value == pytest.approx(mean, rel=0.06)
    assert found.factors["w-2", "short"].seen == 0
    assert not rare.cv_known
    cv = rare.cv.value
    assert cv is not None
    assert rare.mean.value == pytest.approx(math.sqrt(9 * 11 * (1 + cv**2)), rel=1e-3)


def test_a_hall_with_a_handful_of_durations_has_an_assumed_cv() -> None:
    found = durations_of(PLAN, {("rare", "w-1"): Cell((9.0, 11.0))})
    assert found.services["rare"].cv.value == pytest.approx(ASSUMED_CV)
    assert not found.services["rare"].cv_known
    assert durations_of(PLAN, {}).services == {}
    assert durations_of(PLAN, {("rare", "w-1"): Cell((), (5.0,))}).services == {}
