"""Better policies that were found: seen, asked for, accepted, declined, taken back."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from vikno.api.access import Action
from vikno.api.doors.visit import JSON, PREFIX, Visit, allowed, encode
from vikno.api.house import House
from vikno.api.problems import RESPONSES
from vikno.api.proposals import Decision, ProposalRefused, State
from vikno.api.steering import name_of
from vikno.display import gains
from vikno.display.pages import choose_language
from vikno.display.views import Views
from vikno.simulation.proposal import DAYS_MIN

router = APIRouter(prefix=PREFIX, tags=["proposals"], responses=RESPONSES)

DIGITS_MAX = 15
"""Of a proposal's number: more than were ever made."""

Decider = Annotated[Visit, Depends(allowed(Action.DECIDE))]
Reader = Annotated[Visit, Depends(allowed(Action.SEE_PROPOSALS))]
Language = Annotated[str, Query(alias="lang", max_length=20, description="The language of the sentences.")]


@router.get("/halls/{hall}/proposals", summary="Better policies that were found, and the one in force")
async def see_proposals(visit: Reader, request: Request, language: Language = "") -> Response:
    """The newest first."""
    return await _tell(visit, request, language)


@router.post(
    "/halls/{hall}/proposals", summary="Look for a better policy now", status_code=HTTPStatus.ACCEPTED
)
async def ask(visit: Decider, request: Request, language: Language = "") -> Response:
    """It takes minutes; asked for twice, it is looked for once."""
    house: House = request.app.state.house
    await house.searches.begin(visit.room.plan.id, visit.grant.role)
    return await _tell(visit, request, language, HTTPStatus.ACCEPTED)


@router.post("/halls/{hall}/proposals/{proposal}/accept", summary="Have the hall call by this policy")
async def accept(visit: Decider, request: Request, language: Language = "") -> Response:
    """From the next call on."""
    return await _decide(visit, request, State.ACCEPTED, language)


@router.post("/halls/{hall}/proposals/{proposal}/decline", summary="Do without this policy")
async def decline(visit: Decider, request: Request, language: Language = "") -> Response:
    """Nothing changes in the hall."""
    return await _decide(visit, request, State.DECLINED, language)


@router.post("/halls/{hall}/proposals/{proposal}/take-back", summary="Back to the policy before this one")
async def take_back(visit: Decider, request: Request, language: Language = "") -> Response:
    """From the next call on."""
    return await _decide(visit, request, State.TAKEN_BACK, language)


async def _decide(visit: Visit, request: Request, decision: State, language: str) -> Response:
    house: House = request.app.state.house
    number = request.path_params["proposal"]
    if not (number.isascii() and number.isdigit() and len(number) <= DIGITS_MAX):
        raise ProposalRefused("unknown-proposal", "this hall has no such proposal")
    await house.steering.decide(visit.room.plan.id, int(number), decision, visit.grant.role)
    await visit.note(house, "policy-decided", proposal=int(number), decision=decision.value)
    return await _tell(visit, request, language)


async def _tell(visit: Visit, request: Request, language: str, status: int = HTTPStatus.OK) -> Response:
    """Everything there is to be seen and decided."""
    house: House = request.app.state.house
    room, hall = visit.room, visit.room.plan.id
    proposals = house.steering.proposals
    views = await room.owner.read(lambda _hall: room.views())
    told = await asyncio.to_thread(proposals.told, hall)
    decisions = await asyncio.to_thread(proposals.decisions, hall)
    spoken = choose_language(language, room.plan.languages)
    policy = name_of(house.steering.present(hall))
    changed = max((one.at for one in decisions if one.decision != State.DECLINED), default=0.0)
    body = {
        "policy": policy,
        "on": house.searches.on,
        "working": house.searches.working(hall),
        "days": await house.searches.days(hall),
        "days_needed": DAYS_MIN,
        "proposals": [
            gains.view(msgspec.to_builtins(one), spoken, views.instant, policy, changed) for one in told
        ],
        "decisions": [decision_view(one, views) for one in reversed(decisions)],
    }
    return Response(encode(body), status, media_type=JSON)


def decision_view(decision: Decision, views: Views) -> dict[str, Any]:
    """Who decided what when, and the policy from then on."""
    return msgspec.structs.asdict(decision) | {"at": views.instant(decision.at)}
