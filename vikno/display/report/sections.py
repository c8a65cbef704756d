"""The questions of the report, one a section: its drawings, what they say, and their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from markupsafe import Markup
from matplotlib.figure import Figure as Drawing

from vikno.display.report import plots, sentences, tables
from vikno.display.report.figures import BY_KEY, GLANCE, unit_of
from vikno.display.report.results import Case
from vikno.display.report.svg import inline
from vikno.display.report.words import Words

SIDE_BY_SIDE: Final = (*GLANCE, "left", "overtime_minutes", "overtakes_mean")

CASES_A_LINE: Final = 2
"""So many policies have their two numbers and intervals in a line."""


class Panel(NamedTuple):
    """One drawing, what it says, and whose it is (empty if there is only one)."""

    title: str
    said: Sequence[str]
    svg: Markup


class Section(NamedTuple):
    """One question: `notes` on all its drawings, and their `key` (curve, whisker, windows or none)."""

    id: str
    title: str
    panels: list[Panel]
    key: str = ""
    notes: Sequence[str] = ()
    table: tables.Table | None = None
    place: str = "folded"
    """Of the table: folded away, below the drawings, or below them with a line a row."""


def all_of(
    words: Words,
    cases: Sequence[Case],
    labels: Mapping[str, str],
    names: Mapping[str, str],
    targets: Sequence[float],
) -> list[Section]:
    """Every section, in order. `labels` of windows, `names` of services by id; `targets`: all, in minutes."""
    compared = [_policies(words, cases)] if len(cases) > 1 else []
    return [
        *compared,
        _waits(words, cases),
        _waiting(words, cases),
        _occupancy(words, cases, labels),
        _distribution(words, cases, targets),
        _fairness(words, cases, names),
    ]


def _policies(words: Words, cases: Sequence[Case]) -> Section:
    first, *others = cases
    keys = [key for key in SIDE_BY_SIDE if any(case.figures[key].value for case in cases)]
    panels = [_side_by_side(words, cases, key) for key in keys]
    notes = [sentences.comparison(words, case, first) for case in others]
    table = tables.of_differences(words, cases)
    return Section("compare", words.t("Policies side by side"), panels, "whisker", notes, table, "below")


def _side_by_side(words: Words, cases: Sequence[Case], key: str) -> Panel:
    figure = BY_KEY[key]
    name, unit = words.t(figure.name), unit_of(figure)
    title = f"{name}, {words.t(unit)}" if unit else name
    values = [f"{case.name}: {words.value(case.figures[key], figure.kind)}" for case in cases]
    label = f"{title}. {'; '.join(values)}"
    return Panel(title, (), _drawn(plots.side_by_side(words, cases, key), f"compare-{key}", label))


def _waits(words: Words, cases: Sequence[Case]) -> Section:
    title, unit = words.t("Wait by time of arrival"), words.t("minutes waited, by time of arrival")
    top = plots.top_of([case.waits for case in cases])
    said = [sentences.wait_by_time(words, case) for case in cases]
    drawings = [plots.over_the_day(words, case.waits, at, top, unit) for at, case in enumerate(cases)]
    table = tables.over_the_day(words, title, {case.name: case.waits for case in cases})
    return Section("waits", title, _panels("waits", title, cases, said, drawings), "curve", table=table)


def _waiting(words: Words, cases: Sequence[Case]) -> Section:
    title, unit = words.t("People waiting over the day"), words.t("people waiting")
    top = plots.top_of([case.waiting for case in cases])
    said = [sentences.waiting_by_time(words, case) for case in cases]
    drawings = [plots.over_the_day(words, case.waiting, at, top, unit) for at, case in enumerate(cases)]
    table = tables.over_the_day(words, title, {case.name: case.waiting for case in cases})
    return Section("waiting", title, _panels("waiting", title, cases, said, drawings), "curve", table=table)


def _occupancy(words: Words, cases: Sequence[Case], labels: Mapping[str, str]) -> Section:
    title = words.t("Occupancy by window")
    notes = [sentences.occupancy(words, case, labels) for case in cases]
    if len(cases) > 1:
        notes = [f"{case.name}: {note}" for case, note in zip(cases, notes, strict=True)]
    panel = Panel("", notes, _drawn(plots.by_window(words, cases, labels), "occupancy-0", title))
    table = tables.of_windows(words, cases, labels)
    place = "lines" if len(cases) <= CASES_A_LINE else "below"
    return Section("occupancy", title, [panel], "windows", table=table, place=place)


def _distribution(words: Words, cases: Sequence[Case], targets: Sequence[float]) -> Section:
    title = words.t("How long people wait")
    top = plots.HEADROOM * plots.highest([plots.highest(case.histogram.share) for case in cases])
    said = [sentences.distribution(words, case, targets) for case in cases]
    drawings = [plots.waits(words, case.histogram, at, targets, top) for at, case in enumerate(cases)]
    return Section("distribution", title, _panels("distribution", title, cases, said, drawings))


def _fairness(words: Words, cases: Sequence[Case], names: Mapping[str, str]) -> Section:
    notes = [sentences.fairness(words, case) for case in cases]
    if len(cases) > 1:
        notes = [f"{case.name}: {note}" for case, note in zip(cases, notes, strict=True)]
    table = tables.of_fairness(words, cases, names)
    place = "lines" if len(cases) <= CASES_A_LINE else "below"
    return Section("fairness", words.t("Fairness"), [], notes=notes, table=table, place=place)


def _panels(
    name: str, title: str, cases: Sequence[Case], said: Sequence[str], drawings: Sequence[Drawing]
) -> list[Panel]:
    """A panel for each policy; its name stands above it if there are several."""
    panels = []
    for series, (case, sentence, drawing) in enumerate(zip(cases, said, drawings, strict=True)):
        whose = case.name if len(cases) > 1 else ""
        label = f"{title}: {whose}" if whose else title
        panels.append(Panel(whose, (sentence,), _drawn(drawing, f"{name}-{series}", label)))
    return panels


def _drawn(drawing: Drawing, name: str, label: str) -> Markup:
    return Markup(inline(drawing, name, label))  # noqa: S704  (made by ElementTree)
