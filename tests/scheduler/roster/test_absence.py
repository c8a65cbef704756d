"""Somebody falls ill: what is left of what was asked of them."""

from __future__ import annotations

from tests.scheduler.roster.rostering import SHIFTS, assignments, broken
from vikno.scheduler.roster.absence import without
from vikno.scheduler.roster.conflict import find_conflicts
from vikno.scheduler.roster.evaluate import evaluate
from vikno.scheduler.roster.problem import Contract, Person, Problem, Roster, Weights, Wish

ROWS = {"a": "DDDD..DDDD", "b": "D.D.D.D.D."}
PEOPLE = (
    Person("a", Contract(minutes_min=8 * 480, run_min=4, free_run_min=2), days_off=frozenset({4})),
    Person("b", Contract()),
)
PROBLEM = Problem(
    id="x",
    days=10,
    shifts=SHIFTS,
    people=PEOPLE,
    wishes=(Wish("a", 1, "N", wanted=True, weight=9), Wish("a", 3, "N", wanted=True, weight=4)),
    weights=Weights(change=30),
    present=assignments(ROWS),
    fixed=assignments({"a": "DDDD"}),
)
"""The roster in force keeps all that is asked, and nothing less would do."""


def test_the_rest_of_the_roster_in_force_is_still_good_and_changes_nothing() -> None:
    ill = without(PROBLEM, "a", frozenset({1, 2, 3, 4}))
    rest = evaluate(ill, Roster(assignments({"a": "D.....DDDD", "b": ROWS["b"]})))
    assert rest.violations == ()
    assert rest.total == 0.0
    assert find_conflicts(ill) == ()


def test_nobody_who_is_ill_works() -> None:
    ill = without(PROBLEM, "a", frozenset({1, 2, 3}))
    assert broken(evaluate(ill, Roster(assignments(ROWS)))) == ["days_off"] * 3


def test_what_was_planned_counts_as_worked_and_nothing_more() -> None:
    ill = without(PROBLEM, "a", frozenset({2, 3, 4}))  # two of these were to be worked
    assert ill.person["a"].contract.minutes_min == 6 * 480
    judged = evaluate(ill, Roster(assignments({"a": "DD.....DDD", "b": ROWS["b"]})))
    assert broken(judged) == ["minutes_min"]


def test_the_others_and_what_they_are_asked_stay_as_they_were() -> None:
    ill = without(PROBLEM, "a", frozenset({1}))
    assert ill.person["b"] == PROBLEM.person["b"]
    assert ill.wishes == PROBLEM.wishes[1:]
    changed = evaluate(ill, Roster(assignments({"a": "D.DD..DDDD", "b": "DDD.D.D.D."})))
    assert changed.costs["change"] == 30.0


def test_being_ill_twice_is_being_ill_on_all_those_days() -> None:
    at_once = without(PROBLEM, "a", frozenset({1, 2}))
    one_by_one = without(without(PROBLEM, "a", frozenset({1})), "a", frozenset({2}))
    assert one_by_one == at_once
