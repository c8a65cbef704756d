"""By which policy each hall of the server runs: the usual one, or what a manager accepted.

A policy is replaced between two choices of the hall, on the server's loop, when it is ready to choose: who
calls in that moment is answered by the one or the other. What was accepted is read again at every start.
The hall's waits are foreseen under the policy it runs by.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from vikno.api.foresight import Foresight
from vikno.api.proposals import Proposals, State
from vikno.api.room import Room
from vikno.queue.hall import Hall
from vikno.queue.policy import Policy, prepare
from vikno.scheduler.learned import Learned

log = logging.getLogger(__name__)

MakePolicy = Callable[[str | Learned], Policy]
"""A policy fit for a live hall."""


class Steering:
    """The policies of `rooms`; `usual` is that of a hall where nothing was accepted."""

    def __init__(
        self,
        rooms: Mapping[str, Room],
        proposals: Proposals,
        usual: str | Learned,
        make: MakePolicy,
        foresight: Foresight,
    ) -> None:
        self.proposals = proposals
        self._rooms = rooms
        self._usual = usual
        self._make = make
        self._foresight = foresight
        self._accepted: dict[str, Learned] = {}
        self._deciding = {hall: asyncio.Lock() for hall in rooms}

    def present(self, hall: str) -> str | Learned:
        """The policy in force."""
        return self._accepted.get(hall, self._usual)

    async def load(self, room: Room) -> None:
        """What was accepted before; to be called before the room starts."""
        accepted = await asyncio.to_thread(self.proposals.in_force, room.plan.id)
        if accepted is not None:
            self._remember(room.plan.id, accepted)
            room.owner.govern(self._make(accepted))
            log.info("hall %s runs by the learned policy that was accepted", room.plan.id)

    async def decide(self, hall: str, proposal: int, decision: State, role: str) -> None:
        """Keep the decision, then let the hall follow it. `ProposalRefused` if it cannot be decided now."""
        room = self._rooms[hall]
        async with self._deciding[hall]:
            at = max(room.owner.clock.now(), room.owner.hall.at)
            base = name_of(self._usual)
            await asyncio.to_thread(
                lambda: self.proposals.decide(hall, proposal, decision, role=role, at=at, base=base)
            )
            accepted = await asyncio.to_thread(self.proposals.in_force, hall)
            if accepted != self._accepted.get(hall):
                self._remember(hall, accepted)
                await self._follow(room, at)

    async def _follow(self, room: Room, at: float) -> None:
        policy = self._make(self.present(room.plan.id))
        hall = await room.owner.read(_itself)
        # The table of a policy takes a while to make.
        await asyncio.to_thread(prepare, policy, hall, at)
        room.owner.govern(policy)

    def _remember(self, hall: str, accepted: Learned | None) -> None:
        if accepted is None:
            self._accepted.pop(hall, None)
        else:
            self._accepted[hall] = accepted
        self._foresight.govern(hall, self.present(hall))


def _itself(hall: Hall) -> Hall:
    return hall


def name_of(policy: str | Learned) -> str:
    """As reasons name it."""
    return policy.policy if isinstance(policy, Learned) else policy
