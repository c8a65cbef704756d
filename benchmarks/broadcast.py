"""The floor for streams: `websockets` and its `broadcast()`, with nothing around them."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Any

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

MESSAGE_BYTES = 420
"""What a public message about a recall weighs."""


async def main(count: int) -> None:
    """Serve one port; on a word at the next port, broadcast `count` messages."""
    connections: set[ServerConnection] = set()
    over = asyncio.Event()

    async def handler(connection: ServerConnection) -> None:
        connections.add(connection)
        await connection.wait_closed()
        connections.discard(connection)

    async def go(_reader: Any, writer: asyncio.StreamWriter) -> None:
        for seq in range(1, count + 1):
            text = '{"type":"ticket-recalled","filler":"'
            tail = f'","seq":{seq}}}'
            broadcast(connections, text + "x" * (MESSAGE_BYTES - len(text) - len(tail)) + tail)
            await asyncio.sleep(0)
        writer.close()

    port = _two_ports()
    async with serve(handler, "127.0.0.1", port, compression=None, backlog=4096):
        server = await asyncio.start_server(go, "127.0.0.1", port + 1)
        asyncio.get_running_loop().add_signal_handler(15, over.set)
        sys.stdout.write(f"http://127.0.0.1:{port}/\n")
        sys.stdout.flush()
        await over.wait()
        server.close()


def _two_ports() -> int:
    """A free port whose successor is free too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
