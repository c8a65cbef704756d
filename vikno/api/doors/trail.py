"""The trail: who signed in, was refused, made, changed or revoked what."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from vikno.api.access import Action, Principal
from vikno.api.doors.views import entry_view
from vikno.api.doors.visit import JSON, PREFIX, allowed_somewhere, encode
from vikno.api.house import House
from vikno.api.problems import RESPONSES
from vikno.api.trail import NUMBER_MAX

router = APIRouter(prefix=PREFIX, tags=["trail"], responses=RESPONSES)

Auditor = Annotated[Principal, Depends(allowed_somewhere(Action.SEE_TRAIL))]
Hall = Annotated[str, Query(max_length=40, description="Only what is about this hall.")]
Before = Annotated[int, Query(ge=1, le=NUMBER_MAX, description="Only entries of a lower `id`.")]


@router.get("/trail", summary="Who did what to accounts, devices and settings")
async def see_trail(
    auditor: Auditor, request: Request, hall: Hall = "", before: Before = NUMBER_MAX
) -> Response:
    """The newest first, 200 at most; of all halls of the asker's if none is named."""
    house: House = request.app.state.house
    halls = auditor.halls(Action.SEE_TRAIL)
    if hall:
        auditor.check(Action.SEE_TRAIL, hall)
        house.room(hall)
        halls = frozenset({hall})
    found = await asyncio.to_thread(house.people.trail.entries, halls, before)
    return Response(encode({"entries": [entry_view(one) for one in found]}), media_type=JSON)
