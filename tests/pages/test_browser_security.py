"""What a browser lets others do with these pages: nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.pages.devices import Devices, Wire, until
from tests.pages.halls import Hall
from vikno.api.access import Role

LISTEN = """([address, token]) => new Promise((resolve) => {
  const socket = new WebSocket(address, ["vikno", "bearer." + token]);
  socket.onmessage = () => resolve("heard");
  socket.onclose = () => resolve("refused");
})"""

READ = """([address, token]) => fetch(address, { headers: { Authorization: "Bearer " + token } })
  .then((answer) => answer.text(), () => "refused")"""


class Elsewhere(BaseHTTPRequestHandler):
    """A page of another site."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def elsewhere(devices: Devices) -> Iterator[Page]:
    """A page of another origin, on a server of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield devices.open(f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()
        thread.join()


def test_the_token_leaves_the_address_bar_and_is_never_part_of_an_address_the_server_sees(
    devices: Devices, hall: Hall
) -> None:
    for address, shown in ((hall.kiosk(), ".choice"), (hall.console(), ".deed"), (hall.overview(), ".tile")):
        token = address.partition("#token=")[2]
        page = devices.open("about:blank")
        wire = Wire(page)
        page.goto(address)
        expect(page.locator(shown).first).to_be_visible()
        assert page.url == address.partition("#")[0]
        page.reload()
        expect(page.locator(shown).first).to_be_visible()
        sent = [one.partition("#")[0] for one in wire.addresses]
        assert any(one.startswith("ws://") for one in sent)
        assert not [one for one in sent if token in one]
        assert token not in page.content()
        page.go_back()
        page.go_forward()
        assert token not in page.url


def test_a_page_with_neither_token_nor_session_asks_who_is_there(devices: Devices, hall: Hall) -> None:
    address = hall.console().partition("#")[0]
    page = devices.open(address)
    page.wait_for_url("**/sign-in?next=*")
    assert parse_qs(urlsplit(page.url).query)["next"] == [urlsplit(address).path]
    assert page.locator(".deed").count() == 0


def test_no_script_runs_but_the_server_s_own(devices: Devices, hall: Hall) -> None:
    page = devices.open(hall.screen())
    expect(page.locator(".waiting")).to_be_visible()
    page.evaluate("""() => {
      window.blocked = [];
      document.addEventListener("securitypolicyviolation", (event) => window.blocked.push(event.blockedURI));
      const inline = document.createElement("script");
      inline.textContent = "window.broken = true";
      const foreign = document.createElement("script");
      foreign.src = "http://127.0.0.1:9/evil.js";
      const handler = document.createElement("button");
      handler.setAttribute("onclick", "window.broken = true");
      document.body.append(inline, foreign, handler);
      handler.click();
    }""")
    until(page, "all blocked", lambda: page.evaluate("() => window.blocked.length") >= 3)
    assert page.evaluate("() => window.broken") is None
    blocked = page.evaluate("() => window.blocked")
    assert sorted(blocked) == ["http://127.0.0.1:9/evil.js", "inline", "inline"]


def test_a_page_of_another_site_can_neither_listen_nor_read(
    elsewhere: Page, devices: Devices, hall: Hall
) -> None:
    token = hall.token(Role.SCREEN)
    board = f"{hall.server.url}api/v1/halls/{hall.id}"
    stream = board.replace("http://", "ws://") + "/stream"
    own = devices.open(hall.screen())
    assert own.evaluate(LISTEN, [stream, token]) == "heard"
    assert hall.id in own.evaluate(READ, [f"{board}/board", token])
    wire = Wire(elsewhere)
    assert elsewhere.evaluate(LISTEN, [stream, token]) == "refused"
    assert any("403" in words for words in wire.troubles), wire.troubles
    assert elsewhere.evaluate(READ, [f"{board}/board", token]) == "refused"


def test_a_page_of_another_site_cannot_frame_a_page_of_the_hall(elsewhere: Page, hall: Hall) -> None:
    wire = Wire(elsewhere)
    elsewhere.evaluate(
        """(address) => {
          const frame = document.createElement("iframe");
          frame.src = address;
          document.body.append(frame);
        }""",
        hall.phone(hall.take()),
    )
    until(elsewhere, "refused", lambda: any("frame-ancestors" in words for words in wire.troubles))
    assert not elsewhere.frames[-1].locator(".phone-number").count()
