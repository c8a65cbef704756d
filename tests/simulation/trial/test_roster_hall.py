"""A day of a roster is the hall that somebody would have written by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.simulation.halls import constant, exponential, hall, service, window
from tests.simulation.trial.rosters import EARLY, LATE, LUNCH, WHOLE, problem, roster, works
from vikno.queue.plan import Visits
from vikno.scheduler.roster.problem import Shift
from vikno.simulation.trial.demand import demand_of
from vikno.simulation.trial.hall import NotAHall, halls_of, seated
from vikno.simulation.trial.lived import Public, live

SERVICES = [
    service("passport", exponential(8.0), 0.2),
    service("land", constant(15.0), 0.05, patience=exponential(60.0)),
]
PLAN = hall(SERVICES)


def test_a_roster_day_is_the_hall_file_written_by_hand() -> None:
    staff = problem(
        {
            "anna": {"passport": 0.9, "land": 1.2},
            "borys": {"passport": 1.0},
            "vira": {"land": 1.1},
            "hanna": {"archive": 1.0},
            "danylo": {"passport": 1.0},
        }
    )
    lived = roster(
        works("danylo", LATE),
        works("anna", WHOLE),
        works("borys", WHOLE, 0, (60, 75), (200, 230)),
        works("vira", EARLY),
        works("hanna", WHOLE),
    )
    by_hand = hall(
        SERVICES,
        window("anna", {"passport": 0.9, "land": 1.2}, (0, 240), (300, 480)),
        window("borys", {"passport": 1.0}, (0, 60), (75, 200), (230, 480)),
        window("vira", {"land": 1.1}, (0, 240)),
        window("danylo", {"passport": 1.0}, (240, 480)),
    )
    assert halls_of({0: PLAN}, staff, lived) == (by_hand,)


def test_everybody_works_on_their_own_days() -> None:
    staff = problem({"anna": {"passport": 1.0}, "borys": {"passport": 1.0}}, days=3)
    halls = halls_of(
        dict.fromkeys(range(3), PLAN), staff, roster(works("anna", EARLY, 0), works("borys", LATE, 2))
    )
    assert [[one.id for one in day.windows] for day in halls] == [["anna"], [], ["borys"]]


def test_each_day_has_its_own_demand() -> None:
    busy = replace(PLAN, services=(service("passport", exponential(8.0), 0.4), SERVICES[1]))
    staff = problem({"anna": {"passport": 1.0}}, days=2)
    quiet, crowded = halls_of(
        {0: PLAN, 1: busy}, staff, roster(works("anna", WHOLE, 0), works("anna", WHOLE, 1))
    )
    assert quiet.windows == crowded.windows
    assert (quiet.services, crowded.services) == (PLAN.services, busy.services)


def test_a_break_at_the_edge_of_a_shift_makes_it_shorter() -> None:
    staff = problem({"anna": {"passport": 1.0}})
    (day,) = halls_of({0: PLAN}, staff, roster(works("anna", WHOLE, 0, (0, 30), (450, 480))))
    assert day.windows[0].open == ((30, 450),)


def test_a_shift_without_hours_cannot_be_lived() -> None:
    staff = replace(problem({"anna": {"passport": 1.0}}), shifts=(Shift("d", 480),))
    with pytest.raises(NotAHall, match="'d' has no hours of the day"):
        halls_of({0: PLAN}, staff, roster(works("anna", Shift("d", 480))))


def test_a_day_that_everybody_has_off_is_closed() -> None:
    staff = problem({"anna": {"passport": 1.0}, "borys": {"passport": 1.0}}, days=4)
    off = [frozenset({0, 1, 3}), frozenset({1, 2})]
    staff = replace(
        staff,
        people=tuple(replace(one, days_off=days) for one, days in zip(staff.people, off, strict=True)),
    )
    assert demand_of(PLAN, staff) == {0: PLAN, 2: PLAN, 3: PLAN}


def test_a_roster_without_an_open_day_cannot_be_lived() -> None:
    staff = problem({"anna": {"passport": 1.0}})
    staff = replace(staff, people=(replace(staff.people[0], days_off=frozenset({0})),))
    with pytest.raises(NotAHall, match="everybody has every day off"):
        demand_of(PLAN, staff)


def test_without_a_window_people_wait_until_somebody_stands_up() -> None:
    staff = problem({name: {"passport": 1.0} for name in ("anna", "borys", "vira")})
    lived = roster(works("anna", WHOLE), works("borys", WHOLE, 0, (60, 120)), works("vira", WHOLE))
    (day,) = halls_of({0: PLAN}, staff, lived, windows=2)
    assert {one.id: one.open for one in day.windows} == {
        "anna": ((0, 240), (300, 480)),
        "borys": ((0, 60), (240, 480)),
        "vira": ((60, 240),),
    }
    assert LUNCH == (240, 300)


stints = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True).map(
        lambda edges: tuple(zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
    ),
)


@given(stints, st.integers(0, 8))
def test_never_more_sit_than_there_are_windows_and_no_window_is_empty_while_somebody_stands(
    present: dict[str, tuple[tuple[int, int], ...]], windows: int
) -> None:
    sitting = seated(present, windows)
    for minute in range(97):
        there = {name for name, periods in present.items() if _in(periods, minute)}
        here = {name for name, periods in sitting.items() if _in(periods, minute)}
        assert here <= there
        assert len(here) == min(len(there), windows)


@pytest.mark.parametrize("visits", [(), (Visits(("passport", "land"), ((0, 3.0),)),)], ids=["fast", "twin"])
def test_a_day_on_which_nobody_works_calls_nobody(visits: tuple[Visits, ...]) -> None:
    staff, plan = problem({"anna": {"passport": 1.0}}), replace(PLAN, visits=visits)
    halls = halls_of({0: plan}, staff, roster())
    lived = live(halls, "optimized", Public([plan], 1, range(3)))
    assert lived.called.sum() == 0
    assert (lived.not_called > 0).all()


def _in(periods: tuple[tuple[int, int], ...], minute: int) -> bool:
    return any(start <= minute < end for start, end in periods)
