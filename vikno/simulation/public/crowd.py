"""The whole public of one hall: its stream, its visitors, a clerk for every window."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np

from vikno.queue.errors import ViknoError
from vikno.queue.plan import HallPlan
from vikno.simulation.arrivals import Arrival
from vikno.simulation.public.clerk import Clerk
from vikno.simulation.public.doors import Doors
from vikno.simulation.public.mirror import Message
from vikno.simulation.public.scene import Scene
from vikno.simulation.public.stream import Stream
from vikno.simulation.public.visitors import Visitors


async def visit_hall(
    address: str, plan: HallPlan, token: str, rng: np.random.Generator, first: Sequence[Arrival] | None = None
) -> None:
    """Fill the hall of `plan` at the server `address` (http://…) with people, day after day.

    The first day's visitors come at the times of `first`, if given; all others are drawn from the plan.
    `token` is a manager's. Ends with a `ViknoError` when the hall is lost or does not want us.
    """
    ended: ViknoError | None = None
    doors = Doors(address, plan.id, token)
    scene = Scene(plan, doors, rng)
    try:
        async with asyncio.TaskGroup() as tasks:
            visitors = Visitors(scene, first, tasks.create_task)

            def tell(message: Message) -> None:
                _tell(message, scene, visitors)

            stream = Stream(
                f"ws{address.removeprefix('http')}/api/v1/halls/{plan.id}/stream", token, rng, tell
            )
            for window in plan.windows:
                tasks.create_task(Clerk(window, scene, visitors).work())
            tasks.create_task(stream.follow())
    except* ViknoError as errors:
        ended = next(error for error in errors.exceptions if isinstance(error, ViknoError))
    finally:
        await doors.close()
    if ended is not None:
        raise ended


def _tell(message: Message, scene: Scene, visitors: Visitors) -> None:
    """Time first, then what is there, then whoever it concerns."""
    if message.hall is not None:
        scene.clock.tell(message.at.timestamp(), message.speed)
        scene.mirror.show(message.hall)
        visitors.begin_day()
    elif message.type == "heartbeat":
        scene.clock.tell(message.at.timestamp())
    else:
        scene.mirror.follow(message)
