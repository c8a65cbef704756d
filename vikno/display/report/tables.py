"""The tables of the report: every figure of the JSON file, rounded for the eye, exact for who copies it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from vikno.display.report.figures import (
    BY_KEY,
    FAIRNESS,
    FIGURES,
    VISITORS,
    WAITS,
    WORK,
    Figure,
    Kind,
    t,
    unit_of,
)
from vikno.display.report.peaks import Point, point
from vikno.display.report.results import Case, Curve, Estimate
from vikno.display.report.sentences import LESS, MORE, UNCLEAR, UNKNOWN, verdict
from vikno.display.report.words import Words

DECIMALS = 6
"""Of a number as it is: as many as the JSON file has."""


class Number(NamedTuple):
    """A number as it is shown and as it is."""

    shown: str
    exact: float


class Cell(NamedTuple):
    """An estimate in a table, or only an interval; None where nothing is known. `verdict` in words."""

    value: Number | None
    low: Number | None
    high: Number | None
    verdict: str = ""


class Row(NamedTuple):
    """One line: what it is about, what that means, and its numbers."""

    head: str
    meaning: str
    cells: list[Cell]


class Table(NamedTuple):
    """A table with its caption; `corner` names what the rows are."""

    caption: str
    corner: str
    heads: list[str]
    rows: list[Row]


POINTS = t("percentage points")

VERDICTS = {
    LESS: t("lower"),
    MORE: t("higher"),
    UNCLEAR: t("no clear difference"),
    UNKNOWN: t("cannot be told"),
}


def of_the_hall(words: Words, cases: Sequence[Case]) -> Table:
    """All figures of the hall, a column for each policy."""
    return Table(
        words.t("The whole hall"),
        words.t("Figure"),
        [case.name for case in cases],
        [
            Row(
                words.t(figure.name),
                words.t(figure.meaning),
                [_cell(words, case.figures[figure.key], figure.kind) for case in cases],
            )
            for figure in FIGURES
        ],
    )


def of_differences(words: Words, cases: Sequence[Case]) -> Table:
    """Every policy less the first one."""
    first, *others = cases
    rows = []
    for key in others[0].differences:
        figure = BY_KEY[key]
        cells = []
        for case in others:
            found = case.differences[key].difference
            said = words.t(VERDICTS[verdict(found)])
            cells.append(_difference_cell(words, found, figure.kind)._replace(verdict=said))
        unit = POINTS if figure.kind == "share" else unit_of(figure)
        rows.append(Row(words.t(figure.name), words.t(unit), cells))
    return Table(
        words.t("Differences from {first}", first=first.name),
        words.t("Figure"),
        [words.t("{policy} minus {first}", policy=case.name, first=first.name) for case in others],
        rows,
    )


def of_services(words: Words, case: Case, names: Mapping[str, str]) -> list[Table]:
    """What became of the visitors of each service, and how long they waited."""
    services = case.figures["services"]

    def table(caption: str, figures: Sequence[Figure]) -> Table:
        rows = [
            Row(
                names.get(service, service),
                "",
                [_cell(words, found[figure.key], figure.kind) for figure in figures],
            )
            for service, found in services.items()
        ]
        return Table(caption, words.t("Service"), [words.t(figure.name) for figure in figures], rows)

    return [
        table(
            words.t("Visitors by service, and the work of its windows: {policy}", policy=case.name),
            (*VISITORS, *WORK),
        ),
        table(words.t("Waits by service: {policy}", policy=case.name), WAITS),
        table(words.t("Fairness by service: {policy}", policy=case.name), FAIRNESS),
    ]


def of_fairness(words: Words, cases: Sequence[Case], names: Mapping[str, str]) -> Table:
    """The long waits of each service, and how many of it were overtaken, for each policy."""
    keys = ("wait_p95", "overtaken_share")
    rows = []
    for service in cases[0].figures["services"]:
        found = [case.figures["services"][service] for case in cases]
        cells = [_cell(words, each[key], BY_KEY[key].kind) for each in found for key in keys]
        rows.append(Row(names.get(service, service), "", cells))
    return Table(words.t("By service"), words.t("Service"), _heads(words, cases, keys), rows)


def of_windows(words: Words, cases: Sequence[Case], labels: Mapping[str, str]) -> Table:
    """Occupancy and visitors served of each window, for each policy."""
    keys = ("occupancy", "served")
    rows = []
    for window, label in labels.items():
        found = [case.figures["windows"].get(window) for case in cases]
        cells = [
            _cell(words, each[key], BY_KEY[key].kind) if each else Cell(None, None, None)
            for each in found
            for key in keys
        ]
        rows.append(Row(label, "", cells))
    return Table(words.t("Windows"), words.t("Window"), _heads(words, cases, keys), rows)


def _heads(words: Words, cases: Sequence[Case], keys: Sequence[str]) -> list[str]:
    """The names of these figures for each policy, whose name follows if there are several."""
    return [
        f"{words.t(BY_KEY[key].name)}, {case.name}" if len(cases) > 1 else words.t(BY_KEY[key].name)
        for case in cases
        for key in keys
    ]


def over_the_day(words: Words, caption: str, named: Mapping[str, Curve]) -> Table:
    """The points of curves: the mean with its interval, and the band of days."""
    longest = max(named.values(), key=lambda curve: len(curve.minutes))
    mean, days = words.t("mean"), words.t("8 of 10 days")
    heads = [f"{name}: {what}" if len(named) > 1 else what for name in named for what in (mean, days)]
    rows = []
    for at, minute in enumerate(longest.minutes):
        cells = []
        for curve in named.values():
            there = at < len(curve.minutes)
            cells.append(_cell(words, point(curve, at), "minutes") if there else Cell(None, None, None))
            band = Point(
                None, *(_finite(ends[at]) if there else None for ends in (curve.day_low, curve.day_high))
            )
            cells.append(_cell(words, band, "minutes"))
        rows.append(Row(words.clock(float(minute)), "", cells))
    return Table(caption, words.t("From"), heads, rows)


def _cell(words: Words, estimate: Estimate, kind: Kind) -> Cell:
    value, low, high = (_number(words, each, kind) for each in (estimate.value, estimate.low, estimate.high))
    return Cell(value, low, high)


def _difference_cell(words: Words, estimate: Estimate, kind: Kind) -> Cell:
    """Shares differ by percentage points, which is not percent."""
    scale = 100.0 if kind == "share" else 1.0
    value, low, high = (
        None if each is None else Number(words.number(scale * each, "minutes"), _exact(each))
        for each in (estimate.value, estimate.low, estimate.high)
    )
    return Cell(value, low, high)


def _number(words: Words, number: float | None, kind: Kind) -> Number | None:
    return None if number is None else Number(words.number(number, kind), _exact(number))


def _exact(number: float) -> float:
    return round(number, DECIMALS) + 0.0


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
