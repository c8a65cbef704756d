"""Halls with a past: a journal of simulated days, as a server would have kept it, and what is found in it."""

from __future__ import annotations

import time
from datetime import date, timedelta
from pathlib import Path

import msgspec

from tests.api.running import HALL, zone_of_noon
from vikno.api.proposals import Proposals
from vikno.api.proposer import look
from vikno.api.searchorder import Searched, SearchOrder
from vikno.queue import commands as c
from vikno.queue.events import Event
from vikno.queue.hall import Hall
from vikno.queue.hallfile import parse_hall
from vikno.queue.journal.database import open_database, sqlite_url
from vikno.queue.journal.journal import Journal, Record
from vikno.queue.plan import HallPlan
from vikno.scheduler import policy_named
from vikno.simulation.day import draw_day
from vikno.simulation.proposal import Effort
from vikno.simulation.twin import SIMULATED_LIMITS, Twin

ROUNDS = 1
QUICK = Effort(0, seconds=None, rounds=ROUNDS)
DAYS = 24
"""So that six are left out."""

_HEAD = """
format = 1
[hall]
id = "{hall}"
name = {{ en = "Hall", uk = "Зала" }}
languages = ["uk", "en"]
time_zone = "{zone}"
opens = "00:00"
closes = "24:00"
"""

# Long and short services, and windows that are good at the one or the other: much to gain over the order
# of arrival.
_MIXED = """
[[services]]
id = "passport"
prefix = "A"
name = { en = "Passport", uk = "Паспорт" }
arrivals = [["09:00", 9.0], ["13:00", 0.0]]
service = { distribution = "exponential", mean = 12.0 }

[[services]]
id = "pickup"
prefix = "K"
name = { en = "Collection", uk = "Видача" }
arrivals = [["09:00", 30.0], ["13:00", 0.0]]
service = { distribution = "exponential", mean = 3.0 }

[[windows]]
id = "w-1"
skills = { passport = 0.8, pickup = 1.4 }
open = [["09:00", "14:00"]]

[[windows]]
id = "w-2"
skills = { passport = 1.4, pickup = 0.8 }
open = [["09:00", "14:00"]]

[[windows]]
id = "w-3"
skills = { passport = 1.0, pickup = 1.0 }
open = [["09:00", "14:00"]]
"""

# One service: whoever came first is first, and nothing can be better.
_PLAIN = """
[[services]]
id = "passport"
prefix = "A"
name = { en = "Passport", uk = "Паспорт" }
arrivals = [["09:00", 12.0], ["13:00", 0.0]]
service = { distribution = "exponential", mean = 8.0 }

[[windows]]
id = "w-1"
skills = { passport = 1.0 }
open = [["09:00", "14:00"]]

[[windows]]
id = "w-2"
skills = { passport = 1.0 }
open = [["09:00", "14:00"]]
"""


def mixed_hall(hall: str = HALL, zone: str = "") -> str:
    """A hall file: much can be gained."""
    return _HEAD.format(hall=hall, zone=zone or zone_of_noon()) + _MIXED


def plain_hall(hall: str = HALL, zone: str = "") -> str:
    """A hall file: nothing can be gained."""
    return _HEAD.format(hall=hall, zone=zone or zone_of_noon()) + _PLAIN


def keep_days(folder: Path, text: str, until: date, days: int = DAYS) -> HallPlan:
    """Write the journal of the `days` before `until` into a data folder, under first in, first out."""
    plan = parse_hall(text)
    hall = Hall(policy_named("fifo"), SIMULATED_LIMITS)
    events: list[Event] = list(hall.do(c.AdoptPlan(0.0, plan)))
    for day in range(days):
        on = until - timedelta(days=days - day)
        Twin(hall, draw_day(plan, 1, day), on, lambda _command, happened: events.extend(happened)).run()
    folder.mkdir(parents=True, exist_ok=True)
    engine = open_database(sqlite_url(folder))
    journal = Journal(engine, plan.id)
    journal.epoch()
    journal.append([Record(tuple(events))])
    journal.close()
    engine.dispose()
    return plan


def proposed(folder: Path, usual: str = "fifo") -> None:
    """Look for a better policy in the journal of a data folder, and keep what is found."""
    url = sqlite_url(folder)
    found = look(SearchOrder(url, HALL, usual, QUICK))
    assert found.policy is not None
    searched = msgspec.json.decode(msgspec.json.encode(found), type=Searched)
    engine = open_database(url)
    Proposals(engine).add(searched.attempt(HALL, time.time(), "night"))
    engine.dispose()
