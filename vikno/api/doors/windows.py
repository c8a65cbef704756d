"""Windows: what a clerk does, one address per step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from vikno.api.access import Action
from vikno.api.doors.tickets import Strict
from vikno.api.doors.visit import PREFIX, Visit, allowed
from vikno.api.problems import RESPONSES
from vikno.display.views import Views
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.hall import Hall

router = APIRouter(prefix=PREFIX, tags=["windows"], responses=RESPONSES)

ID_LENGTH_MAX = 40
NOTE_LENGTH_MAX = 500

Worker = Annotated[Visit, Depends(allowed(Action.WORK))]


class Chosen(Strict):
    """A ticket by its identifier."""

    ticket: Annotated[str, Field(min_length=1, max_length=ID_LENGTH_MAX)]


class Transfer(Strict):
    """Where to, and a word for the next clerk (kept beside the journal, deleted at the end of the day)."""

    service: Annotated[str, Field(min_length=1, max_length=ID_LENGTH_MAX)]
    note: Annotated[str, Field(max_length=NOTE_LENGTH_MAX)] = ""


STEPS: dict[str, tuple[type[c.WindowCommand], str]] = {
    "call-next": (c.CallNext, "Call whom the hall's policy chooses"),
    "start": (c.StartService, "The visitor came"),
    "finish": (c.FinishService, "The service is done"),
    "no-show": (c.MissVisitor, "The visitor did not come"),
    "recall": (c.Recall, "Call the called visitor once more"),
    "park": (c.ParkVisitor, "The visitor steps aside"),
    "undo": (c.UndoStep, "Take back the window's last step, within five seconds"),
    "open": (c.OpenWindow, "The window starts work, or goes on"),
    "pause": (c.PauseWindow, "The window has a break"),
    "close": (c.CloseWindow, "The window ends work"),
}
"""In the order in which a request is compared with them, most frequent first."""


def _step(step: str, command: type[c.WindowCommand], summary: str) -> None:
    """A step that needs no words: one route, one command."""

    async def act(visit: Worker) -> Response:
        return await visit.do(lambda at: command(at, visit.window), _tell(visit.window))

    router.add_api_route(
        f"/halls/{{hall}}/windows/{{window}}/{step}",
        act,
        methods=["POST"],
        summary=summary,
        description=command.__doc__,
        name=step,
    )


for _name, (_command, _summary) in STEPS.items():
    _step(_name, _command, _summary)


@router.post("/halls/{hall}/windows/{window}/call", summary="Call this visitor, waiting or parked")
async def call(chosen: Chosen, visit: Worker) -> Response:
    """The clerk chooses; whom that overtakes is kept with the call."""
    return await visit.do(lambda at: c.CallChosen(at, visit.window, chosen.ticket), _tell(visit.window))


@router.post("/halls/{hall}/windows/{window}/unpark", summary="Back into the line")
async def unpark(chosen: Chosen, visit: Worker) -> Response:
    """At the old place."""
    return await visit.do(lambda at: c.UnparkVisitor(at, visit.window, chosen.ticket), _tell(visit.window))


@router.post("/halls/{hall}/windows/{window}/transfer", summary="Send the visitor on to another service")
async def transfer(to: Transfer, visit: Worker) -> Response:
    """At the old place; the note is for whoever calls next."""

    def make(at: float) -> c.TransferVisitor:
        return c.TransferVisitor(at, visit.window, to.service)

    return await visit.do(make, _tell(visit.window), note=to.note.strip() or None)


def _tell(window: str) -> Callable[[Views, Hall, Sequence[e.Event]], dict[str, Any]]:
    def tell(views: Views, hall: Hall, events: Sequence[e.Event]) -> dict[str, Any]:
        answer: dict[str, Any] = {"window": views.window(hall.windows[window])}
        event = events[0] if events else None
        ticket = getattr(event, "ticket", None)
        if ticket is not None:
            answer["ticket"] = views.ticket(hall.tickets[ticket], staff=True)
        if isinstance(event, e.TicketCalled | e.NobodyCalled):
            answer.setdefault("ticket", None)
            answer["why"] = event.why
        return answer

    return tell
