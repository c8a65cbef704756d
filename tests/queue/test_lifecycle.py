"""The life of a ticket is one table: total, sane, and the very thing the documentation draws."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vikno.queue.lifecycle import AT_A_WINDOW, FINAL_STATES, LIFE, Step, TicketState, diagram

ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"
MOVES = [(step, source, target) for step, moves in LIFE.items() for source, target in moves.items()]


def test_every_step_is_in_the_table() -> None:
    assert set(LIFE) == set(Step)
    assert all(LIFE.values())


def test_every_state_can_be_reached_and_every_other_than_final_be_left_for_good() -> None:
    reached, todo = {TicketState.WAITING}, [TicketState.WAITING]
    while todo:
        state = todo.pop()
        new = {target for _, source, target in MOVES if source is state} - reached
        reached |= new
        todo += new
    assert reached == set(TicketState)
    for state in set(TicketState) - FINAL_STATES:
        ahead, before = {state}, set[TicketState]()
        while ahead != before:
            before = set(ahead)
            ahead |= {target for _, source, target in MOVES if source in ahead}
        assert ahead & FINAL_STATES


def test_final_is_final_but_for_a_visitor_who_takes_leaving_back() -> None:
    out = [(step, source) for step, source, _ in MOVES if source in FINAL_STATES]
    assert out == [(Step.RETURN, TicketState.LEFT)]


@pytest.mark.parametrize("state", sorted(AT_A_WINDOW))
def test_one_comes_to_a_window_by_a_call_only(state: TicketState) -> None:
    into = {step for step, source, target in MOVES if target in AT_A_WINDOW and source not in AT_A_WINDOW}
    assert into == {Step.CALL}
    assert state not in FINAL_STATES


def test_the_end_of_the_day_takes_everybody_who_is_not_at_a_window() -> None:
    assert set(LIFE[Step.CLOSE_OF_DAY]) == set(TicketState) - FINAL_STATES - AT_A_WINDOW


def test_parked_stays_parked_until_somebody_acts() -> None:
    out = {step for step, source, target in MOVES if source is TicketState.PARKED and target is not source}
    assert out == {Step.CALL, Step.UNPARK, Step.LEAVE, Step.CLOSE_OF_DAY}


def test_the_diagram_holds_every_move_and_no_other() -> None:
    arrows = re.findall(r"^    (\w+) --> (\w+): (.+)$", diagram(), re.MULTILINE)
    drawn = {(step, source, target) for source, target, steps in arrows for step in steps.split(", ")}
    assert drawn == {(s.value, a.replace("-", "_"), b.replace("-", "_")) for s, a, b in MOVES}


def test_the_documentation_draws_this_table() -> None:
    drawn = re.findall(
        r"```mermaid\n(stateDiagram.*?)\n```", ARCHITECTURE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert drawn == [diagram()], (
        "copy the output of vikno.queue.lifecycle.diagram() into docs/architecture.md"
    )
