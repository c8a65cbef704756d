"""A hall whose waits are known, and looks at what is told of them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection

from tests.api.running import HALL, Server, bearer, zone_of_noon
from vikno.api.access import Role

FORESEEN_SECONDS_MAX = 90.0
"""On a busy machine, with a kernel that was never compiled before."""

VISIT_MINUTES = 10

# Nobody is planned after the first minutes of the day: who works is who has opened a window.
_HALL = """
format = 1
[hall]
id = "{hall}"
name = {{ en = "Hall" }}
languages = ["en"]
time_zone = "{time_zone}"
opens = "00:00"
closes = "24:00"

[[services]]
id = "passport"
prefix = "A"
name = {{ en = "Passport" }}
{known}

[[windows]]
id = "w"
count = {windows}
skills = {{ passport = 1.0 }}
open = [["00:00", "00:05"]]
"""

_KNOWN = f"""arrivals = [["00:00", 2.0]]
service = {{ distribution = "constant", mean = {VISIT_MINUTES} }}"""


def foreseen_hall(*, known: bool = True, windows: int = 3) -> str:
    """A hall file; `known`: it says how many come and how long a visit takes."""
    known_lines = _KNOWN if known else ""
    return _HALL.format(hall=HALL, time_zone=zone_of_noon(), known=known_lines, windows=windows)


class Desk:
    """A manager's hands at a server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.token = server.token(Role.MANAGER)

    def do(self, path: str, body: object = None, method: str = "POST") -> dict[str, Any]:
        """One call that must succeed."""
        with httpx.Client(headers=bearer(self.token), timeout=20) as http:
            answer = http.request(method, self._server.api + path, json=body)
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def take(self) -> dict[str, Any]:
        """A visitor takes a ticket."""
        ticket: dict[str, Any] = self.do("/tickets", {"services": ["passport"]})["ticket"]
        return ticket

    def see(self, path: str = "") -> dict[str, Any]:
        return self.do(path, method="GET")


async def until(stream: ClientConnection, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first message of which it is true."""
    while True:
        message: dict[str, Any] = json.loads(await stream.recv())
        if true(message):
            return message


def foretells(message: dict[str, Any]) -> bool:
    """A newcomer's wait is known."""
    if message["type"] == "snapshot":
        return any(service["wait"] for service in message["hall"]["services"])
    return bool(message.get("waits", {}).get("passport"))


def forecasters(server: Server) -> list[int]:
    """The processes in which the server's waits are foreseen."""
    command = ["ps", "-o", "pid=,stat=,args=", "--ppid", str(server.pid)]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [int(pid) for pid in re.findall(r"^\s*(\d+) [^Z].*vikno\.api\.forecaster", listed, re.MULTILINE)]
