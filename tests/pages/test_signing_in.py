"""People sign in, work at their window, and see what is open to them and nothing else."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.running import Server
from tests.pages.devices import POCKET, Devices, Wire, press, shows
from tests.pages.halls import Hall
from tests.pages.staff import PASSWORD, Staff
from vikno.api.access import PEOPLE, Role

FOREIGN = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "/\t/evil.example/",
    "javascript:alert(1)",
    "overview/hall-1",
    "/sign-in?next=/",
)


@pytest.fixture(scope="module")
def staff(server: Server) -> Staff:
    """The people of the server."""
    return Staff(server)


def known(html: str) -> dict[str, Any]:
    """What a frame says of the person in front of it."""
    [told] = re.findall(r'<script type="application/json" id="known">(.*?)</script>', html, re.DOTALL)
    found: dict[str, Any] = json.loads(told)
    return found


def fill(page: Page, name: str, password: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    press(page, "Enter")


def open_menu(page: Page, deed: str) -> None:
    page.locator(".who summary").click()
    page.locator(".who-menu").get_by_text(deed).click()


def test_a_clerk_signs_in_takes_a_window_and_works_there(devices: Devices, staff: Staff, hall: Hall) -> None:
    clerk = staff.person(Role.CLERK, hall.id, shown="Iryna")
    ticket = hall.take()
    page = devices.open(f"{staff.url}console/{hall.id}/w-1?lang=en")
    fill(page, clerk.name, "not my password")
    expect(page.get_by_role("alert")).to_have_text("The name or the password is not right. Please try again.")
    expect(page.get_by_role("alert")).to_be_focused()
    fill(page, f" {clerk.name.upper()} ", PASSWORD)
    expect(page.get_by_role("button", name="Take window 1")).to_be_focused()
    press(page, "Enter")
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_text("Ready for the next visitor")).to_be_visible()
    press(page, "F2")
    shows(page.locator(".visitor-number"), ticket["number"])
    expect(page.locator(".who-name")).to_have_text("Iryna")
    open_menu(page, "Leave the window")
    expect(page.get_by_role("heading", name="Which window do you work at?")).to_be_visible()
    expect(page.locator(".station", has_text="somebody is there")).to_have_count(1)
    open_menu(page, "Sign out")
    page.wait_for_url("**/sign-in")
    page.goto(f"{staff.url}console/{hall.id}/w-1?lang=en")
    page.wait_for_url("**/sign-in?next=*")


def test_a_window_belongs_to_whoever_took_it_last(devices: Devices, staff: Staff, hall: Hall) -> None:
    hall.open("w-2")
    hall.take()
    pages = []
    for _ in range(2):
        page = staff.person(Role.CLERK, hall.id).at(devices, "?lang=en")
        page.locator(".station").nth(1).click()
        expect(page.get_by_role("heading", name="Window 2")).to_be_visible()
        expect(page.locator(".deed").first).to_be_visible()
        pages.append(page)
    first, second = pages
    press(first, "F2")
    expect(first.get_by_role("button", name="Take window 2")).to_be_visible()
    assert not hall.journal("ticket-called")
    press(second, "F2")
    shows(second.locator(".visitor-number"), "A1")


@pytest.mark.parametrize("role", sorted(PEOPLE))
def test_the_front_page_lists_what_is_open_and_all_else_says_that_it_is_not(
    staff: Staff, hall: Hall, role: Role
) -> None:
    person = staff.person(role, hall.id)
    listed = {page["href"] for page in known(person.frame(""))["pages"]}
    paths = {f"/{page}/{hall.id}" for page in ("kiosk", "screen", "overview", "audit", "whatif", "roster")}
    paths |= {"/devices", "/people", "/trail", *(f"/console/{hall.id}/w-{n}" for n in (1, 2, 3, 4))}
    for path in paths:
        admitted = known(person.frame(path[1:]))["admitted"]
        assert (admitted in {"yes", "window"}) == (path in listed), (path, admitted)
    assert listed <= paths
    assert known(person.frame("overview/hall-16"))["admitted"] == "no"


def test_who_has_no_right_is_told_so_and_offered_what_they_have(
    devices: Devices, staff: Staff, hall: Hall
) -> None:
    page = staff.person(Role.CLERK, hall.id, shown="Iryna").at(devices, f"overview/{hall.id}?lang=en")
    expect(page.get_by_role("heading", name="This page is not open to you")).to_be_visible()
    expect(page.get_by_text("You are signed in as Iryna.")).to_be_visible()
    page.get_by_role("link", name="3", exact=True).click()
    expect(page.get_by_role("button", name="Take window 3")).to_be_visible()


def test_an_auditor_reads_the_hall_and_asks_for_nothing_they_may_not(
    devices: Devices, staff: Staff, hall: Hall
) -> None:
    hall.open("w-1")
    hall.take()
    hall.at("w-1", "call-next")
    auditor = staff.person(Role.AUDITOR, hall.id)
    for path, shown in ((f"overview/{hall.id}", ".tile"), (f"audit/{hall.id}", ".calls"), ("trail", ".page")):
        page = devices.open("about:blank")
        page.context.add_cookies([auditor.cookie()])
        wire = Wire(page)
        page.goto(f"{staff.url}{path}")
        expect(page.locator(shown).first).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert not wire.troubles


def test_after_signing_in_one_goes_on_within_this_server_only(
    devices: Devices, staff: Staff, hall: Hall
) -> None:
    person = staff.person(Role.MANAGER, hall.id)
    page = person.at(devices, f"sign-in?next=/audit/{hall.id}?number=A1")
    expect(page).to_have_url(f"{staff.url}audit/{hall.id}?number=A1")
    expect(page.locator(".audit")).to_be_visible()
    for wanted in FOREIGN:
        after = page.evaluate(
            "async (wanted) => (await import('/static/js/credentials.js')).pageAfter(wanted)", wanted
        )
        assert not after, wanted


def test_an_invitation_is_good_once_and_its_key_is_seen_by_nobody(
    devices: Devices, staff: Staff, hall: Hall
) -> None:
    name, link = staff.invite(Role.MANAGER, hall.id)
    key = link.partition("#key=")[2]
    page = devices.open("about:blank", viewport=POCKET)
    wire = Wire(page)
    page.goto(link.replace("#", "?lang=en#"))
    field = page.get_by_label("New password")
    expect(field).to_have_attribute("autocomplete", "new-password")
    rule = page.locator(f"#{field.get_attribute('aria-describedby')}")
    expect(rule).to_contain_text("At least 12 letters")
    assert key not in page.url
    field.fill("qwertyuiop12345")
    press(page, "Enter")
    expect(page.get_by_role("alert")).to_contain_text("tried first")
    field.fill(PASSWORD)
    press(page, "Enter")
    expect(page.locator(".who-name")).to_have_text(name)
    assert not [address for address in wire.addresses if key in address.partition("#")[0]]
    other = devices.open(link)
    expect(other.get_by_role("alert")).to_be_visible()
    expect(other.get_by_label("New password")).to_have_count(0)


def test_a_password_is_changed_and_other_places_are_signed_out(
    devices: Devices, staff: Staff, hall: Hall
) -> None:
    person = staff.person(Role.MANAGER, hall.id)
    elsewhere = devices.open(f"{staff.url}overview/{hall.id}?lang=en")
    fill(elsewhere, person.name, PASSWORD)
    expect(elsewhere.locator(".tile").first).to_be_visible()
    page = person.at(devices, "sign-in?lang=en")
    page.get_by_text("Change the password").first.click()
    page.get_by_label("Present password").fill("not my password")
    page.get_by_label("New password").fill("amber ferry window")
    press(page, "Enter")
    expect(page.get_by_role("alert")).to_have_text("The present password is not right.")
    page.get_by_label("Present password").fill(PASSWORD)
    press(page, "Enter")
    expect(page.get_by_text("The password is changed.")).to_be_visible()
    elsewhere.wait_for_url("**/sign-in?next=*")
    page.reload()
    expect(page.get_by_text(f"You are signed in as {person.name}.")).to_be_visible()
