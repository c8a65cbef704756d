"""One real day of a city hall, rebuilt from what its screens showed every five minutes.

The source tells how many people wait for each service, how many windows are open for it and which number was
called last. That number is often stale, blank, or of an earlier visitor called again, so the people waiting
are trusted first: where they grow more somebody came, where they grow fewer somebody was called. What the
numbers count beyond that are visitors who came and were called between two snapshots; they are spread evenly
between two new numbers. README.md beside this file tells how well that works and what nobody can know.

    python examples/build_wola.py PATH/queue_snapshots.csv.gz --out examples/
"""

from __future__ import annotations

import argparse
import csv
import gzip
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, groupby, pairwise
from pathlib import Path
from statistics import fmean

OFFICE = "UD_Wola"
DAY = "2020-01-17"
OPENS = 8 * 60  # clock times are minutes after midnight
CLOSES = 16 * 60
HOUR = 60
QUARTER = 15
LONG_WAIT = 20  # minutes on average; from there on so many give up that a ticket takes ever less window time
BLOCK = 120  # minutes of arrival that share a mean duration where waits are long
BLOCK_TICKETS_MIN = 10  # with fewer tickets the mean of the day stands for the block
WINDOW_STEP = 5  # minutes to which the opening of a window is rounded: it was seen only between two snapshots
GOLDEN = (math.sqrt(5) - 1) / 2  # its multiples, modulo 1, fill an interval evenly and never in step

# What the snapshots cannot tell. The hall file says so too.
CV = 0.6
PATIENCE_MINUTES = 480.0
NO_SHOW = 0.03
NO_SHOW_MINUTES = 1.0

# Queue in the source, desk, letter, id, Polish name; below these the names shown here. The queues of one desk
# share its windows: only C and D have as many open as each other in all 486 snapshots of 14 to 17 January.
SERVICES = """
182 | 1 | A | residence | Meldunki i dowody
    Реєстрація місця проживання, посвідчення особи | Residence registration, identity cards
183 | 2 | B | id-cards | Wydawanie dowodów osobistych
    Видача посвідчень особи | Identity card collection
184 | 3 | C | office | Kancelaria, sprawy różne
    Канцелярія, інші питання | General office, other matters
185 | 3 | D | building | Architektura, infrastruktura
    Архітектура, інфраструктура | Architecture, infrastructure
186 | 4 | E | property | Nieruchomości, geodezja
    Нерухомість, геодезія | Real estate, land surveying
187 | 5 | F | housing | Sprawy lokalowe
    Житлові питання | Housing
189 | 6 | H | car-papers | Wydawanie dowodów rejestracyjnych
    Видача свідоцтв про реєстрацію авто | Vehicle certificate collection
190 | 7 | I | vehicles | Rejestracja pojazdów
    Реєстрація транспортних засобів | Vehicle registration
192 | 8 | K | cashier | Kasa
    Каса | Cashier
193 | 9 | L | licences | Prawa jazdy
    Посвідчення водія | Driving licences
195 | 10 | P | marriages | Małżeństwa
    Реєстрація шлюбу | Marriage registration
196 | 11 | R | records | Odpisy
    Витяги з реєстру актів цивільного стану | Birth, marriage and death certificates
"""
# Too few waited for marriages to see how long a visit takes. With 11 minutes as many wait as did (0.2 on
# average) by the Pollaczek-Khinchine formula.
ASSUMED_MINUTES = {"marriages": 11.0}

HEAD = """\
# A real day of a real hall: the Wola district office in Warsaw (UD_Wola), Friday 17 January 2020.
#
# Source: the city's open queue API, a snapshot about every five minutes, as collected in the R package
# kolejkeR (HaZdula/kolejkeR, MIT licence). Made by build_wola.py; README.md tells the method and how near it
# comes.
#
# Seen in the snapshots: people waiting for each service, ticket numbers called, windows open.
# Derived from these:
# - arrivals: visitors of that day in each quarter hour, times four; wola_day.csv has them one by one;
# - windows: opened and closed to five minutes. C and D share one. Each other window serves one queue, for the
#   counts of windows rise and fall apart; whether its clerk could serve others too, nobody wrote down;
# - mean durations: window time per ticket called while somebody waited, less those who had left or did not
#   come. For the three services with long waits (A, I, R) by time of arrival: later visitors look quick,
#   because many numbers were called in vain, and that cannot be told from a short visit.
# Assumed, because the snapshots cannot tell:
# - cv {cv} of the durations; equally fast windows; the mean duration marked as assumed (too few waited);
# - {patience:.0f} minutes of patience on average;
# - {no_show:.0%} of those called do not come, which costs a window {lost:.0f} minute each.
# Left out: G (its display never changed), M and O (22 visitors together, at a window shared with G), S (ten
#   visitors), J and W (no window open), and the queues of other floors and buildings (A, B and P a second
#   time, N, and one without a letter).
"""


@dataclass(frozen=True)
class Service:
    """A queue of the office and what it is called here and there."""

    queue: str
    desk: str
    prefix: str
    id: str
    pl: str
    uk: str
    en: str


@dataclass
class Queue:
    """One service through the day: lists along its snapshots, then along its visitors in order of arrival."""

    service: Service
    minutes: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    windows: list[int] = field(default_factory=list)
    shown: list[int | None] = field(default_factory=list)
    called: list[int] = field(default_factory=list)  # so far
    arrivals: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)  # shorter than arrivals: some were never called


Desk = list[Queue]
"""Queues that share windows."""


def read_day(path: Path) -> list[Desk]:
    """The day's queues, desk by desk, until the first snapshot at or after closing."""
    lines = SERVICES.strip().splitlines()
    rows = [f"{queue}|{names}".split("|") for queue, names in zip(lines[::2], lines[1::2], strict=True)]
    services = [Service(*(cell.strip() for cell in row)) for row in rows]
    queues = {service.queue: Queue(service) for service in services}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if (row["office"], row["date"]) == (OFFICE, DAY) and row["queue_id"] in queues:
                note_snapshot(queues[row["queue_id"]], row)
    for number, queue in enumerate(queues.values()):
        if not queue.minutes:
            raise SystemExit(
                f"{path}: no queue {queue.service.queue} of {OFFICE} on {DAY}; take the whole file"
            )
        work_out_flow(queue, phase=number * GOLDEN**2)
    return [list(desk) for _, desk in groupby(queues.values(), lambda queue: queue.service.desk)]


def note_snapshot(queue: Queue, row: dict[str, str]) -> None:
    """One row of the source; a number with another queue's letter counts as none."""
    if queue.minutes and queue.minutes[-1] >= CLOSES:
        return
    hour, minute = row["time"].split(":")
    number = re.fullmatch(rf"{queue.service.prefix}(\d+)", row["now_serving"])
    queue.minutes.append(int(hour) * HOUR + int(minute))
    queue.waiting.append(int(row["waiting"]))
    queue.windows.append(int(row["windows_open"]))
    queue.shown.append(int(number[1]) if number else None)


def work_out_flow(queue: Queue, phase: float) -> None:
    """When each visitor came and how long they waited, first come first called."""
    changes = [after - before for before, after in pairwise([0, *queue.waiting])]
    rises = list(accumulate(max(0, change) for change in changes))
    falls = list(accumulate(max(0, -change) for change in changes))
    unseen = never_seen_waiting(queue, falls)
    issued = [rise + more for rise, more in zip(rises, unseen, strict=True)]
    queue.called = [fall + more for fall, more in zip(falls, unseen, strict=True)]
    queue.arrivals = spread(queue.minutes, issued, phase)
    calls = spread(queue.minutes, queue.called, phase)
    queue.waits = [max(0.0, call - came) for came, call in zip(queue.arrivals, calls, strict=False)]


def never_seen_waiting(queue: Queue, falls: list[int]) -> list[int]:
    """How many so far were called by number without having been seen waiting.

    A number that is not the highest yet says nothing: it is stale, or somebody is called again. A number
    below the falls is stale too: more have been called than it tells.
    """
    knots, highest = [(0, 0)], 0
    for index, number in enumerate(queue.shown):
        if number is not None and number > highest:
            highest = number
            knots.append((index, max(knots[-1][1], number - falls[index])))
    knots.append((len(falls) - 1, knots[-1][1]))
    unseen: list[int] = []
    for (start, few), (end, many) in pairwise(knots):
        span = queue.minutes[end] - queue.minutes[start]
        passed = (queue.minutes[index] - queue.minutes[start] for index in range(start, end))
        unseen += [few + (many - few) * minutes // span for minutes in passed]
    return [*unseen, knots[-1][1]]


def spread(minutes: list[int], totals: list[int], phase: float) -> list[float]:
    """A moment within opening hours for each unit by which a running total grew from snapshot to snapshot."""
    moments: list[float] = []
    for (start, before), (end, total) in pairwise([(OPENS, 0), *zip(minutes, totals, strict=True)]):
        first, last = (min(max(minute, OPENS), CLOSES) for minute in (start, end))
        moments += sorted(
            first + (last - first) * ((phase + unit * GOLDEN) % 1) for unit in range(before, total)
        )
    return moments


def minutes_a_ticket(desk: Desk) -> list[tuple[float, float]]:
    """(Time of arrival, minutes of window time) of each ticket called while somebody waited.

    No window idles then, so the time of all of them went into these tickets. The time of windows that serve
    several queues counts once, for whoever was called, of whichever queue.
    """
    tickets: list[tuple[float, float]] = []
    carried = 0.0
    for index, (start, end) in enumerate(pairwise(desk[0].minutes)):
        if start < OPENS or not any(queue.waiting[index] for queue in desk):
            continue
        carried += desk[0].windows[index] * (end - start)
        came = [
            moment
            for queue in desk
            for moment in queue.arrivals[queue.called[index] : queue.called[index + 1]]
        ]
        tickets += [(moment, carried / len(came)) for moment in came]
        carried = 0.0 if came else carried
    return tickets


def visit_minutes(desk: Desk) -> list[tuple[int, float]]:
    """Mean duration of a visit from a time of arrival on."""
    assumed = ASSUMED_MINUTES.get(desk[0].service.id)
    if assumed is not None:
        return [(OPENS, assumed)]
    tickets = minutes_a_ticket(desk)
    waits = [pair for queue in desk for pair in zip(queue.arrivals, queue.waits, strict=False)]
    of_the_day = without_absent([minutes for _, minutes in tickets], [wait for _, wait in waits])
    if fmean(wait for _, wait in waits) < LONG_WAIT:
        return [(OPENS, of_the_day)]
    means: list[tuple[int, float]] = []
    for start in range(OPENS, CLOSES, BLOCK):
        minutes = [value for came, value in tickets if start <= came < start + BLOCK]
        waited = [value for came, value in waits if start <= came < start + BLOCK]
        mean = without_absent(minutes, waited) if len(minutes) >= BLOCK_TICKETS_MIN else of_the_day
        if not means or mean != means[-1][1]:
            means.append((start, mean))
    return means


def without_absent(minutes: list[float], waits: list[float]) -> float:
    """The mean duration of a visit if a ticket costs these minutes, some leave and some do not come."""
    left = fmean(1 - math.exp(-wait / PATIENCE_MINUTES) for wait in waits)
    return round((fmean(minutes) / (1 - left) - NO_SHOW * NO_SHOW_MINUTES) / (1 - NO_SHOW), 1)


def open_periods(desk: Desk) -> list[tuple[int, int]]:
    """One period a window, the longest first: who opened last closes first, the others stay to the end."""
    opened: list[int] = []
    periods: list[tuple[int, int]] = []
    seen = [
        (max(minute, OPENS), count) for minute, count in zip(desk[0].minutes, desk[0].windows, strict=True)
    ]
    for (before, fewer), (minute, count) in pairwise([(OPENS, 0), *seen]):
        change = round((before + minute) / 2 / WINDOW_STEP) * WINDOW_STEP
        if minute < CLOSES:
            opened += [change] * (count - fewer)
            periods += [(opened.pop(), change) for _ in range(fewer - count)]
    periods += [(start, CLOSES) for start in opened]
    return sorted(periods, key=lambda period: period[0] - period[1])


def tenths(moment: float) -> float:
    """To one decimal, down, so that nobody comes at closing time."""
    return math.floor(moment * 10) / 10


def clock(minute: int) -> str:
    """Minutes after midnight as HH:MM."""
    return f"{minute // HOUR:02}:{minute % HOUR:02}"


def arrival_lines(arrivals: list[float]) -> Iterator[str]:
    """Visitors per hour from each quarter hour on, an hour a line."""
    yield f"arrivals = [  # {len(arrivals)} visitors"
    for hour in range(OPENS, CLOSES, HOUR):
        rates = []
        for start in range(hour, hour + HOUR, QUARTER):
            came = sum(start <= tenths(moment) < start + QUARTER for moment in arrivals)
            rates.append(f'["{clock(start)}", {came * HOUR / QUARTER}]')
        yield f"    {', '.join(rates)},"
    yield "]"


def duration_lines(means: list[tuple[int, float]], *, assumed: bool) -> Iterator[str]:
    """The durations, one for the day or a list by time of arrival."""
    rows = [
        (clock(start), f'{{ distribution = "lognormal", mean = {mean}, cv = {CV} }}') for start, mean in means
    ]
    if len(rows) == 1:
        yield f"service = {rows[0][1]}" + ("  # assumed" if assumed else "")
        return
    yield "service = ["
    yield from (f'    ["{start}", {duration}],' for start, duration in rows)
    yield "]"


def service_lines(queue: Queue, means: list[tuple[int, float]]) -> Iterator[str]:
    """The table of one service."""
    service = queue.service
    yield "[[services]]"
    yield f'id = "{service.id}"'
    yield f'prefix = "{service.prefix}"'
    yield f'name = {{ uk = "{service.uk}", en = "{service.en}" }}  # {service.pl}'
    yield from arrival_lines(queue.arrivals)
    yield from duration_lines(means, assumed=service.id in ASSUMED_MINUTES)
    yield f'patience = {{ distribution = "exponential", mean = {PATIENCE_MINUTES} }}'
    yield f"no_show = {NO_SHOW}"
    yield f"no_show_minutes = {NO_SHOW_MINUTES}"
    yield ""


def window_lines(number: int, desk: Desk, period: tuple[int, int]) -> Iterator[str]:
    """The table of one window."""
    skills = ", ".join(f"{queue.service.id} = 1.0" for queue in desk)
    yield "[[windows]]"
    yield f'id = "w-{number}"'
    yield f"skills = {{ {skills} }}"
    if period != (OPENS, CLOSES):
        yield f'open = [["{clock(period[0])}", "{clock(period[1])}"]]'
    yield ""


def hall_file(desks: list[Desk]) -> str:
    """The hall as TOML."""
    lines = [
        HEAD.format(cv=CV, patience=PATIENCE_MINUTES, no_show=NO_SHOW, lost=NO_SHOW_MINUTES),
        "format = 1\n",
        '[hall]\nid = "wola"',
        'name = { uk = "Управа району Воля, Варшава", en = "Wola District Office, Warsaw" }',
        'time_zone = "Europe/Warsaw"\nlanguages = ["uk", "en"]',
        f'opens = "{clock(OPENS)}"\ncloses = "{clock(CLOSES)}"',
        'after_close = "serve"\ntarget_minutes = 20  # ours; the office states none\n',
    ]
    for desk in desks:
        means = visit_minutes(desk)
        lines += [line for queue in desk for line in service_lines(queue, means)]
    seats = [(desk, period) for desk in desks for period in open_periods(desk)]
    lines += [line for number, seat in enumerate(seats, 1) for line in window_lines(number, *seat)]
    return "\n".join(lines)


def day_file(queues: Iterable[Queue]) -> str:
    """The day's visitors as CSV, in order of arrival."""
    visitors = sorted((tenths(moment), queue.service.id) for queue in queues for moment in queue.arrivals)
    return "".join(["minute,service\n", *(f"{minute},{service}\n" for minute, service in visitors)])


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(
        description="Rebuild a day of the Wola district office from queue snapshots."
    )
    parser.add_argument("snapshots", type=Path, help="queue_snapshots.csv.gz")
    parser.add_argument("--out", type=Path, required=True, help="folder for wola.toml and wola_day.csv")
    options = parser.parse_args()
    if not options.snapshots.is_file():
        parser.error(f"{options.snapshots} is not a file; give the path of queue_snapshots.csv.gz")
    desks = read_day(options.snapshots)
    files = {
        "wola.toml": hall_file(desks),
        "wola_day.csv": day_file(queue for desk in desks for queue in desk),
    }
    for name, text in files.items():
        (options.out / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
