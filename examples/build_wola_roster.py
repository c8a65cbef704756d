"""Writes a made roster for the Wola hall: `wola_roster.toml` and the roster in force, `wola_present.json`.

The hall is real (build_wola.py), its people are not: one for each window, with the skills of that window
and the one or two that come next in the file, and for every fourth of them one who knows the busiest
services. A few work part-time. The needs are the offered load of each two hours, visitors an hour times the
mean duration, and 0.2 times its square root. The roster in force is as many offices work: everybody the same
shift, and lunch at noon for all.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from vikno.queue.hallfile import read_hall_file
from vikno.queue.plan import HallPlan, Service

HERE = Path(__file__).parent
START, DAYS, WEEK = date(2026, 11, 30), 28, 7
STRETCH = 120
"""Minutes for which one need holds."""

SAFETY = 0.2
"""Of the square root of an offered load: it varies, and what is its mean is too little half of the time."""

SLOWER = (1.0, 1.1, 1.2, 1.2)
"""Factor on the duration of what somebody does mainly, knows well, and knows."""

PART_TIME_EVERY = 7
FLEXIBLE_EVERY, BUSIEST = 4, 4
HEAD = """\
# Four weeks for the people of the Wola hall, as the demonstration shows them. Made by build_wola_roster.py,
# which says how; docs/roster-file.md explains every key.

format = 1

[roster]
id = "wola-december"
start = 2026-11-30
days = 28
hall = "wola.toml"
present = "wola_present.json"
closed = ["sat", "sun"]

[weights]
missing = 10
unfair = 20
change = 2

[[breaks]]
id = "lunch"
minutes = 30
between = ["11:00", "14:00"]
unbroken_hours_max = 5
usual = "12:00"

[[shifts]]
id = "early"
from = "07:45"
to = "15:45"
breaks = ["lunch"]

[[shifts]]
id = "day"
from = "08:00"
to = "16:00"
breaks = ["lunch"]

[[shifts]]
id = "late"
from = "08:30"
to = "16:30"
breaks = ["lunch"]
unpopular = 1.0
not_followed_by = ["early"]

[[shifts]]
id = "morning"
from = "08:00"
to = "12:00"

[[shifts]]
id = "noon"
from = "10:30"
to = "14:30"
unpopular = 0.5

[[contracts]]
id = "full"
minutes_max = 9000
run_max = 5
rest_hours_min = 11
shifts_max = { late = 8, morning = 0, noon = 0 }

[[contracts]]
id = "part"
minutes_max = 4800
run_max = 5
shifts_max = { early = 0, day = 0, late = 0 }
"""


def people(plan: HallPlan) -> Iterator[tuple[str, str, str, dict[str, float]]]:
    """Identifier, name, contract and skills; named by the letter on the tickets that they mostly call."""
    order = [service.id for service in plan.services]
    busiest = sorted(plan.services, key=day_load, reverse=True)
    mains = [window.services[0] for window in plan.windows]
    mains += [busiest[number % BUSIEST].id for number in range(len(mains) // FLEXIBLE_EVERY)]
    count: dict[str, int] = {}
    for number, main in enumerate(mains, 1):
        letter, place = plan.service[main].prefix, order.index(main)
        count[letter] = count.get(letter, 0) + 1
        known = [main, *(order[(place + step) % len(order)] for step in range(1, 2 + number % 2))]
        if number > len(plan.windows):
            known = [main, *(service.id for service in busiest[:BUSIEST] if service.id != main)]
        contract = "part" if number % PART_TIME_EVERY == 0 else "full"
        skills = dict(zip(known, SLOWER, strict=False))
        yield f"{letter.lower()}-{count[letter]}", f"{letter} {count[letter]}", contract, skills


def day_load(service: Service) -> float:
    """Minutes of work that a day brings."""
    return sum(offered(service, minute) for minute in range(8 * 60, 16 * 60))


def needs(plan: HallPlan) -> Iterator[tuple[str, int, int, float]]:
    """Service, from, to, people."""
    for service in plan.services:
        for starts in range(plan.opens, plan.closes, STRETCH):
            load = sum(offered(service, starts + minute) for minute in range(STRETCH)) / STRETCH
            if load > 0:
                yield service.id, starts, starts + STRETCH, round(load + SAFETY * math.sqrt(load), 1)


def offered(service: Service, minute: int) -> float:
    """Visitors who come in an hour from this minute on, times the hours that one takes."""
    rate = [rate for start, rate in service.arrivals if start <= minute][-1]
    mean = [found.mean_minutes for start, found in service.service if start <= minute or not start][-1]
    return rate * mean / 60


def roster_file(plan: HallPlan) -> str:
    """The text of the roster file."""
    parts = [HEAD]
    for number, (name, label, contract, skills) in enumerate(people(plan)):
        told = ", ".join(f"{skill} = {factor}" for skill, factor in skills.items())
        share = "share = 0.5\n" if contract == "part" else ""
        parts.append(
            f'[[people]]\nid = "{name}"\nname = "{label}"\ncontract = "{contract}"\n'
            f"skills = {{ {told} }}\nload_past = {float(number * 5 % 7)}\n{share}"
        )
    for skill, starts, ends, need in needs(plan):
        told = f'from = "{clock(starts)}"\nto = "{clock(ends)}"\nneed = {need}'
        parts.append(f'[[cover]]\nskill = "{skill}"\n{told}\n')
    return "\n".join(parts)


def present(plan: HallPlan) -> str:
    """The roster in force, as `vikno roster --json` writes one."""
    rows = [
        {"staff": name, "day": day, "shift": "day", "breaks": [["12:00", "12:30"]]}
        if contract == "full"
        else {"staff": name, "day": day, "shift": "morning"}
        for name, _, contract, _ in people(plan)
        for day in range(DAYS)
        if day % WEEK < 5  # noqa: PLR2004  (Monday to Friday)
    ]
    lines = ",\n  ".join(json.dumps(row) for row in rows)
    return f'{{"assignments": [\n  {lines}\n]}}\n'


def clock(minute: int) -> str:
    """`HH:MM`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description="Write a made roster for the Wola hall.")
    parser.add_argument("--out", type=Path, default=HERE, help="folder for the two files")
    out = parser.parse_args().out
    plan = read_hall_file(HERE / "wola.toml")
    files = {"wola_roster.toml": roster_file(plan), "wola_present.json": present(plan)}
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
