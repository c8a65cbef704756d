"""The roster, as a manager uses it: drag, keys, menus; each change is judged at once and never lost."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

from tests.api.rostering import upload
from tests.api.running import Server, hall_text
from tests.api.trying import tried_hall
from tests.pages.devices import POCKET, Devices, Wire, press
from tests.pages.halls import Hall

HALLS_MAX = 20
"""More than there are tests."""

MONDAY, TUESDAY, FRIDAY, SATURDAY = "0", "1", "4", "5"
HOUR_SHARE = 1 / 8
"""Of the width of a lane: the hall and its shifts go from 08:00 to 16:00."""

SUCCESSION = "Олена: the shift on Tue, Nov 24 may not follow that of the day before."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, bytecode: Path) -> Iterator[Server]:
    """Halls with visitors."""
    halls = [tried_hall(f"hall-{number}") for number in range(1, HALLS_MAX + 1)]
    running = Server(tmp_path_factory.mktemp("server"), bytecode, *halls, hall_text("bare"))
    running.start()
    yield running
    running.kill()
    running.check_log()


@pytest.fixture(scope="module")
def names() -> Iterator[str]:
    """The halls nobody has been in yet."""
    return (f"hall-{number}" for number in range(1, HALLS_MAX + 1))


@pytest.fixture
def open_page(devices: Devices, hall: Hall) -> Callable[..., Page]:
    """The page on Monday, in English or however asked for."""

    def opened(size: Any = None, **query: str) -> Page:
        page = devices.open(hall.roster(**({"lang": "en"} | query)), **({"viewport": size} if size else {}))
        page.locator(".day-go select").select_option(MONDAY)
        return page

    hall.bring_roster(upload())
    return opened


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


def row(page: Page, person: str) -> Locator:
    return page.locator(f'.gantt-row[data-staff="{person}"]')


def bar(page: Page, person: str) -> Locator:
    return row(page, person).locator(".bar")


def drag(page: Page, grip: Locator, hours: float, onto: Locator | None = None, at: float = 0.5) -> None:
    """By so many hours, from a point at this share of its width; perhaps onto another row."""
    box, lane = (
        grip.bounding_box(),
        grip.locator("xpath=ancestor::*[contains(@class, 'lane')]").bounding_box(),
    )
    assert box is not None
    assert lane is not None
    x, y = box["x"] + box["width"] * at, box["y"] + box["height"] / 2
    goal = y
    if onto is not None:
        under = onto.bounding_box()
        assert under is not None
        goal = under["y"] + under["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + lane["width"] * HOUR_SHARE * hours, goal, steps=8)
    page.mouse.up()


def shows(where: Locator, times: str) -> None:
    expect(where).to_contain_text(times)


def costs(page: Page) -> dict[str, list[str]]:
    """Before, after and difference by soft rule."""
    rows = page.locator('.side-part[aria-labelledby="costs-title"] tbody tr').all()
    return {one.locator("th").inner_text(): one.locator("td").all_inner_texts() for one in rows}


def test_a_dragged_shift_is_judged_at_once_rule_cost_and_waits(page: Page) -> None:
    expect(page.locator(".rules-kept")).to_be_visible()
    drag(page, bar(page, "olena"), 2)
    shows(bar(page, "olena"), "10:00–16:00")
    expect(page.locator(".rule-broken")).to_have_text(f"{SUCCESSION} new")
    assert costs(page)["Changes to the roster in force"] == ["0", "3", "+3"]
    expect(page.locator(".twin-words")).to_contain_text("People would wait")
    expect(page.locator(".editor-said")).to_have_text(
        "Олена, Monday, November 23: 10:00–16:00, break 12:00–12:30."
    )
    expect(page.get_by_role("button", name="Put in force")).to_have_attribute("aria-disabled", "true")


def test_keys_do_the_same_and_undo_it(page: Page) -> None:
    bar(page, "olena").focus()
    press(page, "ArrowRight", "ArrowRight")
    shows(bar(page, "olena"), "10:00–16:00")
    expect(page.locator(".rule-broken")).to_contain_text(SUCCESSION)
    press(page, "ArrowRight")
    expect(page.locator(".editor-said")).to_have_text("There is no such shift.")
    press(page, "Control+z", "Control+z")
    shows(bar(page, "olena"), "08:00–14:00")
    expect(page.locator(".rules-kept")).to_be_visible()
    press(page, "Control+y")
    shows(bar(page, "olena"), "09:00–15:00")
    press(page, "Delete")
    expect(row(page, "olena").locator(".lane-free")).to_have_text("free")
    press(page, "ArrowDown")
    expect(bar(page, "ivan")).to_be_focused()


def test_an_edge_and_a_break_are_dragged_to_what_exists(page: Page) -> None:
    drag(page, bar(page, "ivan").locator(".bar-edge-right"), 0.8)
    shows(bar(page, "ivan"), "09:00–16:00")
    pause = row(page, "ivan").locator(".pause")
    drag(page, pause, -1)
    expect(pause).to_have_attribute("aria-label", "Іван: break 11:00–11:30")
    pause.focus()
    press(page, "ArrowRight")
    expect(pause).to_have_attribute("aria-label", "Іван: break 11:15–11:45")


def test_a_shift_given_to_another_person_is_exchanged(page: Page) -> None:
    drag(page, bar(page, "ivan"), 0, onto=row(page, "taras"), at=0.2)
    shows(bar(page, "taras"), "09:00–15:00")
    expect(row(page, "ivan").locator(".lane-free")).to_be_visible()
    bar(page, "taras").focus()
    press(page, "Shift+ArrowUp")
    shows(row(page, "taras"), "09:00–15:00")  # Maria worked the same shift: they exchange
    expect(page.locator(".editor-said")).to_have_text("Given to Марія.")


def test_a_shift_on_a_closed_day_breaks_a_rule_and_nobody_is_said_to_wait(page: Page) -> None:
    page.locator(".day-go select").select_option(SATURDAY)
    row(page, "olena").locator(".lane-free").click()
    page.get_by_label("Shift", exact=True).select_option("early")
    expect(page.get_by_text("The hall is closed on this day")).to_be_visible()
    expect(page.locator(".twin-words")).to_have_count(0)


def test_an_escaped_drag_changes_nothing(page: Page) -> None:
    box = bar(page, "olena").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 10, steps=4)
    shows(bar(page, "olena"), "10:00–16:00")
    press(page, "Escape")
    page.mouse.up()
    shows(bar(page, "olena"), "08:00–14:00")
    expect(page.get_by_role("heading", name="Nothing changed")).to_be_visible()


SHIFTS: list[dict[str, Any]] = [
    {"id": f"{starts}-{ends}", "starts": starts, "ends": ends, "breaks": []}
    for starts in (360, 420, 480, 600)
    for ends in (780, 840, 960, 1020)
]
"""Early and late, long and short."""

STEPS = """async ({ shifts, part }) => {
  const { nearest, stepped } = await import("/static/js/rostershifts.js");
  return shifts.map((first) => [1, -1].map((direction) => {
    const seen = [first];
    for (let next = first; (next = stepped(shifts, next, part, direction)); ) seen.push(next);
    return { seen, self: nearest(shifts, first, part) };
  }));
}"""


@pytest.mark.parametrize(("part", "edge"), [("both", "starts"), ("starts", "starts"), ("ends", "ends")])
def test_keys_step_through_the_shifts_that_exist_one_way_and_to_the_end(
    page: Page, part: str, edge: str
) -> None:
    edges = sorted({shift[edge] for shift in SHIFTS})
    found = page.evaluate(STEPS, {"shifts": SHIFTS, "part": part})
    for first, ways in zip(SHIFTS, found, strict=True):
        for way, ahead in zip(ways, (edges, edges[::-1]), strict=True):
            passed = [shift[edge] for shift in way["seen"]]
            assert passed == ahead[ahead.index(first[edge]) :]  # every edge once, none left out
            assert way["self"] == first  # what exists is nearest to itself
            if part != "both":
                other = "ends" if edge == "starts" else "starts"
                assert {shift[other] for shift in way["seen"]} == {first[other]}  # the other edge is held


def test_what_is_missing_is_drawn_told_and_taken_along(page: Page) -> None:
    expect(page.locator(".cover figcaption")).to_contain_text("Most people are missing")
    page.locator(".cover select").select_option("residence")
    expect(page.locator(".cover figcaption")).to_have_text(
        "Most people are missing at 12:00: 1. Over the day 0.5 hours of work are missing."
    )
    page.locator(".gantt-row").last.locator(".lane-free").click()
    page.locator(".cover select").select_option("")
    cover = page.locator(".cover")
    cover.locator("summary").click()
    shown = [one.locator("td").all_inner_texts() for one in cover.locator("tbody tr").all()]
    with page.expect_download() as download:
        cover.get_by_role("button", name="CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    table = list(csv.reader(io.StringIO(text)))
    assert [[cell.replace(".0", "") for cell in one] for one in shown] == table[1:]
    with page.expect_download() as download:
        cover.get_by_role("button", name="XLSX").click()
    [sheet] = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).worksheets
    cells = [[str(cell.value) for cell in one] for one in sheet.iter_rows(min_row=3)]
    assert cells == table


def test_what_was_saved_is_there_after_a_reload_and_can_be_put_in_force(page: Page, hall: Hall) -> None:
    bar(page, "ivan").focus()
    press(page, "ArrowLeft")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_text("Version 2, a draft; version 1 is in force")).to_be_visible()
    page.reload()
    page.locator(".day-go select").select_option(MONDAY)
    shows(bar(page, "ivan"), "08:00–14:00")
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("Version 3, in force")).to_be_visible()
    assert hall.kept_roster()["in_force"] == 3
    page.locator(".versions summary").click()
    page.get_by_role("button", name="Bring back version 1").click()
    shows(bar(page, "ivan"), "09:00–15:00")
    expect(page.get_by_role("heading", name="1 day changed")).to_be_visible()


def test_after_another_roster_file_the_version_before_it_is_brought_back_with_what_it_was_made_for(
    page: Page, tmp_path: Path
) -> None:
    body = upload()
    files = {"short.toml": body["file"].replace("days = 7", "days = 5"), **body["files"]}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    page.locator(".versions summary").click()
    page.locator("input[type=file]").set_input_files([str(tmp_path / name) for name in files])
    days = page.locator(".day-go option")
    expect(days).to_have_count(5)
    page.get_by_role("button", name="Bring back version 1").click()
    expect(days).to_have_count(7)
    expect(page.get_by_text("Version 3, a draft; version 2 is in force")).to_be_visible()


def test_a_clash_is_one_clear_message_and_nothing_is_lost(open_page: Callable[..., Page], hall: Hall) -> None:
    mine, theirs = open_page(), open_page()
    bar(theirs, "olena").focus()
    press(theirs, "ArrowRight")
    theirs.get_by_role("button", name="Save as a draft").click()
    expect(theirs.get_by_text("Version 2")).to_be_visible()
    bar(mine, "maria").focus()
    press(mine, "ArrowRight")
    mine.get_by_role("button", name="Save as a draft").click()
    expect(mine.get_by_role("alert")).to_contain_text("Somebody else has saved this roster meanwhile.")
    shows(bar(mine, "maria"), "10:00–16:00")
    mine.get_by_role("button", name="Put my changes on the newest version").click()
    shows(bar(mine, "olena"), "09:00–15:00")
    shows(bar(mine, "maria"), "10:00–16:00")
    mine.get_by_role("button", name="Save as a draft").click()
    expect(mine.get_by_text("Version 3")).to_be_visible()
    monday = {one["staff"]: one["shift"] for one in hall.kept_roster()["assignments"] if one["day"] == 0}
    assert monday == {"olena": "day", "ivan": "day", "maria": "late"}


def test_all_days_are_one_table_in_which_shifts_move(page: Page) -> None:
    page.get_by_role("button", name="All days").click()
    page.get_by_role("button", name="Тарас, Friday, November 27: free").click()
    page.get_by_label("Shift").select_option("day")
    cell = page.get_by_role("button", name="Тарас, Friday, November 27: 09:00–15:00, break 12:00–12:30")
    expect(cell).to_be_visible()
    cell.drag_to(page.get_by_role("button", name="Іван, Friday, November 27: free"))
    given = page.get_by_role("button", name="Іван, Friday, November 27: 09:00–15:00")
    expect(given).to_be_visible()
    given.focus()
    press(page, "Shift+ArrowUp")
    broken = page.get_by_role("button", name="Олена, Friday, November 27: 09:00–15:00")
    expect(broken).to_be_focused()
    expect(page.locator(".rule-broken")).to_contain_text(
        "Олена works on Fri, Nov 27, a day off. It must stay free."
    )
    expect(broken).to_have_accessible_name(
        "Олена, Friday, November 27: 09:00–15:00, break 12:00–12:30, a rule is broken, 9"
    )


def test_fairness_is_told_in_a_sentence_and_a_table(page: Page) -> None:
    page.get_by_role("button", name="Fairness").click()
    expect(page.locator(".fairness .chart-words")).to_have_text(
        "Furthest above their share: Іван, by 1.5; furthest below: Олена and 2 others, by 0.5."
    )
    ivan = page.locator(".fair-table tr", has_text="Іван").locator("td").all_inner_texts()
    assert ivan[:5] == ["+1.5", "2.0", "0.0", "2.0", "0.5"]


def test_a_search_is_watched_stopped_compared_and_taken_over(page: Page) -> None:
    page.get_by_role("button", name="Find a better one").click()
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator(".search-figures")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    found = page.locator(".found")
    expect(found).to_contain_text("days of people would be different")
    expect(found.locator("tr", has_text="Broken rules").locator("td")).to_have_text(["0", "0"])
    now, better = found.locator("tr", has_text="Together").locator("td").all_inner_texts()
    assert float(better.replace(",", "")) < float(now.replace(",", ""))
    page.get_by_role("button", name="Take this roster over").click()
    expect(page.locator(".rules-kept")).to_be_visible()
    expect(page.locator(".month-cell.is-changed").first).to_be_visible()
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("Version 2, in force")).to_be_visible()


def test_lessons_are_told_in_a_sentence_and_a_table(page: Page) -> None:
    page.get_by_role("button", name="Training").click()
    page.get_by_role("button", name="Look for lessons").click()
    expect(page.locator(".search .sentence")).to_contain_text("learns:")
    first = page.locator(".training-table tbody tr").first
    expect(first.locator("th")).to_contain_text("learns:")
    expect(first.locator("td").first).to_have_text("40")


def test_on_a_phone_everything_is_done_by_menus_in_the_readers_language(
    open_page: Callable[..., Page],
) -> None:
    page = open_page(POCKET, lang="uk")
    wire = Wire(page)
    bar(page, "olena").click()
    page.get_by_label("Зміна", exact=True).select_option("late")
    expect(page.locator(".rule-broken")).to_contain_text("не може йти після зміни попереднього дня")
    page.get_by_label("Перерва", exact=True).select_option("11:00–11:30")
    expect(page.locator(".editor-said")).to_have_text(
        "Олена, понеділок, 23 листопада: 10:00–16:00, перерва 11:00–11:30."
    )
    page.get_by_role("button", name="English").click()
    expect(page.locator(".rule-broken")).to_contain_text(SUCCESSION)
    expect(page.locator(".editor-said")).to_have_text(
        "Олена, Monday, November 23: 10:00–16:00, break 11:00–11:30."
    )
    assert not wire.troubles


def test_without_a_roster_the_page_takes_a_file_and_says_what_is_wrong_with_it(
    devices: Devices, hall: Hall, tmp_path: Path
) -> None:
    page = devices.open(hall.roster(lang="en"))
    expect(page.get_by_text("There is no roster yet.")).to_be_visible()
    body = upload()
    files = {"november.toml": body["file"].replace("days = 7", "days = 0"), **body["files"]}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    paths = [str(tmp_path / name) for name in files]
    page.locator("input[type=file]").set_input_files(paths)
    expect(page.get_by_role("alert")).to_contain_text("november.toml: roster.days")
    (tmp_path / "november.toml").write_text(body["file"], encoding="utf-8")
    page.locator("input[type=file]").set_input_files(paths)
    expect(page.get_by_text("Version 1, in force")).to_be_visible()
