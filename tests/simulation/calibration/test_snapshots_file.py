"""A wrong file of snapshots is told in one line: the file, the line, the field, and what would be right."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.simulation.calibration.displays import OFFICE, Row, write_file
from vikno.queue.errors import ViknoError
from vikno.simulation.calibration.snapshot_file import COLUMNS, read_office
from vikno.simulation.calibration.snapshots import calibrate_snapshots

GOOD: Row = {
    "office": OFFICE,
    "date": "2020-03-02",
    "time": "08:05",
    "queue_id": "7",
    "letter": "A",
    "queue_name": "A: Passports",
    "waiting": "3",
    "windows_open": "2",
    "now_serving": "A004",
}


def row(**fields: str) -> Row:
    return {**GOOD, **fields}


def told(path: Path, office: str = OFFICE, first: date | None = None) -> str:
    with pytest.raises(ViknoError) as error:
        calibrate_snapshots(path, office, first)
    line = str(error.value)
    assert line.startswith(f"{path}: ")
    assert "\n" not in line
    assert "; " in line, "every error has a remedy"
    return line


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named(tmp_path: Path, column: str) -> None:
    columns = [name for name in COLUMNS if name != column]
    line = told(write_file(tmp_path / "file.csv", [GOOD], columns))
    assert f"line 1: {column}: there is no such column" in line


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("waiting", "-1", "is not a whole number from 0"),
        ("waiting", "many", "is not a whole number from 0"),
        ("waiting", "", "is not a whole number from 0"),
        ("waiting", "٣", "is not a whole number from 0"),
        ("waiting", "100001", "is not a whole number from 0 to 100000"),
        ("windows_open", "1.5", "is not a whole number from 0"),
        ("windows_open", "501", "is not a whole number from 0 to 500"),
        ("date", "17.01.2020", "is not a date"),
        ("date", "2020-02-30", "is not a date"),
        ("time", "25:00", "is not a time of day"),
        ("time", "8 o'clock", "is not a time of day"),
        ("queue_id", "", "is empty"),
    ],
)
def test_a_wrong_cell_is_told_with_its_line_and_field(
    tmp_path: Path, field: str, value: str, problem: str
) -> None:
    line = told(write_file(tmp_path / "file.csv", [GOOD, row(**{"time": "08:10", field: value})]))
    assert f"line 3: {field}: {value!r} {problem}" in line


def test_a_very_long_cell_is_cut(tmp_path: Path) -> None:
    line = told(write_file(tmp_path / "file.csv", [row(waiting="9" * 5000)]))
    assert len(line) < 300 + len(str(tmp_path))


def test_a_short_line_is_told(tmp_path: Path) -> None:
    path = write_file(tmp_path / "file.csv", [GOOD])
    path.write_text(path.read_text() + "Hall,2020-03-02\n")
    assert "line 3: has 2 fields" in told(path)


def test_an_unknown_office_is_answered_with_those_there_are(tmp_path: Path) -> None:
    path = write_file(tmp_path / "file.csv", [GOOD, row(office="Town")])
    assert "there is no office 'Village'; use one of Hall, Town" in told(path, "Village")


def test_days_that_are_not_in_the_file_are_told(tmp_path: Path) -> None:
    path = write_file(tmp_path / "file.csv", [GOOD])
    assert "has no rows on the days asked for" in told(path, first=date(2021, 1, 1))


def test_a_file_of_holidays_has_no_usable_day(tmp_path: Path) -> None:
    rows = [row(time=f"{hour:02}:00", waiting="0", windows_open="0") for hour in range(8, 18)]
    line = told(write_file(tmp_path / "file.csv", rows))
    assert "no usable day: 2020-03-02: closed" in line


def test_dead_displays_alone_make_no_hall(tmp_path: Path, busy_day: list[Row]) -> None:
    rows = [{**cells, "now_serving": "A001"} for cells in busy_day]
    assert "no queue with an open window and a number that changes" in told(
        write_file(tmp_path / "file.csv", rows)
    )


@pytest.fixture
def busy_day() -> list[Row]:
    """One queue that grows and shrinks all day."""
    return [
        row(
            time=f"{8 + number // 12:02}:{number % 12 * 5:02}",
            waiting=str(number % 7),
            now_serving=f"A{1 + number:03}",
        )
        for number in range(96)
    ]


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: path.write_bytes(b""), "line 1: office: there is no such column"),
        (lambda path: path.write_bytes(path.read_bytes() + b"\xff\xfe\n"), "is not UTF-8"),
        (lambda path: path.write_bytes(gzip.compress(path.read_bytes())[:-20]), "is a damaged gzip file"),
        (lambda path: path.write_bytes(b"\x1f\x8bnot gzip"), "is a damaged gzip file"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be read"),
        (lambda path: path.write_text(",".join(COLUMNS) + "\n"), "has no rows"),
    ],
)
def test_what_is_no_table_is_told(tmp_path: Path, spoil: Callable[[Path], object], problem: str) -> None:
    path = write_file(tmp_path / "file.csv", [GOOD])
    spoil(path)
    assert problem in told(path)


def test_packed_and_plain_files_read_alike_and_other_columns_are_passed_over(tmp_path: Path) -> None:
    more = ("stated_service_minutes", *reversed(COLUMNS))
    rows = [{**row(), "stated_service_minutes": "60"}]
    plain = read_office(write_file(tmp_path / "a.csv", rows), OFFICE, None, None)
    packed = read_office(write_file(tmp_path / "b.csv.gz", rows, more), OFFICE, None, None)
    assert plain.queues == packed.queues
    assert plain.days[0].waiting == packed.days[0].waiting == [[3.0]]


def test_a_queue_that_a_snapshot_does_not_tell_of_is_as_it_was(tmp_path: Path) -> None:
    rows = [row(), row(queue_id="8", letter="B", waiting="9"), row(time="08:10", waiting="4")]
    office = read_office(write_file(tmp_path / "file.csv", rows), OFFICE, None, None)
    assert office.days[0].waiting.tolist() == [[3.0, 9.0], [4.0, 9.0]]
