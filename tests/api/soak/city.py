"""A city of halls whose people live their days at the doors of one server, as fast as it goes.

A twin of each hall says what is done and when; the doors are told so, one hall after the other's step and all
halls at once. So weeks pass in minutes, and every figure the server tells is known beforehand.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec
from websockets.asyncio.client import connect

from tests.api.running import Server, bearer
from tests.api.soak.serving import INSTANT
from vikno.api.access import Role
from vikno.api.doors.windows import STEPS
from vikno.queue import commands as c
from vikno.queue.events import Event
from vikno.queue.hall import Hall
from vikno.queue.plan import HallPlan
from vikno.scheduler.fifo import Fifo
from vikno.simulation.day import draw_day
from vikno.simulation.twin import SIMULATED_LIMITS, Twin

DOORS = {command: name for name, (command, _) in STEPS.items()}
FIRST_DAY = date(2026, 3, 2)
"""A Monday; the clocks change within the weeks that follow."""

WORKING_DAYS = 5
SEED = 11

HALL = """
format = 1
[hall]
id = "{hall}"
name = {{ en = "{hall}" }}
time_zone = "Europe/Kyiv"
opens = "09:00"
closes = "15:00"

[[services]]
id = "passport"
prefix = "A"
name = {{ en = "Passport" }}
arrivals = [["09:00", 5.0]]
service = {{ distribution = "gamma", mean = 9.0, cv = 0.5 }}
patience = {{ distribution = "exponential", mean = 40.0 }}
no_show = 0.05

[[services]]
id = "pickup"
prefix = "B"
name = {{ en = "Pick-up" }}
arrivals = [["09:00", 4.0]]
service = {{ distribution = "exponential", mean = 4.0 }}

[[visits]]
services = ["passport", "pickup"]
arrivals = [["09:00", 1.0]]

[[windows]]
id = "w"
count = 2
skills = {{ passport = 1.0, pickup = 1.0 }}
"""


class Told(NamedTuple):
    """What the server says of a day when it is over."""

    hall: str
    day: str
    today: dict[str, Any]


def working_days(count: int) -> Iterator[date]:
    """So many, from the first on."""
    for number in range(count):
        week, day = divmod(number, WORKING_DAYS)
        yield FIRST_DAY + timedelta(days=7 * week + day)


class Household:
    """One hall: its twin, and one connection on which everything in it is done."""

    def __init__(self, plan: HallPlan, port: int, token: str) -> None:
        self.plan = plan
        self._port = port
        self._token = token
        self._twin = Hall(Fifo(), SIMULATED_LIMITS)
        self._head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        self._keys = 0
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def connect(self) -> None:
        """Come to the door."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._twin.do(c.AdoptPlan(0.0, self.plan))

    def close(self) -> None:
        """Go."""
        self._writer.close()

    async def live(self, day: date, number: int) -> tuple[Told, int]:
        """One day; what the server tells at its end, and how many commands it took."""
        steps: list[c.Command] = []

        def watch(command: c.Command, _events: Sequence[Event]) -> None:
            steps.append(command)

        Twin(self._twin, draw_day(self.plan, SEED, number), day, watch).run()
        tickets: dict[str, str] = {}
        for command in steps:
            await self._do(command, tickets)
        hall = await self._ask("GET", "", steps[-1].at)
        return Told(self.plan.id, str(hall["day"]), hall["today"]), len(steps)

    async def _do(self, command: c.Command, tickets: dict[str, str]) -> None:
        at = command.at
        match command:
            case c.IssueTicket():
                made = await self._ask("POST", "/tickets", at, {"services": command.services})
                tickets[command.ticket] = made["ticket"]["id"]
            case c.Leave():
                await self._ask("DELETE", f"/tickets/{tickets[command.ticket]}", at)
            case c.WindowCommand():
                await self._ask("POST", f"/windows/{command.window}/{DOORS[type(command)]}", at)
            case _:  # what the hall's own clock sees to, it does before whatever is asked
                await self._ask("DELETE", "/tickets/nobody", at, refused=True)

    async def _ask(
        self, method: str, path: str, at: float, body: Any = None, *, refused: bool = False
    ) -> Any:
        self._keys += 1
        data = b"" if body is None else msgspec.json.encode(body)
        more = f"Idempotency-Key: {self.plan.id}-{self._keys}\r\n{INSTANT}: {at!r}\r\n"
        head = f"{method} /api/v1/halls/{self.plan.id}{path} HTTP/1.1\r\n{self._head}{more}"
        self._writer.write(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        start = answer.index(b"content-length:") + len(b"content-length:")
        text = await self._reader.readexactly(int(answer[start : answer.index(b"\r", start)]))
        assert (int(answer[9:12]) >= HTTPStatus.BAD_REQUEST) is refused, text
        return json.loads(text)


async def watch(server: Server, hall: str, token: str) -> None:
    """A screen that shows the hall all the time."""
    address = f"{server.url.replace('http', 'ws')}api/v1/halls/{hall}/stream"
    async with connect(
        address, additional_headers=bearer(token), compression=None, proxy=None, max_size=None
    ) as stream:
        async for _message in stream:
            pass


def resident(pid: int) -> int:
    """Bytes of memory that a process has."""
    with open(f"/proc/{pid}/statm") as file:  # noqa: PTH123  (the kernel's, no file)
        return int(file.read().split()[1]) * 4_096


class City:
    """Everybody in all halls. `memory`: bytes after each day; `told`: what the server said of each."""

    def __init__(self, server: Server, plans: Sequence[HallPlan]) -> None:
        self.server = server
        self.memory: list[int] = []
        self.told: list[Told] = []
        self.commands = 0
        self._halls = [
            Household(plan, server.port, server.token(Role.MANAGER, hall=plan.id)) for plan in plans
        ]

    async def live(self, days: int) -> None:
        """So many working days, every hall's at the same time."""
        token = {hall.plan.id: self.server.token(Role.SCREEN, hall=hall.plan.id) for hall in self._halls}
        screens = [asyncio.create_task(watch(self.server, hall, one)) for hall, one in token.items()]
        await asyncio.gather(*(hall.connect() for hall in self._halls))
        for number, day in enumerate(working_days(days)):
            lived = await asyncio.gather(*(hall.live(day, number) for hall in self._halls))
            self.told += [told for told, _ in lived]
            self.commands += sum(count for _, count in lived)
            self.memory.append(resident(self.server.pid))
        for hall in self._halls:
            hall.close()
        for screen in screens:
            screen.cancel()
        await asyncio.gather(*screens, return_exceptions=True)
