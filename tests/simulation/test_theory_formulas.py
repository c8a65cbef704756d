"""The formulas that the twin is held against give the numbers that are printed in textbooks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.simulation import theory

SIX_DIGITS = 5e-7
POINTS = [k * math.pi / 4 for k in range(8)]

ERLANG_C: dict[tuple[int, float], float] = {
    (1, 0.5): 0.5,
    (2, 1): 0.333333,
    (3, 2): 0.444444,
    (5, 4): 0.554113,
    (10, 8): 0.409180,
    (10, 9): 0.668732,
    (20, 16): 0.256078,
    (50, 45): 0.363864,
    (100, 90): 0.216940,
}
ERLANG_A: dict[tuple[int, float, float], tuple[float, ...]] = {
    (5, 5, 0.5): (0.633151, 0.292263, 0.146132, 0.853868),
    (10, 12, 1): (0.757608, 0.213632, 0.213632, 0.943641),
    (20, 20, 0.5): (0.609930, 0.147375, 0.073687, 0.926313),
}


@pytest.mark.parametrize(("windows", "load"), ERLANG_C)
def test_erlang_c(windows: int, load: float) -> None:
    assert theory.erlang_c(windows, load) == pytest.approx(ERLANG_C[windows, load], abs=SIX_DIGITS)
    in_line = load / windows * theory.erlang_c(windows, load) / (1 - load / windows)
    assert theory.erlang_c_wait(windows, load) == pytest.approx(in_line / load), "Little's law"


def test_ten_erlang_at_fourteen_windows() -> None:
    """Service of 3 minutes, target 20 seconds: a published table's row to the last digit."""
    assert theory.erlang_c(14, 10) == pytest.approx(0.1741319335950498, rel=1e-14)
    assert theory.erlang_c_within(14, 10, 20 / 180) == pytest.approx(0.8883500191794669, rel=1e-14)


@pytest.mark.parametrize(("windows", "load", "leaving"), ERLANG_A)
def test_erlang_a(windows: int, load: float, leaving: float) -> None:
    found = theory.erlang_a(windows, load, leaving)
    assert found == pytest.approx(ERLANG_A[windows, load, leaving], abs=SIX_DIGITS)


def test_erlang_a_of_the_endlessly_patient_is_erlang_c() -> None:
    found = theory.erlang_a(10, 8, 1e-9)
    assert found.delayed == pytest.approx(theory.erlang_c(10, 8), rel=1e-6)
    assert found.wait == pytest.approx(theory.erlang_c_wait(10, 8), rel=1e-6)


def test_erlang_b() -> None:
    assert theory.erlang_b(1, 1) == 0.5
    assert theory.erlang_b(2, 1) == 0.2
    assert theory.windows_for_blocking(10, 0.02) == 17


def test_staffing_the_hall_with_waves() -> None:
    """Least staff at eight points of the wave, and what comes of staffing each by its own arrival rate."""
    inside = [100 + 10 * (math.sin(t) - math.cos(t)) for t in POINTS]
    least = [theory.staff_for_delay(mean, 0.1) for mean in inside]
    assert least == [103, 114, 125, 129, 125, 114, 103, 99]
    by_rate = [theory.staff_for_delay(100 + 20 * math.sin(t), 0.1) for t in POINTS]
    assert by_rate == [114, 129, 135, 129, 114, 99, 93, 99]
    delayed = [float(theory.poisson_tail(mean, staff)) for mean, staff in zip(inside, by_rate, strict=True)]
    expected = [0.0083, 0.0030, 0.0115, 0.0914, 0.3640, 0.5532, 0.3898, 0.0884]
    assert delayed == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("above", [0, 3, 12])
def test_excess_of_a_poisson_number(above: int) -> None:
    numbers = np.random.default_rng(1).poisson(7.0, 100_000)
    excess = np.maximum(numbers - above, 0)
    expected = float(theory.poisson_excess(7.0, above))
    assert abs(excess.mean() - expected) <= 5 * excess.std() / math.sqrt(excess.size)
