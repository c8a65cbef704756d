"""Administrators look after accounts, screens and kiosks, and read what was done."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.api.running import Server
from tests.pages.devices import UPRIGHT, Devices, press, shows
from tests.pages.halls import Hall
from tests.pages.staff import PASSWORD, Staff
from vikno.api.access import Role

LOOK_ALIKE = str.maketrans("BCHKMPTX", "ВСНКМРТХ")
"""Latin letters of a code, as a keyboard set to Cyrillic writes what looks like them."""


@pytest.fixture(scope="module")
def staff(server: Server) -> Staff:
    """The people of the server."""
    return Staff(server)


def letters(device: Page) -> str:
    """The eight letters that a device shows."""
    expect(device.locator(".pair-letter")).to_have_count(8)
    return "".join(device.locator(".pair-letter").all_inner_texts())


def type_letters(page: Page, typed: str, name: str) -> None:
    page.get_by_label("The eight letters").fill(typed)
    page.get_by_label("What is it called?").fill(name)
    press(page, "Enter")


def test_a_screen_is_paired_as_a_television_and_sent_back_when_it_is_disconnected(
    devices: Devices, staff: Staff, hall: Hall
) -> None:
    admin = staff.person(Role.ADMIN, hall.id)
    screen = devices.open(f"{staff.url}pair/screen?lang=en")
    code = letters(screen)
    page = admin.at(devices, "devices?lang=en")
    type_letters(page, "BCDF", "Entrance")
    expect(page.get_by_role("alert")).to_have_text("A device shows eight letters; these are 4.")
    type_letters(page, "BCDF-GHJA", "Entrance")
    expect(page.get_by_role("alert")).to_contain_text("A is not in any of the letters")
    type_letters(page, f" {code[:4].lower()} – {code[4:].translate(LOOK_ALIKE).lower()}", "Entrance")
    expect(page.get_by_text("Entrance is connected")).to_be_visible()
    screen.wait_for_url(f"**/screen/{hall.id}")
    hall.open("w-1")
    ticket = hall.take()
    hall.at("w-1", "call-next")
    shows(screen.locator(".hero-number").first, ticket["number"])
    screen.goto(f"{staff.url}pair/screen")
    screen.wait_for_url(f"**/screen/{hall.id}")
    page.get_by_role("button", name="Disconnect Entrance").click()
    expect(page.get_by_text("Within seconds Entrance shows no calls any more")).to_be_visible()
    page.get_by_role("button", name="Disconnect it").click()
    screen.wait_for_url("**/pair/screen")
    assert letters(screen) != code
    expect(screen.get_by_role("status").filter(has_text="Entrance")).to_be_visible()
    expect(page.get_by_text("No screen or kiosk is connected yet.")).to_be_visible()


def test_a_kiosk_is_paired_by_the_address_it_shows(devices: Devices, staff: Staff, hall: Hall) -> None:
    kiosk = devices.open(f"{staff.url}pair/kiosk?lang=en", viewport=UPRIGHT, has_touch=True)
    code = letters(kiosk)
    expect(kiosk.locator(".pair-address")).to_have_text(f"{staff.url.partition('//')[2]}devices")
    expect(kiosk.locator(".pair-qr img")).to_be_visible()
    page = staff.person(Role.MANAGER, hall.id).at(devices, f"devices?lang=en#code={code[:4]}-{code[4:]}")
    expect(page.get_by_label("The eight letters")).to_have_value(f"{code[:4]}-{code[4:]}")
    assert "#" not in page.url
    page.get_by_label("What is it called?").fill("Kiosk 1")
    press(page, "Enter")
    kiosk.wait_for_url(f"**/kiosk/{hall.id}")
    expect(kiosk.locator(".choice")).to_have_count(3)


def test_an_account_is_made_handed_over_changed_and_closed(
    devices: Devices, staff: Staff, hall: Hall
) -> None:
    page = staff.person(Role.ADMIN).at(devices, "people?lang=en")
    page.get_by_role("button", name="New account").click()
    page.get_by_label("First and last name").fill("Iryna Bondar")
    page.get_by_label("Name to sign in with").fill(f"iryna.{hall.id}")
    page.get_by_label("Role").select_option("manager")
    page.locator(".grant").get_by_label("Hall").select_option(hall.id)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", name="A link for Iryna Bondar")).to_be_focused()
    expect(page.locator(".handover img")).to_be_visible()
    link = page.get_by_role("textbox", name="Link").input_value()
    theirs = devices.open(f"{link.replace('#', '?lang=en#')}")
    theirs.get_by_label("New password").fill(PASSWORD)
    press(theirs, "Enter")
    theirs.get_by_role("link", name="Overview").click()
    expect(theirs.locator(".tile").first).to_be_visible()
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Change Iryna Bondar").click()
    page.get_by_label("Role").select_option("auditor")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Iryna Bondar: saved.")).to_be_visible()
    theirs.wait_for_url("**/sign-in?next=*")
    page.get_by_role("button", name="Close the account").click()
    expect(page.get_by_text("The account Iryna Bondar is closed.")).to_be_visible()
    theirs.get_by_label("Name", exact=True).fill(f"iryna.{hall.id}")
    theirs.get_by_label("Password", exact=True).fill(PASSWORD)
    press(theirs, "Enter")
    expect(theirs.get_by_role("alert")).to_have_text(
        "The name or the password is not right. Please try again."
    )
    [made, *_] = staff.trail("account-made")
    assert made["account"] == f"iryna.{hall.id}"


def test_a_manager_gives_what_they_may_and_no_more(devices: Devices, staff: Staff, hall: Hall) -> None:
    page = staff.person(Role.MANAGER, hall.id).at(devices, "people?lang=en")
    page.get_by_role("button", name="New account").click()
    assert page.get_by_label("Role").locator("option").all_inner_texts() == ["Receptionist", "Clerk"]
    assert page.locator(".grant").get_by_label("Hall").locator("option").all_inner_texts() == [
        "Service centre"
    ]


def test_the_trail_tells_in_sentences_and_can_be_taken_along(
    devices: Devices, staff: Staff, hall: Hall, tmp_path: Path
) -> None:
    clerk = staff.person(Role.CLERK, hall.id)
    page = staff.person(Role.AUDITOR, hall.id).at(devices, "trail?lang=en")
    expect(page.locator(".trail-entry").filter(has_text=f"{clerk.name} chose a password")).to_be_visible()
    page.get_by_label("What", exact=True).select_option("accounts")
    expect(page.locator(".trail-entry").filter(has_text="chose a password")).to_have_count(0)
    told = page.locator(".trail-entry p").filter(has_text=f"the account {clerk.name}")
    expect(told).to_have_text(re.compile(r"made the account person-\w+: Clerk · Service centre\."))
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save as CSV").click()
    saving.value.save_as(tmp_path / "trail.csv")
    [head, *rows] = csv.reader(io.StringIO((tmp_path / "trail.csv").read_text(encoding="utf-8")))
    assert head == ["Time", "Who", "What", "Hall"]
    assert any(clerk.name in row[2] and row[3] == "Service centre" for row in rows)


def test_nothing_that_is_taken_along_is_a_formula(devices: Devices, staff: Staff, hall: Hall) -> None:
    page = staff.person(Role.AUDITOR, hall.id).at(devices, "trail?lang=en")
    texts = ["=1+1", "=A1", "+2-2", "-1|x", "@SUM(1)", "\t=1", "-", "=1"]
    numbers = ["-1", "+2.5", "-1e-7", "A12", "3"]
    saved = page.evaluate(
        "async (row) => (await import('/static/js/saving.js')).csvOf([row]).text()", [*texts, *numbers, -4]
    )
    [row] = csv.reader(io.StringIO(saved))
    assert row == [*(f"'{text}" for text in texts), *numbers, "-4"]
