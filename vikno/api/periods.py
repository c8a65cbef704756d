"""For how long personal data is kept that is not over by itself: settings, each with its limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

from vikno.queue.errors import ViknoError

PREFIX = "VIKNO_KEEP_"
DAYS_MIN, DAYS_MAX = 30, 3_650

Days = Annotated[int, msgspec.Meta(ge=DAYS_MIN, le=DAYS_MAX)]


class BadPeriod(ViknoError):
    """A period cannot be what it was set to."""


class Periods(msgspec.Struct, frozen=True):
    """The environment: `VIKNO_KEEP_` and each name in capitals."""

    trail_days: Days = 365
    """Who signed in and decided what: a year, so that whoever audits one still finds it."""

    disabled_accounts_days: Days = 365
    """Since they were last used; the trail must not name people who are in no list any more."""


def read_periods(environment: Mapping[str, str]) -> Periods:
    """The periods that the environment sets; `BadPeriod` names what cannot be."""
    said = {
        name.removeprefix(PREFIX).lower(): value.strip()
        for name, value in environment.items()
        if name.startswith(PREFIX) and value.strip()
    }
    if unknown := sorted(said.keys() - set(Periods.__struct_fields__)):
        raise BadPeriod(f"{PREFIX}{unknown[0].upper()}: there is no such setting")
    for name, value in said.items():
        try:
            msgspec.convert(value, Days, strict=False)
        except msgspec.ValidationError:
            raise BadPeriod(
                f"{PREFIX}{name.upper()}: {value!r} is not a number of days from {DAYS_MIN} to {DAYS_MAX}"
            ) from None
    return msgspec.convert(said, Periods, strict=False)
