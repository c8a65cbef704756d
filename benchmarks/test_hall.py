"""The rules alone: decide and apply with 50 windows and 1,000 waiting, without the policy's choice."""

from __future__ import annotations

import itertools
from collections import deque
from typing import TYPE_CHECKING, Any

from benchmarks.harness import hall_plan
from vikno.queue import commands as c
from vikno.queue.hall import Hall
from vikno.queue.policy import Choice, Why

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

WINDOWS = 50
WAITING = 1_000
SERVICES = 8
VISIT = 4
"""Commands in one visit: issue, call, start, finish."""

ROUNDS = 4_000
NOON = 1_795_262_400.0


class NextInLine:
    """A policy that costs nothing: the tickets in the order they came."""

    name = "next-in-line"
    priority_first = False

    def __init__(self) -> None:
        self.tickets: deque[str] = deque()

    def choose(self, hall: Hall, window: str, at: float) -> Choice:  # noqa: ARG002
        """The first."""
        return Choice(self.tickets.popleft(), Why(self.name, "longest-waiting"))


def full_hall(policy: NextInLine) -> Hall:
    """Every window open, 1,000 waiting."""
    hall = Hall(policy)

    def do(command: c.Command) -> None:
        hall.apply(hall.decide(command))

    plan = hall_plan(windows=WINDOWS, services=SERVICES)
    do(c.AdoptPlan(NOON, plan))
    do(c.BeginDay(NOON))
    for window in plan.windows:
        do(c.OpenWindow(NOON, window.id))
    for number in range(WAITING):
        do(c.IssueTicket(NOON + number, f"w{number}", (plan.services[number % SERVICES].id,)))
        policy.tickets.append(f"w{number}")
    return hall


def test_visit(benchmark: BenchmarkFixture) -> None:
    """One visit: a ticket is issued at the end of a full line, the first is called, served and sent home."""
    policy = NextInLine()
    hall = full_hall(policy)
    numbers = itertools.count()
    services = [service.id for service in hall.plan.services]

    def visit() -> None:
        number = next(numbers)
        at, ticket, window = NOON + WAITING + number, f"v{number}", f"w-{number % WINDOWS + 1}"
        for command in (
            c.IssueTicket(at, ticket, (services[number % SERVICES],)),
            c.CallNext(at, window),
            c.StartService(at, window),
            c.FinishService(at, window),
        ):
            hall.apply(hall.decide(command))
        policy.tickets.append(ticket)

    benchmark.pedantic(visit, rounds=ROUNDS, warmup_rounds=100)  # type: ignore[no-untyped-call]
    assert hall.waiting == WAITING
    stats: Any = benchmark.stats
    benchmark.extra_info["microseconds_a_command"] = stats["median"] * 1e6 / VISIT
