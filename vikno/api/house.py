"""All halls of one server, and the gate in front of them."""

from __future__ import annotations

import asyncio

from vikno.api.access import NotSignedIn, Principal, Role, Tokens
from vikno.api.experiments import Experiments
from vikno.api.foresight import Foresight
from vikno.api.proposals import Proposals
from vikno.api.room import Room
from vikno.api.rosters import Rosters
from vikno.api.searches import Searches
from vikno.api.steering import MakePolicy, Steering
from vikno.queue.errors import ViknoError
from vikno.scheduler import policy_named
from vikno.scheduler.learned import Learned

TOKEN_LENGTH_MAX = 200
BEARER = "bearer "


class UnknownHall(ViknoError):
    """This server does not run such a hall."""


class House:
    """The rooms of a server by hall, who may enter them, and the policies by which they run.

    `policy` is the usual one, `make` prepares one for a live hall; `proposes`: whether better ones are
    looked for.
    """

    def __init__(
        self,
        rooms: dict[str, Room],
        tokens: Tokens,
        policy: str | Learned = "fifo",
        *,
        make: MakePolicy = policy_named,
        proposes: bool = True,
    ) -> None:
        self.rooms = rooms
        self.tokens = tokens
        self.policy = policy
        self.rosters = Rosters(tokens.engine)
        self.experiments = Experiments()
        self.foresight = Foresight(policy)
        self.steering = Steering(rooms, Proposals(tokens.engine), policy, make, self.foresight)
        self.searches = Searches(rooms, self.steering, on=proposes)

    async def start(self) -> None:
        """Start every room."""
        for room in self.rooms.values():
            await self.steering.load(room)
            await room.start(self.foresight)
        self.searches.start()

    async def stop(self) -> None:
        """Stop every room."""
        rooms = (room.stop() for room in self.rooms.values())
        await asyncio.gather(self.experiments.stop(), self.foresight.stop(), self.searches.stop(), *rooms)

    def room(self, hall: str) -> Room:
        """The room of a hall, or `UnknownHall`."""
        room = self.rooms.get(hall)
        if room is None:
            raise UnknownHall(f"this server has no hall {hall!r}")
        return room

    async def principal(self, authorization: str | None, hall: str) -> Principal:
        """Who holds the token of an `Authorization` header, or `NotSignedIn`."""
        if not authorization or authorization[: len(BEARER)].lower() != BEARER:
            message = 'send the header "Authorization: Bearer TOKEN"'
            raise NotSignedIn(message)
        token = authorization[len(BEARER) :].strip()
        if token and len(token) <= TOKEN_LENGTH_MAX:
            room = self.rooms.get(hall)
            if room is not None and token in room.owner.hall.tickets:
                return Principal(Role.VISITOR, hall, ticket=token)
            found = self.tokens.known(token) or await asyncio.to_thread(self.tokens.look_up, token)
            if found is not None:
                return found
        raise NotSignedIn("this token is not valid; ask for a new one")
