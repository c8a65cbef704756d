"""A calibrated office and the people who would work in it.

What snapshots of queues tell is when windows for which services were open; not who sat there, what else they
know, and what their shifts are. This is what is assumed of that, and nothing else is:

- A *line* is a set of services that are served at the same windows, as the calibrated file has it.
- A line has as many people as its windows were open for (`PAID_MINUTES` each a day), rounded to whole people
  and one at least. All together are at windows less than was seen by 0.4 (Ochota), 2 (Targowek) and 6 percent
  (Bemowo), under both.
- Everybody is paid `WEEK_MINUTES` in a week of five days. A break is not paid.
- Everybody knows the services of their own line, at the pace of the file, and those of `OTHER_LINES` other
  lines, which take them `UNUSED_FACTOR` times as long: they learned them once and do not do them. Which other
  lines is dealt out in turn, by no look at where people wait: colleagues of one line know different ones.
  With one other line instead of two an office depends on the luck of the deal; that is shown as well.
- All days have the demand of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from vikno.queue.hallfile import read_hall_file
from vikno.queue.plan import HallPlan
from vikno.scheduler.workload import staffed_minutes

HERE = Path(__file__).parent
FILES = {
    "ochota": HERE.parent / "dispatch" / "ochota.toml",
    "targowek": HERE.parent / "dispatch" / "targowek.toml",
    "bemowo": HERE / "bemowo.toml",
}

DAYS = 5
PAID_MINUTES = 420
"""Seven hours: a day from opening to closing less an hour for lunch."""
WEEK_MINUTES = DAYS * PAID_MINUTES
OTHER_LINES = 2
UNUSED_FACTOR = 1.15

Skills = dict[str, float]


class Office(NamedTuple):
    """A hall without its windows, its lines (services, in the order of the file), and people by line."""

    plan: HallPlan
    lines: tuple[tuple[str, ...], ...]
    people: dict[str, int]
    """Person -> place of their line."""

    def skills(self, person: str, others: int) -> Skills:
        """What somebody knows who knows so many other lines than their own."""
        own = self.people[person]
        found = dict.fromkeys(self.lines[own], 1.0)
        colleagues = [name for name, line in self.people.items() if line == own]
        first = colleagues.index(person) * others
        there = len(self.lines) - 1
        for step in range(first, first + min(others, there)):
            line = self.lines[(own + 1 + step % there) % len(self.lines)]
            found |= dict.fromkeys(line, UNUSED_FACTOR)
        return found


def office(name: str) -> Office:
    """One of `FILES`."""
    plan = read_hall_file(FILES[name])
    lines = tuple(_lines(plan))
    minutes = staffed_minutes(plan)
    people: dict[str, int] = {}
    for place, line in enumerate(lines):
        open_ = sum(minutes[n] for n, window in enumerate(plan.windows) if set(window.skills) <= set(line))
        for number in range(max(round(open_ / PAID_MINUTES), 1)):
            people[f"line-{place + 1}-{number + 1}"] = place
    return Office(plan, lines, people)


def _lines(plan: HallPlan) -> Iterator[tuple[str, ...]]:
    """Services that share a window, directly or by others."""
    left = [set(window.skills) for window in plan.windows]
    while left:
        line = left.pop(0)
        while near := [other for other in left if other & line]:
            line |= set.union(*near)
            left = [other for other in left if other not in near]
        yield tuple(service.id for service in plan.services if service.id in line)
