"""Values that roster files have and hall files do not."""

from __future__ import annotations

from vikno.queue.fields import Fields, shown
from vikno.scheduler.roster.problem import QUARTER_MINUTES, Period

PAIR = 2


def flag(fields: Fields, field: str, *, default: bool) -> bool:
    """True or false."""
    value = fields.take(field, "use true or false", default)
    if not isinstance(value, bool):
        fields.wrong(field, f"must be true or false, not {shown(value)}", "use true or false")
    return value


def quarter(fields: Fields, field: str) -> int:
    """A clock time on the quarter of an hour, in minutes of the day."""
    return on_quarter(fields, field, fields.clock(field))


def on_quarter(fields: Fields, field: str, minutes: int) -> int:
    """Check minutes that are already at hand."""
    if minutes % QUARTER_MINUTES:
        fields.wrong(field, "is not on a quarter of an hour", 'give a time such as "08:00" or "08:15"')
    return minutes


def between(fields: Fields, field: str) -> Period:
    """From and to, as a pair of clock times."""
    remedy = f'give two times, for example {field} = ["11:00", "14:30"]'
    value = fields.take(field, remedy)
    if not isinstance(value, list) or len(value) != PAIR:
        fields.wrong(field, f"must be two times, not {shown(value)}", remedy)
    starts, ends = (on_quarter(fields, field, fields.as_clock(field, time)) for time in value)
    if ends <= starts:
        fields.wrong(field, "ends before it starts", remedy)
    return starts, ends


def from_to(fields: Fields) -> Period:
    """From and to, as two fields."""
    starts, ends = quarter(fields, "from"), quarter(fields, "to")
    if ends <= starts:
        fields.wrong("to", "is not after from", "give a later time of the same day")
    return starts, ends


def limit(fields: Fields, field: str, high: int, *, low: int = 0) -> int | None:
    """A whole number that may be left out."""
    return fields.whole(field, "give a whole number", low=low, high=high) if fields.has(field) else None


def own(tables: list[Fields], ids: list[str]) -> None:
    """Each id once."""
    for place, (fields, name) in enumerate(zip(tables, ids, strict=True)):
        if name in ids[:place]:
            fields.wrong("id", f"{name!r} stands twice", "give each its own id")
