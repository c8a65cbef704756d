"""A training plan for people: a sentence, a table, a workbook; made from the JSON of `vikno train`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vikno.display.rostersheet import workbook

Json = Mapping[str, Any]

COLUMNS: Final = (
    "who learns what",
    "hours",
    "waiting saved, min a day",
    "an hour of training",
    "mean wait, min",
    "more than one by one",
)
CELLS: Final = (
    *("person", "learns", "factor", "second person", "learns", "factor", "hours"),
    *("saved, min a day", "from", "to", "an hour of training", "from", "to", "sure"),
    *("mean wait before", "mean wait after", "within target before", "within target after"),
    *("more than one by one", "from", "to"),
)
ENDS: Final = ("value", "low", "high")
NOTHING: Final = "–"


def sentence(plan: Json) -> str:
    """What to begin with, or that nothing is worth it: the first that is sure, singles before pairs.

    They were ordered on other days than those that the numbers are of: the largest number of these would be
    there by luck too.
    """
    sure = [gain for gain in [*plan["singles"], *plan["pairs"]] if gain["sure"]]
    waiting, wait = plan["waiting_minutes"]["value"], plan["wait_mean"]["value"]
    before = f"Visitors wait {_number(waiting)} minutes a day in all, {_number(wait)} each on average"
    if not sure:
        return f"{before}; no skill tried surely makes it less."
    return (
        f"{before}; to begin with, {_names(sure[0])}: "
        f"{_range(sure[0]['saved_minutes'])} minutes a day are surely saved."
    )


def rows(plan: Json) -> list[tuple[str, ...]]:
    """The lines of the table, by `COLUMNS`; one that surely gains nothing or may not is marked."""
    return [
        (
            _names(gain),
            f"{gain['hours']:g}",
            _range(gain["saved_minutes"]) + ("" if gain["sure"] else " (not sure)"),
            _range(gain["saved_minutes_an_hour"]),
            _instead(gain["wait_mean"]),
            _range(gain["beyond_minutes"]) if "beyond_minutes" in gain else NOTHING,
        )
        for gain in [*plan["singles"], *plan["pairs"]]
    ]


def workbook_of(plan: Json) -> bytes:
    """The same as a workbook, a number a cell."""
    found = [_cells(gain) for gain in [*plan["singles"], *plan["pairs"]]]
    return workbook(f"training {plan['hall']}", CELLS, found)


def _cells(gain: Json) -> list[str | float | None]:
    skills = [[skill[key] for key in ("person", "service", "factor")] for skill in gain["skills"]]
    first, second = (*skills, [None] * 3)[:2]
    return [
        *first,
        *second,
        gain["hours"],
        *_ends(gain["saved_minutes"]),
        *_ends(gain["saved_minutes_an_hour"]),
        "yes" if gain["sure"] else "no",
        *(
            gain[figure][when]["value"]
            for figure in ("wait_mean", "within_target")
            for when in ("present", "proposed")
        ),
        *_ends(gain.get("beyond_minutes", {})),
    ]


def _ends(estimate: Json) -> list[float | None]:
    return [estimate.get(end) for end in ENDS]


def _names(gain: Json) -> str:
    return " and ".join(f"{skill['person']} learns {skill['service']}" for skill in gain["skills"])


def _instead(pair: Json) -> str:
    return f"{_number(pair['proposed']['value'])} instead of {_number(pair['present']['value'])}"


def _range(estimate: Json) -> str:
    value, low, high = (_number(estimate[end]) for end in ENDS)
    return f"{value} ({low} to {high})"


def _number(value: float | None) -> str:
    """Three digits say as much as an interval bears."""
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004
