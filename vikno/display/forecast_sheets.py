"""A forecast as sheets: CSV for programs, XLSX for people. Both are made of the JSON of `vikno forecast`."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

Forecast: TypeAlias = Mapping[str, Any]
"""The JSON of `vikno forecast` (docs/forecast.md)."""

COLUMNS: Final = ("date", "service", "from", "to", "mean", "low", "high")
DAY_COLUMNS: Final = ("date", "opens", "closes", "mean", "low", "high", "notes")
WIDTH: Final = 14  # characters of a column


def csv_sheet(forecast: Forecast) -> bytes:
    """One row for each service and quarter of an hour."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(COLUMNS)
    table.writerows([row[column] for column in COLUMNS] for row in forecast["rows"])
    return text.getvalue().encode()


def xlsx_sheet(forecast: Forecast) -> bytes:
    """A workbook of two sheets: days, and quarters of an hour by service."""
    import xlsxwriter  # noqa: PLC0415  (only who makes one waits for it)

    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        bold, number = book.add_format({"bold": True}), book.add_format({"num_format": "0.0"})
        sheet = book.add_worksheet("days")
        sheet.set_column(0, len(DAY_COLUMNS), WIDTH)
        sheet.write_row(0, 0, DAY_COLUMNS, bold)
        for row, day in enumerate(forecast["days"], 1):
            cells = [day[column] for column in DAY_COLUMNS[:-1]]
            _write(sheet, row, [*cells, ", ".join(day["notes"])], number)
        sheet = book.add_worksheet("quarters")
        sheet.set_column(0, len(COLUMNS), WIDTH)
        sheet.write_row(0, 0, COLUMNS, bold)
        for row, quarter in enumerate(forecast["rows"], 1):
            _write(sheet, row, [quarter[column] for column in COLUMNS], number)
    return data.getvalue()


def _write(sheet: Any, row: int, cells: list[Any], number: Any) -> None:
    """A text is a text, whatever it begins with."""
    for column, cell in enumerate(cells):
        if isinstance(cell, str):
            sheet.write_string(row, column, cell)
        else:
            sheet.write_number(row, column, cell, number)
