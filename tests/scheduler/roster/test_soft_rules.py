"""Soft rules: counted by hand, by plain loops on random rosters, and by a linear program."""

from __future__ import annotations

from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from tests.scheduler.roster.rostering import FREE, alone, assignments
from vikno.scheduler.roster.evaluate import evaluate
from vikno.scheduler.roster.problem import (
    HUNDREDTHS,
    Assignment,
    Contract,
    Period,
    Person,
    Problem,
    Roster,
    Shift,
    ShiftCover,
    SkillCover,
    Weights,
    Wish,
)
from vikno.scheduler.roster.rules import SOFT
from vikno.scheduler.roster.rules.skills import meet, quarters
from vikno.scheduler.roster.rules.work import Work

DAY = Shift("D", 480, (), 480, 960, (((720, 750),), ((690, 720),)), 0.0)
NIGHT = Shift("N", 480, (), 840, 1320, (), 1.0)
SHIFTS = (DAY, NIGHT)
SKILLS = ("passport", "residence", "social")


def people(*skills: str) -> tuple[Person, ...]:
    return tuple(
        Person(chr(97 + place), Contract(), skills=dict.fromkeys(filter(None, known.split("+")), 1.0))
        for place, known in enumerate(skills)
    )


def test_every_soft_rule_is_told_even_if_it_costs_nothing() -> None:
    assert alone("D.", Contract(), shifts=SHIFTS).costs == dict.fromkeys(SOFT, 0.0)


def test_cover_by_shift_costs_each_missing_and_each_beyond() -> None:
    cover = tuple(ShiftCover(day, "D", need, 100, 7) for day, need in enumerate((2, 1, 0, 3)))
    problem = Problem("x", 4, SHIFTS, people("", "", ""), cover)
    judged = evaluate(problem, Roster(assignments({"a": "DDD.", "b": "DD..", "c": ".DNN"}, SHIFTS)))
    # Day 0 as needed, day 1 two too many, day 2 one too many (N is nobody's need), day 3 three missing.
    assert (judged.costs["shift_under"], judged.costs["shift_over"]) == (300.0, 21.0)
    assert judged.total == 321.0
    assert [(charge.day, charge.amount) for charge in judged.charges] == [(3, 3.0), (1, 2.0), (2, 1.0)]


@pytest.mark.parametrize(
    ("shift", "wanted", "row", "cost"),
    [
        ("D", True, "D", 0),
        ("D", True, "N", 5),
        ("D", True, ".", 5),
        ("D", False, "D", 5),
        ("D", False, "N", 0),
        ("D", False, ".", 0),
        (None, True, "D", 0),
        (None, True, ".", 5),
        (None, False, "N", 5),
        (None, False, ".", 0),
    ],
)
def test_a_wish_costs_its_weight_if_it_is_not_fulfilled(
    shift: str | None, wanted: bool, row: str, cost: int
) -> None:
    judged = alone(row, Contract(), wishes=(Wish("a", 0, shift, wanted, 5),), shifts=SHIFTS)
    assert judged.costs["wishes"] == judged.total == cost


def test_a_change_is_a_day_with_another_shift_or_none_and_not_another_break() -> None:
    present = assignments({"a": "DDDN.", "b": "D...."}, SHIFTS)
    problem = Problem("x", 5, SHIFTS, people("", ""), weights=Weights(change=30), present=present)
    assert evaluate(problem, Roster(present)).total == 0.0
    judged = evaluate(problem, Roster(assignments({"a": "D.NND", "b": "D...."}, SHIFTS)))
    assert judged.costs["change"] == 90.0
    later = Roster((Assignment("a", 0, "D", ((690, 720),)), *present[1:]))
    assert evaluate(problem, later).total == 0.0


def test_an_unfair_load_costs_more_with_each_unit() -> None:
    weights = Weights(unfair=10, weekend_load=2.0)
    problem = Problem("x", 7, SHIFTS, people("", "", ""), weights=weights)
    # Six nights and a weekend are a load of 8, all of it of one; the share of each is 8/3.
    judged = evaluate(problem, Roster(assignments({"a": "NNNNNN."}, SHIFTS)))
    above = ceil((8 - 8 / 3) * 100)  # 534 hundredths: 5.34 + 4.34 + 3.34 + 2.34 + 1.34 + 0.34
    assert above == 534
    assert judged.costs["unfair"] == pytest.approx(10 * (5.34 + 4.34 + 3.34 + 2.34 + 1.34 + 0.34))


def test_a_fair_load_is_the_share_of_all_and_the_past_counts() -> None:
    halves = (
        Person("a", Contract(), load_past=1.0),
        Person("b", Contract(), share=0.5),
        Person("c", Contract(), share=0.5, load_past=1.0),
    )
    problem = Problem("x", 4, SHIFTS, halves, weights=Weights(unfair=10))
    # Loads 1 + 1, 1 and 1 of 4 in all: the shares are 2, 1 and 1.
    fair = evaluate(problem, Roster(assignments({"a": "N...", "b": ".N..", "c": "...."}, SHIFTS)))
    assert fair.total == 0.0
    unfair = evaluate(problem, Roster(assignments({"b": "NN..", "c": "...."}, SHIFTS)))
    assert unfair.total == 10.0


def test_somebody_with_two_skills_is_counted_for_one_of_them_at_a_time() -> None:
    needs = tuple(
        SkillCover(0, 840, 870, skill, 1.0, under) for skill, under in (("passport", 3), ("social", 5))
    )
    for skills, missing in (
        (("passport+social",), {"passport"}),  # the dearer is met
        (("passport+social", "passport"), set()),
        (("passport+social", "social"), set()),
        (("passport", "passport"), {"social"}),
        (("", ""), {"passport", "social"}),
    ):
        problem = Problem("x", 1, SHIFTS, people(*skills), skill_cover=needs)
        judged = evaluate(problem, Roster(assignments({"a": "D", "b": "D"}, SHIFTS)[: len(skills)]))
        assert {charge.item for charge in judged.charges} == missing
        assert judged.total == sum(2 * need.under for need in needs if need.skill in missing)


def test_needs_may_be_parts_of_people_who_share_themselves_out() -> None:
    needs = tuple(SkillCover(0, 840, 855, skill, 0.45, 100) for skill in ("passport", "social"))
    problem = Problem("x", 1, SHIFTS, people("passport+social"), skill_cover=needs, weights=Weights(idle=10))
    judged = evaluate(problem, Roster(assignments({"a": "N"}, SHIFTS)))
    assert judged.costs["skill_under"] == 0.0
    # 32 quarters are worked; in one of them 0.9 is needed.
    assert judged.costs["idle"] == 10 * (31 + 0.1)


def test_a_break_covers_nothing_and_is_not_idle() -> None:
    need = (SkillCover(0, 660, 780, "passport", 1.0, 2),)
    problem = Problem("x", 1, SHIFTS, people("passport"), skill_cover=need, weights=Weights(idle=1))
    judged = evaluate(problem, Roster(assignments({"a": "D"}, SHIFTS)))
    assert judged.costs["skill_under"] == 2 * 2
    assert [charge.minute for charge in judged.charges if charge.rule == "skill_under"] == [720, 735]
    assert judged.costs["idle"] == 32 - 8


def test_a_quarter_counts_if_all_of_it_is_worked() -> None:
    part = Shift("D", 480, (), 480, 570, (((500, 520),),))
    work = Work(Problem("x", 1, (part,), people("passport")), (Assignment("a", 0, "D", ((500, 520),)),))
    assert [quarter.minute for quarter in quarters(work)] == [480, 525, 540, 555]
    odd = Shift("D", 100, (), 485, 590)
    work = Work(Problem("x", 1, (odd,), people("passport")), (Assignment("a", 0, "D"),))
    assert [quarter.minute for quarter in quarters(work)] == [495, 510, 525, 540, 555, 570]


def test_a_shift_without_a_clock_covers_no_time() -> None:
    need = (SkillCover(0, 480, 495, "passport", 1.0, 2),)
    problem = Problem(
        "x", 1, (Shift("D", 480),), people("passport"), skill_cover=need, weights=Weights(idle=1)
    )
    assert evaluate(problem, Roster((Assignment("a", 0, "D"),))).total == 2.0


@st.composite
def transports(draw: st.DrawFn) -> tuple[dict[frozenset[str], int], list[tuple[str, int, int]]]:
    known = st.frozensets(st.sampled_from("abcd"), max_size=3)
    groups = draw(st.dictionaries(known, st.integers(1, 3).map(lambda n: n * HUNDREDTHS), max_size=6))
    needs = draw(
        st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 400), st.integers(1, 9)), max_size=6)
    )
    return groups, needs


@given(transports())
def test_what_is_missing_costs_as_little_as_the_linear_program_says(
    case: tuple[dict[frozenset[str], int], list[tuple[str, int, int]]],
) -> None:
    groups, needs = case
    met = meet(frozenset(groups.items()), tuple(needs))
    assert all(0 <= got <= need[1] for got, need in zip(met, needs, strict=True))
    cost = sum(under * (need - got) for got, (_, need, under) in zip(met, needs, strict=True))
    least, most = by_linear_program(groups, needs)
    assert cost == pytest.approx(least, abs=1e-6)
    assert sum(met) == pytest.approx(most, abs=1e-6)


def by_linear_program(
    groups: dict[frozenset[str], int], needs: list[tuple[str, int, int]]
) -> tuple[float, float]:
    """The least cost of what is missing, and the largest sum that can be met."""
    pairs = [(g, n) for g, skills in enumerate(groups) for n, need in enumerate(needs) if need[0] in skills]
    if not pairs:
        return float(sum(need * under for _, need, under in needs)), 0.0
    given_by = np.array([[pair[0] == g for pair in pairs] for g in range(len(groups))], float)
    given_to = np.array([[pair[1] == n for pair in pairs] for n in range(len(needs))], float)
    limits = np.array([*groups.values(), *(need for _, need, _ in needs)], float)
    under = np.array([cost for _, _, cost in needs], float)
    solved = [
        linprog(-gain, A_ub=np.vstack([given_by, given_to]), b_ub=limits).fun
        for gain in (under @ given_to, np.ones(len(pairs)))
    ]
    return float(sum(need * cost for _, need, cost in needs) + solved[0]), float(-solved[1])


@st.composite
def rosters(draw: st.DrawFn) -> tuple[Problem, dict[str, str]]:
    """Three people with one skill each, a week, everything that costs."""
    staff = tuple(
        Person(
            name,
            Contract(),
            skills={draw(st.sampled_from(SKILLS)): 1.0},
            load_past=draw(st.integers(0, 30)) / 10,
            share=draw(st.sampled_from((0.5, 1.0))),
        )
        for name in "abc"
    )
    costs = st.integers(0, 20)
    days = st.integers(0, 6)
    row = st.text(alphabet=[FREE, "D", "N"], min_size=7, max_size=7)
    quarter = st.integers(30, 90)
    problem = Problem(
        id="x",
        days=7,
        shifts=SHIFTS,
        people=staff,
        shift_cover=tuple(
            ShiftCover(day, shift, draw(st.integers(0, 3)), draw(costs), draw(costs))
            for day in range(7)
            for shift in "DN"
        ),
        skill_cover=tuple(
            SkillCover(draw(days), 15 * start, 15 * (start + 3), skill, draw(st.integers(1, 250)) / 100, 3)
            for skill in SKILLS
            for start in (draw(quarter),)
        ),
        wishes=tuple(
            Wish(
                draw(st.sampled_from("abc")),
                draw(days),
                draw(st.sampled_from((None, "D", "N"))),
                draw(st.booleans()),
                draw(costs),
            )
            for _ in range(4)
        ),
        weights=Weights(draw(costs), draw(costs), draw(costs), draw(st.sampled_from((0.0, 1.0, 2.5)))),
        present=assignments({name: draw(row) for name in "abc"}, SHIFTS),
    )
    return problem, {name: draw(row) for name in "abc"}


@given(rosters())
def test_costs_are_those_of_plain_loops(case: tuple[Problem, dict[str, str]]) -> None:
    problem, rows = case
    judged = evaluate(problem, Roster(assignments(rows, SHIFTS)))
    counted = counted_plainly(problem, rows)
    assert judged.costs == pytest.approx(counted, abs=1e-9)
    assert judged.total == pytest.approx(sum(counted.values()), abs=1e-9)
    for rule, cost in judged.costs.items():
        assert cost == sum(charge.hundredths for charge in judged.charges if charge.rule == rule) / HUNDREDTHS


def counted_plainly(problem: Problem, rows: dict[str, str]) -> dict[str, float]:
    """From the letters of the rows, with no help from the rules. Everybody has one skill: no transport."""
    found = dict.fromkeys(SOFT, 0.0)
    for cover in problem.shift_cover:
        people_there = sum(row[cover.day] == cover.shift for row in rows.values())
        found["shift_under"] += cover.under * max(0, cover.need - people_there)
        found["shift_over"] += cover.over * max(0, people_there - cover.need)
    for wish in problem.wishes:
        letter = rows[wish.person][wish.day]
        done = letter != FREE if wish.shift is None else letter == wish.shift
        found["wishes"] += wish.weight * (done != wish.wanted)
    present = {(worked.staff, worked.day): worked.shift for worked in problem.present or ()}
    for name, row in rows.items():
        for day, letter in enumerate(row):
            found["change"] += problem.weights.change * (present.get((name, day), FREE) != letter)
    quarter_costs(problem, rows, found)
    load = {
        person.id: person.load_past
        + rows[person.id].count("N")
        + problem.weights.weekend_load * any(letter != FREE for letter in rows[person.id][5:])
        for person in problem.people
    }
    shares = {person.id: person.share for person in problem.people}
    for name, borne in load.items():
        fair = shares[name] / sum(shares.values()) * sum(load.values())
        above = ceil(round(100 * (borne - fair), 6)) / 100
        found["unfair"] += problem.weights.unfair * sum(max(0.0, above - k) for k in range(99))
    return found


HOURS: dict[str, list[Period]] = {"D": [(480, 720), (750, 960)], "N": [(840, 1320)]}
"""When somebody is there, breaks as usual."""


def quarter_costs(problem: Problem, rows: dict[str, str], found: dict[str, float]) -> None:
    for day in range(problem.days):
        for minute in range(0, 1440, 15):
            for skill in SKILLS:
                there = sum(
                    skill in person.skills
                    and any(start <= minute < end for start, end in HOURS.get(rows[person.id][day], []))
                    for person in problem.people
                )
                need = sum(
                    cover.need
                    for cover in problem.skill_cover
                    if (cover.day, cover.skill) == (day, skill) and cover.starts <= minute < cover.ends
                )
                found["skill_under"] += 3 * max(0.0, need - there)
                found["idle"] += problem.weights.idle * max(0.0, there - need)
