"""A hall full of screens whose server is killed: how soon all are current again, and what it reads for them.

The screens are half of them in each of two halls and come back as the pages do: after a pause that doubles
with each try, some of it by lot (`live.js`). Current is who has had a whole picture from the new server. The
server counts its own reading: every statement that asks the journal for events or snapshots, by hall.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, Client, Row, hall_text, run
from benchmarks.readers import KEY
from vikno.api.access import Grant, Role
from vikno.api.people.registry import People
from vikno.api.serve import open_engine

SCREENS = 5_000
HALLS = ("north", "south")
SECONDS_MAX = 15.0
CONNECTING_AT_ONCE = 100
PATIENCE_SECONDS = 120.0
PAUSE_FIRST_SECONDS, PAUSE_LAST_SECONDS = 0.5, 15.0
"""As the pages wait between two tries."""

SNAPSHOT = b'{"type":"snapshot"'


class Screen:
    """One screen that comes back until it is current."""

    def __init__(self, port: int, request: bytes, rng: random.Random) -> None:
        self._port = port
        self._request = request
        self._rng = rng
        self.current, self.lost = asyncio.Event(), asyncio.Event()

    async def live(self) -> None:
        """For ever: connect, have the picture, hang on, lose it, wait, and again."""
        tries = 0
        while True:
            with contextlib.suppress(OSError, EOFError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                try:
                    writer.write(self._request)
                    await reader.readuntil(SNAPSHOT)
                    self.current.set()
                    self.lost.clear()
                    tries = 0
                    while await reader.read(65_536):
                        pass
                finally:
                    self.current.clear()
                    self.lost.set()
                    writer.close()
            longest = min(PAUSE_LAST_SECONDS, PAUSE_FIRST_SECONDS * 2**tries)
            tries += 1
            await asyncio.sleep(longest * (0.5 + self._rng.random() / 2))


def start(folder: Path, port: int) -> tuple[subprocess.Popen[str], int]:
    """A server on these halls, and its port; 0 takes a free one."""
    files = [str(folder / f"{hall}.toml") for hall in HALLS]
    command = [sys.executable, "-m", "benchmarks.comeback", "serve", str(folder), str(port), *files]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=ROOT, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def serve(folder: str, port: str, *files: str) -> None:
    """The server: Vikno as it is, and a route that tells what it has read of the journal."""
    from fastapi import FastAPI  # noqa: PLC0415  (the screens need no server)
    from sqlalchemy import event  # noqa: PLC0415

    from vikno.api import serve as server  # noqa: PLC0415
    from vikno.queue.hallfile import read_hall_file  # noqa: PLC0415

    engine = server.open_engine(Path(folder), None)
    reads: dict[str, int] = {}

    @event.listens_for(engine, "before_cursor_execute")
    def count(*call: Any) -> None:
        statement, parameters = call[2].lower(), call[3]
        for table in ("snapshots", "events"):
            if statement.startswith("select") and f"from {table}" in statement.replace("\n", " "):
                hall = next((one for one in HALLS if one in str(parameters)), "?")
                reads[f"{table} of {hall}"] = reads.get(f"{table} of {hall}", 0) + 1

    def tell(app: FastAPI) -> None:
        @app.get("/reads")
        async def told() -> dict[str, int]:
            return reads

    house = server.build_house([read_hall_file(file) for file in files], engine, proposes=False)
    sock = server.listen("127.0.0.1", int(port))
    sys.stdout.write(f"{sock.getsockname()[1]}\n")
    server.run(house, sock, also=tell)


def requests(folder: Path, port: int) -> list[bytes]:
    """What a screen of each hall says to connect."""
    engine = open_engine(folder, None)
    tokens = [People(engine).tokens.issue(Grant(Role.SCREEN, hall)) for hall in HALLS]
    engine.dispose()
    return [
        (
            f"GET /api/v1/halls/{hall}/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()
        for hall, token in zip(HALLS, tokens, strict=True)
    ]


async def all_current(screens: list[Screen]) -> None:
    """Until every screen has the picture at the same time."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not all(screen.current.is_set() for screen in screens):
            for screen in screens:
                await screen.current.wait()


async def come_back(folder: Path, count: int) -> tuple[float, float, dict[str, int]]:
    """Seconds until all are current after the kill, those of the start in them, and what was read."""
    process, port = start(folder, 0)
    asked = requests(folder, port)
    rng = random.Random(1)  # noqa: S311  (pauses)
    screens = [Screen(port, asked[number % len(asked)], rng) for number in range(count)]
    tasks = []
    try:
        for number, screen in enumerate(screens, 1):
            tasks.append(asyncio.create_task(screen.live()))
            if number % CONNECTING_AT_ONCE == 0:
                await all_current(screens[:number])
        process.kill()
        began = time.perf_counter()
        process.wait()
        for screen in screens:
            await screen.lost.wait()
        process, _ = await asyncio.to_thread(start, folder, port)
        started = time.perf_counter() - began
        await all_current(screens)
        seconds = time.perf_counter() - began
        client = await Client(port, "").connect()
        _, reads = await client.call("GET", "/reads")
        return seconds, started, reads
    finally:
        for task in tasks:
            task.cancel()
        process.kill()
        process.wait()


@contextlib.contextmanager
def halls() -> Iterator[Path]:
    """A folder with the hall files."""
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as name:
        folder = Path(name)
        for hall in HALLS:
            (folder / f"{hall}.toml").write_text(hall_text(hall))
        yield folder


def measure(count: int = SCREENS) -> list[Row]:
    """One kill."""
    with halls() as folder:
        seconds, started, reads = run(lambda: come_back(folder, count))
    one = all(reads.get(f"snapshots of {hall}", 0) == 1 for hall in HALLS)
    return [
        Row(
            f"{count:,} screens of two halls, server killed: all current again",
            f"{seconds:.1f} s, {started:.1f} s of them its start",
            f"at most {SECONDS_MAX:g} s",
            seconds <= SECONDS_MAX,
        ),
        Row(
            "what the new server reads of the journal for them",
            ", ".join(f"{what}: {times}" for what, times in sorted(reads.items())),
            "one snapshot for each hall",
            one,
        ),
    ]


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(*sys.argv[2:])
    else:
        print(*measure(int(sys.argv[1]) if sys.argv[1:] else SCREENS), sep="\n")
