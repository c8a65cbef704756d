"""Where breaks may lie: every legal way and no other, the usual one first."""

from __future__ import annotations

from itertools import combinations_with_replacement

from hypothesis import given
from hypothesis import strategies as st

from vikno.scheduler.roster.file.breaks import BreakRule, ways

quarters = st.integers(0, 12).map(lambda n: 15 * n)


@st.composite
def break_rules(draw: st.DrawFn) -> BreakRule:
    starts, length = draw(quarters), 15 * draw(st.integers(1, 3))
    ends = starts + length + draw(quarters)
    usual = draw(st.none() | st.integers(0, 12).map(lambda n: 15 * n))
    return BreakRule("b", length, starts, ends, 15 * draw(st.integers(2, 12)), 0, paid=False, usual=usual)


def is_legal(starts: int, ends: int, rules: list[BreakRule], begins: tuple[int, ...]) -> bool:
    """The rules as they are written down, for breaks that begin at these times."""
    worked_since = starts
    bound = 24 * 60
    for rule, at in zip(rules, begins, strict=True):
        if not rule.starts <= at <= rule.ends - rule.minutes:
            return False
        if not 0 < at - worked_since <= min(bound, rule.unbroken_minutes_max):
            return False
        worked_since, bound = at + rule.minutes, rule.unbroken_minutes_max
    return 0 < ends - worked_since <= bound


@given(quarters, quarters, st.lists(break_rules(), min_size=1, max_size=2))
def test_every_legal_way_is_found_and_no_other(starts: int, length: int, rules: list[BreakRule]) -> None:
    ends = starts + length
    found = ways(starts, ends, rules)
    times = range(starts, ends + 1, 15)
    legal = {
        tuple((at, at + rule.minutes) for at, rule in zip(begins, rules, strict=True))
        for begins in combinations_with_replacement(times, len(rules))
        if is_legal(starts, ends, rules, begins)
    }
    assert set(found) == legal
    assert len(found) == len(legal)


@given(quarters, quarters, break_rules())
def test_the_usual_way_is_the_first(starts: int, length: int, rule: BreakRule) -> None:
    found = [way[0][0] for way in ways(starts, starts + length, [rule])]
    if not found:
        return
    usual = rule.usual if rule.usual is not None else (min(found) + max(found)) / 2
    nearest = min(abs(at - usual) for at in found)
    assert abs(found[0] - usual) <= nearest + (0 if rule.usual is not None else 0.5)
    distances = [abs(at - (rule.usual if rule.usual is not None else int(usual))) for at in found]
    assert distances == sorted(distances)


def test_a_shift_without_rules_has_one_way_which_is_none() -> None:
    assert ways(480, 960, []) == ((),)


def test_a_lunch_after_five_hours_at_most() -> None:
    lunch = BreakRule("lunch", 30, 660, 870, 300, 0, paid=False, usual=750)
    # From 07:45 to 16:15: by 12:45 at the latest, and by 11:15 - 0:30 at the earliest, so from 11:00 on.
    found = ways(465, 975, [lunch])
    assert found[0] == ((750, 780),)
    assert {way[0][0] for way in found} == set(range(660, 766, 15))
