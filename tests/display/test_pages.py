"""The frames of the pages: who they are, nothing inline, and a phone page that needs no script."""

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any, get_args

import pytest

from vikno.display.pages import (
    HallPage,
    HousePage,
    Known,
    PageKind,
    PageLink,
    choose_language,
    render_home,
    render_page,
    render_phone,
    split_number,
    wait_range,
)

PAGES: tuple[PageKind, ...] = (*get_args(HallPage), *get_args(HousePage))
ISSUED = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
BOARD = {
    "id": "wola",
    "name": {"uk": "ЦНАП", "en": "Service centre"},
    "languages": ["uk", "en"],
    "time_zone": "Europe/Kyiv",
    "services": [{"id": "passport", "name": {"uk": "Паспорт", "en": "Passport"}}],
}
TICKET = {
    "id": "9f" * 16,
    "number": "A42",
    "state": "waiting",
    "service": "passport",
    "services": ["passport"],
    "leg": 0,
    "issued": ISSUED.isoformat(),
    "since": ISSUED.isoformat(),
    "ahead": 4,
    "wait": {"low": 10, "high": 20},
    "label": None,
    "calls": 0,
}


class Reader(HTMLParser):
    """What a browser without scripts shows, and what it would run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.root: dict[str, str | None] = {}
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._within: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "html":
            self.root = dict(attrs)
        if tag in {"script", "style"}:
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.text = re.sub(r"\s+", " ", self.text + data)


def phone(language: str = "uk", minutes_later: float = 1, **changes: Any) -> Reader:
    at = ISSUED + timedelta(minutes=minutes_later)
    return Reader(render_phone(TICKET | changes, BOARD, language=language, at=at))


def every_page() -> list[str]:
    pages = [render_page(kind, hall="wola", window="w-3", token="t") for kind in PAGES]
    known = Known(pages=[PageLink("/kiosk/wola", "kiosk", "wola", "Kiosk")])
    return [*pages, render_home(known), render_phone(TICKET, BOARD, language="uk", at=ISSUED)]


@pytest.mark.parametrize("kind", PAGES)
def test_a_frame_says_who_the_page_is(kind: PageKind) -> None:
    page = Reader(
        render_page(
            kind, hall="wola", window="w-3", token="secret", language="en", name="Centre", theme="dark"
        )
    )
    assert page.root == {
        "lang": "en",
        "data-page": kind,
        "data-hall": "wola",
        "data-window": "w-3",
        "data-token": "secret",
        "data-api": "/api/v1",
        "data-theme": "dark",
    }
    loaded = [
        attrs.get("src") or attrs.get("href") for tag, attrs in page.elements if tag in {"script", "link"}
    ]
    assert f"/static/js/{kind}.js" in loaded
    assert f"/static/css/{kind}.css" in loaded


def test_no_page_runs_anything_inline() -> None:
    for html in every_page():
        for tag, attrs in Reader(html).elements:
            assert tag != "style"
            assert not any(name == "style" or name.startswith("on") for name in attrs)
            if tag == "script":
                assert "src" in attrs or attrs["type"] == "application/json"


def test_names_cannot_break_out_of_a_page() -> None:
    hostile = '"><script>alert(1)</script>'
    html = render_page("screen", hall="wola", name=hostile, token=hostile)
    assert "<script>alert" not in html
    board = BOARD | {"services": [{"id": "passport", "name": {"uk": hostile}}]}
    assert "<script>alert" not in render_phone(TICKET, board, language="uk", at=ISSUED)


def test_the_addresses_stand_as_links_and_as_data() -> None:
    label = "Зал </script> & 1"
    html = render_home(Known(pages=[PageLink("/kiosk/wola", "kiosk", "wola", label)]))
    known = told(html)
    assert known["pages"] == [{"href": "/kiosk/wola", "kind": "kiosk", "hall": "wola", "label": label}]
    assert ("a", {"href": "/kiosk/wola"}) in Reader(html).elements


@pytest.mark.parametrize("kind", PAGES)
def test_a_frame_says_who_is_in_front_of_it(kind: PageKind) -> None:
    hostile = {"display_name": "</script><script>alert(1)</script>"}
    html = render_page(kind, known=Known(account=hostile, admitted="yes"))
    assert "<script>alert" not in html
    assert (told(html)["account"], told(html)["admitted"]) == (hostile, "yes")
    nobody = told(render_page(kind))
    assert (nobody["account"], nobody["admitted"], nobody["pages"]) == (None, "no", [])


def told(html: str) -> dict[str, Any]:
    """What a frame says of the person in front of it."""
    data = re.search(r'<script type="application/json" id="known">(.*?)</script>', html, re.DOTALL)
    assert data is not None
    found: dict[str, Any] = json.loads(data[1])
    return found


def test_a_waiting_visitor_reads_everything_without_a_script() -> None:
    text = phone().text
    for words in ("A42", "Паспорт", "Перед вами 4 людини", "10–20 хв", "видано о 10:30", "Оновлено о 10:31"):
        assert words in text


def test_the_same_in_english() -> None:
    text = phone("en", ahead=1, wait={"low": 0, "high": 5}).text
    for words in ("Passport", "1 person before you", "under 5 min", "Ticket taken at 10:30"):
        assert words in text


def test_an_unknown_wait_is_said_to_be_unknown() -> None:
    assert "not known yet" in phone("en", wait=None).text


def test_who_is_first_is_next() -> None:
    assert "You are next" in phone("en", ahead=0).text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("called", "Please go to window 7"),
        ("serving", "You are at window 7"),
        ("parked", "You will be called again"),
        ("served", "Your visit is finished"),
        ("no-show", "We called you, and you did not come"),
        ("left", "You have left the line"),
        ("unserved", "The hall has closed"),
    ],
)
def test_each_state_says_what_to_do(state: str, words: str) -> None:
    page = phone("en", state=state, label="7", calls=1)
    assert words in page.text
    assert "before you" not in page.text


def test_who_left_long_ago_needs_a_new_ticket() -> None:
    assert "take a new ticket" not in phone("en", state="left", minutes_later=1).text
    assert "take a new ticket" in phone("en", state="left", minutes_later=3).text


@pytest.mark.parametrize("state", ["waiting", "called", "serving", "parked"])
def test_a_page_without_a_script_loads_itself_anew_while_the_visit_runs(state: str) -> None:
    refresh = {"http-equiv": "refresh", "content": "30"}
    assert ("meta", refresh) in phone(state=state, label="7").elements
    assert ("meta", refresh) not in phone(state="served").elements


def test_the_phone_page_offers_the_languages_of_the_hall_that_have_words() -> None:
    board = BOARD | {"languages": ["en", "xx", "uk"]}
    page = Reader(render_phone(TICKET, board, language="uk", at=ISSUED))
    assert [attrs["href"] for tag, attrs in page.elements if tag == "a"] == ["?lang=en", "?lang=uk"]


def test_a_language_is_chosen_among_those_with_words() -> None:
    assert choose_language("en", ["uk", "en"]) == "en"
    assert choose_language("xx", ["uk", "en"]) == "uk"
    assert choose_language(None, ["xx", "en"]) == "en"
    assert choose_language("uk", ["xx"]) == "en"


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (None, "not known yet"),
        ({"low": 0, "high": 5}, "under 5 min"),
        ({"low": 5, "high": 5}, "about 5 min"),
        ({"low": 10.0, "high": 15.0}, "10 to 15 min"),
    ],
)
def test_a_wait_in_words(wait: dict[str, float] | None, words: str) -> None:
    assert wait_range(wait, "en") == words


def test_a_number_is_letters_and_figures() -> None:
    assert [split_number(number) for number in ("A42", "42", "AB7")] == [("A", "42"), ("", "42"), ("AB", "7")]
