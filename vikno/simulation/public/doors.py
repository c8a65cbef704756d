"""Acting in a hall over HTTP: each wish has its own key, so that asking again can never happen twice."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from http import HTTPStatus

import httpx
import msgspec

from vikno.simulation.public.mirror import TicketSeen

AGAIN_SECONDS = 0.5
"""A server that restarts, or cannot write for a moment, is asked again this much later."""

ANSWER_SECONDS = 10.0
KEY_BYTES = 16

AGAIN = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


class Issued(msgspec.Struct, frozen=True):
    """What the kiosk answers."""

    ticket: TicketSeen


class Doors:
    """The doors of one hall; `address` is that of the server, `token` a manager's."""

    def __init__(
        self, address: str, hall: str, token: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{address}/api/v1/halls/{hall}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=ANSWER_SECONDS,
            trust_env=False,
            transport=transport,
        )

    async def close(self) -> None:
        """No more wishes."""
        await self._client.aclose()

    async def issue(self, services: tuple[str, ...], language: str) -> TicketSeen | None:
        """A ticket at the kiosk, or None if the hall is closed or full."""
        answer = await self._ask("POST", "/tickets", {"services": services, "language": language})
        if answer.status_code != HTTPStatus.CREATED:
            return None
        return msgspec.json.decode(answer.content, type=Issued).ticket

    async def leave(self, ticket: str) -> bool:
        """The visitor goes."""
        return (await self._ask("DELETE", f"/tickets/{ticket}")).is_success

    async def step(self, window: str, step: str, body: dict[str, str] | None = None) -> bool:
        """A clerk's step; False if the hall's rules refuse it now."""
        return (await self._ask("POST", f"/windows/{window}/{step}", body)).is_success

    async def _ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> httpx.Response:
        """The answer, however often it takes to get one: who gives up is the stream, for all of us."""
        headers = {"Idempotency-Key": secrets.token_hex(KEY_BYTES)}
        while True:
            try:
                answer = await self._client.request(method, path, json=body, headers=headers)
            except httpx.TransportError:
                pass
            else:
                if answer.status_code not in AGAIN:
                    return answer
            await asyncio.sleep(AGAIN_SECONDS)
