"""The numbers of an experiment as sheets: CSV for programs, XLSX for people, both of what the page shows.

They are made from the very message that the page is sent, so that nobody ever asks which number is right.
The CSV is one long table with a header that is the same in every language; the XLSX has a sheet for each
question, in the reader's language.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from vikno.display.comparison import plan_name, t
from vikno.display.report.figures import FIGURES, Figure
from vikno.display.report.words import Words

Result: TypeAlias = Mapping[str, Any]
"""The message of type "result" (docs/api.md)."""

Estimate: TypeAlias = Mapping[str, float | None]
Cells: TypeAlias = Sequence[str | float | None]

COLUMNS: Final = ("plan", "part", "id", "figure", "value", "low", "high")
ENDS: Final = ("value", "low", "high")
FIRST_WIDTH, WIDTH = 34, 18  # characters of the first column, and of the others
COLUMNS_MAX: Final = 16
PLAIN, SHARE = "0.00", "0.0%"

PARTS: Final = {"services": (t("Services"), t("Service")), "windows": (t("Windows"), t("Window"))}
TITLES: Final = {"waits": t("Mean wait by time of arrival"), "waiting": t("People waiting")}
"""Of the courses over the day; at most 31 letters in every language, as the format has it."""

CHANGES: Final = {
    "add-window": t("new window"),
    "remove-window": t("window closed"),
    "set-hours": t("other hours"),
    "set-skills": t("other services"),
    "set-demand": t("other number of visitors"),
}
CHANGE_COLUMNS: Final = (t("Plan"), t("Rule"), t("What is different"), t("Where"), t("New value"))
HOW: Final = t(
    "{days} simulated days, the same for every plan. Seed {seed}: the same seed, the same numbers."
)


def csv_sheet(result: Result) -> bytes:
    """One row for each number, with its interval."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for scenario in result["scenarios"]:
        table.writerows((scenario["plan"], *row) for row in _rows(scenario))
    return text.getvalue().encode()


def xlsx_sheet(result: Result, words: Words, services: Mapping[str, dict[str, str]]) -> bytes:
    """A workbook: the answer, services, windows, and the courses over the day. `services`: their names."""
    import xlsxwriter  # noqa: PLC0415  (only who makes one waits for it)

    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        pen = Pen(book, words)
        _answer(pen, result)
        _parts(pen, result, "services", services)
        _parts(pen, result, "windows", {})
        for curve in TITLES:
            _course(pen, result, curve)
    return data.getvalue()


class Pen:
    """Writes sheets in one language."""

    def __init__(self, book: Any, words: Words) -> None:
        self._book = book
        self.words = words
        self._head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self._forms = {form: book.add_format({"num_format": form}) for form in (PLAIN, SHARE)}

    def sheet(self, title: str, above: Iterable[str] = ()) -> Sheet:
        """A new sheet; `above` stands over its table."""
        sheet = self._book.add_worksheet(self.words.t(title))
        sheet.set_column(0, 0, FIRST_WIDTH)
        sheet.set_column(1, COLUMNS_MAX, WIDTH)
        started = Sheet(sheet, self._head, self._forms)
        for line in above:
            started.row([line])
        return started


class Sheet:
    """A sheet that grows row by row."""

    def __init__(self, sheet: Any, head: Any, forms: Mapping[str, Any]) -> None:
        self._sheet, self._head_form, self._forms = sheet, head, forms
        self._at = 0

    def head(self, names: Sequence[str]) -> None:
        """The names of the columns."""
        self._sheet.write_row(self._at, 0, names, self._head_form)
        self._at += 1

    def row(self, cells: Cells, form: str = PLAIN) -> None:
        """One row; what is not known stays empty. A text is a text, whatever it begins with."""
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                self._sheet.write_string(self._at, column, cell)
            elif cell is not None:
                self._sheet.write_number(self._at, column, cell, self._forms[form])
        self._at += 1


def _rows(scenario: Mapping[str, Any]) -> Iterator[Cells]:
    figures = scenario["figures"]
    yield from (("hall", "", figure.key, *_ends(one)) for figure, one in _figures(figures))
    for part, name in (("services", "service"), ("windows", "window")):
        for id_, told in figures[part].items():
            yield from ((name, id_, figure.key, *_ends(one)) for figure, one in _figures(told))
    for curve in TITLES:
        yield from (("time", time, curve, *ends) for time, ends in _points(scenario[curve]).items())


def _figures(figures: Mapping[str, Any]) -> Iterator[tuple[Figure, Estimate]]:
    return ((figure, figures[figure.key]) for figure in FIGURES if figure.key in figures)


def _points(curve: Mapping[str, Sequence[float | None]]) -> dict[str, list[float | None]]:
    """Value, low and high of each quarter of an hour, by its clock time."""
    ends = zip(*(curve[end] for end in ENDS), strict=True)
    return {
        _clock(minutes or 0.0): list(three) for minutes, three in zip(curve["minutes"], ends, strict=True)
    }


def _clock(minutes: float) -> str:
    hours, rest = divmod(round(minutes), 60)
    return f"{hours:02}:{rest:02}"


def _answer(pen: Pen, result: Result) -> None:
    """The sentence, how it was found, every figure of the hall, and what was changed."""
    words, language = pen.words, pen.words.language
    how = words.t(HOW, days=result["days"], seed=result["seed"])
    sheet = pen.sheet(t("Answer"), [result["sentence"][language], *result["also"][language], how, ""])
    differences = result["differences"] or {}
    sheet.head(_columns(pen, result, t("Figure"), differs=bool(differences)))
    for figure in FIGURES:
        told = [scenario["figures"][figure.key] for scenario in result["scenarios"]]
        if figure.key in differences:
            told.append(differences[figure.key]["difference"])
        sheet.row([words.t(figure.name), *(end for one in told for end in _ends(one))], _form(figure))
    sheet.row([])
    sheet.head([words.t(name) for name in CHANGE_COLUMNS])
    for scenario in result["scenarios"]:
        plan = plan_name(words, scenario["plan"])
        sheet.row([plan, scenario["policy"]])
        for change in scenario["changes"]:
            sheet.row([plan, scenario["policy"], words.t(CHANGES[change["change"]]), *_told(change)])


def _told(change: Mapping[str, Any]) -> tuple[str, str]:
    """Where a change is, and what it changes to."""
    if change["change"] == "set-demand":
        return "+".join(change.get("services", ())), f"{change['percent']:g}%"
    hours = ", ".join(f"{start}–{end}" for start, end in change.get("open", ()))
    skills = ", ".join(f"{service} × {factor:g}" for service, factor in change.get("skills", {}).items())
    return change["window"], "; ".join(part for part in (hours, skills) if part)


def _parts(pen: Pen, result: Result, part: str, names: Mapping[str, dict[str, str]]) -> None:
    """A row for each service or window, and figure."""
    title, one = PARTS[part]
    sheet = pen.sheet(title)
    sheet.head(_columns(pen, result, one, t("Figure")))
    parts = [scenario["figures"][part] for scenario in result["scenarios"]]
    for id_ in dict.fromkeys(id_ for those in parts for id_ in those):
        label = pen.words.pick(names[id_]) if id_ in names else id_
        for figure in FIGURES:
            told = [those.get(id_, {}).get(figure.key) for those in parts]
            if any(told):
                ends = [end for estimate in told for end in _ends(estimate)]
                sheet.row([label, pen.words.t(figure.name), *ends], _form(figure))


def _course(pen: Pen, result: Result, curve: str) -> None:
    """A row for each quarter of an hour."""
    sheet = pen.sheet(TITLES[curve])
    sheet.head(_columns(pen, result, t("Time")))
    courses = [_points(scenario[curve]) for scenario in result["scenarios"]]
    for time in sorted(set().union(*courses)):
        sheet.row([time, *(end for course in courses for end in course.get(time, [None] * len(ENDS)))])


def _columns(pen: Pen, result: Result, *first: str, differs: bool = False) -> list[str]:
    words = pen.words
    names = [plan_name(words, scenario["plan"]) for scenario in result["scenarios"]]
    names += [words.t(t("difference"))] if differs else []
    ends = (words.t(t("95% interval from")), words.t(t("95% interval to")))
    return [*map(words.t, first), *(column for name in names for column in (name, *ends))]


def _ends(estimate: Estimate | None) -> list[float | None]:
    return [None] * len(ENDS) if estimate is None else [estimate[end] for end in ENDS]


def _form(figure: Figure) -> str:
    return SHARE if figure.kind == "share" else PLAIN
