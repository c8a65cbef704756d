"""Listening to a hall for as long as it can be reached, as docs/api.md asks of every reader.

A connection that breaks or falls silent is made again, with the place where it ended; a gap is answered by a
fresh snapshot. Only a hall that stays away, or that does not know our token, ends it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import NoReturn
from urllib.parse import urlencode

import msgspec
import numpy as np
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus, WebSocketException

from vikno.queue.errors import ViknoError
from vikno.simulation.public.mirror import Message

STALE_SECONDS = 15.0
"""Three heartbeats missed: whatever is there, it is not our hall any more."""

LOST_SECONDS = 60.0
"""A hall that was away for so long has ended, and its public with it."""

RETURN_SECONDS_MIN, RETURN_SECONDS_MAX = 0.2, 2.0
"""All readers come back within three seconds, not all at once."""

MESSAGE_BYTES_MAX = 64 * 2**20
"""A snapshot of the fullest hall, many times over."""

REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})

_decoder = msgspec.json.Decoder(Message)


class StreamLost(ViknoError):
    """The hall cannot be reached any more."""


class StreamRefused(ViknoError):
    """The hall does not let us listen, and asking again will not help."""


class Stream:
    """The stream at `address` (ws://…/stream); `tell` gets each message, in order and without a gap."""

    def __init__(
        self, address: str, token: str, rng: np.random.Generator, tell: Callable[[Message], None]
    ) -> None:
        self._address = address
        self._headers = {"Authorization": f"Bearer {token}"}
        self._rng = rng
        self._tell = tell
        self._last: Message | None = None
        self._heard = 0.0

    async def follow(self) -> NoReturn:
        """Listen for ever; `StreamLost` if the hall stays away, `StreamRefused` if it will not have us."""
        loop = asyncio.get_running_loop()
        self._heard = loop.time()
        while True:
            try:
                await self._listen()
            except InvalidStatus as error:
                status = error.response.status_code
                if status in REFUSED:
                    raise StreamRefused(f"{self._address} answers {status}; check hall and token") from None
            except (OSError, TimeoutError, WebSocketException):
                pass  # whatever broke it, the answer is the same: try again
            if loop.time() - self._heard > LOST_SECONDS:
                message = f"{self._address} could not be reached for {LOST_SECONDS:g} seconds; is it running?"
                raise StreamLost(message)
            await asyncio.sleep(self._rng.uniform(RETURN_SECONDS_MIN, RETURN_SECONDS_MAX))

    async def _listen(self) -> None:
        """One connection, until it breaks, falls silent or skips something."""
        async with connect(
            self._address + self._position(),
            additional_headers=self._headers,
            compression=None,
            max_size=MESSAGE_BYTES_MAX,
            proxy=None,
        ) as socket:
            while True:
                async with asyncio.timeout(STALE_SECONDS):
                    message = _decoder.decode(await socket.recv())
                self._heard = asyncio.get_running_loop().time()
                if not self._take(message):
                    return

    def _take(self, message: Message) -> bool:
        """Tell a message whose turn it is, ignore an old one; False where some are missing before it."""
        if message.type != "snapshot":
            last = self._last
            # A heartbeat brings nothing new, so it stands at the last message and not after it.
            ahead = 0 if message.type == "heartbeat" else 1
            if last is None or message.epoch != last.epoch or message.seq > last.seq + ahead:
                self._last = None
                return False
            if message.seq < last.seq + ahead:
                return True
        self._last = message
        self._tell(message)
        return True

    def _position(self) -> str:
        if self._last is None:
            return ""
        return "?" + urlencode({"epoch": self._last.epoch, "after": self._last.seq})
