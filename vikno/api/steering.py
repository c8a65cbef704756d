"""By which policy each hall of the server runs: the usual one, or what a manager accepted.

A policy is replaced between two choices of the hall, on the server's loop, when it is ready to choose: who
calls in that moment is answered by the one or the other. What was accepted is read again at every start, and
when a manager has decided on another server. The hall's waits are foreseen under the policy it runs by.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from vikno.api.bell import LOOK, POLICY, Bell, policy_ring
from vikno.api.foresight import Foresight
from vikno.api.proposals import Proposals, State
from vikno.api.room import Room
from vikno.queue.errors import JournalError
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
        self._seen: dict[str, int] = {}
        self._rung = asyncio.Event()
        self._bell: Bell | None = None
        self._following: asyncio.Task[None] | None = None

    def start(self, bell: Bell) -> None:
        """Follow what is decided elsewhere, and tell what is decided here."""
        self._bell = bell
        bell.listen(self._heard)
        self._following = asyncio.create_task(self._follow_others())

    async def stop(self) -> None:
        """Follow nobody any more."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

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
            await self._obey(room)
        if self._bell is not None:
            self._bell.ring(policy_ring(hall))

    def _heard(self, payload: str) -> None:
        if payload == LOOK or payload.startswith(POLICY):
            self._rung.set()

    async def _follow_others(self) -> None:
        """Only where there is a decision that was not seen yet are policies read: they are large."""
        while True:
            await self._rung.wait()
            self._rung.clear()
            try:
                newest = await asyncio.to_thread(self.proposals.newest_decisions)
                for hall, room in self._rooms.items():
                    if newest.get(hall, 0) != self._seen.get(hall, 0):
                        async with self._deciding[hall]:
                            await self._obey(room)
                        self._seen[hall] = newest.get(hall, 0)
            except JournalError as error:
                log.warning("what was decided elsewhere is not known yet: %s", error)
            except Exception:
                log.exception("what was decided elsewhere cannot be followed")

    async def _obey(self, room: Room) -> None:
        """Run by what the decisions say now."""
        accepted = await asyncio.to_thread(self.proposals.in_force, room.plan.id)
        if accepted != self._accepted.get(room.plan.id):
            self._remember(room.plan.id, accepted)
            await self._follow(room, max(room.owner.clock.now(), room.owner.hall.at))

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
