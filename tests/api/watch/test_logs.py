"""What is logged can be read by programs, and has no secret in it, wherever one was put."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.api.listening import answer, dial, masked, path, status, upgrade
from tests.api.running import HALL, Server, bearer
from tests.api.watch.test_stop import served
from vikno.api.access import Role

API = f"/api/v1/halls/{HALL}"


def secret(what: str) -> str:
    """Something that stands nowhere else."""
    return f"{what}-{secrets.token_hex(8)}"


class Day:
    """All kinds of requests, with something secret at every place where a request has one."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.tokens = {role: server.token(role) for role in (Role.MANAGER, Role.KIOSK, Role.SCREEN)}
        self.secrets: set[str] = set(self.tokens.values())
        self.http = httpx.Client(base_url=server.url, headers={"X-Request-Id": "request-of-a-proxy"})
        self.tickets: list[str] = []

    def hide(self, what: str) -> str:
        made = secret(what)
        self.secrets.add(made)
        return made

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        signed = bearer(self.tokens[Role.MANAGER]) | {"Idempotency-Key": self.hide("key")} | headers
        return self.http.request(method, path, json=body, headers=signed)

    def live(self) -> None:
        """Everything, one after the other."""
        self._people_come_and_are_served()
        self._requests_that_are_wrong()
        self._somebody_signs_in()
        self._streams()
        self._what_is_no_request()

    def _people_come_and_are_served(self) -> None:
        for _ in range(3):
            made = self.ask("POST", f"{API}/tickets", {"services": ["passport"]})
            self.tickets.append(made.json()["ticket"]["id"])
        self.secrets |= set(self.tickets)
        for step in ("open", "call-next", "start"):
            assert self.ask("POST", f"{API}/windows/w-1/{step}").is_success
        moved = {"service": "residence", "note": self.hide("a visitor called Olena")}
        assert self.ask("POST", f"{API}/windows/w-1/transfer", moved).is_success
        called = self.ask("POST", f"{API}/windows/w-1/call", {"ticket": self.tickets[1]})
        assert called.is_success
        own = bearer(self.tickets[2])
        assert self.http.get(f"{API}/tickets/{self.tickets[2]}", headers=own).is_success
        assert self.http.delete(f"{API}/tickets/{self.tickets[2]}", headers=own).is_success
        for page in ("/visit", "/kiosk/demo", "/screen/demo", "/sign-in"):
            self.http.get(f"{page}?key={self.hide('query')}&next={self.hide('next')}")

    def _requests_that_are_wrong(self) -> None:
        self.ask("POST", f"{API}/tickets", {"services": [self.hide("service")], self.hide("field"): 1})
        self.ask("POST", f"{API}/windows/{self.hide('window')}/open")
        self.ask("POST", f"{API}/tickets/{self.hide('ticket')}/return")
        self.ask("GET", f"/api/v1/halls/{self.hide('hall')}/board")
        self.ask("GET", f"/{self.hide('path')}/{self.hide('path')}?{self.hide('query')}")
        self.ask(self.hide("METHOD").upper().replace("-", ""), "/")
        self.http.get(API, headers={"Authorization": f"Bearer {self.hide('token')}"})
        self.http.get(API, headers={"Authorization": f"Basic {self.hide('basic')}"})
        self.http.get(
            API, headers={"Cookie": f"__Host-vikno={self.hide('cookie')}", "Referer": self.hide("from")}
        )
        self.http.get("/", headers={"User-Agent": self.hide("agent"), "X-Request-Id": self.hide("id") + " x"})
        self.http.get("/", headers={"Host": f"{self.hide('host')}.example"})
        self.http.post(
            f"{API}/tickets", content=f'{{"{self.hide("json")}', headers=bearer(self.tokens[Role.KIOSK])
        )
        self.http.post(
            f"{API}/tickets", content=self.hide("large") * 4_000, headers=bearer(self.tokens[Role.KIOSK])
        )

    def _somebody_signs_in(self) -> None:
        name, password = self.hide("name"), self.hide("password")
        self.http.post("/api/v1/session", json={"name": name, "password": password})
        self.http.post(
            "/api/v1/session/key", json={"key": self.hide("key"), "name": name, "password": password}
        )
        paired = self.http.post("/api/v1/devices/pairing", json={"kind": "screen"}).json()
        self.secrets |= {paired["device_code"], paired["user_code"]}
        self.http.post("/api/v1/devices/token", json={"device_code": paired["device_code"]})

    def _streams(self) -> None:
        own, offered = self.tokens[Role.SCREEN], self.hide("bearer")
        for headers, query in (
            ([("Authorization", f"Bearer {own}")], ""),
            ([("Sec-WebSocket-Protocol", f"vikno, bearer.{own}")], f"?epoch={self.hide('epoch')}"),
            ([("Sec-WebSocket-Protocol", f"vikno, bearer.{offered}")], ""),
            ([("Origin", f"https://{self.hide('origin')}.example"), ("Authorization", f"Bearer {own}")], ""),
        ):
            connection = dial(self.server)
            connection.sendall(
                upgrade(
                    [("Host", f"127.0.0.1:{self.server.port}"), *headers],
                    leave_out=["Host"],
                    target=path(query=query),
                )
            )
            if status(answer(connection)) == 101:
                connection.sendall(masked(1, self.hide("said").encode()))
            connection.close()

    def _what_is_no_request(self) -> None:
        for words in (
            f"{self.hide('noise')}\r\n\r\n",
            f"GET /{self.hide('path')} HTTP/1.1\r\nHost: 127.0.0.1\r\n{self.hide('header')}\r\n\r\n",
            f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {self.hide('length')}\r\n\r\n",
        ):
            connection = dial(self.server)
            connection.sendall(words.encode())
            answer(connection)
            connection.close()


@pytest.fixture
def logged(make_server: Callable[..., Server], request: pytest.FixtureRequest) -> tuple[Day, str]:
    """A day, and what the server wrote meanwhile."""
    server = make_server()
    server.start(served(server, "--log", request.param))
    day = Day(server)
    day.live()
    day.http.close()
    assert server.terminate() == 0
    return day, server._log.read_text(encoding="utf-8")


def check_nothing_secret(day: Day, text: str) -> None:
    """Whatever was hidden is nowhere in it."""
    assert len(day.secrets) > 50
    assert [hidden for hidden in day.secrets if hidden in text] == []
    assert "Olena" not in text


@pytest.mark.parametrize("logged", ["json"], indirect=True)
def test_every_line_is_json_without_secrets_and_every_request_has_one(logged: tuple[Day, str]) -> None:
    day, text = logged
    check_nothing_secret(day, text)
    lines = [json.loads(line) for line in text.splitlines()]
    assert all({"at", "level", "logger", "message"} <= line.keys() for line in lines)
    requests = [line for line in lines if line["logger"] == "vikno.api.watch.requests"]
    assert all({"method", "route", "status", "ms", "request"} <= line.keys() for line in requests)
    issued = [line for line in requests if line["route"].endswith("/tickets") and line["status"] == 201]
    assert [line["hall"] for line in issued] == [HALL] * len(day.tickets)
    assert {line["request"] for line in issued} == {"request-of-a-proxy"}
    assert {line["status"] for line in requests} >= {200, 201, 401, 404, 413, 422}
    routes = {line["route"] for line in requests}
    assert all(re.fullmatch(r"none|/static|(/[a-z0-9{}./-]*)", route) for route in routes), routes


@pytest.mark.parametrize("logged", ["text"], indirect=True)
def test_as_text_only_what_needs_somebody_is_logged_without_secrets(logged: tuple[Day, str]) -> None:
    day, text = logged
    check_nothing_secret(day, text)
    assert "INFO" not in text
