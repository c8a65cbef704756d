"""The life of a ticket, as one table.

A visitor waits, is called, is served and goes home; everything else is a detour: they do not come, they
are parked while they fetch a paper, they are sent on to another service, they lose patience. `LIFE` lists
every step that exists and every state it may start from. What the table does not hold is refused and
changes nothing; the documentation's diagram is drawn from it, so the two cannot differ.

A leg may be finished without a start: a clerk forgets the key, or a hall does without it. The service then
counts from the call.

The only way back is a window's undo, which restores the record of before instead of taking a step.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class TicketState(StrEnum):
    """Where a visitor is; the last four are final."""

    __hash__ = str.__hash__  # an Enum's own is a Python function, and states are looked up at every step

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    SERVED = "served"
    NO_SHOW = "no-show"
    LEFT = "left"
    UNSERVED = "unserved"


class Step(StrEnum):
    """What can happen to a ticket after it was issued."""

    __hash__ = str.__hash__

    CALL = "call"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    NEXT_LEG_HERE = "next leg here"
    NEXT_LEG_ELSEWHERE = "next leg elsewhere"
    MISS = "miss"
    PARK = "park"
    UNPARK = "unpark"
    TRANSFER = "transfer"
    LEAVE = "leave"
    RETURN = "return"
    MOVE_BACK = "move back"
    REPRIORITISE = "reprioritise"
    CLOSE_OF_DAY = "close of day"


_S = TicketState

LIFE: Final[dict[Step, dict[TicketState, TicketState]]] = {
    Step.CALL: {_S.WAITING: _S.CALLED, _S.PARKED: _S.CALLED},
    Step.RECALL: {_S.CALLED: _S.CALLED},
    Step.START: {_S.CALLED: _S.SERVING},
    Step.FINISH: {_S.SERVING: _S.SERVED, _S.CALLED: _S.SERVED},
    Step.NEXT_LEG_HERE: {_S.SERVING: _S.SERVING, _S.CALLED: _S.SERVING},
    Step.NEXT_LEG_ELSEWHERE: {_S.SERVING: _S.WAITING, _S.CALLED: _S.WAITING},
    Step.MISS: {_S.CALLED: _S.NO_SHOW},
    Step.PARK: {_S.CALLED: _S.PARKED, _S.SERVING: _S.PARKED},
    Step.UNPARK: {_S.PARKED: _S.WAITING},
    Step.TRANSFER: {_S.CALLED: _S.WAITING, _S.SERVING: _S.WAITING},
    Step.LEAVE: {_S.WAITING: _S.LEFT, _S.PARKED: _S.LEFT, _S.CALLED: _S.LEFT},
    Step.RETURN: {_S.LEFT: _S.WAITING},
    Step.MOVE_BACK: {_S.WAITING: _S.WAITING},
    Step.REPRIORITISE: {_S.WAITING: _S.WAITING, _S.PARKED: _S.PARKED},
    Step.CLOSE_OF_DAY: {_S.WAITING: _S.UNSERVED, _S.PARKED: _S.UNSERVED},
}

FINAL_STATES: Final = frozenset({_S.SERVED, _S.NO_SHOW, _S.LEFT, _S.UNSERVED})
AT_A_WINDOW: Final = frozenset({_S.CALLED, _S.SERVING})


def diagram() -> str:
    """The table as a Mermaid state diagram, one arrow per pair of states, its steps on one label."""
    arrows: dict[tuple[TicketState, TicketState], list[str]] = {}
    for step, moves in LIFE.items():
        for source, target in moves.items():
            arrows.setdefault((source, target), []).append(step.value)
    lines = ["stateDiagram-v2", "    [*] --> waiting: issue"]
    lines += [
        f"    {_node(source)} --> {_node(target)}: {', '.join(steps)}"
        for (source, target), steps in arrows.items()
    ]
    lines += [f"    {_node(state)} --> [*]" for state in TicketState if state in FINAL_STATES]
    return "\n".join(lines)


def _node(state: TicketState) -> str:
    """Mermaid reads a hyphen as part of an arrow."""
    return state.value.replace("-", "_")
