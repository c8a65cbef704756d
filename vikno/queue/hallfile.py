"""The hall file: one TOML format for the live hall and for its simulation.

Every field is checked on its own and against the others before anything is used. docs/hall-file.md
describes the format with an example that the tests read.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from vikno.queue.errors import HallFileError
from vikno.queue.fields import IDENTIFIER, Fields, shown, toml_fields
from vikno.queue.plan import (
    OVERTAKEN_MAX,
    WAITED_MAX_MINUTES,
    Distribution,
    HallPlan,
    Service,
    Timed,
    Visits,
    WindowPlan,
)

FORMAT = 1
FILE_BYTES_MAX = 2_000_000
SERVICES_MAX = 500
WINDOWS_MAX = 500
RATE_AN_HOUR_MAX = 100_000.0
MINUTES_MAX = 100_000.0
FACTOR_MAX = 100.0
PRIORITY_MAX = 100
VISIT_SERVICES_MAX = 8
TARGET_MINUTES = 20.0
OVERTAKEN_MOST = 100_000
"""More than anybody is ever overtaken, for a hall that wants no bound."""
LANGUAGE = re.compile(r"[a-z]{2,3}")
PREFIX = re.compile(r"[^\W\d_]{1,3}")
PARAMETERS: dict[str, tuple[str, ...]] = {
    "exponential": ("mean",),
    "gamma": ("mean", "cv"),
    "lognormal": ("mean", "cv"),
    "uniform": ("low", "high"),
    "constant": ("mean",),
    "empirical": ("values",),
}
ARRIVALS_REMEDY = 'give visitors per hour from a time on, for example [["08:00", 4.0], ["10:00", 7.5]]'
VISITS_REMEDY = 'give visits for several services, for example services = ["passport", "residence"]'
PERIODS_REMEDY = 'give periods such as [["08:00", "12:00"], ["13:00", "17:00"]]'
NAME_REMEDY = 'give a name by language, for example { uk = "Паспорт", en = "Passport" }'
OVERTAKEN_REMEDY = "give how many later comers may be called first, for example 30"
AGE_REMEDY = "give minutes above 0, for example 60"
DURATION_REMEDY = 'give a distribution such as { distribution = "lognormal", mean = 16.0, cv = 0.5 }'

Bound = tuple[int, float | None]
"""The most a visitor may be overtaken, and the age in minutes from which on nobody is, if there is one."""


def read_hall_file(path: Path | str) -> HallPlan:
    """The plan of a hall file; `HallFileError` names file, field, problem and remedy in one line."""
    return parse_hall(read_text(Path(path), FILE_BYTES_MAX), str(path))


def read_text(path: Path, bytes_max: int) -> str:
    """What stands in a file that people write, if it is there, UTF-8 and not too large."""
    try:
        if path.stat().st_size > bytes_max:
            raise HallFileError(
                str(path), "file", f"is larger than {bytes_max} bytes", "split it, or check the path"
            )
        return path.read_bytes().decode("utf-8-sig")  # some editors begin a file with a mark
    except OSError as error:
        raise HallFileError(
            str(path), "file", f"cannot be read ({error.strerror})", "check the path"
        ) from None
    except UnicodeDecodeError as error:
        raise HallFileError(
            str(path), "file", f"is not UTF-8 at byte {error.start}", "save it as UTF-8"
        ) from None


def parse_hall(text: str, file: str = "hall file") -> HallPlan:
    """The plan that a hall file's text describes; `file` names it in errors."""
    top = toml_fields(text, file, FORMAT)
    hall = top.table("hall", 'describe the hall in a table "[hall]"')
    services = top.tables("services", 'describe each service in a table "[[services]]"')
    windows = top.tables("windows", 'describe each window in a table "[[windows]]"')
    visits = top.tables("visits", VISITS_REMEDY) if top.has("visits") else []
    shape = _busyness(top.table("demand", "use a table")) if top.has("demand") else None
    bound = _bound(top.table("dispatch", "use a table") if top.has("dispatch") else None)
    top.done()
    return _hall(hall, services, windows, visits, shape, bound=bound)


def _busyness(demand: Fields) -> float | None:
    shape = None
    if demand.has("busyness_shape"):
        shape = demand.number(
            "busyness_shape", "give the shape of a Gamma factor, for example 28.7", above=True
        )
    demand.done()
    return shape


def _bound(dispatch: Fields | None) -> Bound:
    """How often anybody may be overtaken, and from what age on nobody is."""
    if dispatch is None:
        return OVERTAKEN_MAX, WAITED_MAX_MINUTES
    most = dispatch.whole("overtaken_max", OVERTAKEN_REMEDY, OVERTAKEN_MAX, low=0, high=OVERTAKEN_MOST)
    age = WAITED_MAX_MINUTES
    if dispatch.has("waited_max_minutes"):
        age = dispatch.number("waited_max_minutes", AGE_REMEDY, high=MINUTES_MAX, above=True)
    dispatch.done()
    return most, age


def _hall(
    hall: Fields,
    services: list[Fields],
    windows: list[Fields],
    visits: list[Fields],
    shape: float | None,
    *,
    bound: Bound,
) -> HallPlan:
    target = hall.number(
        "target_minutes", "give minutes above 0, for example 20", TARGET_MINUTES, high=MINUTES_MAX, above=True
    )
    name = hall.names("name", NAME_REMEDY)
    languages = _languages(hall, name)
    places = (
        hall.whole("waiting_places", "give a number of places", low=1, high=100_000)
        if hall.has("waiting_places")
        else None
    )
    opens, closes = hall.clock("opens"), hall.clock("closes")
    if closes <= opens:
        hall.wrong("closes", "is not after opens", "give a later time of the same day")
    plan_services = _unique(
        services, [_service(fields, target) for fields in services], "services", SERVICES_MAX
    )
    known = tuple(service.id for service in plan_services)
    groups = [_windows(fields, known) for fields in windows]
    plan_windows = _unique(windows, [w for group in groups for w in group], "windows", WINDOWS_MAX)
    served = {service for window in plan_windows for service in window.skills}
    for fields, service in zip(services, plan_services, strict=True):
        if service.id not in served:
            fields.wrong("id", f"no window has the skill {service.id!r}", "add it to the skills of a window")
    plan = HallPlan(
        id=hall.identifier("id", "wola"),
        name=name,
        time_zone=read_time_zone(hall),
        languages=languages,
        opens=opens,
        closes=closes,
        services=plan_services,
        windows=_labelled(plan_windows),
        after_close=hall.one_of("after_close", ("serve", "leave"), "serve"),
        waiting_places=places,
        target_minutes=target,
        busyness_shape=shape,
        visits=tuple(_visits(fields, known) for fields in visits),
        overtaken_max=bound[0],
        waited_max_minutes=bound[1],
    )
    hall.done()
    return plan


def _unique(tables: list[Fields], items: list[Any], field: str, most: int) -> tuple[Any, ...]:
    if len(items) > most:
        tables[0].wrong("id", f"there are {len(items)} {field}", f"a hall has at most {most}")
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise HallFileError(
                tables[0].file, f"{field}.id", f"{item.id!r} stands twice", "give each its own id"
            )
        seen.add(item.id)
    return tuple(items)


def _languages(hall: Fields, name: dict[str, str]) -> tuple[str, ...]:
    remedy = 'give language codes, the hall\'s first language first, for example ["uk", "en"]'
    value = hall.take("languages", remedy, list(name))
    good = (
        isinstance(value, list) and value and all(isinstance(v, str) and LANGUAGE.fullmatch(v) for v in value)
    )
    if not good or len(set(value)) < len(value):
        hall.wrong("languages", f"must be different language codes, not {shown(value)}", remedy)
    return tuple(value)


def read_time_zone(hall: Fields) -> str:
    """An IANA name that this machine knows."""
    remedy = 'give an IANA name, for example "Europe/Kyiv"'
    name = hall.text("time_zone", remedy, "UTC")
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        hall.wrong("time_zone", f"{shown(name)} is not a time zone", remedy)
    return name


def _service(fields: Fields, hall_target: float) -> Service:
    target = fields.number(
        "target_minutes", "give minutes above 0, for example 15", hall_target, high=MINUTES_MAX, above=True
    )
    prefix = fields.text("prefix", 'give the letters of its tickets, for example "A"')
    if not PREFIX.fullmatch(prefix):
        fields.wrong("prefix", f"{shown(prefix)} is not one to three letters", 'use for example "A"')
    service = Service(
        id=fields.identifier("id", "passport"),
        prefix=prefix,
        name=fields.names("name", NAME_REMEDY),
        target_minutes=target,
        priority=fields.whole("priority", "give a whole number", 0, low=-PRIORITY_MAX, high=PRIORITY_MAX),
        arrivals=_arrivals(fields),
        service=_timed(fields, "service"),
        patience=_timed(fields, "patience"),
        no_show=fields.number("no_show", "give a share from 0 to 1, for example 0.03", 0.0, high=1.0),
        no_show_minutes=fields.number(
            "no_show_minutes", "give minutes, for example 1.0", 1.0, high=MINUTES_MAX
        ),
    )
    fields.done()
    return service


def _visits(fields: Fields, known: tuple[str, ...]) -> Visits:
    """Visits for several services at once, on one ticket."""
    services = fields.take("services", VISITS_REMEDY)
    if not isinstance(services, list) or not 1 < len(services) <= VISIT_SERVICES_MAX:
        fields.wrong("services", f"must name 2 to {VISIT_SERVICES_MAX} services", VISITS_REMEDY)
    for service in services:
        if service not in known:
            fields.wrong(
                "services",
                f"{shown(service)} is not a service of this hall",
                f"use some of {', '.join(known)}",
            )
    if len(set(services)) < len(services):
        fields.wrong("services", "names a service twice", "name each once")
    if not fields.has("arrivals"):
        fields.wrong("arrivals", "is missing", ARRIVALS_REMEDY)
    found = Visits(tuple(services), _arrivals(fields))
    fields.done()
    return found


def _arrivals(fields: Fields) -> tuple[tuple[int, float], ...]:
    if not fields.has("arrivals"):
        return ()

    def row(field: str, start: Any, rate: Any) -> tuple[int, float]:
        return fields.as_clock(field, start), fields.as_number(
            field, rate, ARRIVALS_REMEDY, high=RATE_AN_HOUR_MAX
        )

    rows = fields.rows("arrivals", fields.take("arrivals", ARRIVALS_REMEDY), ARRIVALS_REMEDY, row)
    _ascending(fields, "arrivals", [start for start, _ in rows])
    return rows


def _ascending(fields: Fields, field: str, starts: list[int]) -> None:
    for number, (before, after) in enumerate(pairwise(starts), 2):
        if after <= before:
            fields.wrong(f"{field}[{number}]", "is not later than the row before", "order the rows by time")


def _timed(fields: Fields, field: str) -> Timed:
    if not fields.has(field):
        return ()
    value = fields.take(field, DURATION_REMEDY)
    if isinstance(value, dict):
        return ((0, _distribution(fields, field, value)),)

    def row(name: str, start: Any, distribution: Any) -> tuple[int, Distribution]:
        return fields.as_clock(name, start), _distribution(fields, name, distribution)

    rows = fields.rows(field, value, DURATION_REMEDY, row)
    _ascending(fields, field, [start for start, _ in rows])
    return rows


def _distribution(parent: Fields, field: str, value: Any) -> Distribution:
    if not isinstance(value, dict):
        parent.wrong(field, f"must be a distribution, not {shown(value)}", DURATION_REMEDY)
    fields = Fields(parent.file, f"{parent.path}.{field}", value)
    name = fields.one_of("distribution", tuple(PARAMETERS))
    found: dict[str, Any] = {}
    for parameter in PARAMETERS[name]:
        if parameter == "values":
            found["values"] = _values(fields)
        else:
            remedy = f'"{name}" needs {" and ".join(PARAMETERS[name])}, in minutes (cv without unit)'
            above = parameter in {"mean", "cv", "high"} and name != "constant"
            found[parameter] = fields.number(parameter, remedy, high=MINUTES_MAX, above=above)
    if name == "uniform" and found["high"] < found["low"]:
        fields.wrong("high", "is below low", "give low first, then a larger high")
    if field.startswith("patience"):
        found["zero"] = fields.number("zero", "give a share from 0 to 1, for example 0.1", 0.0, high=1.0)
    fields.done()
    return Distribution(name, **found)


def _values(fields: Fields) -> tuple[float, ...]:
    remedy = "give observed durations in minutes, for example [4.5, 7.0, 12.5]"
    values = fields.take("values", remedy)
    if not isinstance(values, list) or not values:
        fields.wrong("values", "must be a list of numbers", remedy)
    return tuple(
        fields.as_number(f"values[{n}]", v, remedy, high=MINUTES_MAX) for n, v in enumerate(values, 1)
    )


def _windows(fields: Fields, known: tuple[str, ...]) -> list[WindowPlan]:
    """One table makes one window, or `count` of them with the same skills and hours."""
    base = fields.identifier("id", "w")
    count = (
        fields.whole("count", "give how many windows are alike", low=1, high=WINDOWS_MAX)
        if fields.has("count")
        else None
    )
    skills = read_skills(fields, known)
    periods = read_periods(fields)
    fields.done()
    ids = [base] if count is None else [f"{base}-{number}" for number in range(1, count + 1)]
    if not IDENTIFIER.fullmatch(ids[-1]):
        fields.wrong("id", f"{ids[-1]!r} is longer than 40 characters", "give a shorter one")
    return [WindowPlan(window, "", skills, periods) for window in ids]


def read_skills(fields: Fields, known: tuple[str, ...]) -> dict[str, float]:
    """The skills of a window: service -> factor on its duration."""
    remedy = "give service = factor on its duration, for example { passport = 1.0, residence = 0.8 }"
    value = fields.take("skills", remedy)
    if not isinstance(value, dict) or not value:
        fields.wrong("skills", "must name at least one service", remedy)
    for service in value:
        if service not in known:
            fields.wrong(
                f"skills.{service}", "is not a service of this hall", f"use one of {', '.join(known)}"
            )
    return {
        service: fields.as_number(
            f"skills.{service}", factor, "give a factor above 0, for example 1.0", high=FACTOR_MAX, above=True
        )
        for service, factor in value.items()
    }


def read_periods(fields: Fields) -> tuple[tuple[int, int], ...]:
    """The hours of a window in minutes after midnight; none are the hall's."""
    if not fields.has("open"):
        return ()

    def row(field: str, start: Any, end: Any) -> tuple[int, int]:
        period = fields.as_clock(field, start), fields.as_clock(field, end)
        if period[1] <= period[0]:
            fields.wrong(field, "ends before it starts", PERIODS_REMEDY)
        return period

    rows = fields.rows("open", fields.take("open", PERIODS_REMEDY), PERIODS_REMEDY, row)
    for number, (before, after) in enumerate(pairwise(rows), 2):
        if after[0] < before[1]:
            fields.wrong(f"open[{number}]", "overlaps the period before", "order the periods by time")
    return rows


def _labelled(windows: tuple[WindowPlan, ...]) -> tuple[WindowPlan, ...]:
    """What people call a window: the number its id ends in if that tells all apart, else its place."""
    digits = [re.search(r"\d+$", window.id) for window in windows]
    labels = [str(int(match[0])) for match in digits if match]
    if len(set(labels)) < len(windows):
        labels = [str(number) for number in range(1, len(windows) + 1)]
    return tuple(
        WindowPlan(window.id, label, window.skills, window.open)
        for window, label in zip(windows, labels, strict=True)
    )
