"""HTTP: a whole visit against an empty route of the same server, and tickets and calls a second."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

from benchmarks.harness import Client, Row, Served, hall_text, p99, run, server

CLIENTS = 32
VISITS = 40
EMPTY_REQUESTS = 160
ROUNDS = 5
TICKET_CLIENTS = 16
TICKETS = 200
CLERKS = 8
CALLS = 150

FQM_TICKETS_PER_SECOND = 132.0
"""The best of FQM on such a machine: 112 to 132 tickets/s with 16 clients (2 workers, SQLite)."""

FQM_CALLS_PER_SECOND = 190.0
"""Likewise 141 to 190 calls/s with 8 operators."""

CALL_P99_MS = 50.0


async def together(
    port: int, token: str, clients: int, work: Callable[[Client, int], Awaitable[None]]
) -> float:
    """Seconds until `clients` connections have each done their work."""
    open_clients = [await Client(port, token).connect() for _ in range(clients)]
    began = time.perf_counter()
    await asyncio.gather(*(work(client, number) for number, client in enumerate(open_clients)))
    seconds = time.perf_counter() - began
    for client in open_clients:
        client.close()
    return seconds


async def visit_ratio(served: Served) -> tuple[float, float]:
    """Requests/s of whole visits, and of the empty route, over `CLIENTS` connections."""
    base = f"/api/v1/halls/{served.hall}"

    async def visits(client: Client, number: int) -> None:
        window = f"{base}/windows/w-{number + 1}"
        for _ in range(VISITS):
            for method, path, body in (
                ("POST", f"{base}/tickets", {"services": ["s1"]}),
                ("POST", f"{window}/call-next", None),
                ("POST", f"{window}/start", None),
                ("POST", f"{window}/finish", None),
            ):
                status, answer = await client.call(method, path, body)
                assert status in {200, 201}, answer

    async def empty(client: Client, _number: int) -> None:
        for _ in range(EMPTY_REQUESTS):
            await client.call("POST", "/empty")

    real = CLIENTS * VISITS * 4 / await together(served.port, served.token, CLIENTS, visits)
    floor = CLIENTS * EMPTY_REQUESTS / await together(served.port, served.token, CLIENTS, empty)
    return real, floor


async def open_windows(served: Served, windows: int) -> None:
    """Every window begins to work."""
    client = await Client(served.port, served.token).connect()
    for number in range(1, windows + 1):
        await client.call("POST", f"/api/v1/halls/{served.hall}/windows/w-{number}/open")
    client.close()


async def tickets_and_calls(served: Served) -> tuple[float, float, float, float]:
    """Tickets/s of all kiosks and their p99 in ms; calls/s of all clerks and their p99 in ms."""
    base = f"/api/v1/halls/{served.hall}"
    issued: list[float] = []
    called: list[float] = []
    numbers: set[str] = set()

    async def kiosk(client: Client, _number: int) -> None:
        for _ in range(TICKETS):
            began = time.perf_counter()
            status, answer = await client.call("POST", f"{base}/tickets", {"services": ["s1"]})
            issued.append(time.perf_counter() - began)
            assert status == 201, answer
            numbers.add(answer["ticket"]["number"])

    async def clerk(client: Client, number: int) -> None:
        window = f"{base}/windows/w-{number + 1}"
        for _ in range(CALLS):
            began = time.perf_counter()
            status, answer = await client.call("POST", f"{window}/call-next")
            called.append(time.perf_counter() - began)
            assert status == 200, answer
            await client.call("POST", f"{window}/no-show")

    tickets = TICKET_CLIENTS * TICKETS / await together(served.port, served.token, TICKET_CLIENTS, kiosk)
    assert len(numbers) == TICKET_CLIENTS * TICKETS
    seconds = await together(served.port, served.token, CLERKS, clerk)
    return tickets, p99(issued) * 1e3, 2 * CLERKS * CALLS / seconds, p99(called) * 1e3


def measure() -> list[Row]:
    """Visits against the floor in alternating rounds; then kiosks, then clerks."""
    with server(hall_text(windows=CLIENTS)) as served:
        run(lambda: open_windows(served, CLIENTS))
        rounds = [run(lambda: visit_ratio(served)) for _ in range(ROUNDS)][1:]
    ratio = statistics.median(real / floor for real, floor in rounds)
    real, floor = (statistics.median(values) for values in zip(*rounds, strict=True))
    with server(hall_text(windows=CLERKS)) as served:
        run(lambda: open_windows(served, CLERKS))
        tickets, ticket_p99, calls, call_p99 = run(lambda: tickets_and_calls(served))
    return [
        Row(
            "issue + call + start + finish over HTTP, 32 clients, durable, against an empty FastAPI POST",
            f"{ratio:.2f} ({real:,.0f}/s against {floor:,.0f}/s)",
            "at least 0.5",
            ratio >= 0.5,
        ),
        Row(
            "tickets/s, 16 clients; p99",
            f"{tickets:,.0f}/s, {tickets / FQM_TICKETS_PER_SECOND:.0f} times FQM's; {ticket_p99:.0f} ms",
            "10 times FQM's (132/s); 50 ms",
            tickets >= 10 * FQM_TICKETS_PER_SECOND and ticket_p99 <= CALL_P99_MS,
        ),
        Row(
            "calls and no-shows/s, 8 clerks; p99 of a call",
            f"{calls:,.0f}/s, {calls / FQM_CALLS_PER_SECOND:.0f} times FQM's; {call_p99:.0f} ms",
            "10 times FQM's (190/s); 50 ms",
            calls >= 10 * FQM_CALLS_PER_SECOND and call_p99 <= CALL_P99_MS,
        ),
    ]


if __name__ == "__main__":
    print(*measure(), sep="\n")
