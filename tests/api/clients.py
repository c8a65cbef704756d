"""People at the doors: kiosks and clerks that talk HTTP, one command at a time, and never give one up.

Each command has a key. Who gets no answer waits until the server is back and sends the same again; that is
what the pages do too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np

from tests.api.running import bearer

TIMEOUT_SECONDS = 20.0
WITHOUT_VISITOR = frozenset({"nothing-to-undo", "too-late", "window-idle"})
"""How a window is refused whose visitor has left meanwhile."""


@dataclass
class World:
    """What the clients share: the server's address, whether it is up, and what was acknowledged."""

    api: str
    up: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    acknowledged: list[tuple[str, bytes]] = field(default_factory=list)
    resent: int = 0

    def note(self, key: str, body: bytes) -> None:
        """A client got its answer."""
        self.acknowledged.append((key, body))
        self.heard.set()

    async def until(self, count: int) -> None:
        """Wait for so many acknowledgements in all."""
        while len(self.acknowledged) < count:
            self.heard.clear()
            await self.heard.wait()


class Client:
    """One keep-alive connection and its keys."""

    def __init__(self, world: World, name: str, token: str) -> None:
        self.world = world
        self.name = name
        self._token = token
        self._count = 0
        self._last: tuple[str, str, Any, bytes] | None = None
        self._http = httpx.AsyncClient(verify=False, timeout=TIMEOUT_SECONDS)  # noqa: S501  (no TLS here)

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()

    async def ask(
        self, path: str, body: Any = None, *, method: str = "POST", token: str = "", may: Collection[str] = ()
    ) -> dict[str, Any] | None:
        """The acknowledged answer; None for a refusal with one of the codes `may`."""
        self._count += 1
        key = f"{self.name}-{self._count}"
        while True:
            await self.world.up.wait()
            try:
                response = await self._send(method, path, key, body, token or self._token)
                break
            except httpx.TransportError:
                await self._repeat_last()
        if response.status_code == httpx.codes.CONFLICT and response.json()["code"] in may:
            return None
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        self.world.note(key, response.content)
        if not token and method == "POST":
            self._last = (path, key, body, response.content)
        answer: dict[str, Any] = response.json()
        return answer

    async def _send(self, method: str, path: str, key: str, body: Any, token: str) -> httpx.Response:
        headers = bearer(token) | {"Idempotency-Key": key}
        return await self._http.request(method, self.world.api + path, json=body, headers=headers)

    async def _repeat_last(self) -> None:
        """After a break, what was acknowledged before it is answered the same."""
        if self._last is None:
            return
        path, key, body, answer = self._last
        await self.world.up.wait()
        try:
            again = await self._send("POST", path, key, body, self._token)
        except httpx.TransportError:
            return
        assert again.content == answer, f"{key} is answered differently after the restart"
        self.world.resent += 1


async def kiosk(client: Client, rng: np.random.Generator, services: tuple[str, ...], crowd: int) -> None:
    """Visitors keep coming; where more than `crowd` wait, the newest leaves again."""
    while not client.world.over:
        wanted = rng.choice(services, size=int(rng.integers(1, 3)), replace=False).tolist()
        answer = await client.ask("/tickets", {"services": wanted})
        assert answer is not None
        ticket = answer["ticket"]
        if ticket["ahead"] > crowd or rng.random() < 0.1:
            await client.ask(
                f"/tickets/{ticket['id']}", method="DELETE", token=ticket["id"], may={"wrong-state"}
            )


async def clerk(client: Client, rng: np.random.Generator, window: str) -> None:
    """Call, serve, finish; now and then a no-show, a parking, a transfer, a wrong press taken back."""
    at = f"/windows/{window}"
    while not client.world.over:
        answer = await client.ask(f"{at}/call-next")
        assert answer is not None
        if answer["ticket"] is None:
            continue
        if rng.random() < 0.1 and await client.ask(f"{at}/undo", may=WITHOUT_VISITOR):
            continue
        await _serve(client, rng, at, answer["ticket"]["id"])


async def _serve(client: Client, rng: np.random.Generator, at: str, ticket: str) -> None:
    luck = rng.random()
    if luck < 0.1:
        gone = await client.ask(f"{at}/no-show", may=WITHOUT_VISITOR)
    elif luck < 0.2:
        gone = await client.ask(f"{at}/park", may=WITHOUT_VISITOR)
        if gone:
            await client.ask(f"{at}/unpark", {"ticket": ticket}, may={"wrong-state"})
    else:
        here = await client.ask(f"{at}/start", may=WITHOUT_VISITOR)
        while here and here["window"]["ticket"]:
            here = await client.ask(f"{at}/finish")
