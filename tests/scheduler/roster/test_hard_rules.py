"""Hard rules, counted by hand: the edges of the horizon, and every rule broken once, and only it."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from tests.scheduler.roster.rostering import DAY, FREE, NIGHT, SHIFTS, alone, broken
from vikno.scheduler.roster.evaluate import evaluate
from vikno.scheduler.roster.problem import (
    Assignment,
    Before,
    Contract,
    Person,
    Problem,
    Roster,
    Shift,
)
from vikno.scheduler.roster.rules import HARD
from vikno.scheduler.roster.rules.work import RosterError

LUNCH = Shift("D", 450, (), 480, 960, (((720, 750),), ((690, 720),)))


def only(rule: str, row: str, contract: Contract, **more: Any) -> bool:
    return broken(alone(row, contract, **more)) == [rule]


@pytest.mark.parametrize(
    ("row", "least", "good"),
    [
        ("DDD..", 3, True),
        (".DDD.", 3, True),
        (".DD..", 3, False),
        ("DD...", 3, True),  # may have begun before the horizon
        ("...DD", 3, True),  # may go on after it
        ("D....", 2, True),
        ("....D", 2, True),
        (".D...", 2, False),
        ("...D.", 2, False),
        ("DDDDD", 7, True),
        (".D.D.", 1, True),
    ],
)
def test_a_minimum_of_days_worked_is_not_asked_of_a_run_at_an_edge(row: str, least: int, good: bool) -> None:
    assert (alone(row, Contract(run_min=least)).violations == ()) == good
    assert good or only("run_min", row, Contract(run_min=least))


@pytest.mark.parametrize(
    ("row", "least", "good"),
    [
        ("..DDD", 3, True),
        ("DDD..", 3, True),
        ("D..DD", 3, False),
        ("D..DD", 2, True),
        (".DDDD", 2, True),
        ("DDDD.", 2, True),
        ("DD.DD", 2, False),
        (".....", 9, True),
    ],
)
def test_a_minimum_of_free_days_is_not_asked_of_a_run_at_an_edge(row: str, least: int, good: bool) -> None:
    assert (alone(row, Contract(free_run_min=least)).violations == ()) == good
    assert good or only("free_run_min", row, Contract(free_run_min=least))


@pytest.mark.parametrize(
    ("row", "before", "broken_on"),
    [
        ("DDD..", None, []),  # what was before is not counted
        ("DDDD.", None, [3]),
        (".DDDD", None, [4]),
        ("DD...", Before(worked=1), []),
        ("DDD..", Before(worked=1), [2]),
        ("D....", Before(worked=3), [0]),
        (".DDD.", Before(worked=3), []),
        (".DDD.", Before(worked=9), []),  # broken before, and not any further
        ("DDD..", Before(worked=9), [0]),
        ("DDD..", Before(free=9), []),
        ("DDDDD", None, [3]),
    ],
)
def test_a_maximum_of_days_worked_is_told_of_the_first_day_too_many(
    row: str, before: Before | None, broken_on: list[int]
) -> None:
    judged = alone(row, Contract(run_max=3), {"before": before})
    assert [(found.rule, found.day) for found in judged.violations] == [("run_max", day) for day in broken_on]


@pytest.mark.parametrize(
    ("row", "before", "found"),
    [
        ("D....", Before(worked=1), []),  # two in all
        (".....", Before(worked=1), [("run_min", 0)]),  # one, and it ended with the day before
        (".....", Before(worked=2), []),
        ("D....", Before(free=3), [("run_min", 0)]),  # known to begin on day 0
        ("DD...", Before(free=3), []),
        ("DD...", Before(free=2), [("free_run_min", 0)]),
        (".DD..", Before(free=2), []),
        (".DD..", Before(worked=2), [("free_run_min", 0)]),
        ("...DD", Before(worked=2), []),
        ("..DD.", Before(worked=2), [("free_run_min", 0)]),
        ("..DD.", Before(), []),  # nothing is known
        ("..DD.", None, []),
        (".....", Before(free=1), []),
        ("DDDDD", Before(worked=1), []),
    ],
)
def test_what_was_before_counts_with_the_run_that_comes_in(
    row: str, before: Before | None, found: list[tuple[str, int]]
) -> None:
    judged = alone(row, Contract(run_min=2, free_run_min=3), {"before": before})
    assert [(violation.rule, violation.day) for violation in judged.violations] == found


def test_an_absence_cuts_runs_as_an_edge_does() -> None:
    contract = Contract(run_min=3, free_run_min=3, run_max=3)
    away = {"days_off": frozenset({2, 3}), "absent": frozenset({2, 3})}
    assert broken(alone(".D..D..", contract, {"days_off": away["days_off"]})) != []
    assert broken(alone("DD..DD...", contract, away)) == []
    assert broken(alone("DD..DDD..", contract, away)) == []
    assert broken(alone("DD..DDDD.", contract, away)) == ["run_max"]
    assert broken(alone("DD...D...", contract, away)) == ["run_min"]  # day 4 is free: the run begins on day 5
    assert broken(alone(".D..DD.DDD", contract, away)) == ["free_run_min"]
    assert broken(alone("....DDD", contract, {"before": Before(worked=1), "absent": frozenset({0})})) == []


@pytest.mark.parametrize(
    ("row", "before", "on"),
    [
        ("ND...", None, [1]),
        ("...ND", None, [4]),
        ("N.D.N", None, []),
        ("DNNN.", None, []),
        ("D....", Before(worked=1, last_shift="N"), [0]),
        ("D....", Before(last_shift="N"), [0]),
        ("D....", Before(free=1, last_shift="N"), []),
        (".D...", Before(worked=1, last_shift="N"), []),
        ("N....", Before(worked=1, last_shift="N"), []),
        ("NDND.", None, [1, 3]),
    ],
)
def test_a_succession_is_forbidden_from_the_day_before_the_first_to_the_last(
    row: str, before: Before | None, on: list[int]
) -> None:
    judged = alone(row, Contract(), {"before": before})
    assert [(found.rule, found.day) for found in judged.violations] == [("succession", day) for day in on]


def test_rest_is_from_the_end_of_a_shift_to_the_start_of_the_next_days() -> None:
    late = Shift("N", 600, (), 840, 1440)  # to midnight; D begins at 08:00
    shifts = DAY, late
    for hours, found in ((8.0, []), (8.25, ["rest_hours_min"])):
        judged = alone("ND.N.D", Contract(rest_hours_min=hours), shifts=shifts)
        assert broken(judged) == found
        entered = alone(
            "D.....", Contract(rest_hours_min=hours), {"before": Before(1, 0, "N")}, shifts=shifts
        )
        assert broken(entered) == found
    clockless = Shift("D", 480), Shift("N", 480)
    assert broken(alone("NDND", Contract(rest_hours_min=24.0), shifts=clockless)) == []


@pytest.mark.parametrize(
    ("start", "row", "weekends"),
    [
        (None, "DDDDD..DDDDD..", 0),
        (None, ".....D.......D", 2),
        (None, ".....DD.......", 1),
        (date(2026, 11, 1), "D......", 1),  # a Sunday: half a weekend is one
        (date(2026, 11, 1), "D.....D", 2),
    ],
)
def test_a_weekend_is_worked_on_saturday_or_sunday(start: date | None, row: str, weekends: int) -> None:
    for most in range(4):
        judged = alone(row, Contract(weekends_max=most), start=start)
        assert broken(judged) == ["weekends_max"] * (weekends > most)


BROKEN_ONCE: dict[str, tuple[str, Contract, dict[str, Any], dict[str, Any]]] = {
    "days_off": ("D...", Contract(), {"days_off": frozenset({0})}, {}),
    "fixed": ("D...", Contract(), {}, {"fixed": (Assignment("a", 1, "D"),)}),
    "breaks": ("D...", Contract(), {}, {"shifts": (structs.replace(DAY, breaks=(((720, 750),),)),)}),
    "succession": ("ND..", Contract(), {}, {}),
    "rest_hours_min": (".DN.", Contract(rest_hours_min=23), {}, {"shifts": (NIGHT, DAY)}),
    "run_min": (".D..", Contract(run_min=2), {}, {}),
    "run_max": ("DDD.", Contract(run_max=2), {}, {}),
    "free_run_min": ("D.DD", Contract(free_run_min=2), {}, {}),
    "minutes_min": ("DD..", Contract(minutes_min=961), {}, {}),
    "minutes_max": ("DD..", Contract(minutes_max=959), {}, {}),
    "days_max": ("DD..", Contract(days_max=1), {}, {}),
    "weekends_max": (".DDD", Contract(weekends_max=0), {}, {"start": date(2026, 11, 4)}),
    "shifts_max": ("DDN.", Contract(shifts_max={"D": 1, "N": 1}), {}, {}),
}
"""Each rule with a row that breaks it and no other; a double shift is no row of letters, see below."""


def test_every_hard_rule_is_broken_below() -> None:
    assert {*BROKEN_ONCE, "one_shift"} == set(HARD)


@pytest.mark.parametrize("rule", BROKEN_ONCE)
def test_each_rule_is_caught_and_only_it(rule: str) -> None:
    row, contract, person, more = BROKEN_ONCE[rule]
    if rule == "breaks":
        problem = Problem("alone", 4, more["shifts"], (Person("a", contract),))
        judged = evaluate(problem, Roster((Assignment("a", 0, "D", ((700, 730),)),)))
    else:
        judged = alone(row, contract, person, **more)
    assert broken(judged) == [rule]
    assert judged.violations[0].person == "a"
    assert judged.violations[0].detail


def test_nobody_works_two_shifts_on_a_day() -> None:
    problem = Problem("alone", 2, SHIFTS, (Person("a", Contract()),))
    twice = Roster((Assignment("a", 0, "D"), Assignment("a", 0, "N")))
    assert broken(evaluate(problem, twice)) == ["one_shift"]
    again = Roster((Assignment("a", 0, "D"), Assignment("a", 0, "D")))
    assert broken(evaluate(problem, again)) == ["one_shift"]


def test_breaks_lie_in_one_of_the_ways_of_the_shift() -> None:
    problem = Problem("alone", 1, (LUNCH, NIGHT), (Person("a", Contract()),))
    for breaks, good in (((), False), (((720, 750),), True), (((690, 720),), True), (((705, 735),), False)):
        judged = evaluate(problem, Roster((Assignment("a", 0, "D", breaks),)))
        assert (judged.violations == ()) == good
    assert broken(evaluate(problem, Roster((Assignment("a", 0, "N", ((900, 930),)),)))) == ["breaks"]


def test_what_is_fixed_keeps_its_breaks_if_they_are_given() -> None:
    pinned = Assignment("a", 0, "D", ((690, 720),))
    problem = Problem("alone", 1, (LUNCH,), (Person("a", Contract()),), fixed=(pinned,))
    assert broken(evaluate(problem, Roster((pinned,)))) == []
    assert broken(evaluate(problem, Roster((Assignment("a", 0, "D", ((720, 750),)),)))) == ["fixed"]
    free = structs.replace(problem, fixed=(Assignment("a", 0, "D"),))
    assert broken(evaluate(free, Roster((pinned,)))) == []


@pytest.mark.parametrize(
    ("assignment", "word"),
    [
        (Assignment("b", 0, "D"), "'b'"),
        (Assignment("a", 0, "X"), "'X'"),
        (Assignment("a", 4, "D"), "day 4"),
        (Assignment("a", -1, "D"), "day -1"),
    ],
)
def test_a_roster_of_another_problem_is_refused(assignment: Assignment, word: str) -> None:
    problem = Problem("alone", 4, SHIFTS, (Person("a", Contract()),))
    with pytest.raises(RosterError, match=word):
        evaluate(problem, Roster((assignment,)))


rows = st.text(alphabet=[FREE, "D", "N"], min_size=1, max_size=12)
limits = st.integers(1, 4)


@given(rows, limits, limits, limits)
def test_runs_are_counted_as_a_plain_count_of_letters_has_them(
    row: str, run_min: int, run_max: int, free_min: int
) -> None:
    contract = Contract(run_min=run_min, run_max=run_max, free_run_min=free_min)
    expected = []
    kinds = ["".join(run) for _, run in groupby(row, key=lambda letter: letter != FREE)]
    for place, run in enumerate(kinds):
        inside = 0 < place < len(kinds) - 1
        worked = run[0] != FREE
        if inside and worked and len(run) < run_min:
            expected.append("run_min")
        if worked and len(run) > run_max:
            expected.append("run_max")
        if inside and not worked and len(run) < free_min:
            expected.append("free_run_min")
    expected += ["succession"] * sum(row[day : day + 2] == "ND" for day in range(len(row)))
    assert sorted(broken(alone(row, contract))) == sorted(expected)


@given(rows, rows, limits, limits)
def test_two_rosters_in_a_row_break_what_one_over_both_breaks(
    head: str, tail: str, run_min: int, free_min: int
) -> None:
    """The second knows how the first ended, so a run across is judged once, by its whole length."""
    contract = Contract(run_min=run_min, free_run_min=free_min)
    worked, free = (len(head) - len(head.rstrip(kind)) for kind in ("DN", FREE))
    assume(max(worked, free) < len(head))  # else nobody knows how long the run is
    before = Before(worked, free, head[-1] if worked else None)
    first, second = alone(head, contract), alone(tail, contract, {"before": before})
    whole = alone(head + tail, contract)
    assert sorted(broken(first) + broken(second)) == sorted(broken(whole))
