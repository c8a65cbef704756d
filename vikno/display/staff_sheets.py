"""Needs and people of `vikno staff` as a workbook: a sheet of days, one of needs by skill, one of people."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

Staffed: TypeAlias = Mapping[str, Any]
"""The JSON of `vikno staff` (docs/staffing.md)."""

WIDTH: Final = 14  # characters of a column
SHEETS: Final = {
    "needs": ("cover", ("day", "from", "to", "skill", "need")),
    "people": ("people", ("day", "from", "to", "profile", "people")),
}
SERVICE_COLUMNS: Final = (
    "day",
    "date",
    "people hours",
    "confirmed",
    "service",
    "within target",
    "P95 of waits",
)


def xlsx_sheet(staffed: Staffed) -> bytes:
    """The workbook."""
    import xlsxwriter  # noqa: PLC0415  (only who makes one waits for it)

    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        _fill(book, "days", SERVICE_COLUMNS, [row for day in staffed["days"] for row in _services(day)])
        for title, (name, columns) in SHEETS.items():
            _fill(book, title, columns, [[row[column] for column in columns] for row in staffed[name]])
    return data.getvalue()


def _services(day: Mapping[str, Any]) -> list[list[Any]]:
    about = [day["day"], day["date"] or "", day["people_hours"], "yes" if day["confirmed"] else "no"]
    return [
        [*about, service, told["within_target"]["value"], told["wait_p95"]["value"]]
        for service, told in day["services"].items()
    ]


def _fill(book: Any, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A text is a text, whatever it begins with; what is not known stays empty."""
    sheet = book.add_worksheet(title)
    sheet.set_column(0, len(columns), WIDTH)
    sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, column, cell)
            elif cell is not None:
                sheet.write_number(number, column, cell)
