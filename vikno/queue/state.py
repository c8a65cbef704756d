"""A hall as data: its day, its limits, and everything a snapshot keeps."""

from __future__ import annotations

import msgspec

from vikno.queue.line import Entry
from vikno.queue.plan import HallPlan
from vikno.queue.records import LastStep, Ticket, Window

UNDO_SECONDS = 5.0
"""How long a window's step can be taken back; five seconds in place of a question."""

RETURN_SECONDS = 120.0
"""How long a visitor can take leaving back."""


class Limits(msgspec.Struct, frozen=True):
    """What a hall can grow to, and how long a step can be taken back (seconds of the hall's clock).

    20,000 tickets a day is ten times the largest hall we plan for; 5,000 waiting is more than fit a hall.
    """

    undo_seconds: float = UNDO_SECONDS
    return_seconds: float = RETURN_SECONDS
    tickets_a_day_max: int = 20_000
    waiting_max: int = 5_000
    services_a_ticket_max: int = 8
    priority_max: int = 9


class Day(msgspec.Struct, frozen=True):
    """The service day: its local date, and its opening, closing and end in POSIX seconds."""

    date: str
    opens: float
    closes: float
    until: float


class HallState(msgspec.Struct):
    """A hall as data: what a snapshot keeps, and what the fingerprint covers.

    `passed` is what each line that has any keeps of those who have overtaken others in it.
    """

    seq: int
    at: float
    plan: HallPlan | None
    day: Day | None
    issued: int
    numbers: dict[str, int]
    tickets: list[Ticket]
    windows: list[Window]
    last_steps: dict[str, LastStep] = {}
    passed: dict[str, list[Entry]] = {}
