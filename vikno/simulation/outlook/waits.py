"""What is told of waits: plain data that goes to another process, into JSON, onto a page."""

from __future__ import annotations

import msgspec


class Range(msgspec.Struct, frozen=True):
    """Minutes from now to the call: sooner in one case of ten, later in one of ten, as often as not."""

    p10: float
    p50: float
    p90: float


class Waits(msgspec.Struct, frozen=True):
    """`tickets`: everyone who waits. `services`: somebody who would take a ticket for it now.

    None: not known yet, for the hall file does not say what would be needed, or nobody will be called any
    more today as far as the plan goes.
    """

    tickets: dict[str, Range | None]
    services: dict[str, Range | None]
