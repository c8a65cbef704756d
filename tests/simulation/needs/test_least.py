"""Needs are met by people who do one thing at a time."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vikno.simulation.needs.least import STEP, NobodyCan, least_people, needs_of
from vikno.simulation.needs.profiles import Profile, groups_of

PASSPORT, RESIDENCE, BOTH = (True, False), (False, True), (True, True)


def people_for(needs: list[float], can: NDArray[np.bool_], there: int = 9) -> NDArray[np.int64]:
    profiles = tuple(Profile(f"p-{n}", {}, there) for n in range(len(can)))
    return least_people(np.array(needs), profiles, can)


def meet(people: NDArray[np.int64], needs: NDArray[np.float64], can: NDArray[np.bool_]) -> bool:
    """Hall's condition: whoever knows any of some skills are as many as the needs of all of them."""
    skills = range(len(needs))
    sets = [list(those) for size in range(1, len(needs) + 1) for those in combinations(skills, size)]
    return all(people[can[:, those].any(1)].sum() >= needs[those].sum() - 1e-6 for those in sets)


def test_who_knows_both_is_one_person() -> None:
    assert people_for([5.0, 3.0], np.array([BOTH])).sum() == 8
    assert people_for([5.0, 3.0], np.array([PASSPORT, RESIDENCE, BOTH])).sum() == 8
    assert people_for([0.5, 0.5], np.array([PASSPORT, RESIDENCE, BOTH])).tolist() == [0, 0, 1]
    assert people_for([4.5, 2.5], np.array([PASSPORT, RESIDENCE, BOTH])).sum() == 7


def test_among_equals_specialists_and_those_who_are_there() -> None:
    can = np.array([BOTH, PASSPORT, RESIDENCE])
    assert people_for([2.0, 1.0], can).tolist() == [0, 2, 1]
    profiles = (Profile("b", {}, 2), Profile("p", {}, 1), Profile("r", {}, 1))
    assert least_people(np.array([2.0, 1.0]), profiles, can).tolist() == [1, 1, 1]
    stayed = least_people(np.array([1.0, 1.0]), profiles, can, np.array([2, 0, 0]))
    assert stayed.tolist() == [2, 0, 0]


def test_a_need_that_nobody_knows_is_told() -> None:
    with pytest.raises(NobodyCan, match="add them to a window"):
        people_for([1.0, 1.0], np.array([PASSPORT]))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_fewer_people_would_do(data: st.DataObject) -> None:
    """Against all sets of people with fewer."""
    services = data.draw(st.integers(1, 3))
    rows = st.lists(st.booleans(), min_size=services, max_size=services).filter(any)
    can = np.array([*data.draw(st.lists(rows, min_size=1, max_size=3)), [True] * services])
    needs = np.array(data.draw(st.lists(st.integers(0, 8), min_size=services, max_size=services))) * STEP
    people = people_for(needs.tolist(), can)
    assert meet(people, needs, can)
    fewer = product(range(int(people.sum())), repeat=len(can))
    assert not any(sum(those) < people.sum() and meet(np.array(those), needs, can) for those in fewer)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_needs_told_of_people_are_met_by_them_and_by_no_fewer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    can = np.concatenate([rng.random((3, 4)) < 0.5, np.ones((1, 4), np.bool_)])
    people = rng.integers(0, 4, (5, 4))
    people[:, ~can.any(1)] = 0
    served = rng.random((5, 4, 4)) * can * people[:, :, None] * (rng.random((5, 1, 1)) < 0.8)
    needs = needs_of(people, served)
    assert (np.abs(needs / STEP - np.rint(needs / STEP)) < 1e-9).all()
    for row, own in zip(people, needs, strict=True):
        if served.sum(0).sum(1)[row > 0].all():
            assert own.sum() == pytest.approx(row.sum())


def test_services_without_anybody_in_common_are_apart() -> None:
    can = np.array([[True, True, False, False], [False, True, True, False], [False, False, False, True]])
    assert [group.tolist() for group in groups_of(can)] == [[0, 1, 2], [3]]
