"""Takes the pictures of the README from a running hall, so that they show what is there and not what was.

It starts the demonstration on a free port and an empty folder, waits until the hall is busy and looks at its
pages with Debian's Chromium. `python -m tools.screenshot` writes docs/images/; `--all DIR` writes every page
in every language, light and dark, large and small, for whoever wants to look at them side by side.
"""

from __future__ import annotations

import argparse
import base64
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any, Literal, NamedTuple

import httpx
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
HALL_FILE = ROOT / "examples" / "wola.toml"
HALL = "wola"
SERVICE = "vehicles"
"""The service with the longest line of the day: its phone page has something to tell."""

WAITING_MIN = 25
"""A hall in which so many wait is busy."""

LOOK_SECONDS = 1.0
RUN_MS = 180_000
"""Two hundred days of two plans on a busy machine."""

BREAKS_MOVED = 22
"""Enough for the curve to close at noon."""

SETTLE_MS = 1_200
"""Fonts, the first snapshot and the first heartbeat; a page that still moves then moves always."""

LARGE, SMALL = ViewportSize(width=1920, height=1080), ViewportSize(width=390, height=844)
PORTRAIT, DESK = ViewportSize(width=1080, height=1920), ViewportSize(width=1440, height=900)
SIZES = {"1920x1080": LARGE, "390x844": SMALL}
LANGUAGES = ("uk", "en", "bg", "ru")
THEMES = ("light", "dark")
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--mute-audio"]


class Shot(NamedTuple):
    """One picture: its name, the path of its page and the size of its window."""

    name: str
    path: str
    size: ViewportSize


@contextmanager
def demonstration() -> Iterator[str]:
    """The address of a demonstration that runs for as long as it is needed."""
    with tempfile.TemporaryDirectory() as data:
        command = [
            sys.executable,
            "-m",
            "vikno.api.cli",
            "demo",
            str(HALL_FILE),
            "--data",
            data,
            "--port",
            "0",
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if found := re.search(rf"(http://\S+)/screen/{HALL}\b", line):
                    yield found[1]
                    return
            raise SystemExit("the demonstration ended before it told its addresses")
        finally:
            process.terminate()
            process.wait()


class HallNow:
    """The running hall, asked as its kiosk asks."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, trust_env=False)
        page = self._client.get(f"/kiosk/{HALL}").text
        token = re.search(r'data-token="([^"]+)"', page)
        assert token is not None, "a page of a demonstration is lent its token"
        self._client.headers["Authorization"] = f"Bearer {token[1]}"

    def board(self) -> dict[str, Any]:
        """What everybody sees."""
        found: dict[str, Any] = self._client.get(f"/api/v1/halls/{HALL}/board").raise_for_status().json()
        return found

    def waiting(self) -> int:
        """How many wait."""
        return sum(service["waiting"] for service in self.board()["services"])

    def window_at_work(self) -> str:
        """A window that serves somebody."""
        windows = self.board()["windows"]
        return next((w["id"] for w in windows if w["step"] == "serving"), str(windows[0]["id"]))

    def ticket(self) -> str:
        """A new ticket in the longest line."""
        answer = self._client.post(
            f"/api/v1/halls/{HALL}/tickets", json={"services": [SERVICE], "language": "uk"}
        )
        return str(answer.raise_for_status().json()["ticket"]["id"])


def look(page: Page, url: str, theme: str) -> None:
    """Open a page and wait until it stands still."""
    page.goto(url, wait_until="domcontentloaded")
    page.wait_for_function("document.querySelector('#app').childElementCount > 0")
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.evaluate("() => document.fonts.ready.then(() => true)")
    page.wait_for_timeout(SETTLE_MS)


def wait_for_call(page: Page) -> None:
    """On the hall screen: with its sound on, as it hangs in a hall, and somebody being called."""
    page.mouse.click(10, 10)
    page.wait_for_selector(".sound", state="detached")
    page.wait_for_selector(".is-new")


def take(browser: Browser, address: str, shot: Shot, *, language: str, theme: str, file: Path) -> None:
    """One picture."""
    scheme: Literal["dark", "light"] = "dark" if theme == "dark" else "light"
    context = browser.new_context(viewport=shot.size, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    look(page, f"{address}{shot.path}?lang={language}", theme)
    if shot.path.startswith("/screen/"):
        wait_for_call(page)
    file.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=file)
    context.close()
    sys.stdout.write(f"{file}\n")


def try_something(browser: Browser, address: str, file: Path) -> None:
    """The what-if page with its answer: a tenth fewer visitors."""
    context = browser.new_context(viewport=LARGE, bypass_csp=True)
    page = context.new_page()
    look(page, f"{address}/whatif/{HALL}?lang=en", "light")
    page.get_by_label("All visitors").first.fill("90")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("Done.").wait_for(timeout=RUN_MS)
    page.screenshot(path=file)
    context.close()
    sys.stdout.write(f"{file}\n")


def change_roster(browser: Browser, address: str, file: Path) -> None:
    """The roster page after a few breaks were moved off noon, with what that does to waits."""
    context = browser.new_context(viewport=LARGE, bypass_csp=True)
    page = context.new_page()
    look(page, f"{address}/roster/{HALL}?lang=en", "light")
    for person in range(BREAKS_MOVED):
        page.locator(".pause").nth(person).focus()
        for _ in range(person % 5):
            page.keyboard.press("ArrowRight" if person % 2 else "ArrowLeft")
    page.get_by_text("400 simulated days").wait_for(timeout=RUN_MS)
    page.evaluate("() => scrollTo(0, 0)")
    page.screenshot(path=file)
    context.close()
    sys.stdout.write(f"{file}\n")


def collage(browser: Browser, folder: Path) -> None:
    """The faces of a hall in one picture, for the top of the README."""
    images = {}
    for name in ("screen", "kiosk", "console", "overview", "phone"):
        data = base64.b64encode((folder / f"{name}.png").read_bytes()).decode()
        images[name] = f'<img src="data:image/png;base64,{data}">'
    context = browser.new_context(viewport=COLLAGE_SIZE)
    page = context.new_page()
    page.set_content(COLLAGE.format(**images))
    page.wait_for_function("[...document.images].every(image => image.complete)")
    page.screenshot(path=folder / "hall.png")
    context.close()
    sys.stdout.write(f"{folder / 'hall.png'}\n")


COLLAGE_SIZE = ViewportSize(width=1600, height=1146)
COLLAGE = """<!doctype html><style>
body {{ margin: 0; padding: 40px; background: #dcd8d0 }}
div {{ display: flex; gap: 30px; height: 636px }}
div + div {{ margin-top: 30px; height: 400px }}
img {{ height: 100%; border-radius: 8px; box-shadow: 0 4px 18px rgba(0, 0, 0, .25) }}
</style><div>{screen}{kiosk}</div><div>{console}{overview}{phone}</div>"""
"""Heights that fill both rows: wide and tall screens above, two desks and a phone below."""


def readme_pictures(browser: Browser, address: str, hall: HallNow, folder: Path) -> None:
    """The pictures that the README shows, in English."""
    shots = (
        Shot("screen", f"/screen/{HALL}", LARGE),
        Shot("console", f"/console/{HALL}/{hall.window_at_work()}", DESK),
        Shot("overview", f"/overview/{HALL}", DESK),
        Shot("kiosk", f"/kiosk/{HALL}", PORTRAIT),
        Shot("phone", f"/t/{HALL}/{hall.ticket()}", SMALL),
    )
    for shot in shots:
        take(browser, address, shot, language="en", theme="light", file=folder / f"{shot.name}.png")
    try_something(browser, address, folder / "whatif.png")
    change_roster(browser, address, folder / "roster.png")
    collage(browser, folder)


def every_picture(browser: Browser, address: str, hall: HallNow, folder: Path) -> None:
    """Every page in every way."""
    paths = {
        "home": "/",
        "screen": f"/screen/{HALL}",
        "kiosk": f"/kiosk/{HALL}",
        "console": f"/console/{HALL}/{hall.window_at_work()}",
        "overview": f"/overview/{HALL}",
        "audit": f"/audit/{HALL}",
        "whatif": f"/whatif/{HALL}",
        "roster": f"/roster/{HALL}",
        "phone": f"/t/{HALL}/{hall.ticket()}",
    }
    for (name, path), language, theme, size in product(paths.items(), LANGUAGES, THEMES, SIZES):
        file = folder / f"{name}-{language}-{theme}-{size}.png"
        take(browser, address, Shot(name, path, SIZES[size]), language=language, theme=theme, file=file)


def main() -> None:
    """The entry point."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=IMAGES, help="folder of the README's pictures")
    parser.add_argument(
        "--all", type=Path, metavar="DIR", help="write every page in every way to DIR instead"
    )
    options = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("chromium is not installed; install it with: apt-get install chromium")
    with demonstration() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        hall = HallNow(address)
        idle = browser.new_page()
        while hall.waiting() < WAITING_MIN:
            idle.wait_for_timeout(LOOK_SECONDS * 1_000)
        if options.all:
            every_picture(browser, address, hall, options.all)
        else:
            readme_pictures(browser, address, hall, options.out)
        browser.close()


if __name__ == "__main__":
    main()
