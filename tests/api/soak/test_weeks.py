"""Weeks of a city through the live server: what it tells is what the journal says, and its memory is flat."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from statistics import linear_regression
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.api import checker
from tests.api.running import PROGRAM, Server
from tests.api.soak import serving
from tests.api.soak.city import FIRST_DAY, HALL, WORKING_DAYS, City
from vikno.queue.decisions import instant
from vikno.queue.hallfile import parse_hall

HALLS, WEEKS = 20, 8
FEW_HALLS, FEW_DAYS = 2, 3
SETTLED_WEEKS = 2
"""Until then memory may grow: to the keys of two days, and to what is kept for screens that were away."""

DRIFT_BYTES_MAX = 4_000_000
"""Over the last six weeks, by the straight line that fits best. What is kept by design, a score for each day
and hall, takes some 200 bytes each; a message kept for every visitor would take ten times as much as this."""

FIGURES = {"ticket-issued": "issued", "visitor-missed": "no_show", "visitor-left": "left"}
MINUTES_OFF_MAX = 1e-6


def figures(database: Any, hall: str) -> dict[str, dict[str, Any]]:
    """Each day's figures by the rows alone; nobody in these halls takes a step back."""
    found: dict[str, dict[str, Any]] = {}
    issued: dict[str, float] = {}
    waits: dict[str, list[float]] = defaultdict(list)
    day = ""
    for row in checker.rows(database, hall):
        event = row.event
        ticket = event.get("ticket", "")
        if row.type == "day-began":
            day = event["day"]
            found[day] = dict.fromkeys(("issued", "served", "left", "no_show", "unserved"), 0)
        elif row.type in FIGURES:
            found[day][FIGURES[row.type]] += 1
        elif row.type == "service-finished":
            found[day]["served"] += not event.get("services")
        elif row.type == "visitor-unserved":
            found[day]["unserved"] += 1
        if row.type == "ticket-issued":
            issued[ticket] = row.at
        elif row.type == "ticket-called" and ticket in issued:
            waits[day].append((row.at - issued.pop(ticket)) / 60)
    for name, minutes in waits.items():
        found[name]["waited_minutes_mean"] = sum(minutes) / len(minutes)
    return found


def check_reports(server: Server, city: City) -> None:
    """Every day of every hall as it was told when it ended."""
    by_hall = {hall: figures(server.database, hall) for hall in {told.hall for told in city.told}}
    assert Counter(told.hall for told in city.told) == {hall: len(found) for hall, found in by_hall.items()}
    for told in city.told:
        expected = by_hall[told.hall][told.day]
        assert {name: told.today[name] for name in expected} == pytest.approx(expected, abs=MINUTES_OFF_MAX)


def lived(server: Server, days: int) -> City:
    """The days, at a server that is stopped at their end; the journal is what was written."""
    start = instant(FIRST_DAY, 0, ZoneInfo("Europe/Kyiv"))
    server.start([sys.executable, serving.__file__, str(server.data), repr(start), *server.files])
    city = City(server, [parse_hall(HALL.format(hall=f"hall-{n}")) for n in range(1, len(server.files) + 1)])
    asyncio.run(city.live(days))
    verified = [str(PROGRAM), "verify", "--data", str(server.data)]
    done = subprocess.run(verified, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert server.terminate() == 0
    return city


def drift(memory: list[int]) -> float:
    """Bytes that the straight line through the days after the first weeks rises from end to end."""
    settled = memory[SETTLED_WEEKS * WORKING_DAYS :]
    return linear_regression(range(len(settled)), settled).slope * len(settled)


@pytest.fixture
def city_server(make_server: Callable[..., Server], request: pytest.FixtureRequest) -> Server:
    return make_server(*(HALL.format(hall=f"hall-{number}") for number in range(1, request.param + 1)))


@pytest.mark.parametrize("city_server", [FEW_HALLS], indirect=True)
def test_days_of_two_halls_are_told_as_they_were(city_server: Server) -> None:
    city = lived(city_server, FEW_DAYS)
    check_reports(city_server, city)
    assert len(city.told) == FEW_HALLS * FEW_DAYS
    assert sum(told.today["issued"] for told in city.told) > 250


@pytest.mark.soak
@pytest.mark.parametrize("city_server", [HALLS], indirect=True)
def test_eight_weeks_of_a_city_leave_memory_flat_and_reports_right(
    city_server: Server, record_testsuite_property: Callable[[str, object], None]
) -> None:
    began = time.perf_counter()
    city = lived(city_server, WEEKS * WORKING_DAYS)
    seconds = time.perf_counter() - began
    check_reports(city_server, city)
    by_week = [
        max(city.memory[day : day + WORKING_DAYS]) / 1e6 for day in range(0, len(city.memory), WORKING_DAYS)
    ]
    figures = {
        "seconds": seconds,
        "commands": city.commands,
        "visitors": sum(told.today["issued"] for told in city.told),
        "megabytes by week": [round(one, 1) for one in by_week],
        "drift in bytes": round(drift(city.memory)),
    }
    for name, value in figures.items():
        record_testsuite_property(name, value)
    sys.stdout.write(f"{figures}\n")
    assert drift(city.memory) <= DRIFT_BYTES_MAX
