"""Streams over the wire: good readers through `websockets`, ill-behaved ones through a bare socket."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Sequence
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.api.running import HALL, Server, bearer

HEADERS_BYTES_MAX = 65_536
SOCKET_SECONDS = 3.0


def path(hall: str = HALL, query: str = "") -> str:
    """Where a hall's stream is."""
    return f"/api/v1/halls/{hall}/stream{query}"


def listen(server: Server, token: str, query: str = "", **options: Any) -> connect:
    """A stream of the demo hall."""
    address = server.url.replace("http", "ws").rstrip("/") + path(query=query)
    headers = bearer(token) if token else None
    return connect(address, additional_headers=headers, compression=None, proxy=None, **options)


async def hear(stream: ClientConnection, seq: int) -> list[dict[str, Any]]:
    """Every message up to the event numbered `seq`, heartbeats left out."""
    heard: list[dict[str, Any]] = []
    while not heard or heard[-1]["seq"] < seq:
        message = json.loads(await stream.recv())
        if message["type"] != "heartbeat":
            heard.append(message)
    return heard


def dial(server: Server, *, receive_bytes: int | None = None) -> socket.socket:
    """A bare connection."""
    connection = socket.socket()
    if receive_bytes is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.settimeout(SOCKET_SECONDS)
    connection.connect(("127.0.0.1", server.port))
    return connection


def upgrade(
    headers: Sequence[tuple[str, str | bytes]],
    *,
    method: str = "GET",
    target: str | None = None,
    leave_out: Sequence[str] = (),
) -> bytes:
    """The bytes of a handshake; `headers` on top of the usual ones, without those of `leave_out`."""
    usual: list[tuple[str, str | bytes]] = [
        ("Host", "localhost"),
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", base64.b64encode(b"sixteen bytes ok").decode()),
    ]
    lines = [f"{method} {target or path()} HTTP/1.1".encode()]
    for name, value in (*(pair for pair in usual if pair[0] not in leave_out), *headers):
        lines.append(name.encode() + b": " + (value.encode() if isinstance(value, str) else value))
    return b"\r\n".join((*lines, b"", b""))


def answer(connection: socket.socket) -> bytes:
    """The answer up to the end of its headers; empty if the server just hung up."""
    received = b""
    while b"\r\n\r\n" not in received and len(received) < HEADERS_BYTES_MAX:
        part = connection.recv(1)
        if not part:
            break
        received += part
    return received


def status(head: bytes) -> int:
    """The status code of an answer; 0 without one."""
    return int(head.split(b" ", 2)[1]) if head else 0


def masked(opcode: int, payload: bytes, *, final: bool = True, reserved: int = 0) -> bytes:
    """A frame as a browser sends it, with a mask of zeros."""
    first = (0x80 if final else 0) | reserved | opcode
    size = len(payload)
    if size < 126:
        head = bytes([first, 0x80 | size])
    elif size < 1 << 16:
        head = bytes([first, 0x80 | 126]) + size.to_bytes(2)
    else:
        head = bytes([first, 0x80 | 127]) + size.to_bytes(8)
    return head + bytes(4) + payload


def close_code(connection: socket.socket) -> int:
    """The code of the server's goodbye; 0 if it hung up without one."""
    received = b""
    try:
        while part := connection.recv(65_536):
            received += part
    except ConnectionResetError:
        return 0
    at = 0
    while at + 2 <= len(received):
        opcode, length, at = received[at] & 0x0F, received[at + 1] & 0x7F, at + 2
        if length >= 126:
            size = 2 if length == 126 else 8
            length, at = int.from_bytes(received[at : at + size]), at + size
        if opcode == 8:
            return int.from_bytes(received[at : at + 2])
        at += length
    return 0
