"""Takes the pictures of docs/people.md from a running server: people, and a screen that is not connected yet.

It starts a server on the example hall with an empty folder, makes the first account by the link that the
server prints, and a few others. `python -m tools.screenshot_people` writes docs/images/.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tools.screenshot import CHROMIUM_ARGUMENTS, HALL_FILE, IMAGES, LARGE, look

DESK = ViewportSize(width=1440, height=900)
PEOPLE = (
    ("Oksana Melnyk", "manager"),
    ("Taras Koval", "clerk"),
    ("Iryna Bondar", "clerk"),
    ("Marko Shevchuk", "receptionist"),
)
LAST = ("Daryna Lysenko", "clerk")
"""Whose link is shown."""


@contextmanager
def serving() -> Iterator[str]:
    """The link for the first account of a new server, which runs for as long as it is needed."""
    with tempfile.TemporaryDirectory() as data:
        serve = ["serve", str(HALL_FILE), "--data", data, "--port", "0"]
        command = [sys.executable, "-m", "vikno.api.cli", *serve]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if found := re.search(r"http://\S+/sign-in#key=\S+", line):
                    yield found[0]
                    return
            raise SystemExit("the server ended before it told the link for its first account")
        finally:
            process.terminate()
            process.wait()


def make_account(page: Page, shown: str, role: str) -> None:
    """As an administrator does; the link is left on the page."""
    page.get_by_role("button", name="New account").click()
    page.get_by_label("First and last name").fill(shown)
    page.get_by_label("Name to sign in with").fill(shown.split(maxsplit=1)[0].lower())
    page.get_by_label("Role").select_option(role)
    page.get_by_role("button", name="Make the account").click()
    page.locator(".handover img").wait_for()


def people(browser: Browser, link: str, file: Path) -> None:
    """The accounts of a hall, the last one just made."""
    page = browser.new_context(viewport=DESK, locale="en-GB").new_page()
    page.goto(link)
    page.get_by_label("Name to sign in with").fill("olena")
    page.get_by_label("New password").fill("lilac otter kettle")
    page.get_by_role("button", name="Save and sign in").click()
    page.get_by_role("link", name="People", exact=True).click()
    for shown, role in PEOPLE:
        make_account(page, shown, role)
        page.get_by_role("button", name="Done").click()
    make_account(page, *LAST)
    page.locator("tbody tr").nth(len(PEOPLE) + 1).wait_for()
    page.mouse.move(0, 0)
    page.evaluate("() => document.activeElement.blur()")
    page.screenshot(path=file)
    page.context.close()


def pairing(browser: Browser, address: str, file: Path) -> None:
    """A screen that belongs to no hall yet."""
    page = browser.new_context(viewport=LARGE, bypass_csp=True).new_page()
    look(page, f"{address}/pair/screen?lang=en", "auto")
    page.locator(".pair-qr img").wait_for()
    page.screenshot(path=file)
    page.context.close()


def main() -> None:
    """The entry point."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=IMAGES, help="folder of the pictures")
    options = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("chromium is not installed; install it with: apt-get install chromium")
    with serving() as link, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        people(browser, link, options.out / "people.png")
        pairing(browser, link.partition("/sign-in")[0], options.out / "pairing.png")
        browser.close()


if __name__ == "__main__":
    main()
