"""The report as one page that needs nothing else: no network, no script, no file beside it.

It is mailed, opened on a phone and printed, and read years later by somebody who asks how the numbers were
made. So everything stands in it: drawings, words, tables, style, and the command that makes it again. The
same results give the same bytes.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from vikno.display.report import sections, tables
from vikno.display.report.figures import BY_KEY, GLANCE, t
from vikno.display.report.results import Case
from vikno.display.report.words import Words
from vikno.queue.plan import HallPlan

STYLES: Final = Path(__file__).parents[1] / "static" / "css"
OWN_STYLE: Final = Path(__file__).parent / "report.css"
LIBRARIES: Final = ("vikno", "numpy", "scipy", "simpy", "matplotlib")
"""Those that could change a number or a drawing."""

POLICIES: Final = {
    "fifo": t("A free window calls whoever has waited longest for one of its services."),
    "priority": t(
        "A free window calls the service of the highest priority first; among equals, the longest waiting."
    ),
    "index": t(
        "A free window weighs how far each line is on the way to its target, and how quickly it can serve it."
    ),
    "optimized": t(
        "A free window weighs how far each line is on the way to its target, how quickly it can serve it, "
        "and whether its time is needed for scarcer skills."
    ),
    "learned": t(
        "A free window weighs the lines by a table that was learned for this hall on simulated days."
    ),
}
LEARNED_ENDING: Final = ".json"
"""Of the files that `vikno tune` writes; such a policy is called by the name of its file."""

_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)


class Glance(NamedTuple):
    """The first figures of one policy: name, value, interval."""

    name: str
    meaning: str
    facts: list[tuple[str, str, str]]


def render(hall: HallPlan, cases: Sequence[Case], seed: int, command: str, language: str = "en") -> str:
    """The whole page. The first of the `cases` is the one that the others are held against."""
    words = Words(language)
    labels = _window_labels(hall, cases)
    targets = sorted({service.target_minutes for service in hall.services})
    names = {service.id: words.pick(service.name) for service in hall.services}
    return (
        _templates()
        .get_template("report.html")
        .render(
            t=words.t,
            language=language,
            style=Markup(_style()),  # noqa: S704  (our own files)
            hall=words.pick(hall.name),
            days=cases[0].days,
            seed=seed,
            command=command,
            policies=[case.name for case in cases],
            overloaded=list(dict.fromkeys(case.overloaded for case in cases if case.overloaded)),
            glances=[_glance(words, case) for case in cases],
            sections=sections.all_of(words, cases, labels, names, targets),
            hall_table=tables.of_the_hall(words, cases),
            service_tables=[table for case in cases for table in tables.of_services(words, case, names)],
            versions=[("Python", platform.python_version()), *((name, version(name)) for name in LIBRARIES)],
        )
    )


def _glance(words: Words, case: Case) -> Glance:
    facts = []
    for key in GLANCE:
        figure, estimate = BY_KEY[key], case.figures[key]
        value = words.value(estimate, figure.kind)
        if figure.kind == "minutes" and estimate.value is not None:
            value = words.t("{value} min", value=value)
        facts.append((words.t(figure.name), value, words.ends(estimate, figure.kind)))
    meaning = POLICIES.get("learned" if case.name.endswith(LEARNED_ENDING) else case.name, "")
    return Glance(case.name, words.t(meaning) if meaning else "", facts)


def _window_labels(hall: HallPlan, cases: Sequence[Case]) -> dict[str, str]:
    """What is written above each window, in the order of the hall; a window of a scenario alone goes last."""
    windows = {window.id: window.label for window in hall.windows}
    return windows | {
        window: window for case in cases for window in case.figures["windows"] if window not in windows
    }


def _style() -> str:
    sheets = (STYLES / "tokens.css", STYLES / "base.css", OWN_STYLE)
    return "\n".join(_COMMENT.sub("", sheet.read_text(encoding="utf-8")) for sheet in sheets)


def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("vikno.display.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
