"""Coming back: from the start of the process to the first answer, with a whole day in the journal."""

from __future__ import annotations

import secrets
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.durable import Nobody
from benchmarks.harness import ROOT, Client, Row, data_folder, hall_text, run
from vikno.api.access import Grant, Role
from vikno.api.clock import SystemClock
from vikno.api.owner import HallOwner
from vikno.api.people.registry import People
from vikno.api.serve import open_engine
from vikno.queue import commands as c
from vikno.queue.hall import Hall
from vikno.queue.hallfile import parse_hall
from vikno.queue.journal.journal import Journal, Record
from vikno.scheduler import policy_named

VISITORS = 5_000
WINDOWS = 20
ROUNDS = 5
GROUP = 64


def write_day(folder: Path, text: str) -> int:
    """A day of `VISITORS`, each issued, called, started and finished, without a snapshot: the worst case.

    Returns the number of events.
    """
    engine = open_engine(folder, None)
    journal, hall, plan = Journal(engine, "bench"), Hall(policy_named("fifo")), parse_hall(text)
    journal.epoch()
    records: list[Record] = []

    def do(command: c.Command, key: str | None = None) -> None:
        events = hall.decide(command)
        hall.apply(events)
        records.append(Record(events, key, key and "r", key and '{"ticket": {"number": "A1"}}' + " " * 400))
        if len(records) == GROUP:
            journal.append(records)
            records.clear()

    at = time.time()
    do(c.AdoptPlan(at, plan))
    do(c.BeginDay(at))
    windows = [window.id for window in plan.windows]
    for window in windows:
        do(c.OpenWindow(at, window))
    for number in range(VISITORS):
        window = windows[number % WINDOWS]
        do(c.IssueTicket(at, f"{number:032x}", ("s1",)), f"key-{number}")
        do(c.CallNext(at, window), f"call-{number}")
        do(c.StartService(at, window))
        do(c.FinishService(at, window))
    if records:
        journal.append(records)
    engine.dispose()
    return hall.seq


async def first_answer(port: int, token: str) -> None:
    """One ticket."""
    client = await Client(port, token).connect()
    status, answer = await client.call("POST", "/api/v1/halls/bench/tickets", {"services": ["s1"]})
    assert status == 201, answer
    client.close()


def restart(folder: Path, token: str) -> float:
    """Seconds from the start of the process to the answer; the process is killed, so no snapshot is left."""
    began = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "vikno.api.cli",
        "serve",
        str(folder / "hall.toml"),
        "--data",
        str(folder),
        "--port",
        "0",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline().rsplit(":", 1)[1].strip().strip("/"))
        run(lambda: first_answer(port, token))
        return time.perf_counter() - began
    finally:
        process.kill()
        process.wait()


async def reopen(folder: Path, text: str) -> float:
    """Seconds from opening the database to the hall's first answer, in a process that runs already."""
    began = time.perf_counter()
    engine = open_engine(folder, None)
    journal = Journal(engine, "bench")
    owner = HallOwner(lambda: Hall(policy_named("fifo")), journal, SystemClock(), Nobody())
    await owner.start(parse_hall(text))
    ticket = secrets.token_hex(16)
    await owner.submit(lambda at: c.IssueTicket(at, ticket, ("s1",)), lambda _hall, _events: b"{}")
    seconds = time.perf_counter() - began
    await owner.stop()
    engine.dispose()
    return seconds


def measure() -> list[Row]:
    """Several restarts of the whole process, then one of the hall alone (its stop leaves a snapshot)."""
    text = hall_text(windows=WINDOWS)
    with data_folder() as folder:
        (folder / "hall.toml").write_text(text)
        events = write_day(folder, text)
        engine = open_engine(folder, None)
        token = People(engine).tokens.issue(Grant(Role.ADMIN, "*"))
        engine.dispose()
        process = statistics.median(restart(folder, token) for _ in range(ROUNDS))
        hall = run(lambda: reopen(folder, text))
    what = "with a day of 5,000 visitors, until the first answer"
    return [
        Row(f"restart of a hall {what}", f"{hall:.2f} s for {events:,} events", "at most 1 s", hall <= 1),
        Row(f"restart of the whole process {what}", f"{process:.2f} s", "at most 2 s", process <= 2),
    ]


if __name__ == "__main__":
    print(*measure(), sep="\n")
