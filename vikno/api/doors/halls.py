"""Looking at a hall."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from vikno.api.access import Action
from vikno.api.doors.visit import PREFIX, Visit, allowed
from vikno.api.problems import RESPONSES
from vikno.display.views import Views
from vikno.queue.hall import Hall

router = APIRouter(prefix=PREFIX, tags=["hall"], responses=RESPONSES)


@router.get("/halls/{hall}", summary="The hall as staff see it")
async def see_hall(visit: Annotated[Visit, Depends(allowed(Action.SEE_HALL))]) -> Response:
    """Services, windows, tickets present, the day's figures."""
    return await visit.see(lambda views, _hall: views.staff())


@router.get("/halls/{hall}/board", summary="The hall as everybody sees it")
async def see_board(visit: Annotated[Visit, Depends(allowed(Action.SEE_BOARD))]) -> Response:
    """Services with their lines and waits, windows, calls."""
    return await visit.see(lambda views, _hall: views.board())


@router.get("/halls/{hall}/waits", summary="How true the told waits were")
async def see_waits(visit: Annotated[Visit, Depends(allowed(Action.AUDIT))]) -> Response:
    """By day, the newest first."""

    def view(views: Views, _hall: Hall) -> dict[str, Any]:
        days = visit.room.scores.days()
        return {"days": [day | {"since": views.instant(day["since"])} for day in days]}

    return await visit.see(view)
