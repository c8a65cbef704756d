"""What a visit shows of patience, of no-shows and of service."""

from __future__ import annotations

from tests.simulation.calibration.days import called, served, visit, waited
from vikno.simulation.calibration.families import Cell
from vikno.simulation.calibration.observations import calls_of, served_of, waits_of
from vikno.simulation.history import Ending, Spell


def test_a_wait_ends_with_the_first_call_or_is_cut_off() -> None:
    found = waits_of(
        [
            visit(served("a", 0, 7, 9), served("b", 9, 30, 31)),
            visit(called("a", 0, 5, 6, Ending.NO_SHOW)),
            visit(called("a", 0, 4, 6, Ending.LEFT)),
            visit(waited("a", 0, 3, Ending.UNSERVED)),
            visit(waited("a", 0, 2, Ending.OPEN)),
            visit(waited("a", 0, 1, Ending.LEFT)),
        ]
    )
    assert (found.left, found.stayed) == ([1], [7, 5, 4, 3, 2])


def test_a_first_call_is_answered_or_in_vain() -> None:
    found = calls_of(
        [
            visit(served("a", 0, 7, 9), called("b", 9, 30, 31, Ending.NO_SHOW)),
            visit(called("a", 0, 7, 8, Ending.PARKED)),
            visit(called("a", 0, 7, 8, Ending.TRANSFERRED), waited("b", 8, 20, Ending.LEFT)),
            visit(called("a", 0, 5, 6.5, Ending.NO_SHOW)),
            visit(called("a", 0, 5, 7, Ending.LEFT)),
            visit(called("a", 0, 5, 7, Ending.OPEN)),
            visit(waited("a", 0, 3, Ending.LEFT)),
        ]
    )
    assert (found.came, found.missed) == (3, (1.5, 2))


def test_a_duration_lasts_from_the_call_to_the_end() -> None:
    walked = Spell("a", 0, "w", 5, 6, 9, Ending.SERVED)
    went_on = Spell("b", 9, "w", None, 9, 12, Ending.SERVED)
    assert served_of([visit(walked, went_on)]).cells == {("a", "w"): Cell((4.0,)), ("b", "w"): Cell((3.0,))}


def test_parking_is_no_work_but_what_is_before_and_after_it_is() -> None:
    before = Spell("a", 0, "w", 5, 6, 9, Ending.PARKED)
    again = Spell("a", None, "v", 20, 21, 22, Ending.SERVED)
    assert served_of([visit(before, again)]).cells == {("a", "v"): Cell((6.0,))}
    assert served_of([visit(before)]).cells == {("a", "w"): Cell((), (4.0,))}


def test_who_is_sent_on_was_served_for_as_long_as_that_took() -> None:
    sent = Spell("a", 0, "w", 5, 6, 8, Ending.TRANSFERRED)
    assert served_of([visit(sent, served("b", 8, 9, 19))]).cells[("a", "w")] == Cell((3.0,))


def test_who_did_not_come_was_not_served_and_what_is_cut_off_lasted_longer() -> None:
    begun = Spell("a", 0, "w", 5, 6, 8, Ending.OPEN)
    assert served_of([visit(begun)]).cells == {("a", "w"): Cell((), (3.0,))}
    assert served_of([visit(called("a", 0, 5, 6, Ending.NO_SHOW))]).cells == {}


def test_a_call_without_end_is_a_service_where_no_clerk_tells_of_starts() -> None:
    silent = visit(called("a", 0, 5, 8, Ending.OPEN))
    assert served_of([silent, visit(served("a", 0, 5, 9))]).cells == {("a", "w"): Cell((4.0,), (3.0,))}
    told = visit(Spell("a", 0, "w", 5, 6, 9, Ending.SERVED))
    assert served_of([silent, told]).cells == {("a", "w"): Cell((4.0,))}


def test_a_button_that_was_forgotten_is_no_service() -> None:
    usual = [visit(served("a", 0, 5, 15)) for _ in range(9)]
    found = served_of([*usual, visit(served("a", 0, 5, 400)), visit(served("b", 0, 5, 400))])
    assert found.cells["a", "w"] == Cell((10.0,) * 9)
    assert found.cells["b", "w"] == Cell((395.0,)), "where all are long, long is usual"
    assert found.forgotten == {"a": 1}
