"""What goes wrong with real displays: each is recognised, named, and left out or treated."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.simulation.calibration.displays import (
    OFFICE,
    Change,
    Row,
    changed,
    shown_days,
    write_file,
)
from vikno.queue.hallfile import parse_hall
from vikno.simulation.calibration.result import Calibration
from vikno.simulation.calibration.snapshots import calibrate_snapshots

DAYS = 5
HOLIDAY, LATE_DAY = "2020-03-04", "2020-03-02"

HALL = """
format = 1
[hall]
id = "known"
name = { en = "Known" }
opens = "08:00"
closes = "16:00"

[[services]]
id = "a"
prefix = "A"
name = { en = "Long lines" }
arrivals = [["08:00", 18.0]]
service = { distribution = "lognormal", mean = 6.0, cv = 0.6 }

[[services]]
id = "b"
prefix = "B"
name = { en = "Another desk" }
arrivals = [["08:00", 9.0]]
service = { distribution = "lognormal", mean = 10.0, cv = 0.6 }

[[windows]]
id = "a"
count = 2
skills = { a = 1.0 }

[[windows]]
id = "b"
count = 2
skills = { b = 1.0 }
open = [["08:05", "15:55"]]
"""

A, B = "a-0", "b-1"


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return shown_days(parse_hall(HALL), seed=5, days=DAYS)


@pytest.fixture(scope="module")
def plain(rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    """Nothing is wrong with these displays."""
    return calibrate_snapshots(write_file(tmp_path_factory.mktemp("plain") / "file.csv", rows), OFFICE)


Watch = Callable[..., Calibration]


@pytest.fixture
def watch(rows: list[Row], tmp_path: Path) -> Watch:
    """What is found after these things have gone wrong."""

    def look(*changes: Change) -> Calibration:
        return calibrate_snapshots(write_file(tmp_path / "file.csv", changed(rows, *changes)), OFFICE)

    return look


def minutes(row: Row) -> int:
    return int(row["time"][:2]) * 60 + int(row["time"][3:])


def only(queue: str, day: str | None = None) -> Callable[[Change], Change]:
    """A change to one queue, on one day or on all."""

    def limit(change: Change) -> Change:
        return lambda row: change(row) if row["queue_id"] == queue and day in {None, row["date"]} else row

    return limit


def said(calibration: Calibration, *words: str) -> bool:
    """Whether one of the notes has all these words."""
    notes = (*calibration.left_out, *calibration.unknown)
    return any(all(word in note for word in words) for note in notes)


def visitors(calibration: Calibration, service: str) -> float:
    """A day, by the rates."""
    plan = calibration.plan
    rows = [*plan.service[service].arrivals, (plan.closes, 0.0)]
    return sum((end - start) / 60 * rate for (start, rate), (end, _) in pairwise(rows))


def mean_minutes(calibration: Calibration, service: str) -> float:
    rows = calibration.plan.service[service].service
    return sum(distribution.mean_minutes for _, distribution in rows) / len(rows)


def test_of_displays_without_fault_nothing_is_left_out(plain: Calibration) -> None:
    assert plain.left_out == ()
    assert len(plain.days) == DAYS


def test_a_dead_display_is_left_out(watch: Watch) -> None:
    found = watch(only("1")(lambda row: {**row, "now_serving": "B001" if row["now_serving"] else ""}))
    assert said(found, "B: dead displays")
    assert list(found.plan.service) == [A]


def test_a_queue_nobody_uses_is_left_out(watch: Watch) -> None:
    quiet = {"waiting": "0", "windows_open": "0", "now_serving": ""}
    assert said(watch(only("1")(lambda row: {**row, **quiet})), "B: never an open window")


def test_a_holiday_is_left_out(watch: Watch, plain: Calibration) -> None:
    quiet = {"waiting": "0", "windows_open": "0", "now_serving": ""}
    found = watch(lambda row: {**row, **quiet} if row["date"] == HOLIDAY else row)
    assert said(found, f"{HOLIDAY}: closed")
    assert HOLIDAY not in found.days
    assert visitors(found, A) == pytest.approx(visitors(plain, A), rel=0.1)


def test_a_holiday_with_windows_left_open_is_one_too(watch: Watch) -> None:
    quiet = {"waiting": "0", "windows_open": "2", "now_serving": ""}
    assert HOLIDAY not in watch(lambda row: {**row, **quiet} if row["date"] == HOLIDAY else row).days


def test_a_day_with_other_hours_is_left_out(watch: Watch) -> None:
    def early(row: Row) -> Row:
        over = row["date"] == HOLIDAY and minutes(row) > 13 * 60
        return {**row, "waiting": "0", "windows_open": "0", "now_serving": ""} if over else row

    found = watch(early)
    assert said(found, f"{HOLIDAY}: other hours")
    assert HOLIDAY not in found.days
    assert (found.plan.opens, found.plan.closes) == (480, 960)


def test_the_days_of_the_week_that_are_wanted_have_their_own_hours(tmp_path: Path) -> None:
    """Mondays until six, Tuesdays and Wednesdays until four."""
    late = parse_hall(HALL.replace('closes = "16:00"', 'closes = "18:00"'))
    rows = shown_days(late, 1, 1)
    for day, seed in (("2020-03-03", 2), ("2020-03-04", 3)):
        rows += [{**row, "date": day} for row in shown_days(parse_hall(HALL), seed, 1)]
    path = write_file(tmp_path / "file.csv", rows)
    every, mondays = (calibrate_snapshots(path, OFFICE, weekdays=days) for days in ((), (0,)))
    assert every.plan.closes == 16 * 60
    assert said(every, "2020-03-02: other hours")
    assert mondays.plan.closes == 18 * 60
    assert mondays.days == ("2020-03-02",)


def test_a_day_of_which_too_much_is_missing_is_left_out(watch: Watch) -> None:
    found = watch(
        lambda row: None if row["date"] == HOLIDAY and 600 < minutes(row) < 840 else row,
    )
    assert said(found, f"{HOLIDAY}: no snapshots for")


def test_a_gap_is_named_and_bridged(watch: Watch, plain: Calibration) -> None:
    found = watch(lambda row: None if row["date"] == HOLIDAY and 660 < minutes(row) < 720 else row)
    assert said(found, f"{HOLIDAY} from 11:00 to 12:00: no snapshots")
    assert HOLIDAY in found.days
    assert visitors(found, A) == pytest.approx(visitors(plain, A), rel=0.05)
    assert mean_minutes(found, A) == pytest.approx(mean_minutes(plain, A), rel=0.1)


def test_a_jump_of_the_counter_is_no_visitors(watch: Watch, plain: Calibration) -> None:
    def jump(row: Row) -> Row:
        number = row["now_serving"][1:]
        moved = number and minutes(row) > 700
        return {**row, "now_serving": f"A{int(number) + 500}"} if moved else row

    found = watch(only("0", HOLIDAY)(jump))
    assert said(found, "jumps of a counter", "A (1)")
    assert visitors(found, A) == pytest.approx(visitors(plain, A), rel=0.05)


def test_a_lagging_display_is_named_and_nobody_is_lost(watch: Watch, plain: Calibration) -> None:
    """The number is seen anew every quarter of an hour only; the line at every snapshot."""
    told: dict[tuple[str, str], str] = {}

    def lag(row: Row) -> Row:
        key = row["date"], row["queue_id"]
        if minutes(row) % 15 == 0:
            told[key] = row["now_serving"]
        return {**row, "now_serving": told.get(key, "")}

    found = watch(only("0")(lag))
    assert said(found, "contradict the line", "A (")
    assert not said(found, "contradict the line", "B (")
    assert visitors(found, A) == pytest.approx(visitors(plain, A), rel=0.05)
    assert mean_minutes(found, A) == pytest.approx(mean_minutes(plain, A), rel=0.15)


def test_tickets_of_another_queue_are_not_its_own(watch: Watch, plain: Calibration) -> None:
    def foreign(row: Row) -> Row:
        return {**row, "now_serving": "B777"} if minutes(row) % 20 == 0 else row

    found = watch(only("0")(foreign))
    assert said(found, "letter of another queue", "A (")
    assert visitors(found, A) == pytest.approx(visitors(plain, A), rel=0.05)


def test_windows_that_were_not_signed_off_are_not_believed(watch: Watch, plain: Calibration) -> None:
    found = watch(only("0", LATE_DAY)(lambda row: {**row, "windows_open": "9"}))
    assert said(found, f"the windows of A on {LATE_DAY}", "stood open in the evening")
    assert len(found.plan.skilled[A]) == len(plain.plan.skilled[A]) == 2
    assert mean_minutes(found, A) == pytest.approx(mean_minutes(plain, A), rel=0.1)


def test_windows_that_were_never_signed_off_are_said_to_be_unknown(watch: Watch) -> None:
    found = watch(only("0")(lambda row: {**row, "windows_open": "9"}))
    assert said(found, "how many windows A had")


def test_queues_with_one_counter_are_named_and_the_visitors_divided(
    rows: list[Row], plain: Calibration, tmp_path: Path
) -> None:
    """Both queues show tickets of one counter: how many of both had been called."""
    called: dict[tuple[str, str], str] = {}
    shown: dict[tuple[str, str], str] = {}
    shared: list[Row] = []
    for row in rows:
        mine, others = (row["date"], row["queue_id"]), (row["date"], "01".replace(row["queue_id"], ""))
        if row["now_serving"] != called.get(mine, ""):
            called[mine] = row["now_serving"]
            both = sum(int(called[queue][1:]) for queue in (mine, others) if queue in called)
            shown[mine] = f"A{both:03}"
        shared.append({**row, "letter": "A", "now_serving": shown.get(mine, "")})
    found = calibrate_snapshots(write_file(tmp_path / "file.csv", shared), OFFICE)
    assert said(found, "one counter")
    assert visitors(found, A) == pytest.approx(visitors(plain, A), rel=0.15)
    assert visitors(found, "a-1") == pytest.approx(visitors(plain, B), rel=0.15)


def test_windows_that_switch_to_another_queue_and_back_serve_both(rows: list[Row], tmp_path: Path) -> None:
    """Each window shows the queue of the visitor it serves now."""

    def switch(row: Row) -> Row:
        if not 490 < minutes(row) < 950:
            return row
        at_b = minutes(row) // 5 % 3 == 0
        return {
            **row,
            "windows_open": ("1" if at_b else "2") if row["queue_id"] == "0" else ("3" if at_b else "2"),
        }

    found = calibrate_snapshots(write_file(tmp_path / "file.csv", changed(rows, switch)), OFFICE)
    assert {frozenset(window.skills) for window in found.plan.windows} == {frozenset({A, B})}


def test_who_stands_at_the_door_comes_at_opening(watch: Watch) -> None:
    """Twelve tickets before eight o'clock."""

    def crowd(row: Row) -> Row:
        return {**row, "waiting": str(int(row["waiting"]) + max(0, 12 - max(0, minutes(row) - 480) // 10))}

    found = watch(only("0")(crowd))
    (opening, first), (after, later) = found.plan.service[A].arrivals[:2]
    assert opening == 480
    assert after <= 500, "the crowd has its own stretch, not half an hour"
    assert first > 3 * later
