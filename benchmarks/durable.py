"""Durable commands a second in one hall: groups against one commit for each command, on the same disk."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence

from benchmarks.harness import Row, database, hall_plan, run
from vikno.api.clock import SystemClock
from vikno.api.groups import Change
from vikno.api.owner import GROUP_MAX, HallOwner
from vikno.api.serve import settle
from vikno.queue.commands import IssueTicket
from vikno.queue.events import AnyEvent
from vikno.queue.hall import Hall
from vikno.queue.journal.journal import Journal
from vikno.scheduler import policy_named

SUBMITTERS = 64
COMMANDS = 4_800
SINGLE_COMMANDS = 1_600
ROUNDS = 7


class Nobody:
    """An observer with nobody to tell."""

    def folded(self, hall: Hall, day: Sequence[AnyEvent]) -> None:
        """Nothing."""

    def happened(self, changes: Sequence[Change]) -> None:
        """Nothing."""


async def commands_per_second(commands: int, group_max: int) -> float:
    """The rate of `SUBMITTERS` tasks that submit one after the other, at most `group_max` to a commit."""
    with database() as engine:
        journal = Journal(engine, "bench")
        owner = HallOwner(
            lambda: Hall(policy_named("fifo")), journal, SystemClock(), Nobody(), group_max=group_max
        )
        await owner.start(hall_plan())

        async def submitter(name: int) -> None:
            for number in range(commands // SUBMITTERS):
                ticket = f"t-{name}-{number}"
                await owner.submit(
                    lambda at, ticket=ticket: IssueTicket(at, ticket, ("s1",)),  # type: ignore[misc]
                    lambda _hall, _events: b'{"ticket": {}}',
                    key=ticket,
                    request="r",
                )

        began = time.perf_counter()
        await asyncio.gather(*(submitter(name) for name in range(SUBMITTERS)))
        seconds = time.perf_counter() - began
        await owner.stop()
        return commands / seconds


def measure() -> list[Row]:
    """Rounds of both in turn, the interpreter tuned as the server tunes it; the median of their ratios."""
    settle()
    grouped, single = [], []
    for _ in range(ROUNDS):
        grouped.append(run(lambda: commands_per_second(COMMANDS, GROUP_MAX)))
        single.append(run(lambda: commands_per_second(SINGLE_COMMANDS, 1)))
    ratio = statistics.median(g / s for g, s in zip(grouped, single, strict=True))
    measured = (
        f"{ratio:.1f} times ({statistics.median(grouped):,.0f}/s against {statistics.median(single):,.0f}/s)"
    )
    return [
        Row(
            "durable commands/s, 64 submitters, against one commit per command",
            measured,
            "at least 10 times",
            ratio >= 10,
        )
    ]


if __name__ == "__main__":
    print(*measure(), sep="\n")
