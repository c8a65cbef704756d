"""The frames of the pages: what the server sends before any script has run.

All pages but one are drawn by their scripts; they get a frame that says who they are, and who is in front of
them. The visitor's phone page is whole without a script, because a phone in a hall may be old, and its
owner has other worries. Nothing here runs inline: the pages are served under a content security policy
that forbids it.
"""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from msgspec import Struct, to_builtins

from vikno.display import catalog, reasons

HallPage: TypeAlias = Literal["kiosk", "console", "screen", "overview", "audit", "whatif", "roster"]
HousePage: TypeAlias = Literal["signin", "pair", "devices", "people", "trail"]
"""Of a server and not of one hall."""

PageKind: TypeAlias = HallPage | HousePage
Theme: TypeAlias = Literal["auto", "light", "dark"]
Admission: TypeAlias = Literal["yes", "window", "no"]
"""Whether a page is open to somebody; "window": once they have taken the window of it."""

# Without a script the phone page loads itself anew: often enough to be in time for a call
# (whose time to come is minutes), seldom enough for a hall of a thousand phones.
PHONE_REFRESH_SECONDS: Final = 30
RETURN_MINUTES_MAX: Final = 2  # how long leaving the line can be taken back
RUNNING: Final = frozenset({"waiting", "called", "serving", "parked"})

# Style sheets of a page beside its own: those it shares come before it, the rest of its own after.
SHARED_STYLES: Final = {
    "overview": ("manager",),
    "audit": ("manager", "forms"),
    "whatif": ("manager",),
    "roster": ("manager",),
    "signin": ("forms",),
    "devices": ("manager", "forms"),
    "people": ("manager", "forms"),
    "trail": ("manager", "forms"),
}
OF_A_TICKET: Final = "phone"
"""The one page with nobody signed in."""

MORE_STYLES: Final = {
    "kiosk": ("kioskfit",),
    "whatif": ("whatifplans",),
    "roster": ("rosterday", "rosterside"),
}

TITLES: Final[dict[str, str]] = {
    "kiosk": "Take a ticket",
    "console": "Window",
    "screen": "Hall screen",
    "overview": "The hall now",
    "audit": "Calls and why",
    "whatif": "What if",
    "roster": "Roster",
    "home": "Pages of this server",
    "signin": "Sign in",
    "pair": "Connect this device",
    "devices": "Screens and kiosks",
    "people": "People",
    "trail": "What was done",
}


class PageLink(Struct, frozen=True):
    """A page that is open to somebody; `hall` is empty for one of the whole server."""

    href: str
    kind: PageKind
    hall: str
    label: str


class HallLine(Struct, frozen=True):
    """A hall as its pages name it; `windows` are pairs of `id` and `label`."""

    id: str
    name: Mapping[str, str]
    windows: Sequence[Mapping[str, str]]


class Known(Struct, frozen=True):
    """What a page is told of the person in front of it (static/js/known.js).

    `account` is who is signed in, `admitted` whether this page is open to them, `rights` what they may do in
    its hall, `pages` are all that are open to them, `halls` those in which they are somebody, and `gives` the
    roles that they may give by hall.
    """

    account: Mapping[str, Any] | None = None
    admitted: Admission = "no"
    rights: Sequence[str] = ()
    halls: Sequence[HallLine] = ()
    pages: Sequence[PageLink] = ()
    gives: Mapping[str, Sequence[str]] = {}


NOBODY: Final = Known()


def render_page(
    kind: PageKind,
    *,
    hall: str = "",
    window: str = "",
    token: str = "",
    language: str = "uk",
    name: str = "",
    theme: Theme = "auto",
    known: Known = NOBODY,
) -> str:
    """The frame of a page whose content its script draws.

    `token` is empty but in a demonstration: else a page brings its own, or somebody is signed in. `name` is
    the hall's, in `language`, for the title.
    """
    return _render(
        "page.html",
        language,
        page=kind,
        hall=hall,
        window=window,
        token=token,
        name=name,
        theme=theme,
        title=TITLES[kind],
        known_json=_json_for_script(known),
    )


def render_phone(
    ticket: Mapping[str, Any],
    board: Mapping[str, Any],
    *,
    language: str,
    at: datetime,
    theme: Theme = "auto",
) -> str:
    """The visitor's page, complete without a script. `at` is the hall's time now.

    `ticket` and `board` have the shapes of docs/api.md.
    """
    return _render(
        "phone.html",
        language,
        page="phone",
        hall=board["id"],
        window="",
        token=ticket["id"],
        name=pick(board["name"], language),
        theme=theme,
        title=ticket["number"],
        ticket=ticket,
        service=_service_name(ticket, board, language),
        languages=_offered(board["languages"]),
        running=ticket["state"] in RUNNING,
        passed=reasons.to_visitor(ticket.get("passed"), language),
        limit=reasons.limit(ticket.get("passed"), language),
        issued=_clock(datetime.fromisoformat(ticket["issued"]), board["time_zone"]),
        updated=_clock(at, board["time_zone"]),
        returnable=_returnable(ticket, at),
        refresh_seconds=PHONE_REFRESH_SECONDS,
    )


def render_no_ticket(board: Mapping[str, Any], *, language: str) -> str:
    """Instead of a ticket's page: it is of another day, or never was."""
    return _render(
        "noticket.html",
        language,
        page="phone",
        hall=board["id"],
        window="",
        token="",
        name=pick(board["name"], language),
        theme="auto",
        title="There is no such ticket today",
        languages=_offered(board["languages"]),
    )


def render_home(known: Known, *, language: str = "uk", name: str = "Vikno", theme: Theme = "auto") -> str:
    """The front page: what is open to whoever is in front of it."""
    return _render(
        "home.html",
        language,
        page="home",
        hall="",
        window="",
        token="",
        name=name,
        theme=theme,
        title=TITLES["home"],
        pages=known.pages,
        known_json=_json_for_script(known),
    )


def choose_language(asked: str | None, offered: Sequence[str]) -> str:
    """The language of a page: the one asked for if there are words in it, else the hall's first."""
    known = _offered(offered)
    if asked in known:
        return asked
    return next(iter(known), catalog.SOURCE_LANGUAGE)


def pick(names: Mapping[str, str], language: str) -> str:
    """A name in `language`, or in the first language it is given in."""
    return names.get(language) or next(iter(names.values()), "")


def wait_range(wait: Mapping[str, float] | None, language: str) -> str:
    """An honest wait in words: "10 to 15 min", "under 5 min", "not known yet"."""
    if wait is None:
        return catalog.translate(language, "not known yet")
    low, high = (math.ceil(wait[end]) for end in ("low", "high"))
    if low <= 0:
        return catalog.translate(language, "under {high} min", high=high)
    if low >= high:
        return catalog.translate(language, "about {high} min", high=high)
    return catalog.translate(language, "{low} to {high} min", low=low, high=high)


def split_number(number: str) -> tuple[str, str]:
    """Number "A42" as its letters and its figures, which stand a little apart on every page."""
    letters = number.rstrip("0123456789")
    return letters, number[len(letters) :]


def _render(template: str, language: str, **values: Any) -> str:
    words = catalog.load(language)

    def t(msgid: str, **params: object) -> str:
        return words.translate(msgid, params)

    def span(wait: Mapping[str, float] | None) -> str:
        return wait_range(wait, language)

    helpers = {"t": t, "span": span, "numeral": split_number, "language": language}
    page = values["page"]
    everywhere = () if page == OF_A_TICKET else ("who",)
    styles = (*SHARED_STYLES.get(page, ()), *everywhere, page, *MORE_STYLES.get(page, ()))
    return _templates().get_template(template).render(**helpers, styles=styles, **values)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("vikno.display"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _service_name(ticket: Mapping[str, Any], board: Mapping[str, Any], language: str) -> str:
    for service in board["services"]:
        if service["id"] == ticket["service"]:
            return pick(service["name"], language)
    return str(ticket["service"])


def _offered(languages: Sequence[str]) -> dict[str, str]:
    """Those of the hall's languages that there are words in, with their own names."""
    names = catalog.languages()
    return {language: names[language] for language in languages if language in names}


def _returnable(ticket: Mapping[str, Any], at: datetime) -> bool:
    left_for = at - datetime.fromisoformat(ticket["since"])
    return ticket["state"] == "left" and left_for < timedelta(minutes=RETURN_MINUTES_MAX)


def _clock(instant: datetime, time_zone: str) -> str:
    return instant.astimezone(ZoneInfo(time_zone)).strftime("%H:%M")


def _json_for_script(known: Known) -> str:
    """JSON that cannot end the script element it stands in."""
    told = json.dumps(to_builtins(known), ensure_ascii=False)
    return told.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
