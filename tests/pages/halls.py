"""A hall that people look at: named in two languages, open at any hour, and the means to work in it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import httpx
from websockets.sync.client import connect

from tests.api.foreseeing import FORESEEN_SECONDS_MAX
from tests.api.running import Deadline, Server, bearer, zone_of_noon
from vikno.api.access import Grant, Role
from vikno.api.people.tokens import Tokens

_HALL = """
format = 1
[hall]
id = "{hall}"
name = {{ uk = "Центр послуг", en = "Service centre" }}
languages = ["uk", "en"]
time_zone = "{time_zone}"
opens = "00:00"
closes = "24:00"

# The hall file tells how many come and how long a visit takes, so waits can be foreseen and plans tried.
[[services]]
id = "passport"
prefix = "A"
name = {{ uk = "Паспорт громадянина", en = "Passport" }}
arrivals = [["08:00", 10.0]]
service = {{ distribution = "constant", mean = 9.0 }}

# Nobody can keep this target: whoever waits for it is late at once.
[[services]]
id = "residence"
prefix = "B"
name = {{ uk = "Реєстрація місця проживання", en = "Registration of residence" }}
target_minutes = 0.001

# Nothing is known of its duration: neither is its wait.
[[services]]
id = "pickup"
prefix = "K"
name = {{ uk = "Видача документів", en = "Collecting documents" }}

[[windows]]
id = "w"
count = 3
skills = {{ passport = 1.0, residence = 1.0, pickup = 1.0 }}

[[windows]]
id = "w-4"
skills = {{ residence = 1.0 }}
"""


def hall_file(hall: str) -> str:
    """The text of its hall file."""
    return _HALL.format(hall=hall, time_zone=zone_of_noon())


class Hall:
    """One hall of a running server, worked by a manager's token or looked up in its journal."""

    def __init__(self, server: Server, tokens: Tokens, hall: str) -> None:
        self.id = hall
        self.server = server
        self._tokens = tokens
        # No connection is kept: the server may have been killed and started since.
        self._http = httpx.Client(
            headers=bearer(self.token(Role.MANAGER)),
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=30,
        )

    def close(self) -> None:
        self._http.close()

    def token(self, role: Role, window: str | None = None) -> str:
        """A new token for this hall."""
        return self._tokens.issue(Grant(role, self.id, window))

    # Addresses, as they are given to whoever sets up a device -----------------------------------------

    def kiosk(self, **query: str) -> str:
        return self._address("kiosk", Role.KIOSK, query)

    def screen(self, **query: str) -> str:
        return self._address("screen", Role.SCREEN, query)

    def overview(self, **query: str) -> str:
        return self._address("overview", Role.MANAGER, query)

    def audit(self, **query: str) -> str:
        return self._address("audit", Role.MANAGER, query)

    def whatif(self, **query: str) -> str:
        return self._address("whatif", Role.MANAGER, query)

    def roster(self, **query: str) -> str:
        return self._address("roster", Role.MANAGER, query)

    def console(self, window: str = "w-1", **query: str) -> str:
        return self._address("console", Role.CLERK, query, window)

    def phone(self, ticket: dict[str, Any], **query: str) -> str:
        """The visitor's page: its address is the key."""
        return f"{self.server.url}t/{self.id}/{ticket['id']}" + _asked(query)

    def _address(self, page: str, role: Role, query: dict[str, str], window: str | None = None) -> str:
        path = "/".join(part for part in (page, self.id, window) if part)
        return f"{self.server.url}{path}{_asked(query)}#token={self.token(role, window)}"

    # What happens in the hall --------------------------------------------------------------------------

    def take(self, *services: str, language: str = "uk") -> dict[str, Any]:
        """A visitor takes a ticket."""
        body = {"services": services or ("passport",), "language": language}
        ticket: dict[str, Any] = self._do("POST", "/tickets", body)["ticket"]
        return ticket

    def leave(self, ticket: dict[str, Any]) -> None:
        self._do("DELETE", f"/tickets/{ticket['id']}")

    def open(self, *windows: str) -> None:
        for window in windows:
            self.at(window, "open")

    def at(self, window: str, step: str, **body: str) -> dict[str, Any]:
        """A clerk does something at a window."""
        return self._do("POST", f"/windows/{window}/{step}", body or None)

    def bring_roster(self, body: dict[str, Any]) -> None:
        """A manager uploads a roster."""
        self._do("POST", "/roster/problem", body)

    def kept_roster(self) -> dict[str, Any]:
        """The newest version of the roster."""
        return self._do("GET", "/roster")

    def foreseen(self, minutes: int = 0) -> None:
        """Wait until a newcomer's wait is known, and that it may be so long."""
        address = f"{self.server.url.replace('http', 'ws')}api/v1/halls/{self.id}/stream"
        headers = bearer(self.token(Role.MANAGER))
        deadline = Deadline(FORESEEN_SECONDS_MAX)
        with connect(address, additional_headers=headers, compression=None, proxy=None) as stream:
            while (self.now()["services"][0]["wait"] or {"high": -1})["high"] < minutes:
                stream.recv(timeout=FORESEEN_SECONDS_MAX)
                deadline.check("a newcomer's wait")

    # What is known of it -------------------------------------------------------------------------------

    def now(self) -> dict[str, Any]:
        """The hall as its staff see it."""
        return self._do("GET", "")

    def ticket(self, ticket: dict[str, Any]) -> dict[str, Any]:
        """A ticket as it is now."""
        told: dict[str, Any] = self._do("GET", f"/tickets/{ticket['id']}")["ticket"]
        return told

    def window(self, window: str = "w-1") -> dict[str, Any]:
        """A window as it is now."""
        [found] = [one for one in self.now()["windows"] if one["id"] == window]
        return dict(found)

    def journal(self, *types: str) -> list[dict[str, Any]]:
        """The events of these types as they lie on the disk."""
        with closing(sqlite3.connect(f"file:{self.server.database}?mode=ro", uri=True)) as database:
            rows = database.execute(
                "SELECT type, payload FROM events WHERE hall = ? ORDER BY seq", (self.id,)
            )
            return [json.loads(payload) for kind, payload in rows if kind in types]

    def clock(self) -> datetime:
        """What the clock on the wall shows."""
        return datetime.now(ZoneInfo(self.now()["time_zone"]))

    def _do(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        answer = self._http.request(method, f"{self.server.url}api/v1/halls/{self.id}{path}", json=body)
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()
        return told


def _asked(query: dict[str, str]) -> str:
    return f"?{urlencode(query)}" if query else ""
