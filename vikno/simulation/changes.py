"""What a manager would try: a short list of changes to the plan of a hall.

A change is plain data, small enough for an address, and says only what is different, so it can be shown,
taken back and sent to a colleague. Each is read by the rules of the hall file, and the changed plan is
checked as a whole like one, so that nothing can be tried here that a hall could not be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from vikno.queue.errors import HallFileError
from vikno.queue.fields import IDENTIFIER, Fields, shown
from vikno.queue.hallfile import parse_hall, read_periods, read_skills
from vikno.queue.hallwriter import write_hall
from vikno.queue.plan import HallPlan, Service, Visits, WindowPlan

Kind = TypeVar("Kind", Service, Visits)

CHANGES_MAX = 2_000
"""Every window of the largest hall with other hours, other skills, and every service with another demand."""

PERCENT_MAX = 1_000.0
"""Ten times the visitors: beyond, nothing is learned that is not known before."""

RATE_DIGITS = 6
"""A changed rate is rounded to so many, to be read by people in the changed hall file."""

NAME = "changed plan"
"""What an error calls a plan that has no file yet."""

LIST_REMEDY = 'give a list of changes, for example [{"change": "remove-window", "window": "w-3"}]'
DEMAND_REMEDY = "give percent of today's visitors, for example 120"


def changed_plan(plan: HallPlan, changes: Any) -> HallPlan:
    """`plan` with `changes`, in their order; `HallFileError` names the change and the field at fault.

    A field is named as in `changes[2].open[1]`; where only the whole cannot be, as in `services[1].id`.
    """
    if not isinstance(changes, Sequence) or isinstance(changes, str) or len(changes) > CHANGES_MAX:
        raise HallFileError(NAME, "changes", f"must be a list of at most {CHANGES_MAX} changes", LIST_REMEDY)
    if not changes:
        return plan
    for number, change in enumerate(changes, 1):
        if not isinstance(change, dict):
            raise HallFileError(NAME, f"changes[{number}]", f"{shown(change)} is no change", LIST_REMEDY)
        fields = Fields(NAME, f"changes[{number}]", change)
        plan = CHANGES[fields.one_of("change", tuple(CHANGES))](plan, fields)
        fields.done()
    return parse_hall(write_hall(plan), NAME)


def _add_window(plan: HallPlan, fields: Fields) -> HallPlan:
    """One more person at one more window, the last of the file."""
    window = fields.text("window", 'give the new window an id, for example "w-9"')
    if not IDENTIFIER.fullmatch(window):
        fields.wrong("window", f"{shown(window)} is no identifier", "use 1 to 40 of a-z, 0-9 and -")
    if window in plan.window:
        fields.wrong("window", f"there is a window {window!r} already", "give the new one an id of its own")
    new = WindowPlan(window, "", read_skills(fields, tuple(plan.service)), read_periods(fields))
    return replace(plan, windows=(*plan.windows, new))


def _remove_window(plan: HallPlan, fields: Fields) -> HallPlan:
    gone = _window(plan, fields)
    return replace(plan, windows=tuple(window for window in plan.windows if window is not gone))


def _set_hours(plan: HallPlan, fields: Fields) -> HallPlan:
    """`open` as in the hall file; without it the hall's own hours."""
    return _replaced(plan, replace(_window(plan, fields), open=read_periods(fields)))


def _set_skills(plan: HallPlan, fields: Fields) -> HallPlan:
    """`skills` as in the hall file: all that the window gives from now on."""
    return _replaced(plan, replace(_window(plan, fields), skills=read_skills(fields, tuple(plan.service))))


def _set_demand(plan: HallPlan, fields: Fields) -> HallPlan:
    """`percent` of every visitor, or of one kind of visit: the `services` it is for."""
    percent = fields.number("percent", DEMAND_REMEDY, high=PERCENT_MAX)
    if not fields.has("services"):
        kinds = {visits.services for visits in plan.demand}
    else:
        known = [list(visits.services) for visits in plan.demand]
        asked = fields.take("services", DEMAND_REMEDY)
        if asked not in known:
            remedy = f"use one of {', '.join('+'.join(services) for services in known)}"
            fields.wrong("services", f"{shown(asked)} is no kind of visit of this hall", remedy)
        kinds = {tuple(asked)}
    return replace(
        plan,
        services=tuple(_scaled(service, (service.id,), kinds, percent) for service in plan.services),
        visits=tuple(_scaled(visits, visits.services, kinds, percent) for visits in plan.visits),
    )


CHANGES: dict[str, Callable[[HallPlan, Fields], HallPlan]] = {
    "add-window": _add_window,
    "remove-window": _remove_window,
    "set-hours": _set_hours,
    "set-skills": _set_skills,
    "set-demand": _set_demand,
}
"""Every change by its name."""


def _window(plan: HallPlan, fields: Fields) -> WindowPlan:
    remedy = f"use one of {', '.join(plan.window)}" if plan.windows else "add one first"
    name = fields.take("window", remedy)
    window = plan.window.get(name) if isinstance(name, str) else None
    if window is None:
        fields.wrong("window", f"{shown(name)} is not a window of this hall", remedy)
    return window


def _replaced(plan: HallPlan, new: WindowPlan) -> HallPlan:
    return replace(plan, windows=tuple(new if window.id == new.id else window for window in plan.windows))


def _scaled(kind: Kind, services: tuple[str, ...], kinds: set[tuple[str, ...]], percent: float) -> Kind:
    if services not in kinds:
        return kind
    rates = tuple((start, round(rate * percent / 100, RATE_DIGITS)) for start, rate in kind.arrivals)
    return replace(kind, arrivals=rates)
