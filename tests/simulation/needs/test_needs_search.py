"""Adding people to a staffing: it ends, and nothing that somebody could give stays lacking."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vikno.simulation.needs.search import LACKING_LEAST, Search

SERVICES_MAX, PROFILES_MAX = 6, 4
PARTS = st.floats(0.0, 3.0)


def search(can: list[list[bool]]) -> Search:
    day: Any = SimpleNamespace(profiles=[SimpleNamespace(windows=2)] * len(can))
    return Search(day, np.array(can), np.ones((1, len(can[0]))), lambda _standing: None)


@given(st.data(), st.integers(1, SERVICES_MAX), st.integers(1, PROFILES_MAX))
def test_who_is_added_gives_all_that_anybody_could(data: st.DataObject, services: int, profiles: int) -> None:
    some = st.lists(st.booleans(), min_size=services, max_size=services)
    can = np.array(data.draw(st.lists(some, min_size=profiles, max_size=profiles)))
    lacking = np.array([data.draw(st.lists(PARTS, min_size=services, max_size=services))])
    people = np.zeros((1, profiles), dtype=np.int64)
    more = search(can.tolist())._with_more(people, lacking)
    given_away = (lacking * can.any(0)).sum()
    assert more.sum() >= given_away - LACKING_LEAST * services
    # Nobody is added for nothing: each gives a whole person's time, or all that their services lack.
    assert more.sum() <= given_away + services
    for service in range(services):
        holders = more[0, can[:, service]].sum()
        assert holders >= min(lacking[0, service], 1.0) * can[:, service].any() - LACKING_LEAST


def test_one_person_is_enough_for_the_parts_of_one_line() -> None:
    people = np.array([[1, 1]])
    more = search([[True, True, True], [False, False, True]])._with_more(people, np.array([[0.3, 0.3, 0.2]]))
    assert more.tolist() == [[2, 1]]


def test_what_nobody_can_give_stays_lacking() -> None:
    more = search([[True, False]])._with_more(np.array([[1]]), np.array([[0.0, 2.5]]))
    assert more.tolist() == [[1]]


def test_small_parts_of_many_lines_bring_one_person_for_each_line() -> None:
    """Once it went on for ever: what a line had too much of hid what it still lacked."""
    lacking = np.array([[0.0, 0.0, 0.02, 0.05, 0.006, 0.06, 0.016, 0.018, 0.09]])
    lines = [[7], [2, 3, 4], [5, 8], [0, 6], [1]]
    can = [[service in line for service in range(9)] for line in lines]
    more = search(can)._with_more(np.array([[2, 1, 2, 5, 0]]), lacking)
    assert more.tolist() == [[3, 2, 3, 6, 0]]
