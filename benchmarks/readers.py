"""Many readers in one process of their own: connect, take every message, note when it came.

Speaks just enough WebSocket to listen cheaply. Commands come on standard input, one word a line; answers go
to standard output as JSON.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import cast

import msgspec
import uvloop

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
"""Any 16 bytes will do; a benchmark has nothing to hide."""

CONNECTING_AT_ONCE = 100
SHORT, LONG = 126, 127
PING, PONG = 0x9, 0xA

WITHOUT_EVENT = (b'{"type":"snapshot"', b'{"type":"heartbeat"', b'{"type":"waits"')


class Reader(asyncio.Protocol):
    """One screen that only notes which `seq` came when."""

    def __init__(self, request: bytes, seen: list[tuple[int, float]], ready: asyncio.Semaphore) -> None:
        self._request = request
        self._seen = seen
        self._ready = ready
        self._buffer = b""
        self._open = False
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Cut off or closed."""
        self.lost = True

    def data_received(self, data: bytes) -> None:
        """Take the frames apart."""
        data = self._buffer + data
        if not self._open:
            head, separator, data = data.partition(b"\r\n\r\n")
            if not separator:
                self._buffer = head
                return
            assert b" 101 " in head.split(b"\r\n")[0], head
            self._open = True
            self._ready.release()
        now = time.perf_counter()
        start = 0
        while len(data) - start >= 2:
            length, body = data[start + 1], start + 2
            if length == SHORT:
                length, body = int.from_bytes(data[start + 2 : start + 4], "big"), start + 4
            elif length == LONG:
                length, body = int.from_bytes(data[start + 2 : start + 10], "big"), start + 10
            end = body + length
            if end > len(data):
                break
            if data[start] & 0xF == PING:
                self._transport.write(bytes([0x80 | PONG, 0x80, 0, 0, 0, 0]))
            elif not data.startswith(WITHOUT_EVENT, body):
                mark = data.rindex(b'"seq":', body, end) + 6
                self._seen.append((int(data[mark:end].rstrip(b"}")), now))
            start = end
        self._buffer = data[start:]


async def main(port: int, path: str, token: str, count: int) -> None:
    """Connect, then answer questions until the end of the input."""
    loop = asyncio.get_running_loop()
    seen: list[tuple[int, float]] = []
    ready = asyncio.Semaphore(0)
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {token}\r\n\r\n"
    ).encode()
    readers = []
    for start in range(0, count, CONNECTING_AT_ONCE):
        size = min(CONNECTING_AT_ONCE, count - start)
        made = [
            loop.create_connection(lambda: Reader(request, seen, ready), "127.0.0.1", port)
            for _ in range(size)
        ]
        readers += [protocol for _, protocol in await asyncio.gather(*made)]
        for _ in range(size):
            await ready.acquire()
    _say({"ready": len(readers)})
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        if line.startswith(b"report"):
            _say({"seen": seen, "lost": sum(reader.lost for reader in readers)})
            seen.clear()
        else:
            _say({"count": len(seen)})


def _say(answer: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])))
