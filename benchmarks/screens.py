"""Calls to many screens: how soon, how many a second against bare `broadcast()`, at what cost.

Latency runs from the clerk's request being sent to the message having arrived at a screen, so it holds the
HTTP request, the decision and the commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import psutil

from benchmarks.harness import ROOT, Client, Row, Served, hall_text, p99, run, server

CALLS = 60
CALL_EVERY_SECONDS = 0.25
BURST = 300
BURST_CLIENTS = 8
RATE_ROUNDS = 3
CPU_SCREENS = 100
CPU_SECONDS = 30.0
CPU_CALL_EVERY_SECONDS = 3.0
MANY, VERY_MANY = 1_000, 5_000
PATIENCE_SECONDS = 60.0
MEGABYTE = 1024 * 1024


class Readers:
    """A process with `count` readers."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return msgspec.json.decode(self._process.stdout.readline())

    def ask(self, question: str) -> Any:
        """One question, one answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(question.encode() + b"\n")
        self._process.stdin.flush()
        return self._answer()

    def wait(self, count: int) -> dict[str, Any]:
        """What came, once `count` messages have."""
        until = time.perf_counter() + PATIENCE_SECONDS
        while self.ask("count")["count"] < count:
            if time.perf_counter() > until:
                break
            time.sleep(0.05)
        return dict(self.ask("report"))


@contextlib.contextmanager
def readers(port: int, path: str, token: str, count: int) -> Iterator[Readers]:
    """`count` readers, connected."""
    command = [sys.executable, "-m", "benchmarks.readers", str(port), path, token, str(count)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    try:
        found = Readers(process)
        assert found._answer() == {"ready": count}  # noqa: SLF001
        yield found
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(PATIENCE_SECONDS)


def stream(served: Served) -> str:
    """The address of the hall's stream."""
    return f"/api/v1/halls/{served.hall}/stream"


async def call_somebody(served: Served, times: int, every: float) -> dict[int, float]:
    """A ticket is called and then recalled `times` times; when each request was sent, by its `seq`."""
    client = await Client(served.port, served.token).connect()
    window = f"/api/v1/halls/{served.hall}/windows/w-1"
    await client.call("POST", f"{window}/open")
    await client.call("POST", f"/api/v1/halls/{served.hall}/tickets", {"services": ["s1"]})
    await client.call("POST", f"{window}/call-next")
    sent = []
    for _ in range(times):
        await asyncio.sleep(every)
        sent.append(time.perf_counter())
        status, answer = await client.call("POST", f"{window}/recall")
        assert status == 200, answer
    client.close()
    return dict(enumerate(sent, FIRST_RECALL))


FIRST_RECALL = 6
"""The plan, the day, the open window, the ticket and its call come before in a fresh journal."""


def latency(screens: int) -> tuple[float, int]:
    """The 99th percentile in ms over all screens and calls, and how many were cut off."""
    with server(hall_text()) as served, readers(served.port, stream(served), served.screen, screens) as many:
        sent = run(lambda: call_somebody(served, CALLS, CALL_EVERY_SECONDS))
        seen = many.wait(screens * (CALLS + 3))
    delays = [at - sent[seq] for seq, at in seen["seen"] if seq in sent]
    assert len(delays) == screens * CALLS, (len(delays), seen["lost"])
    return p99(delays) * 1e3, seen["lost"]


async def recall_in_a_burst(served: Served) -> None:
    """Several clerks recall at once, as fast as they are answered."""
    clients = [await Client(served.port, served.token).connect() for _ in range(BURST_CLIENTS)]

    async def clerk(client: Client, number: int) -> None:
        window = f"/api/v1/halls/{served.hall}/windows/w-{number}"
        for path in ("open", "call-next"):
            await client.call("POST", f"{window}/{path}")
        for _ in range(BURST // BURST_CLIENTS):
            await client.call("POST", f"{window}/recall")

    for _ in clients:
        await clients[0].call("POST", f"/api/v1/halls/{served.hall}/tickets", {"services": ["s1"]})
    await asyncio.gather(*(clerk(client, number) for number, client in enumerate(clients, 1)))


def rate(screens: int) -> float:
    """Messages/s delivered to `screens`, from the first sent to the last arrived."""
    with server(hall_text()) as served, readers(served.port, stream(served), served.screen, screens) as many:
        run(lambda: recall_in_a_burst(served))
        expected = screens * (BURST_CLIENTS * 3 + BURST // BURST_CLIENTS * BURST_CLIENTS)
        return _rate(many.wait(expected), expected)


def floor_rate(screens: int) -> float:
    """The same number of messages of the same size by bare `broadcast()`."""
    count = BURST_CLIENTS * 3 + BURST // BURST_CLIENTS * BURST_CLIENTS
    with server(hall_text(), program=(sys.executable, "-m", "benchmarks.broadcast", str(count))) as served:  # noqa: SIM117
        with readers(served.port, "/", served.screen, screens) as many:
            run(lambda: _go(served.port))
            return _rate(many.wait(screens * count), screens * count)


async def _go(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port + 1)
    writer.write(b"go")
    await reader.read()
    writer.close()


def _rate(seen: dict[str, Any], expected: int) -> float:
    times = sorted(at for _, at in seen["seen"])
    assert len(times) == expected, (len(times), expected, seen["lost"])
    return expected / float(times[-1] - times[0])


def processor(screens: int) -> float:
    """The share of a core that the server needs for `screens` with a call every three seconds."""
    with server(hall_text()) as served, readers(served.port, stream(served), served.screen, screens):
        process = psutil.Process(served.pid)
        before = process.cpu_times()
        run(lambda: call_somebody(served, int(CPU_SECONDS / CPU_CALL_EVERY_SECONDS), CPU_CALL_EVERY_SECONDS))
        after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / CPU_SECONDS


def memory(screens: int) -> tuple[float, float]:
    """Resident megabytes of an idle server, and kilobytes for each connected screen."""
    with server(hall_text()) as served:
        process = psutil.Process(served.pid)
        time.sleep(1.0)
        idle = process.memory_info().rss
        with readers(served.port, stream(served), served.screen, screens):
            time.sleep(1.0)
            busy = process.memory_info().rss
    return idle / MEGABYTE, (busy - idle) / screens / 1024


def measure() -> list[Row]:
    """All of it."""
    many, lost = latency(MANY)
    very_many, very_lost = latency(VERY_MANY)
    ratios = sorted(rate(MANY) / floor_rate(MANY) for _ in range(RATE_ROUNDS))
    share = processor(CPU_SCREENS)
    idle, each = memory(MANY)
    middle = ratios[len(ratios) // 2]
    return [
        Row(
            "call to 1,000 screens, commit included, p99",
            f"{many:.0f} ms",
            "100 ms",
            many <= 100 and not lost,
        ),
        Row(
            "call to 5,000 screens, commit included, p99",
            f"{very_many:.0f} ms",
            "300 ms",
            very_many <= 300 and not very_lost,
        ),
        Row(
            "messages/s to 1,000 screens against bare broadcast()",
            f"{middle:.2f}",
            "at least 0.7",
            middle >= 0.7,
        ),
        Row(
            "processor for 100 screens, a call every 3 s",
            f"{share:.1%} of a core",
            "at most 3%",
            share <= 0.03,
        ),
        Row("memory of the idle server", f"{idle:.0f} MB", "at most 150 MB", idle <= 150),
        Row("memory for each connected screen", f"{each:.1f} KB", "at most 35 KB", each <= 35),
    ]


if __name__ == "__main__":
    print(*measure(), sep="\n")
