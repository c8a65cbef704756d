"""What the measurements share: a hall of a given size, a server of its own, a client that costs little.

The client is a few lines over asyncio streams, because a comfortable HTTP library would cost more than the
server it measures and hide every difference.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Engine

from vikno.api.access import Grant, Role
from vikno.api.people.registry import People
from vikno.api.serve import open_engine
from vikno.queue.hallfile import parse_hall
from vikno.queue.plan import HallPlan

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0


class Row(NamedTuple):
    """One line of the table: what was measured, what it came to, what to reach, whether it does."""

    what: str
    measured: str
    reach: str
    reached: bool


def hall_text(hall: str = "bench", windows: int = 8, services: int = 4) -> str:
    """A hall file that is open day and night; every window serves every service."""
    names = [f"s{number}" for number in range(1, services + 1)]
    letters = "AEKMTBCDFGHIJLNOPQRSUVWXYZ"
    skills = ", ".join(f"{name} = 1.0" for name in names)
    parts = [
        f'format = 1\n[hall]\nid = "{hall}"\nname = {{ en = "{hall}" }}\nopens = "00:00"\ncloses = "24:00"',
        *(
            f'[[services]]\nid = "{name}"\nprefix = "{letters[index % 26]}"\nname = {{ en = "{name}" }}'
            for index, name in enumerate(names)
        ),
        f'[[windows]]\nid = "w"\ncount = {windows}\nskills = {{ {skills} }}',
    ]
    return "\n".join(parts)


def hall_plan(hall: str = "bench", windows: int = 8, services: int = 4) -> HallPlan:
    """The plan of `hall_text`."""
    return parse_hall(hall_text(hall, windows, services))


@contextlib.contextmanager
def data_folder() -> Iterator[Path]:
    """A folder on the disk the checkout lies on: the same disk for every figure."""
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder:
        yield Path(folder)


@contextlib.contextmanager
def database() -> Iterator[Engine]:
    """A fresh SQLite database."""
    with data_folder() as folder:
        engine = open_engine(folder, None)
        yield engine
        engine.dispose()


class Served(NamedTuple):
    """A running server: where, which process, a token for everything and one for a screen."""

    port: int
    pid: int
    token: str
    hall: str
    screen: str


@contextlib.contextmanager
def server(text: str, *, program: Sequence[str] = ()) -> Iterator[Served]:
    """A server process of its own on a fresh database; `program` replaces `vikno serve`."""
    plan = parse_hall(text)
    with data_folder() as folder:
        file = folder / "hall.toml"
        file.write_text(text)
        engine = open_engine(folder, None)
        token = People(engine).tokens.issue(Grant(Role.ADMIN, "*"))
        screen = People(engine).tokens.issue(Grant(Role.SCREEN, plan.id))
        engine.dispose()
        command = program or (sys.executable, "-m", "benchmarks.served")
        process = subprocess.Popen(
            [*command, str(file), str(folder)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            yield Served(int(line.rsplit(":", 1)[1].strip().strip("/")), process.pid, token, plan.id, screen)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(START_SECONDS)


class Client:
    """One kept-alive connection: one request at a time."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._head = (
            f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        )
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def connect(self) -> Client:
        """Open the connection."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def call(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """Status and JSON of one request."""
        data = b"" if body is None else msgspec.json.encode(body)
        extra = f"Idempotency-Key: {key}\r\n" if key else ""
        head = f"{method} {path} HTTP/1.1\r\n{self._head}{extra}Content-Length: {len(data)}\r\n\r\n"
        self._writer.write(head.encode() + data)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        lower = answer.lower()
        start = lower.index(b"content-length:") + 15
        length = int(lower[start : lower.index(b"\r", start)])
        text = await self._reader.readexactly(length)
        return int(answer[9:12]), msgspec.json.decode(text) if text else None

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


def p99(values: Sequence[float]) -> float:
    """The 99th percentile."""
    return statistics.quantiles(values, n=100)[98] if len(values) > 1 else values[0]


def run(main: Callable[[], Any]) -> Any:
    """Run a coroutine on the loop the server uses."""
    import uvloop  # noqa: PLC0415

    return uvloop.run(main())
