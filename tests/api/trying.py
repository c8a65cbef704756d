"""A small hall to try plans on, and somebody who orders experiments over the wire."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.api.running import Deadline, Server, bearer

TRIED = "tried"
FEW_DAYS = 20
MANY_DAYS = 2_000
"""More than are done before anybody cancels: some minutes of work."""

ENDING_SECONDS_MAX = 30.0
"""A run that is left ends after the batch of days it is at."""

_HALL = """
format = 1
[hall]
id = "{hall}"
name = {{ uk = "Центр послуг", en = "Service centre" }}
languages = ["uk", "en"]
time_zone = "Etc/GMT"
opens = "08:00"
closes = "16:00"

[[services]]
id = "passport"
prefix = "A"
name = {{ uk = "Паспорт громадянина", en = "Passport" }}
arrivals = [["08:00", {rate}]]
service = {{ distribution = "lognormal", mean = 12.0, cv = 0.5 }}
patience = {{ distribution = "exponential", mean = 60.0 }}

[[services]]
id = "residence"
prefix = "B"
name = {{ uk = "Місце проживання", en = "Residence" }}
target_minutes = 10
arrivals = [["08:00", 6.0], ["12:00", 3.0]]
service = {{ distribution = "gamma", mean = 8.0, cv = 0.6 }}

[[visits]]
services = ["passport", "residence"]
arrivals = [["08:00", 1.0]]

[[windows]]
id = "w"
count = 3
skills = {{ passport = 1.0, residence = 1.0 }}
open = [["08:00", "12:00"], ["13:00", "16:00"]]

[[windows]]
id = "w-4"
skills = {{ residence = 0.8 }}
"""


def tried_hall(hall: str = TRIED, rate: float = 10.0) -> str:
    """The text of a hall file with visitors, about 110 a day."""
    return _HALL.format(hall=hall, rate=rate)


def remove(window: str) -> dict[str, Any]:
    """One window less."""
    return {"change": "remove-window", "window": window}


def against(*changes: dict[str, Any], days: Any = FEW_DAYS, **more: Any) -> dict[str, Any]:
    """An order: today's plan, and one with changes."""
    return {"type": "run", "scenarios": [{}, {"changes": list(changes)}], "days": days, **more}


def address(server: Server, hall: str = TRIED, place: str = "experiments") -> str:
    """Where experiments, or runs of a roster, are ordered."""
    return f"{server.url.replace('http', 'ws')}api/v1/halls/{hall}/{place}"


@asynccontextmanager
async def ordered(
    server: Server, token: str, order: Any, hall: str = TRIED, place: str = "experiments"
) -> AsyncIterator[ClientConnection]:
    """The conversation after an order."""
    options: dict[str, Any] = {"compression": None, "proxy": None, "max_size": None}
    async with connect(address(server, hall, place), additional_headers=bearer(token), **options) as line:
        await line.send(order if isinstance(order, str | bytes) else json.dumps(order))
        yield line


@asynccontextmanager
async def working(server: Server, token: str, hall: str = TRIED) -> AsyncIterator[ClientConnection]:
    """The conversation of a long run that has begun; ordered again until there is a place."""
    deadline = Deadline(ENDING_SECONDS_MAX)
    while True:
        async with ordered(server, token, against(remove("w-4"), days=MANY_DAYS), hall) as line:
            if (await hear(line))["type"] == "progress":
                yield line
                return
        deadline.check("a place is free")


async def hear(line: ClientConnection) -> dict[str, Any]:
    """The next message."""
    message: dict[str, Any] = json.loads(await line.recv())
    return message


async def last(server: Server, token: str, order: Any, hall: str = TRIED) -> dict[str, Any]:
    """The last message of an experiment."""
    async with ordered(server, token, order, hall) as line:
        heard = [message async for message in line]
    assert line.close_code == 1000
    message: dict[str, Any] = json.loads(heard[-1])
    return message


async def result(server: Server, token: str, order: Any, hall: str = TRIED) -> dict[str, Any]:
    """The result of an experiment; ordered again while a run that was left still has its place."""
    deadline = Deadline(ENDING_SECONDS_MAX)
    while (told := await last(server, token, order, hall))["type"] == "problem":
        assert told["problem"]["code"] == "too-many-experiments", told
        deadline.check("a place is free")
    return told


async def refusal(server: Server, token: str, order: Any, hall: str = TRIED) -> dict[str, Any]:
    """The problem document of an experiment that is refused."""
    told = await last(server, token, order, hall)
    assert told["type"] == "problem"
    problem: dict[str, Any] = told["problem"]
    assert {"type", "title", "status", "detail", "code"} <= problem.keys()
    assert problem["type"] == f"urn:vikno:{problem['code']}"
    return problem


def numbers(message: dict[str, Any]) -> dict[str, Any]:
    """All that a result tells of the hall, without how it came about."""
    names = ("days", "scenarios", "differences", "sentence", "also")
    return {name: message[name] for name in names}
