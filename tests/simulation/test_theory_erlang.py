"""The twin agrees with Erlang: about those who wait as long as it takes, the impatient, and the hurried."""

from __future__ import annotations

import pytest

from tests.simulation import theory
from tests.simulation.holding import Known, exactly, hold, number, share
from tests.simulation.one_line import OneLine

SMALL_HALLS = [
    OneLine(1, 0.5, counted=4_000),
    OneLine(2, 1, counted=1_100),
    OneLine(3, 2, counted=2_000),
    OneLine(5, 4, counted=2_500),
]

LARGE_HALLS = [
    OneLine(10, 8, counted=1_500),
    OneLine(10, 9, counted=2_500),
    OneLine(20, 16, counted=1_500),
    OneLine(50, 45, counted=4_000),
    OneLine(100, 90, counted=2_600),
]
"""How many wait in a large hall is soon known; how long they do takes hundreds of thousands of visitors."""

LARGE_HALLS_FOR_LONG = [
    OneLine(10, 8, counted=8_000),
    OneLine(10, 9, counted=8_000),
    OneLine(20, 16, counted=20_000),
    OneLine(50, 45, counted=80_000),
    OneLine(100, 90, counted=130_000),
]

TEN_ERLANG = OneLine(14, 10, target=20 / 180, counted=1_500)
"""Service of 3 minutes, a target of 20 seconds."""

IMPATIENT = [
    OneLine(5, 5, 0.5, counted=3_200),
    OneLine(10, 12, 1.0, counted=2_800),
    OneLine(20, 20, 0.5, counted=4_500),
]
HURRIED = [OneLine(1, 1, zero=1.0, counted=500), OneLine(2, 1, zero=1.0, counted=500)]


def erlang_c(hall: OneLine) -> dict[str, Known]:
    return {
        "delayed": share(theory.erlang_c(hall.windows, hall.load)),
        "within": share(theory.erlang_c_within(hall.windows, hall.load, hall.target)),
        "occupancy": share(hall.load / hall.windows),
        "left": exactly(0.0),
    }


def erlang_c_wait(hall: OneLine) -> Known:
    return number(theory.erlang_c_wait(hall.windows, hall.load))


@pytest.mark.parametrize("hall", SMALL_HALLS, ids=str)
def test_those_who_wait_as_long_as_it_takes(hall: OneLine) -> None:
    hold(hall.estimates, erlang_c(hall) | {"wait": erlang_c_wait(hall)})


@pytest.mark.parametrize("hall", [*LARGE_HALLS, TEN_ERLANG], ids=str)
def test_how_many_wait_in_a_large_hall(hall: OneLine) -> None:
    hold(hall.estimates, erlang_c(hall))


@pytest.mark.parametrize("hall", LARGE_HALLS_FOR_LONG, ids=str)
def test_how_long_they_wait_in_a_large_hall(hall: OneLine) -> None:
    """By the recursion that the twin agrees with to the ticket (test_twin_recursion)."""
    hold(lambda seed: {"wait": hall.recursion_wait(seed)}, {"wait": erlang_c_wait(hall)})


@pytest.mark.soak
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("hall", LARGE_HALLS_FOR_LONG, ids=str)
def test_how_long_they_wait_in_a_large_hall_by_the_twin_itself(hall: OneLine) -> None:
    hold(hall.estimates, {"wait": erlang_c_wait(hall)})


@pytest.mark.parametrize("hall", IMPATIENT, ids=str)
def test_the_impatient(hall: OneLine) -> None:
    """Erlang A."""
    known = theory.erlang_a(hall.windows, hall.load, hall.leaving)
    hold(
        hall.estimates,
        {
            "delayed": share(known.delayed),
            "wait": number(known.wait),
            "left": number(known.left),
            "occupancy": share(known.occupancy),
        },
    )


@pytest.mark.parametrize("hall", HURRIED, ids=str)
def test_those_who_never_wait(hall: OneLine) -> None:
    """Erlang B, by a patience of which all is zero: who finds no window free is gone at once."""
    blocked = theory.erlang_b(hall.windows, hall.load)
    hold(
        hall.estimates,
        {
            "left": share(blocked),
            "delayed": share(blocked),
            "wait": exactly(0.0),
            "occupancy": share(hall.load * (1 - blocked) / hall.windows),
        },
    )


def test_the_fewest_windows_that_turn_away_at_most_two_in_a_hundred() -> None:
    """For 10 erlang they are 17."""
    enough, too_few = OneLine(17, 10, zero=1.0, counted=500), OneLine(16, 10, zero=1.0, counted=500)
    blocked = enough.estimates(1)["left"]
    assert blocked.high is not None
    assert blocked.high < 0.02
    blocked = too_few.estimates(1)["left"]
    assert blocked.low is not None
    assert blocked.low > 0.02
