"""The sheets of an experiment: they open, and hold the very numbers of the message they are made from."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from vikno.display.report.figures import FIGURES
from vikno.display.report.words import Words
from vikno.display.sheets import COLUMNS, csv_sheet, xlsx_sheet

SERVICES = {"passport": {"uk": "Паспорт", "en": "=1+1"}}
UNKNOWN = {"value": None, "low": None, "high": None}


def estimate(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.123456789, "high": value + 0.2}


def scenario(plan: str, shift: float, changes: list[dict[str, Any]]) -> dict[str, Any]:
    every = {figure.key: estimate(place + shift) for place, figure in enumerate(FIGURES)}
    curve = {"minutes": [480.0, 495.0], "value": [1.5 + shift, None], "low": [1.0, None], "high": [2.0, None]}
    return {
        "plan": plan,
        "policy": "fifo",
        "changes": changes,
        "figures": every
        | {
            "blocked": UNKNOWN,
            "services": {"passport": every},
            "windows": {"w-1": {"occupancy": estimate(0.5), "served": estimate(7 + shift)}},
        },
        "waits": curve,
        "waiting": curve,
    }


CHANGES: list[dict[str, Any]] = [
    {"change": "add-window", "window": "w-9", "skills": {"passport": 0.8}, "open": [["08:00", "12:00"]]},
    {"change": "remove-window", "window": "w-1"},
    {"change": "set-demand", "percent": 120},
]
RESULT: dict[str, Any] = {
    "days": 200,
    "seed": 7,
    "scenarios": [scenario("today", 0.0, []), scenario("b", 0.5, CHANGES)],
    "differences": {"wait_mean": {"difference": estimate(-0.5), "ratio": estimate(0.9)}},
    "sentence": {"uk": "План Б.", "en": "Plan B."},
    "also": {"uk": ["Ще."], "en": ["Also."]},
}


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_sheet(RESULT).decode())))


def test_the_csv_has_every_number_of_every_plan_whole() -> None:
    found = {(row["plan"], row["part"], row["id"], row["figure"]): row for row in rows()}
    assert csv_sheet(RESULT).decode().splitlines()[0] == ",".join(COLUMNS)
    assert len(found) == len(rows())
    for one in RESULT["scenarios"]:
        figures = one["figures"]
        for figure in FIGURES:
            row = found[one["plan"], "hall", "", figure.key]
            told = [float(row[end]) if row[end] else None for end in ("value", "low", "high")]
            assert told == list(figures[figure.key].values())
        assert (
            float(found[one["plan"], "window", "w-1", "served"]["value"])
            == figures["windows"]["w-1"]["served"]["value"]
        )
        assert float(found[one["plan"], "time", "08:00", "waits"]["value"]) == one["waits"]["value"][0]
        assert found[one["plan"], "time", "08:15", "waits"]["value"] == ""


@pytest.mark.parametrize(
    ("language", "first", "sentence"), [("en", "Answer", "Plan B."), ("uk", "Відповідь", "План Б.")]
)
def test_the_workbook_opens_and_holds_the_same_numbers(language: str, first: str, sentence: str) -> None:
    book = load_workbook(io.BytesIO(xlsx_sheet(RESULT, Words(language), SERVICES)))
    assert len(book.sheetnames) == 5
    answer = book[first]
    cells = [[cell.value for cell in row] for row in answer.iter_rows()]
    assert cells[0][0] == sentence
    numbers = {row[0]: row[1:10] for row in cells if row[0]}
    words = Words(language)
    for figure in FIGURES:
        told = [end for one in RESULT["scenarios"] for end in one["figures"][figure.key].values()]
        assert numbers[words.t(figure.name)][:6] == told
    difference = list(RESULT["differences"]["wait_mean"]["difference"].values())
    assert numbers[words.t("Mean wait")][6:9] == difference
    said = " ".join(str(cell) for row in cells for cell in row if cell)
    assert "120%" in said
    assert "passport × 0.8" in said


def test_a_name_that_looks_like_a_formula_is_a_name() -> None:
    book = load_workbook(io.BytesIO(xlsx_sheet(RESULT, Words("en"), SERVICES)))
    cell = book["Services"]["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_one_plan_alone_has_no_difference() -> None:
    alone = RESULT | {"scenarios": RESULT["scenarios"][:1], "differences": None}
    book = load_workbook(io.BytesIO(xlsx_sheet(alone, Words("en"), SERVICES)))
    heads = [cell.value for row in book["Answer"].iter_rows() for cell in row]
    assert "difference" not in heads
