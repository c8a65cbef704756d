"""Reading a report as a browser does: its text, its elements, and its tables with the exact numbers."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import NamedTuple

Exact = tuple[float, ...]
"""The numbers of one cell: value, low, high; fewer where something is not known."""


class Table(NamedTuple):
    """Head of each column but the first; then head of each row -> its cells."""

    heads: list[str]
    rows: dict[str, list[Exact]]


class Report(HTMLParser):
    """A page taken apart."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.text = ""
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, Table] = {}
        self.shown: list[tuple[str, float]] = []
        """Every number of the tables: as it is shown, and as it is."""
        self._within: list[str] = []
        self._table = Table([], {})
        self._words = ""
        self._small = 0
        self._data: float | None = None
        self.feed(html)

    @property
    def ids(self) -> list[str]:
        return [attrs["id"] or "" for _, attrs in self.elements if "id" in attrs]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        self.text += " "
        self._within.append(tag)
        if tag in {"caption", "th", "td"}:
            self._words = ""
        if tag == "table":
            self._table = Table([], {})
        elif tag == "td":
            list(self._table.rows.values())[-1].append(())
        elif tag == "data":
            self._data = float(found["value"] or "nan")
            cells = list(self._table.rows.values())[-1]
            cells[-1] = (*cells[-1], self._data)

    def handle_endtag(self, tag: str) -> None:
        words = re.sub(r"\s+", " ", self._words).strip()
        if tag == "caption":
            assert words not in self.tables, "a caption names one table"
            self.tables[words] = self._table
        elif tag == "th" and "thead" in self._within:
            self._table.heads.append(words)
        elif tag == "th":
            assert words not in self._table.rows
            self._table.rows[words] = []
        elif tag == "data":
            self._data = None
        while self._within and self._within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" in self._within:
            return
        self.text = re.sub(r"\s+", " ", self.text + data)
        if self._data is not None:
            self.shown.append((data, self._data))
        if "small" not in self._within:
            self._words += data
