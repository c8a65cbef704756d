"""Writing a hall file: what a program has found out or changed, in the format that people edit.

`parse_hall(write_hall(plan)) == plan` for every plan that a hall file can describe. Numbers are written with
all their digits: round them before, where fewer are meant. Comments go above the section they speak of.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from vikno.queue.hallfile import FORMAT, PARAMETERS
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

ROWS_A_LINE = 5
"""As many pairs of a long list as fit the width of a page."""

COMMENT_WIDTH = 100
"""Characters of a comment's line."""

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")

Comments = Mapping[str, Sequence[str]]
"""Paragraphs by section: "" for the head of the file, "hall", "services.ID", "windows.ID", "visits.A+B",
"dispatch", "demand"."""


def write_hall(plan: HallPlan, comments: Comments | None = None) -> str:
    """The text of a hall file that describes `plan`, each section under its comments."""
    said = comments or {}
    sections = [
        [*_comment(said.get("", ())), f"format = {FORMAT}"],
        [*_comment(said.get("hall", ())), "[hall]", *_hall(plan)],
    ]
    for service in plan.services:
        above = _comment(said.get(f"services.{service.id}", ()))
        sections.append([*above, "[[services]]", *_service(service, plan.target_minutes)])
    for window in plan.windows:
        above = _comment(said.get(f"windows.{window.id}", ()))
        sections.append([*above, "[[windows]]", *_window(window)])
    for visits in plan.visits:
        above = _comment(said.get(visits_section(visits), ()))
        sections.append([*above, "[[visits]]", *_visits(visits)])
    sections.append([*_comment(said.get("dispatch", ())), *_dispatch(plan)])
    demand = [*_comment(said.get("demand", ()))]
    if plan.busyness_shape is not None:
        demand += ["[demand]", f"busyness_shape = {_number(plan.busyness_shape)}"]
    sections.append(demand)
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def visits_section(visits: Visits) -> str:
    """The key of the comments on one kind of visit for several services."""
    return f"visits.{'+'.join(visits.services)}"


def _hall(plan: HallPlan) -> Iterator[str]:
    yield f"id = {_text(plan.id)}"
    yield f"name = {_texts(plan.name)}"
    yield f"time_zone = {_text(plan.time_zone)}"
    yield f"languages = [{', '.join(map(_text, plan.languages))}]"
    yield f"opens = {_clock(plan.opens)}"
    yield f"closes = {_clock(plan.closes)}"
    yield f"after_close = {_text(plan.after_close)}"
    if plan.waiting_places is not None:
        yield f"waiting_places = {plan.waiting_places}"
    yield f"target_minutes = {_number(plan.target_minutes)}"


def _service(service: Service, hall_target: float) -> Iterator[str]:
    yield f"id = {_text(service.id)}"
    yield f"prefix = {_text(service.prefix)}"
    yield f"name = {_texts(service.name)}"
    if service.target_minutes != hall_target:
        yield f"target_minutes = {_number(service.target_minutes)}"
    if service.priority:
        yield f"priority = {service.priority}"
    if service.arrivals:
        yield f"arrivals = {_arrivals(service.arrivals)}"
    if service.service:
        yield f"service = {_timed(service.service)}"
    if service.patience:
        yield f"patience = {_timed(service.patience)}"
    yield f"no_show = {_number(service.no_show)}"
    yield f"no_show_minutes = {_number(service.no_show_minutes)}"


def _window(window: WindowPlan) -> Iterator[str]:
    factors = (f"{_key(service)} = {_number(factor)}" for service, factor in window.skills.items())
    yield f"id = {_text(window.id)}"
    yield f"skills = {{ {', '.join(factors)} }}"
    if window.open:
        yield f"open = {_rows(f'[{_clock(start)}, {_clock(end)}]' for start, end in window.open)}"


def _visits(visits: Visits) -> Iterator[str]:
    yield f"services = [{', '.join(map(_text, visits.services))}]"
    yield f"arrivals = {_arrivals(visits.arrivals)}"


def _dispatch(plan: HallPlan) -> Iterator[str]:
    """Only what is set otherwise: a bound that this version gives by itself may be better in the next."""
    lines = []
    if plan.overtaken_max != OVERTAKEN_MAX:
        lines.append(f"overtaken_max = {plan.overtaken_max}")
    if plan.waited_max_minutes is not None and plan.waited_max_minutes != WAITED_MAX_MINUTES:
        lines.append(f"waited_max_minutes = {_number(plan.waited_max_minutes)}")
    if lines:
        yield from ("[dispatch]", *lines)


def _arrivals(arrivals: Sequence[tuple[int, float]]) -> str:
    return _rows(f"[{_clock(start)}, {_number(rate)}]" for start, rate in arrivals)


def _timed(timed: Timed) -> str:
    """One distribution for the whole day stands without its time."""
    if len(timed) == 1 and timed[0][0] == 0:
        return _distribution(timed[0][1])
    rows = [f"  [{_clock(start)}, {_distribution(distribution)}],\n" for start, distribution in timed]
    return f"[\n{''.join(rows)}]"


def _distribution(distribution: Distribution) -> str:
    parts = [f"distribution = {_text(distribution.distribution)}"]
    for parameter in PARAMETERS[distribution.distribution]:
        if parameter == "values":
            parts.append(f"values = [{', '.join(map(_number, distribution.values))}]")
        else:
            parts.append(f"{parameter} = {_number(getattr(distribution, parameter))}")
    if distribution.zero:
        parts.append(f"zero = {_number(distribution.zero)}")
    return f"{{ {', '.join(parts)} }}"


def _rows(items: Iterable[str]) -> str:
    """A list of pairs: on one line if it is short."""
    rows = list(items)
    if len(rows) <= ROWS_A_LINE:
        return f"[{', '.join(rows)}]"
    lines = [", ".join(rows[n : n + ROWS_A_LINE]) for n in range(0, len(rows), ROWS_A_LINE)]
    return "[\n" + "".join(f"  {line},\n" for line in lines) + "]"


def _comment(paragraphs: Sequence[str]) -> Iterator[str]:
    """Each paragraph from a line of its own on. What TOML forbids in a comment becomes a space."""
    for paragraph in paragraphs:
        plain = "".join(letter if letter.isprintable() else " " for letter in paragraph)
        for line in textwrap.wrap(plain, COMMENT_WIDTH, break_long_words=False) or [""]:
            yield f"# {line}".rstrip()


def _clock(minutes: int) -> str:
    return f'"{minutes // 60:02}:{minutes % 60:02}"'


def _number(number: float) -> str:
    """Python and TOML write numbers alike; the shortest text that reads as the same number."""
    return repr(float(number))


def _texts(texts: Mapping[str, str]) -> str:
    return f"{{ {', '.join(f'{_key(key)} = {_text(text)}' for key, text in texts.items())} }}"


def _key(key: str) -> str:
    return key if BARE_KEY.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    """JSON's strings are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
