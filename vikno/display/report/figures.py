"""The figures of a hall: their names, what they mean, and in which order people want to read them.

The keys are those of `vikno simulate --json`; every one of them has its line here, so that a report and a
JSON file tell the same things in the same numbers.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["count", "minutes", "share"]
"""How a number is written. A share of 1.0 is 100%."""


class Figure(NamedTuple):
    """One figure: its key in JSON, and two msgids: its name, and what it means."""

    key: str
    kind: Kind
    name: str
    meaning: str


def t(msgid: str) -> str:
    """Marks a sentence for the translators; it is translated when it is shown."""
    return msgid


VISITORS: Final = (
    Figure("arrived", "count", t("Came"), t("Visitors a day who came for a ticket.")),
    Figure("served", "count", t("Served"), t("Visitors a day who got what they came for.")),
    Figure(
        "left", "count", t("Left"), t("Visitors a day who lost patience and left before they were called.")
    ),
    Figure("blocked", "count", t("Refused"), t("Visitors a day who found the hall full and got no ticket.")),
    Figure(
        "no_show",
        "count",
        t("No-shows"),
        t("Visitors a day who were called and did not come to the window."),
    ),
    Figure("unserved", "count", t("Sent home"), t("Visitors a day who still waited when the hall closed.")),
)
"""What became of everybody: the last five add up to the first."""

WAITS: Final = (
    Figure(
        "wait_mean",
        "minutes",
        t("Mean wait"),
        t("Minutes from the ticket to the call, over all who were called."),
    ),
    Figure(
        "wait_p50", "minutes", t("Half wait up to"), t("Half of those called wait at most so many minutes.")
    ),
    Figure(
        "wait_p90", "minutes", t("9 of 10 wait up to"), t("One in ten waits longer than so many minutes.")
    ),
    Figure(
        "wait_p95", "minutes", t("19 of 20 wait up to"), t("One in twenty waits longer than so many minutes.")
    ),
    Figure(
        "wait_p99",
        "minutes",
        t("99 of 100 wait up to"),
        t("One in a hundred waits longer than so many minutes."),
    ),
    Figure(
        "wait_max",
        "minutes",
        t("Longest wait"),
        t("The longest wait of all days, in minutes. More days find a longer one."),
    ),
    Figure(
        "within_target",
        "share",
        t("Called within the target"),
        t("Share called within the target, of those called and those who left after waiting longer than it."),
    ),
)

WORK: Final = (
    Figure(
        "occupancy",
        "share",
        t("Occupancy"),
        t("Share of their time that staffed windows spend on visitors, with calls in vain."),
    ),
    Figure(
        "overtime_minutes",
        "minutes",
        t("Overtime"),
        t("Minutes a day that windows work beyond their hours, all windows together."),
    ),
)

FAIRNESS: Final = (
    Figure(
        "overtakes_mean",
        "count",
        t("Overtaken, mean"),
        t("How often somebody who came later was called first, to a window that could have served them."),
    ),
    Figure(
        "overtakes_p95",
        "count",
        t("19 of 20 overtaken up to"),
        t("One in twenty of those called is overtaken more often."),
    ),
    Figure(
        "overtakes_max",
        "count",
        t("Most often overtaken"),
        t("The visitor of all days who was overtaken most often."),
    ),
    Figure(
        "overtaken_share",
        "share",
        t("Overtaken at least once"),
        t("Share of those called who saw somebody who came later called first."),
    ),
    Figure(
        "occupancy_spread",
        "share",
        t("Spread of occupancy"),
        t("How far the occupancy of windows lies apart: its standard deviation, in percentage points."),
    ),
)
"""How evenly waits and work are shared out."""

UNITS: Final[dict[Kind, str]] = {"count": t("visitors a day"), "minutes": t("minutes"), "share": ""}
"""Of a hall's figures, in words."""

OWN_UNITS: Final = {
    "overtime_minutes": t("minutes a day"),
    "overtakes_mean": t("times"),
    "overtakes_p95": t("times"),
    "overtakes_max": t("times"),
}
"""Of those that are counted in something else."""

FIGURES: Final = (*VISITORS, *WAITS, *WORK, *FAIRNESS)
GLANCE: Final = ("wait_mean", "wait_p95", "within_target", "occupancy")
"""What a manager asks first."""

BY_KEY: Final = {figure.key: figure for figure in FIGURES}


def unit_of(figure: Figure) -> str:
    """The msgid of a figure's unit; empty for a share."""
    return OWN_UNITS.get(figure.key, UNITS[figure.kind])
