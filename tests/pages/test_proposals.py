"""A manager reads what a better rule would gain, has the hall call by it, and goes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.api.proposing import keep_days, mixed_hall, proposed
from tests.api.running import HALL, Server
from tests.pages.devices import POCKET, Devices
from tests.pages.halls import Hall


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, bytecode: Path) -> Iterator[Server]:
    """A server on the journal of a hall in which much can be gained, and something was proposed."""
    text = mixed_hall()
    running = Server(tmp_path_factory.mktemp("server"), bytecode, text)
    keep_days(running.data, text, datetime.now(UTC).date())
    proposed(running.data)
    running.start()
    yield running
    running.kill()
    running.check_log()


@pytest.fixture
def hall(server: Server) -> Iterator[Hall]:
    """Its only hall."""
    here = Hall(server, server.tokens(), HALL)
    yield here
    here.close()


def rule_of_a_call(hall: Hall) -> str:
    hall.take()
    hall.open("w-1")
    policy: str = hall.at("w-1", "call-next")["why"]["policy"]
    hall.at("w-1", "start")
    hall.at("w-1", "finish")
    return policy


def test_a_manager_accepts_a_better_rule_and_takes_it_back(devices: Devices, hall: Hall) -> None:
    page = devices.open(hall.overview(lang="en"))
    panel = page.get_by_role("region", name="A better rule was found")
    expect(panel).to_contain_text("With the same people the mean wait would have been")
    row = panel.get_by_role("row", name="Passport")
    expect(row).to_contain_text("→")
    before = rule_of_a_call(hall)
    assert before != "learned"
    panel.get_by_role("button", name="Call by it from now on").click()
    rule = page.get_by_role("region", name="Who is called next")
    expect(rule).to_contain_text("As learned for this hall from simulated days")
    expect(panel).to_have_count(0)
    assert rule_of_a_call(hall) == "learned"

    audit = devices.open(hall.audit(lang="en"))
    expect(audit.locator(".decisions")).to_contain_text("the manager accepted a learned rule (proposal 1)")

    rule.get_by_role("button", name="Back to the rule before").click()
    expect(rule).not_to_contain_text("As learned for this hall")
    assert rule_of_a_call(hall) == before


@pytest.mark.parametrize("language", ["uk", "en"])
def test_on_a_phone_nothing_is_wider_than_the_screen(devices: Devices, hall: Hall, language: str) -> None:
    page: Page = devices.open(hall.overview(lang=language), viewport=POCKET)
    expect(page.locator(".rule, .proposal").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= POCKET["width"]
