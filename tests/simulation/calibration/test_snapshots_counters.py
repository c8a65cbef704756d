"""Who came and who was called, from a line and a number, whatever the display does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vikno.simulation.calibration.counters import Track, follow, follow_days
from vikno.simulation.calibration.shared_counters import follow_all

WINDOWS = 2


def seen(waiting: Sequence[float], numbers: Sequence[int | None], windows: int = WINDOWS) -> Track:
    """A snapshot every five minutes."""
    return Track(
        np.arange(len(waiting), dtype=np.float64) * 5 + 480,
        np.array(waiting, np.float64),
        np.full(len(waiting), float(windows)),
        tuple(numbers),
    )


def steps(most: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    """How many come and how many are called between two snapshots."""
    return st.lists(st.tuples(st.integers(0, most), st.integers(0, most)), min_size=2, max_size=60)


def lived(story: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """How many had come, and had been called, at each snapshot: nobody is called who has not come."""
    came, called = [0], [0]
    for arrivals, calls in story:
        came.append(came[-1] + arrivals)
        called.append(min(came[-1], called[-1] + calls))
    return came, called


def line(came: Sequence[int], called: Sequence[int]) -> list[int]:
    return [c - k for c, k in zip(came, called, strict=True)]


@given(steps(4))
def test_an_exact_display_is_followed_exactly_where_a_new_number_appears(
    story: list[tuple[int, int]],
) -> None:
    came, called = lived(story)
    flow = follow(seen(line(came, called), [n or None for n in called]))
    for at in range(1, len(called)):
        if called[at] > called[at - 1]:
            assert flow.called[at] == pytest.approx(called[at])
            assert flow.came[at] == pytest.approx(came[at])
    assert flow.contradictions == flow.jumps == 0


anything = st.lists(
    st.tuples(st.integers(0, 50), st.one_of(st.none(), st.integers(0, 999))), min_size=1, max_size=60
)


@given(anything)
def test_counts_never_fall_and_differ_by_those_who_wait(story: list[tuple[int, int | None]]) -> None:
    waiting, numbers = zip(*story, strict=True)
    flow = follow(seen(waiting, numbers))
    assert (np.diff(flow.came) >= -1e-9).all()
    assert (np.diff(flow.called) >= -1e-9).all()
    assert flow.came - flow.called == pytest.approx(np.array(waiting))


@given(steps(3), st.integers(2, 6))
def test_a_lagging_display_loses_nobody_who_was_seen(story: list[tuple[int, int]], lag: int) -> None:
    came, called = lived(story)
    late = [called[at // lag * lag] or None for at in range(len(called))]
    flow = follow(seen(line(came, called), late))
    exact = follow(seen(line(came, called), [n or None for n in called]))
    assert flow.called[-1] <= exact.called[-1] + 1e-9
    assert flow.called[-1] >= max((n or 0) for n in late) - 1e-9


def test_a_lagging_display_is_known_by_its_contradictions() -> None:
    flow = follow(seen([5, 4, 3, 2, 2, 2], [1, 1, 1, 1, 2, 4]))
    assert flow.contradictions == 3
    assert flow.called[-1] == 4


def test_a_blank_a_lower_number_and_a_slip_say_nothing() -> None:
    flow = follow(seen([0, 2, 1, 1, 0, 0, 0], [None, 1, 2, 1, 900, 3, 4]))
    assert flow.called[-1] == 4


def test_a_jump_to_another_series_is_no_visitors() -> None:
    flow = follow(seen([3, 2, 1, 1, 0], [1, 2, 3, 803, 804]))
    assert flow.jumps == 1
    assert flow.called[-1] == 4


def test_no_shows_called_one_after_the_other_are_visitors() -> None:
    """The line shrinks by as many as the number jumps."""
    flow = follow(seen([40, 39, 9, 8], [1, 2, 32, 33]))
    assert flow.jumps == 0
    assert flow.called[-1] == 33


def test_a_counter_that_begins_again_goes_on() -> None:
    numbers = [*range(90, 100), *range(1, 11)]
    flow = follow(seen([0] * 20, numbers), (89,))
    assert flow.called[-1] == pytest.approx(20)


def test_a_series_from_501_begins_at_500() -> None:
    flow = follow_days([seen([0, 0, 0], [None, 503, 506]), seen([0, 0], [501, 501])])
    assert [day.called[-1] for day in flow] == [6, 1]


def test_a_counter_that_goes_on_from_yesterday_counts_only_today() -> None:
    today = seen([1, 0, 0, 0], [61, 62, 63, 65])
    flow = follow_days([seen([0, 0, 0], [1, 30, 60]), today])
    assert flow[1].called[-1] == 5


def shared_day(rng: np.random.Generator) -> tuple[list[Track], list[int]]:
    """Two queues that draw from one counter and are called in order of the numbers; and how many were."""
    at, waits = 0, [[0, 0] for _ in range(80)]
    numbers: list[list[int | None]] = [[None] * 80, [None] * 80]
    called, line_of = [0, 0], list[int]()
    for step in range(1, 80):
        line_of += rng.choice(2, size=rng.poisson(1.5), p=[0.7, 0.3]).tolist()
        for queue in (0, 1):
            numbers[queue][step] = numbers[queue][step - 1]
        for _ in range(min(len(line_of), int(rng.poisson(1.6)))):
            queue = line_of.pop(0)
            at, called[queue] = at + 1, called[queue] + 1
            numbers[queue][step] = at
        waits[step] = [line_of.count(0), line_of.count(1)]
    tracks = [seen([wait[queue] for wait in waits], numbers[queue]) for queue in (0, 1)]
    return tracks, called


def test_queues_that_share_a_counter_are_found_and_their_visitors_divided() -> None:
    rng = np.random.default_rng(3)
    days = [shared_day(rng) for _ in range(4)]
    tracks = [[day[queue] for day, _ in days] for queue in (0, 1)]
    flows, shared = follow_all(tracks)
    assert shared == ((0, 1),)
    for number, (_, called) in enumerate(days):
        total = sum(called)
        told = [flows[queue][number].called[-1] for queue in (0, 1)]
        assert sum(told) == pytest.approx(total, rel=0.1)
        for queue in (0, 1):
            assert told[queue] == pytest.approx(called[queue], abs=0.15 * total)


def test_counters_of_their_own_are_not_taken_for_a_shared_one() -> None:
    rng = np.random.default_rng(4)
    tracks = []
    for _ in range(3):
        came, called = lived([(int(rng.poisson(1)), int(rng.poisson(1.1))) for _ in range(80)])
        tracks.append([seen(line(came, called), [n or None for n in called])])
    _, shared = follow_all(tracks)
    assert shared == ()
