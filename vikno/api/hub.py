"""Carrying messages to every screen at once.

A message is written once per audience, as one WebSocket frame, and the same bytes go to every reader. One
task sends, in slices, so that the clerk's request never waits for a screen. A reader's queue is its
transport's buffer: who lets it grow past `BUFFER_BYTES_MAX`, or does not answer a ping until the next one,
is cut off and told to come back; nobody else notices.

The last messages are kept, so that who was away for a moment gets what they missed, complete or not at all.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from operator import methodcaller
from typing import Protocol

from websockets.frames import Frame, Opcode

BUFFER_BYTES_MAX = 256 * 1024
"""What one reader may leave unread: some hundred events, a minute of the busiest hall."""

KEPT_MESSAGES = 1_000
"""Messages per audience for readers who were away: about two minutes of the busiest hall."""

SLICE = 250
"""Readers served before other tasks get a turn: about two milliseconds."""

HEARTBEAT_SECONDS = 4.5
"""How often readers hear that the stream lives, and are asked whether they do. Who stalls after an answer
is asked once more and cut off the next time: within ten seconds, with one to spare."""

PING = Frame(Opcode.PING, b"").serialize(mask=False)


class Reader(Protocol):
    """One open stream."""

    def send(self, frames: bytes) -> None:
        """Queue frames for the reader, or cut it off if it is too slow."""
        ...

    def check(self) -> None:
        """Cut it off if it has not answered since the last ping."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Say goodbye."""
        ...


def frame(message: bytes) -> bytes:
    """A text message as the bytes that go over the wire to any reader."""
    return Frame(Opcode.TEXT, message).serialize(mask=False)


class Audience:
    """Readers who are told the same."""

    def __init__(self) -> None:
        self.readers: set[Reader] = set()
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=KEPT_MESSAGES)
        self._queue: deque[bytes] = deque()
        self._wake = asyncio.Event()

    def publish(self, frames: Sequence[tuple[int, bytes]]) -> None:
        """Queue frames, each with its `seq`, for every reader."""
        self._kept.extend(frames)
        self.tell(b"".join(data for _, data in frames))

    def forget(self) -> None:
        """What was kept no longer leads to the present."""
        self._kept.clear()

    def tell(self, frames: bytes) -> None:
        """Queue frames for those present, without keeping them."""
        if self.readers:
            self._queue.append(frames)
            self._wake.set()

    def missed(self, after: int, now: int) -> bytes | None:
        """The frames after `after`, complete, or None."""
        if after == now:
            return b""
        if not self._kept or after < self._kept[0][0] - 1 or after > now:
            return None
        return b"".join(data for seq, data in self._kept if seq > after)

    async def run(self) -> None:
        """Send what is queued, for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            data = b"".join(self._queue)
            self._queue.clear()
            await self._each(methodcaller("send", data))

    async def beat(self, heartbeat: Callable[[], bytes]) -> None:
        """Tell and ask every reader whether both still live, for ever."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            if self.readers:
                await self._each(methodcaller("check"))
                self.tell(heartbeat() + PING)

    async def _each(self, act: Callable[[Reader], None]) -> None:
        readers = list(self.readers)
        for start in range(0, len(readers), SLICE):
            for reader in readers[start : start + SLICE]:
                act(reader)
            await asyncio.sleep(0)

    def close(self, code: int, reason: str) -> None:
        """Say goodbye to everybody."""
        for reader in list(self.readers):
            reader.close(code, reason)
