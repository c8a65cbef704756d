"""Who is in front of a page, and what is open to them: told with the frame, so that a page need not ask.

Which page is for whom follows from the one table of rights: each page needs one action. A page that is not
open to somebody is still served, as a frame that says so; what it would show comes through the doors of the
API, which ask the table themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from fastapi import Request

from vikno.api.access import (
    ANY_HALL,
    EVERYWHERE,
    PEOPLE,
    Action,
    Grant,
    Kind,
    NotAllowed,
    NotSignedIn,
    Principal,
    Role,
)
from vikno.api.doors.views import account_view
from vikno.api.doors.visit import caller
from vikno.api.house import House
from vikno.api.people.accounts import may_grant
from vikno.api.people.sessions import Told
from vikno.api.people.store import PeopleRefused
from vikno.display.pages import TITLES, Admission, HallLine, HallPage, HousePage, Known, PageLink, pick
from vikno.queue.plan import HallPlan

HALL_PAGES: Final[Mapping[HallPage, Action]] = {
    "screen": Action.SPEAK,
    "kiosk": Action.ISSUE,
    "overview": Action.AUDIT,
    "audit": Action.AUDIT,
    "whatif": Action.EXPERIMENT,
    "roster": Action.SEE_ROSTER,
    "console": Action.WORK,
}
"""What somebody must be allowed to do in a hall for a page of it to be of use to them."""

HOUSE_PAGES: Final[Mapping[HousePage, Action]] = {
    "devices": Action.DEVICES,
    "people": Action.PEOPLE,
    "trail": Action.SEE_TRAIL,
}
"""The same for pages of the whole server, where one hall is enough."""


class Guest:
    """Somebody who is signed in, and the server they look at."""

    def __init__(self, house: House, principal: Principal, told: Told) -> None:
        self._house = house
        self._principal = principal
        self._account = account_view(told.account) | {"hall": told.hall, "window": told.window}
        self.language = told.account.language

    def known(self, language: str, admitted: Admission = "yes", hall: str = "") -> Known:
        """What a page, perhaps of a hall, is told of them; names in `language` where it has only one."""
        return Known(
            account=self._account,
            admitted=admitted,
            rights=[action.name for action in Action if hall and self._may(action, hall)],
            halls=[hall_line(plan) for plan in self._plans() if self._is_somebody(plan.id)],
            pages=list(self._pages(language)),
            gives={hall: roles for hall in self._places() if (roles := self._gives(hall))},
        )

    def at_home(self, page: HousePage) -> Admission:
        """Whether a page of the whole server is open to them."""
        return "yes" if self._principal.halls(HOUSE_PAGES[page]) else "no"

    def in_hall(self, page: HallPage, hall: str, window: str) -> Admission:
        """Whether a page of a hall, perhaps of one window, is open to them."""
        if self._may(HALL_PAGES[page], hall, window or None):
            return "yes"
        return "window" if window and self._may(HALL_PAGES[page], hall) else "no"

    def _plans(self) -> Iterable[HallPlan]:
        return (room.plan for room in self._house.rooms.values())

    def _places(self) -> tuple[str, ...]:
        return (ANY_HALL, *self._house.rooms)

    def _may(self, action: Action, hall: str, window: str | None = None) -> bool:
        try:
            self._principal.check(action, hall, window=window)
        except NotAllowed:
            return False
        return True

    def _is_somebody(self, hall: str) -> bool:
        return any(grant.covers(hall) for grant in self._principal.grants)

    def _gives(self, hall: str) -> list[str]:
        """The roles they may give in a hall, or in all at once."""
        roles = (role for role in Role if role in (EVERYWHERE if hall == ANY_HALL else PEOPLE))
        return [role for role in roles if may_grant(self._principal, [Grant(role, hall)])]

    def _pages(self, language: str) -> Iterator[PageLink]:
        for plan in self._plans():
            open_here = [page for page, action in HALL_PAGES.items() if self._may(action, plan.id)]
            yield from hall_links(plan, language, open_here)
        for page, action in HOUSE_PAGES.items():
            if self._principal.halls(action):
                yield PageLink(f"/{page}", page, "", TITLES[page])


async def guest(request: Request) -> Guest | None:
    """Who is signed in where this request comes from, if anybody is."""
    house: House = request.app.state.house
    try:
        principal = await caller(request)
    except NotSignedIn:
        return None
    if principal.kind is not Kind.ACCOUNT:
        return None
    try:
        told = await asyncio.to_thread(house.people.sessions.told, principal)
    except PeopleRefused:  # signed out this very moment
        return None
    return Guest(house, principal, told)


def hall_links(
    plan: HallPlan, language: str, pages: Iterable[HallPage] = tuple(HALL_PAGES)
) -> Iterator[PageLink]:
    """These pages of a hall; the console once for each window."""
    name = pick(plan.name, language)
    for page in pages:
        if page == "console":
            yield from (PageLink(f"/console/{plan.id}/{w.id}", page, plan.id, w.label) for w in plan.windows)
        else:
            yield PageLink(f"/{page}/{plan.id}", page, plan.id, name)


def hall_line(plan: HallPlan) -> HallLine:
    """A hall as pages name it."""
    return HallLine(plan.id, plan.name, [{"id": w.id, "label": w.label} for w in plan.windows])
