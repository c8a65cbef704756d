"""What if: the plan of a hall to be looked at and changed, and experiments with it.

The plan is asked for over HTTP; an experiment is a `Conversation` (conversation.py). Nothing is kept on the
server, so it does not matter which of several processes a page talks to.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from vikno.api.access import Action
from vikno.api.conversation import Tell
from vikno.api.doors.tickets import Strict
from vikno.api.doors.visit import JSON, PREFIX, Visit, allowed, encode
from vikno.api.experiments import DAYS_MAX, ExperimentRefused, Run
from vikno.api.house import House
from vikno.api.ordering import DAYS, SEED, check_visitors, make_plan, read_order
from vikno.api.problems import RESPONSES
from vikno.api.room import Room
from vikno.api.steering import name_of
from vikno.display import catalog
from vikno.queue.hallwriter import write_hall
from vikno.queue.plan import HallPlan
from vikno.scheduler import POLICIES
from vikno.scheduler.workload import visitors_a_day
from vikno.simulation.changes import PERCENT_MAX

router = APIRouter(prefix=PREFIX, tags=["what if"], responses=RESPONSES)

FINGERPRINT_BYTES = 4
"""Enough to see that a plan is not the one of last week."""

Manager = Annotated[Visit, Depends(allowed(Action.EXPERIMENT))]


class Changes(Strict):
    """What would be different: docs/api.md lists the changes there are."""

    changes: list[dict[str, Any]]


@router.get("/halls/{hall}/plan", summary="The plan of a hall, to be changed in an experiment")
async def see_plan(visit: Manager, request: Request) -> Response:
    """Services, windows, who comes how often, and what an experiment may be."""
    house: House = request.app.state.house
    plan = await adopted(visit.room)
    policy = name_of(house.steering.present(plan.id))
    body = await asyncio.to_thread(lambda: encode(plan_view(plan, policy)))
    return Response(body, media_type=JSON)


@router.post("/halls/{hall}/plan/changed", summary="The hall file of a changed plan")
async def write_changed(changes: Changes, visit: Manager) -> Response:
    """Nothing changes in the hall: this is the file that one would start it with."""
    plan = await adopted(visit.room)

    def write() -> bytes:
        text = write_hall(make_plan(plan, changes.changes))
        return encode({"file": f"{plan.id}-changed.toml", "text": text})

    return Response(await asyncio.to_thread(write), media_type=JSON)


async def adopted(room: Room) -> HallPlan:
    """The plan that the hall runs by."""
    return await room.owner.read(lambda hall: hall.plan)


def plan_view(plan: HallPlan, policy: str) -> dict[str, Any]:
    """What a page needs to show a plan and to change it."""
    return {
        "id": plan.id,
        "name": plan.name,
        "languages": plan.languages,
        "time_zone": plan.time_zone,
        "opens": _clock(plan.opens),
        "closes": _clock(plan.closes),
        "fingerprint": fingerprint(plan),
        "policy": policy,
        "policies": [*POLICIES, *([policy] if policy not in POLICIES else [])],
        "services": [
            {
                "id": service.id,
                "prefix": service.prefix,
                "name": service.name,
                "target_minutes": service.target_minutes,
                "priority": service.priority,
                "minutes": _usual_minutes(plan, service.id),
            }
            for service in plan.services
        ],
        "demand": [
            {"services": visits.services, "visitors": visitors_a_day(plan, visits)} for visits in plan.demand
        ],
        "windows": [
            {
                "id": window.id,
                "label": window.label,
                "skills": window.skills,
                "open": [
                    [_clock(start), _clock(end)] for start, end in window.open or ((plan.opens, plan.closes),)
                ],
            }
            for window in plan.windows
        ],
        "missing": _missing(plan),
        "usual": {"days": DAYS, "seed": SEED},
        "limits": {"days": DAYS_MAX, "percent": PERCENT_MAX},
    }


def fingerprint(plan: HallPlan) -> str:
    """Says whether two plans are the same."""
    return hashlib.blake2b(write_hall(plan).encode(), digest_size=FINGERPRINT_BYTES).hexdigest()


def _missing(plan: HallPlan) -> str | None:
    """The code of what keeps this hall from being simulated."""
    try:
        check_visitors(plan)
    except ExperimentRefused as error:
        return error.code
    return None


def _usual_minutes(plan: HallPlan, service: str) -> float | None:
    """The mean duration, the average of those by time of arrival; None where the file says none."""
    means = [distribution.mean_minutes for _, distribution in plan.service[service].service]
    return sum(means) / len(means) if means else None


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


async def begin_experiment(house: House, room: Room, text: bytes, tell: Tell) -> Run:
    """Start what a page orders; `ExperimentRefused` says what is wrong with it."""
    plan = await adopted(room)
    policy = house.steering.present(plan.id)
    # In a thread, as everything that writes and reads a hall: a large one takes a while.
    asked = await asyncio.to_thread(read_order, text, plan, policy)
    return await house.experiments.begin(plan.id, asked, spoken(plan), tell)


def spoken(plan: HallPlan) -> tuple[str, ...]:
    """The languages in which an experiment is told: those of the hall that there are words in."""
    known = catalog.languages()
    return tuple(one for one in plan.languages if one in known) or (catalog.SOURCE_LANGUAGE,)
