"""What if, as a manager uses it: change, run, see the band narrow, cancel, compare, share, take it along."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import Any

import psutil
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

from tests.api.running import Server, hall_text
from tests.api.trying import tried_hall
from tests.pages.devices import POCKET, Devices, press, until
from tests.pages.halls import Hall
from vikno.api.access import Role
from vikno.api.people.tokens import Tokens
from vikno.queue.hallfile import parse_hall

FEW, MANY = "20", "2000"
"""Days: done at once, and never done."""

HALLS = ("hall-1", "hall-2", "hall-3", "hall-4")
"""In turn, so that a run that a test has left is over when its hall is used again."""

BARE = "bare"

BAND_MINUTES = """() => {
  const chart = document.querySelector("#waits-title").closest("section").querySelector("svg");
  const lines = [...chart.querySelectorAll(".chart-grid")].map((one) => ({
    minutes: Number(one.querySelector("text").textContent),
    y: Number(one.querySelector("line").getAttribute("y1")),
  }));
  const [zero, top] = [lines[0], lines[lines.length - 1]];
  const points = [...chart.querySelectorAll("path.band-b")].flatMap((band) => {
    const spots = band.getAttribute("d").match(/[\\d.]+ [\\d.]+/g).map((one) => Number(one.split(" ")[1]));
    return spots.slice(0, spots.length / 2).map((high, place) => spots[spots.length - 1 - place] - high);
  });
  const mean = points.reduce((sum, one) => sum + one, 0) / points.length;
  return mean * (top.minutes - zero.minutes) / (zero.y - top.y);
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, bytecode: Path) -> Iterator[Server]:
    """Halls with visitors, and one of which nothing is known."""
    halls = [tried_hall(hall) for hall in HALLS]
    running = Server(tmp_path_factory.mktemp("server"), bytecode, *halls, hall_text(BARE))
    running.start()
    yield running
    running.kill()
    running.check_log()


@pytest.fixture(scope="module")
def names() -> Iterator[str]:
    """The halls in turn: trying plans changes none of them."""
    return cycle(HALLS)


@pytest.fixture
def open_page(devices: Devices, hall: Hall) -> Callable[..., Page]:
    """The page in English, or however asked for."""

    def opened(size: Any = None, **query: str) -> Page:
        options = {"viewport": size} if size else {}
        page = devices.open(hall.whatif(**({"lang": "en"} | query)), **options)
        expect(page.locator(".post").first).to_be_visible()
        return page

    return opened


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


def post(page: Page, label: str) -> Locator:
    """The line of a window."""
    number = page.locator(".post-label .number").get_by_text(label, exact=True)
    return page.locator(".post").filter(has=number)


def edit(page: Page, label: str) -> Locator:
    """The window with its editor open."""
    one = post(page, label)
    one.get_by_role("button", name=re.compile("^(Change|Змінити)")).click()
    expect(one.locator(".post-editor")).to_be_visible()
    return one


def close_window(page: Page, label: str) -> None:
    edit(page, label).get_by_role("button", name="Close this window").click()


def days(page: Page, count: str) -> None:
    page.get_by_label("Days", exact=True).fill(count)


def run(page: Page, count: str = FEW) -> None:
    """A run to its end."""
    days(page, count)
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("link", name="XLSX")).to_be_visible()


def answer(page: Page) -> str:
    return page.locator(".answer").inner_text()


def figures(page: Page) -> list[str]:
    """Every number of the table, as it is read."""
    return page.locator(".figures-table tbody tr").all_inner_texts()


def sheet(page: Page) -> list[dict[str, str]]:
    """The rows of the CSV."""
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    return list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8"))))


def number_of(rows: list[dict[str, str]], plan: str, figure: str) -> float:
    [row] = [row for row in rows if (row["plan"], row["part"], row["figure"]) == (plan, "hall", figure)]
    return float(row["value"])


def test_a_window_less_is_one_sentence_a_table_and_two_charts(page: Page) -> None:
    expect(page.locator(".different")).to_contain_text("Nothing")
    close_window(page, "3")
    expect(page.locator(".difference")).to_have_count(1)
    expect(page.locator(".difference")).to_contain_text("Window 3: closed")
    run(page)
    assert answer(page).startswith("Plan B lengthens the mean wait by ")
    heads = page.locator(".figures-table thead th").all_inner_texts()
    assert heads == ["Figure", "Today’s plan", "Plan B", "Difference"]
    for title in ("Mean wait by time of arrival", "People waiting"):
        chart = page.locator(".course", has=page.get_by_role("heading", name=title))
        expect(chart.locator("path.course-a")).not_to_have_count(0)
        expect(chart.locator("path.course-b")).not_to_have_count(0)
        expect(chart.locator("figcaption")).to_contain_text("Plan B: ")
        chart.get_by_text("As a table").click()
        expect(chart.locator("tbody tr").first).to_contain_text("08:00")


def test_the_band_appears_and_narrows_while_days_are_simulated(page: Page) -> None:
    close_window(page, "4")
    days(page, "400")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("path.band-b").first).to_be_attached()
    first, early = page.evaluate(BAND_MINUTES), answer(page)
    expect(page.locator("progress")).to_be_visible()
    until(page, "the band is half as wide", lambda: page.evaluate(BAND_MINUTES) < first / 2)
    expect(page.get_by_role("link", name="XLSX")).to_be_visible()
    assert page.locator("progress").count() == 0
    assert answer(page) != early


def test_the_band_can_show_days_instead(page: Page) -> None:
    run(page)
    sure = page.evaluate(BAND_MINUTES)
    page.get_by_label("where 8 of 10 days lie").check()
    assert page.evaluate(BAND_MINUTES) > sure


def test_cancel_keeps_what_there_is_and_the_link_brings_the_same_numbers_back(
    page: Page, devices: Devices, hall: Hall
) -> None:
    close_window(page, "4")
    edit(page, "1").get_by_label("from", exact=False).first.fill("09:00")
    days(page, MANY)
    page.get_by_role("button", name="Run").click()
    expect(page.locator(".answer")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled; this is what there is.")).to_be_visible()
    expect(page.get_by_role("link", name="XLSX")).to_be_visible()
    link = page.get_by_label("Link to these plans and these days").input_value()
    assert link == page.url, "what is seen stands in the address"
    other = devices.open(f"{link}#token={hall.token(Role.MANAGER)}")
    expect(other.get_by_role("link", name="XLSX")).to_be_visible()
    for what in (answer, figures, sheet):
        assert what(other) == what(page)
    told = other.locator(".difference").all_inner_texts()
    assert told == page.locator(".difference").all_inner_texts()
    assert "token" not in other.url


def test_what_is_not_run_yet_is_in_the_address_too(page: Page) -> None:
    close_window(page, "2")
    page.get_by_label("All visitors").fill("120")
    page.reload()
    expect(page.locator(".difference")).to_have_count(2)
    expect(page.locator(".difference").last).to_contain_text("Window 2: closed")
    assert page.locator(".answer").count() == 0, "nothing runs by itself that was not run before"


def test_a_link_to_another_plan_says_so(open_page: Callable[..., Page]) -> None:
    page = open_page(**{"try": "eyJhIjp7ImNoYW5nZXMiOltdfSwiYiI6eyJjaGFuZ2VzIjpbXX0sInBsYW4iOiJvbGQifQ"})
    expect(page.locator(".notice")).to_contain_text("has changed since this link was made")


@pytest.mark.parametrize(
    "broken",
    ["eyJh", "!!!", "eyJhIjp7ImNoYW5nZXMiOlt7ImNoYW5nZSI6InNldC1ob3VycyJ9XX0sImIiOnsiY2hhbmdlcyI6WzddfX0"],
)
def test_a_broken_link_opens_the_page_as_it_is(open_page: Callable[..., Page], broken: str) -> None:
    page = open_page(**{"try": broken})
    expect(page.locator(".different")).to_contain_text("Nothing")


def test_the_sheets_hold_the_numbers_of_the_page(page: Page) -> None:
    close_window(page, "3")
    run(page)
    rows = sheet(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").click()
    assert download.value.suggested_filename.endswith("-what-if.xlsx")
    book = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    cells = [[cell.value for cell in row] for row in book["Answer"].iter_rows()]
    assert cells[0][0] == answer(page)
    [mean] = [row for row in cells if row[0] == "Mean wait"]
    shown = page.locator(".figures-table .value").all_inner_texts()
    for place, plan in enumerate(("today", "b")):
        value = number_of(rows, plan, "wait_mean")
        assert mean[1 + 3 * place] == value
        assert shown[place] == f"{value:.1f}"


def test_the_changed_plan_is_a_hall_file(page: Page) -> None:
    close_window(page, "3")
    page.get_by_role("button", name="One more window with a person").click()
    run(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Hall file of Plan B").click()
    plan = parse_hall(Path(download.value.path()).read_text(encoding="utf-8"))
    assert list(plan.window) == ["w-1", "w-2", "w-4", "w-5"]
    assert plan.window["w-5"].skills == {"residence": 0.8}, "like the last one"


def test_hours_services_and_pace_are_changed_at_the_window(page: Page) -> None:
    one = edit(page, "4")
    one.get_by_role("checkbox", name="Passport").check()
    one.get_by_label("times the usual duration, Passport").fill("1,5")
    expect(one.locator(".skill").first).to_contain_text("18.0 min")
    one.get_by_role("button", name="More hours").click()
    hours = one.locator(".clock-time")
    for place, time in enumerate(("08:00", "12:00", "12:30", "15:00")):
        hours.nth(place).fill(time)
    expect(page.locator(".difference")).to_have_text(
        [re.compile("08:00–12:00, 12:30–15:00"), re.compile(r"services A×1\.5 B×0\.8")]
    )
    run(page)
    expect(page.get_by_role("heading", name="What is different")).to_be_visible()
    one.get_by_role("button", name="As today").click()
    expect(page.locator(".difference")).to_have_count(0)
    expect(page.locator(".notice")).to_contain_text("The plans have been changed since")


def test_visitors_and_the_rule_are_changed(page: Page) -> None:
    page.get_by_label("All visitors").fill("150")
    expect(page.locator(".percent-count").first).to_contain_text("124 → 186 a day")
    page.get_by_text("By service").first.click()
    page.get_by_label("Residence").first.fill("50")
    page.get_by_role("combobox", name="Who is called next").select_option("priority")
    expect(page.locator(".difference")).to_have_count(3)
    run(page)
    assert "Plan B" in answer(page)
    rows = sheet(page)
    spread = page.get_by_role("row", name="Spread of occupancy").locator(".value").first
    expect(spread).to_have_text(f"{100 * number_of(rows, 'today', 'occupancy_spread'):.0f}%")
    services = page.locator("details.panel", has_text="19 of 20 wait up to")
    expect(services.locator("th", has_text="Overtaken at least once, Plan B")).to_have_count(1)


def test_any_two_plans_are_compared(page: Page) -> None:
    close_window(page, "4")
    page.get_by_label("Today’s plan").check()
    page.get_by_role("button", name="Take over everything from Plan B").click()
    expect(page.get_by_label("Plan A")).to_be_checked()
    expect(page.locator(".difference")).to_have_text([re.compile("Window 4: closed")])
    edit(page, "1").get_by_role("checkbox", name="Residence").uncheck()
    run(page)
    heads = page.locator(".figures-table thead th").all_inner_texts()
    assert heads[1:3] == ["Plan A", "Plan B"]


def test_a_plan_that_changes_nothing_is_told_alone(page: Page) -> None:
    run(page)
    assert answer(page).startswith("Today’s plan: visitors wait ")
    assert page.locator(".figures-table thead th").count() == 2


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Give times such as 08:00"), ("uk", "Вкажіть час як 08:00")],
)
def test_an_error_stands_beside_its_field(open_page: Callable[..., Page], language: str, words: str) -> None:
    page = open_page(lang=language)
    one = edit(page, "2")
    field = one.locator(".clock-time").first
    field.fill("25:00")
    one.get_by_role("button", name=re.compile("Done|Готово")).click()
    page.locator(".run-button").click()
    wrong = one.locator(".wrong")
    expect(wrong).to_contain_text(words)
    expect(wrong).to_contain_text("'25:00' is not a clock time")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_attribute("aria-describedby", str(wrong.get_attribute("id")))
    assert page.locator(".answer").count() == 0
    field.fill("09:00")
    page.locator(".run-button").click()
    expect(page.locator(".answer")).to_be_visible()
    assert page.locator(".wrong").count() == 0


def test_every_kind_of_error_has_its_place(page: Page) -> None:
    page.get_by_label("Days", exact=True).fill("0")
    page.get_by_role("button", name="Run").click()
    expect(page.locator(".whole .wrong")).to_contain_text("use 1 to 2000")
    days(page, FEW)
    page.get_by_label("All visitors").fill("a lot")
    page.get_by_role("button", name="Run").click()
    expect(page.locator(".percent .wrong")).to_contain_text("from 0 to 1000")
    page.get_by_label("All visitors").fill("100")
    for label in ("1", "2", "3"):
        close_window(page, label)
    page.get_by_role("button", name="Run").click()
    expect(page.locator(".part > .wrong")).to_contain_text("No window serves “Passport” any more")
    close_window(page, "4")
    page.get_by_role("button", name="Run").click()
    expect(page.locator(".part > .wrong")).to_contain_text("At least one window must stay open")


def test_the_keyboard_is_enough(page: Page) -> None:
    def tab_to(target: Locator) -> None:
        def there() -> bool:
            press(page, "Tab")
            return bool(target.evaluate("(one) => one === document.activeElement"))

        until(page, "the focus is there", there)

    one = post(page, "1")
    tab_to(one.get_by_role("button", name="Change"))
    press(page, "Enter")
    tab_to(one.locator(".clock-time").nth(1))
    page.keyboard.type("11:00")
    tab_to(page.get_by_label("Days", exact=True))
    page.keyboard.type(FEW)
    press(page, "Enter")
    expect(page.get_by_role("link", name="XLSX")).to_be_visible()
    expect(page.locator(".difference")).to_contain_text("08:00–11:00")
    tab_to(page.get_by_role("link", name="CSV"))


def test_the_language_changes_at_a_press_and_the_result_with_it(page: Page) -> None:
    close_window(page, "3")
    run(page)
    page.get_by_role("button", name="Українська").click()
    expect(page.locator(".answer")).to_contain_text("План Б подовжує середнє очікування")
    assert "," in page.locator(".figures-table .value").first.inner_text()
    assert "lang=uk" in page.url


def test_a_run_that_breaks_off_keeps_what_came(page: Page, server: Server) -> None:
    close_window(page, "3")
    days(page, MANY)
    page.get_by_role("button", name="Run").click()
    expect(page.locator(".answer")).to_be_visible()
    for process in psutil.Process(server.pid).children(recursive=True):
        process.kill()
    expect(page.get_by_role("alert")).to_contain_text("broke off")
    expect(page.locator(".answer")).to_be_visible()
    run(page)
    assert page.get_by_role("alert").count() == 0


def test_leaving_the_page_ends_its_run(page: Page, server: Server) -> None:
    close_window(page, "3")
    days(page, MANY)
    page.get_by_role("button", name="Run").click()
    expect(page.locator(".answer")).to_be_visible()
    page.goto("about:blank")
    until(page, "nothing is simulated", lambda: at_work(server) < 5)


def at_work(server: Server) -> float:
    """Percent of a processor that the server's experiments take; one that has ended takes none."""
    percent = 0.0
    for process in psutil.Process(server.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            percent += process.cpu_percent(0.2)
    return percent


def test_on_a_phone_the_result_comes_into_view(open_page: Callable[..., Page]) -> None:
    page = open_page(POCKET)
    page.get_by_role("button", name="Run").click()
    expect(page.locator(".answer")).to_be_in_viewport()


def test_a_hall_of_which_nothing_is_known_says_how_to_mend_it(
    devices: Devices, server: Server, tokens: Tokens
) -> None:
    bare = Hall(server, tokens, BARE)
    page = devices.open(bare.whatif(lang="en"))
    expect(page.locator(".missing")).to_contain_text("does not say how many visitors come")
    expect(page.locator(".missing")).to_contain_text(f"vikno calibrate --journal data --hall {BARE}")
    bare.close()


def test_who_may_not_try_plans_is_told_so(devices: Devices, hall: Hall) -> None:
    address = hall.whatif(lang="en").partition("#")[0]
    page = devices.open(f"{address}#token={hall.token(Role.CLERK, 'w-1')}")
    expect(page.get_by_role("alert")).to_contain_text("This page is for managers.")


def test_the_overview_leads_here_and_back(devices: Devices, hall: Hall) -> None:
    page = devices.open(hall.overview(lang="en"))
    page.get_by_role("link", name="What if").click()
    expect(page.locator(".post").first).to_be_visible()
    page.get_by_role("link", name="The hall now").click()
    expect(page.locator(".tile").first).to_be_visible()
