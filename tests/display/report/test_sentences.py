"""What the report says is true to its numbers, and never surer than they are."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.display.report.staging import NOTHING, Apart, apart, around, case, course
from vikno.display.report import sentences
from vikno.display.report.peaks import GAP_MAX, Point, find_peak
from vikno.display.report.sentences import LESS, MORE, UNCLEAR, UNKNOWN, verdict
from vikno.display.report.words import Words

WORDS = Words("en")
ENDS = st.floats(-30, 30)
CLAIM = re.compile(r"less on average|longer on average|shorter|\blonger\b|^(Fewer|More) |\. (Fewer|More) ")


@st.composite
def differences(draw: st.DrawFn) -> Apart:
    low, value, high = sorted(draw(st.tuples(ENDS, ENDS, ENDS)))
    return apart(value, low, high)


def alike(found: Apart) -> dict[str, Apart]:
    return dict.fromkeys(("wait_mean", "wait_p95", "within_target"), found)


@given(differences(), differences(), differences())
def test_a_difference_is_claimed_only_if_its_interval_leaves_zero_out(
    mean: Apart, tail: Apart, within: Apart
) -> None:
    told = {"wait_mean": mean, "wait_p95": tail, "within_target": within}
    said = sentences.comparison(WORDS, case(name="index", differences=told), case())
    clear = [one for one in told.values() if one.difference.low > 0 or one.difference.high < 0]  # type: ignore[operator]
    assert len(CLAIM.findall(said)) == len(clear)


@given(differences())
def test_a_difference_has_the_sign_of_its_whole_interval(found: Apart) -> None:
    low, high = found.difference.low, found.difference.high
    assert low is not None
    assert high is not None
    assert verdict(found.difference) == (LESS if high < 0 else MORE if low > 0 else UNCLEAR)


def test_one_day_compares_nothing() -> None:
    only = Apart(Point(-3.0, None, None), NOTHING)
    said = sentences.comparison(WORDS, case(name="index", differences=alike(only)), case())
    assert verdict(only.difference) == UNKNOWN
    assert "cannot be told" in said
    assert not CLAIM.search(said)


def test_a_clear_difference_is_told_with_its_size_and_interval() -> None:
    told = {
        "wait_mean": apart(-2.1, -2.7, -1.5),
        "wait_p95": apart(12.0, 4.0, 20.0),
        "within_target": apart(0.032, 0.021, 0.043),
    }
    said = sentences.comparison(WORDS, case(name="index", differences=told), case())
    assert "Under index a visitor waits 2.1 minutes less on average than under fifo (1.5 to 2.7)." in said
    assert "12 minutes longer (4 to 20)" in said
    assert "More are called within the target, by 3.2 percentage points (2.1 to 4.3)." in said


def test_an_unclear_difference_is_told_with_both_its_sides() -> None:
    same = apart(0.1, -0.4, 0.6)
    said = sentences.comparison(WORDS, case(name="index", differences=alike(same)), case())
    assert "does not clearly differ from that under fifo (from 0.4 minutes less to 0.6 minutes more)" in said
    assert "(from 40.0 percentage points less to 60.0 more)" in said


def test_policies_that_do_the_same_are_said_to() -> None:
    none = apart(0.0, 0.0, 0.0)
    said = sentences.comparison(WORDS, case(name="priority", differences=alike(none)), case())
    assert said == "Under priority these days go as they do under fifo: every figure is the same."


def test_the_wait_is_told_with_its_interval_and_its_worst_time() -> None:
    waits = [2.0] * 14 + [24.0] + [2.0] * 14
    said = sentences.wait_by_time(WORDS, case({"wait_mean": around(13, 1)}, waits=waits, half=3.0))
    assert said == (
        "A visitor waits 13 minutes on average (12 to 14). The longest waits are of those who come "
        "between 11:30 and 11:45: up to 24 minutes on average (21 to 27)."
    )


def test_where_every_time_is_alike_none_is_named() -> None:
    said = sentences.wait_by_time(WORDS, case(waits=[10.0, 10.4, 10.2, 9.9, 10.1, 10.3]))
    assert "No time of arrival clearly has the longest waits" in said
    assert "between" not in said


def test_a_line_is_told_with_its_bad_days_if_there_are_days_enough() -> None:
    waiting = [1.0, 2.0, 18.0, 3.0, 1.0]
    assert "On one day in ten it is 36 or more." in sentences.waiting_by_time(WORDS, case(waiting=waiting))
    assert "one day in ten" not in sentences.waiting_by_time(WORDS, case(waiting=waiting, days=9))


def test_where_nobody_comes_nothing_is_claimed() -> None:
    nan = float("nan")
    empty = case({"wait_mean": NOTHING, "within_target": NOTHING, "occupancy": NOTHING}, waits=[nan, nan])
    assert sentences.wait_by_time(WORDS, empty) == "Nobody was called, so there is no wait to show."
    assert sentences.distribution(WORDS, empty, [20]) == "Nobody was called, so there is no wait to show."
    assert sentences.occupancy(WORDS, empty, {"w-1": "1"}) == "No window was staffed."
    assert "Hardly anybody waits" in sentences.waiting_by_time(WORDS, case(waiting=[0.0, 0.0]))


def test_windows_are_ranked_only_where_their_intervals_part() -> None:
    labels = {"w-1": "1", "w-2": "2", "w-3": "3"}
    same = case(windows=dict.fromkeys(labels, around(0.8, 0.05)))
    assert sentences.occupancy(WORDS, same, labels).endswith("No window is clearly busier than another.")
    apart_ones = case(windows={"w-1": around(0.9, 0.02), "w-2": around(0.5, 0.02), "w-3": around(0.87, 0.02)})
    said = sentences.occupancy(WORDS, apart_ones, labels)
    assert "Busiest is window 1, 90% (88% to 92%); not clearly less busy: window 3." in said
    assert "Least busy is window 2, 50% (48% to 52%)." in said


def test_one_target_is_named_and_several_are_not() -> None:
    one = case({"within_target": around(0.87, 0.02)})
    assert "87% are called within the target of 20 minutes (85% to 89%)." in sentences.distribution(
        WORDS, one, [20.0]
    )
    assert "within the target of their service" in sentences.distribution(WORDS, one, [10.0, 20.0])


@given(st.lists(st.floats(0, 60), min_size=1, max_size=40), st.floats(0.01, 20))
def test_a_peak_holds_all_times_that_may_be_the_highest_and_hardly_any_other(
    values: list[float], half: float
) -> None:
    peak = find_peak(course(values, half))
    assert peak is not None
    assert values[peak.at] == max(values)
    if not peak.stretches:
        return
    inside = {place for first, last in peak.stretches for place in range(first, last + 1)}
    alike = {place for place, value in enumerate(values) if value >= max(values) - half}
    assert alike <= inside
    assert all(
        {first, last} <= alike and alike.intersection(range(place, place + GAP_MAX))
        for first, last in peak.stretches
        for place in range(first, last + 1)
    )


def test_a_curve_of_one_day_has_a_top_and_no_peak() -> None:
    unknown = np.full(3, np.nan)
    peak = find_peak(course([1.0, 5.0, 2.0])._replace(low=unknown, high=unknown))
    assert peak is not None
    assert (peak.at, peak.stretches) == (1, ())


@pytest.mark.parametrize("values", [[], [float("nan")]])
def test_a_curve_of_nothing_has_no_peak(values: list[float]) -> None:
    assert find_peak(course(values)) is None


def test_overtaking_is_told_only_where_there_was_any() -> None:
    nobody = {"overtaken_share": around(0.0, 0.0), "overtakes_max": around(0.0, 0.0)}
    assert sentences.fairness(WORDS, case(nobody)) == "Nobody was overtaken by somebody who came later."
    some = {
        "overtaken_share": around(0.21, 0.03),
        "overtakes_mean": around(0.5, 0.1),
        "overtakes_max": Point(15.0, 11.0, 35.0),
    }
    assert sentences.fairness(WORDS, case(some)) == (
        "21% of those called were overtaken by somebody who came later (18% to 24%): "
        "0.5 times on average over all, and nobody more than 15 times."
    )
    unknown = case(dict.fromkeys(("overtaken_share", "overtakes_mean", "overtakes_max"), NOTHING))
    assert sentences.fairness(WORDS, unknown) == "Nobody was called, so nobody was overtaken."


def test_the_spread_of_occupancy_is_told_in_points_where_there_are_windows_to_compare() -> None:
    told = {"overtakes_max": around(0.0, 0.0), "occupancy_spread": around(0.093, 0.008)}
    two = dict.fromkeys(("w-1", "w-2"), around(0.8, 0.05))
    assert sentences.fairness(WORDS, case(told, windows=two)).endswith(
        "The standard deviation of the occupancy over windows is 9.3 percentage points (8.5 to 10.1)."
    )
    assert "deviation" not in sentences.fairness(WORDS, case(told))
