"""All halls of one server, and who may enter them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import Engine

from vikno.api.access import Grant, Kind, NotAllowed, NotSignedIn, Principal, Role
from vikno.api.bell import Bell
from vikno.api.experiments import Experiments
from vikno.api.foresight import Foresight
from vikno.api.guard.rates import BAD_TOKEN_AT_ADDRESS, Rates
from vikno.api.keeper import Keeper
from vikno.api.people.registry import People
from vikno.api.periods import Periods
from vikno.api.proposals import Proposals
from vikno.api.retention import Retention
from vikno.api.returns import Returns
from vikno.api.room import Room, follow
from vikno.api.rosters import Rosters
from vikno.api.searches import Searches
from vikno.api.steering import MakePolicy, Steering
from vikno.api.watch.readiness import Health
from vikno.api.watch.tally import Tally
from vikno.queue.errors import ViknoError
from vikno.scheduler import policy_named
from vikno.scheduler.learned import Learned

TOKEN_LENGTH_MAX = 200
PROVEN_MAX = 100_000
"""Good tokens and cookies that are remembered: all devices and staff of a country, and some years of both."""

BEARER = "bearer "


class UnknownHall(ViknoError):
    """This server does not run such a hall."""


class House:
    """The rooms of a server by hall, who may enter them, and the policies by which they run.

    `policy` is the usual one, `make` prepares one for a live hall; `proposes`: whether better ones are
    looked for; `periods`: for how long personal data is kept, if another than usual.
    """

    def __init__(
        self,
        rooms: dict[str, Room],
        engine: Engine,
        policy: str | Learned = "fifo",
        *,
        make: MakePolicy = policy_named,
        proposes: bool = True,
        periods: Periods | None = None,
    ) -> None:
        self.rooms = rooms
        self.engine = engine
        self.bell = Bell(engine)
        self.keeper = Keeper(engine)
        self.retention = Retention(engine, self.keeper, periods or Periods())
        self.people = People(engine)
        self.rates = Rates()
        self._proven: set[int] = set()
        self.policy = policy
        self.tally = Tally()
        self.health = Health(rooms, engine)
        self.returns = Returns()
        self.rosters = Rosters(engine)
        self.experiments = Experiments()
        self.foresight = Foresight(policy)
        self.steering = Steering(rooms, Proposals(engine), policy, make, self.foresight)
        self.searches = Searches(rooms, self.steering, on=proposes, keeper=self.keeper)

    async def start(self) -> None:
        """Start every room, and then the gate."""
        for room in self.rooms.values():
            await self.steering.load(room)
            await room.start(self.foresight)
        self.searches.start()
        self.steering.start(self.bell)
        await self.people.gate.start(self.bell)
        follow(self.bell, {hall: room.owner for hall, room in self.rooms.items()})
        await self.keeper.start()
        self.retention.start()
        await self.bell.start()

    async def stop(self) -> None:
        """Stop every room."""
        rooms = (room.stop() for room in self.rooms.values())
        await self.bell.stop()
        await self.steering.stop()
        await self.retention.stop()
        await self.people.gate.stop()
        await asyncio.gather(self.experiments.stop(), self.foresight.stop(), self.searches.stop(), *rooms)
        await self.keeper.stop()

    def room(self, hall: str) -> Room:
        """The room of a hall, or `UnknownHall`."""
        room = self.rooms.get(hall)
        if room is None:
            raise UnknownHall(f"this server has no hall {hall!r}")
        return room

    async def principal(
        self,
        authorization: str | None,
        hall: str,
        *,
        cookie: str | None = None,
        ours: bool = False,
        address: str = "",
    ) -> Principal:
        """Who shows this `Authorization` header, or else this session's cookie, or `NotSignedIn`.

        `ours`: it comes from a page of this server, or changes nothing; a cookie counts for nothing else.
        `address` is where they are; who has shown too much that is not valid there waits (`SlowDown`).
        """
        if authorization is not None:
            return await self._bearer(authorization, hall, address)
        if cookie and len(cookie) <= TOKEN_LENGTH_MAX:
            found = await self._prove(cookie, address, self.people.gate.session)
            if found is not None and not ours:
                raise NotAllowed("this does not come from a page of this server; a session serves no other")
            if found is not None:
                return found
        raise NotSignedIn('sign in, or send the header "Authorization: Bearer TOKEN"')

    async def _bearer(self, authorization: str, hall: str, address: str) -> Principal:
        if authorization[: len(BEARER)].lower() != BEARER:
            raise NotSignedIn('send the header "Authorization: Bearer TOKEN"')
        token = authorization[len(BEARER) :].strip()
        if token and len(token) <= TOKEN_LENGTH_MAX:
            room = self.rooms.get(hall)
            if room is not None and token in room.owner.hall.tickets:
                return Principal((Grant(Role.VISITOR, hall),), Kind.TICKET, token)
            found = await self._prove(token, address, self.people.gate.bearer)
            if found is not None:
                return found
        raise NotSignedIn("this token is not valid; ask for a new one")

    async def _prove(
        self, secret: str, address: str, ask: Callable[[str], Awaitable[Principal | None]]
    ) -> Principal | None:
        """Whose secret it is. Each wrong one counts at its address; one that was good before is always heard.

        What the gate knows will not do: it forgets everybody whenever an account changes, and the one who
        guesses would then shut out all who share an address with them.
        """
        proof = hash(secret)  # Python's own, keyed anew in every process
        if proof not in self._proven:
            self.rates.check(BAD_TOKEN_AT_ADDRESS, address)
        found = await ask(secret)
        if found is None:
            self._proven.discard(proof)
            self.rates.spend(BAD_TOKEN_AT_ADDRESS, address)
        elif len(self._proven) < PROVEN_MAX:
            self._proven.add(proof)
        return found
