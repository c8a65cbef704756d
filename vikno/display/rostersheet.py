"""A table of the roster's page as a workbook: the same numbers, for whoever goes on working with them."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

Cell = str | int | float | None

FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
NAME_LENGTH_MAX = 31
"""Of a sheet, and what it may not hold: rules of the format."""
WIDTH = 16


def workbook(title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """One sheet: the title above the table. A text is a text, whatever it begins with."""
    import xlsxwriter  # noqa: PLC0415  (only who makes one waits for it)

    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        name = FORBIDDEN.sub(" ", title)[:NAME_LENGTH_MAX].strip(" '") or "1"
        page = book.add_worksheet(name)
        bold = book.add_format({"bold": True})
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        page.set_column(0, len(columns), WIDTH)
        page.write_string(0, 0, title, bold)
        for column, words in enumerate(columns):
            page.write_string(2, column, words, head)
        for number, row in enumerate(rows, 3):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(number, column, cell)
                elif cell is not None:
                    page.write_number(number, column, cell)
        page.freeze_panes(3, 1)
    return data.getvalue()
