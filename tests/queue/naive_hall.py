"""The rules of a hall as people would tell them, over lists of dicts: what the real hall is held against.

Nothing here is quick, frozen, indexed or planned ahead; every question is answered by looking through the
list of visitors. For each command there is one method that names every reason against it (`no_…`), and one
that lets it happen. It knows plans and limits as data and shares no rule with the hall.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from vikno.queue.plan import HallPlan
from vikno.queue.state import Limits

Visitor = dict[str, Any]
Window = dict[str, Any]

AT_A_WINDOW = ("called", "serving")
STILL_HERE = ("waiting", "parked", *AT_A_WINDOW)


def reasons(*pairs: tuple[str, object]) -> set[str]:
    """The codes whose condition holds."""
    return {code for code, holds in pairs if holds}


def order(visitor: Visitor) -> tuple[float, str]:
    """Who has the earlier place is first; the identifier breaks ties."""
    return visitor["place"], visitor["id"]


class NaiveHall:
    """What a hall should be like at every moment."""

    def __init__(self, plan: HallPlan, policy: str, limits: Limits, at: float) -> None:
        self.plan = plan
        self.policy = policy
        self.limits = limits
        self.date = ""
        self.visitors: list[Visitor] = []
        self.windows: list[Window] = [self._fresh(window.id, at) for window in plan.windows]
        self.given: list[str] = []

    @staticmethod
    def _fresh(window: str, at: float) -> Window:
        return {
            "id": window,
            "state": "closed",
            "since": at,
            "ticket": None,
            "served": 0,
            "no_shows": 0,
            "serving_seconds": 0.0,
            "undo": None,
        }

    # Looking -------------------------------------------------------------------------------------------

    def visitor(self, ticket: str | None) -> Visitor | None:
        return next((v for v in self.visitors if v["id"] == ticket), None)

    def window(self, window: str) -> Window | None:
        return next((w for w in self.windows if w["id"] == window), None)

    def waiting(self, *services: str) -> list[Visitor]:
        """Those waiting for one of the services, in order."""
        found = [v for v in self.visitors if v["state"] == "waiting" and v["services"][v["leg"]] in services]
        return sorted(found, key=order)

    def skills(self, window: str) -> list[str]:
        return next(list(w.skills) for w in self.plan.windows if w.id == window)

    def knows(self, service: str) -> bool:
        return any(s.id == service for s in self.plan.services)

    def wall(self, at: float) -> tuple[str, float]:
        """What calendar and clock on the hall's wall show: the date, and minutes after midnight."""
        here = datetime.fromtimestamp(at, ZoneInfo(self.plan.time_zone))
        return here.date().isoformat(), here.hour * 60 + here.minute + here.second / 60

    def called_next(self, window: str) -> Visitor | None:
        """Whom the policy should name."""
        here = self.waiting(*self.skills(window))
        if self.policy == "priority" and here:
            highest = max(self._class(v) for v in here)
            here = [v for v in here if self._class(v) == highest]
        return here[0] if here else None

    def _class(self, visitor: Visitor) -> int:
        service = visitor["services"][visitor["leg"]]
        return int(visitor["priority"] + next(s.priority for s in self.plan.services if s.id == service))

    def ahead(self, service: str, priority: int, place: tuple[float, str]) -> int:
        """How many of this line would be called before somebody of this priority and place."""
        line = self.waiting(service)
        if self.policy == "fifo":
            return sum(order(v) < place for v in line)
        return sum((-v["priority"], order(v)) < (-priority, place) for v in line)

    def overtaken(self, window: str, visitor: Visitor) -> list[str]:
        """Numbers of those this window could have called who came earlier."""
        return [v["number"] for v in self.waiting(*self.skills(window)) if order(v) < order(visitor)]

    def behind(self, visitor: Visitor) -> list[Visitor]:
        """Those of the same service who come later; where priority counts, of the same priority."""
        line = [v for v in self.waiting(visitor["services"][visitor["leg"]]) if order(v) > order(visitor)]
        return line if self.policy == "fifo" else [v for v in line if v["priority"] == visitor["priority"]]

    def passed(self, visitor: Visitor, places: int) -> int:
        """How many pass who lets `places` pass: more only where no instant lies before the next."""
        behind = self.behind(visitor)
        passed = min(places, len(behind))
        while 0 < passed < len(behind):
            last, following = behind[passed - 1]["place"], behind[passed]["place"]
            if last < (last + following) / 2 < following:
                break
            passed += 1
        return passed

    # Reasons against -----------------------------------------------------------------------------------

    def no_issue(self, at: float, ticket: str, services: tuple[str, ...], priority: int) -> set[str]:
        date, minute = self.wall(at)
        places = self.plan.waiting_places
        most = self.limits.waiting_max if places is None else places
        return reasons(
            ("no-service", not services),
            ("too-many-services", len(services) > self.limits.services_a_ticket_max),
            ("unknown-service", any(not self.knows(service) for service in services)),
            ("service-twice", len(set(services)) < len(services)),
            ("bad-priority", abs(priority) > self.limits.priority_max),
            ("hall-closed", date != self.date or not self.plan.opens <= minute < self.plan.closes),
            ("hall-full", len([v for v in self.visitors if v["state"] == "waiting"]) >= most),
            ("day-full", len(self.given) >= self.limits.tickets_a_day_max),
            ("ticket-exists", self.visitor(ticket)),
        )

    def _no_ticket(self, ticket: str, *states: str, code: str = "wrong-state") -> set[str]:
        visitor = self.visitor(ticket)
        if visitor is None:
            return {"unknown-ticket"}
        return reasons((code, visitor["state"] not in states))

    def no_leave(self, ticket: str) -> set[str]:
        return self._no_ticket(ticket, "waiting", "parked", "called")

    def no_return(self, at: float, ticket: str) -> set[str]:
        against = self._no_ticket(ticket, "left")
        visitor = self.visitor(ticket)
        if visitor:
            late = at - visitor["since"] > self.limits.return_seconds
            gone = not all(self.knows(service) for service in visitor["services"][visitor["leg"] :])
            against |= reasons(("too-late", late or gone))
        return against

    def no_move_back(self, ticket: str, places: int) -> set[str]:
        against = self._no_ticket(ticket, "waiting")
        visitor = self.visitor(ticket)
        return against | reasons(
            ("bad-places", not 1 <= places <= self.limits.waiting_max),
            ("nobody-behind", visitor and not self.behind(visitor)),
        )

    def no_priority(self, ticket: str, priority: int) -> set[str]:
        against = self._no_ticket(ticket, "waiting", "parked")
        return against | reasons(("bad-priority", abs(priority) > self.limits.priority_max))

    def no_open(self, window: str) -> set[str]:
        return reasons(("unknown-window", self.window(window) is None))

    def no_close(self, window: str) -> set[str]:
        found = self.window(window)
        return reasons(("unknown-window", found is None), ("window-busy", found and found["ticket"]))

    def no_pause(self, window: str) -> set[str]:
        found = self.window(window)
        return self.no_close(window) | reasons(("window-closed", found and found["state"] == "closed"))

    def no_call_next(self, window: str) -> set[str]:
        found = self.window(window)
        paused = found and found["state"] == "paused"
        return self.no_pause(window) | reasons(("window-paused", paused))

    def no_call_chosen(self, window: str, ticket: str) -> set[str]:
        against = self.no_call_next(window) | self._no_ticket(ticket, "waiting", "parked", code="not-waiting")
        visitor = self.visitor(ticket)
        if visitor and self.window(window):
            service = visitor["services"][visitor["leg"]]
            against |= reasons(("no-skill", service not in self.skills(window)))
        return against

    def no_visit(self, window: str, *states: str) -> set[str]:
        """Against a step with the visitor at this window, who must be in one of these states."""
        found = self.window(window)
        if found is None:
            return {"unknown-window"}
        if found["ticket"] is None:
            return {"window-idle"}
        return self._no_ticket(found["ticket"], *states)

    def no_transfer(self, window: str, service: str) -> set[str]:
        against = self.no_visit(window, "called", "serving")
        found = self.window(window)
        visitor = self.visitor(found["ticket"]) if found else None
        return against | reasons(
            ("unknown-service", not self.knows(service)),
            ("service-twice", visitor and service in visitor["services"][visitor["leg"] + 1 :]),
        )

    def no_unpark(self, window: str, ticket: str) -> set[str]:
        return self.no_open(window) | self._no_ticket(ticket, "parked")

    def no_undo(self, at: float, window: str) -> set[str]:
        found = self.window(window)
        if found is None:
            return {"unknown-window"}
        undo = found["undo"]
        if undo is None:
            return {"nothing-to-undo"}
        touched = undo["visitor"] and self.visitor(undo["visitor"]["id"]) != undo["left"]
        return reasons(("too-late", at - undo["at"] > self.limits.undo_seconds or touched))

    def no_new_day(self, at: float) -> set[str]:
        return reasons(("wrong-state", self.wall(at)[0] == self.date))

    def no_send_home(self, at: float) -> set[str]:
        date, minute = self.wall(at)
        over = date != self.date or minute >= self.plan.closes
        return reasons(("wrong-state", self.plan.after_close != "leave" or not over))

    def no_plan(self, plan: HallPlan) -> set[str]:
        services, windows = [s.id for s in plan.services], [w.id for w in plan.windows]
        needed = [s for v in self.visitors if v["state"] in STILL_HERE for s in v["services"][v["leg"] :]]
        serving = [w["id"] for w in self.windows if w["ticket"]]
        gone = any(s not in services for s in needed) or any(w not in windows for w in serving)
        return reasons(("in-use", gone))

    # What happens --------------------------------------------------------------------------------------

    def issue(self, at: float, ticket: str, services: tuple[str, ...], language: str, priority: int) -> str:
        """The number given: one more than the last of its prefix today."""
        prefix = next(s.prefix for s in self.plan.services if s.id == services[0])
        earlier = [int(n[len(prefix) :]) for n in self.given if n.rstrip("0123456789") == prefix]
        number = f"{prefix}{max(earlier, default=0) + 1}"
        self.given.append(number)
        self.visitors.append(
            {
                "id": ticket,
                "number": number,
                "services": services,
                "language": language or self.plan.languages[0],
                "priority": priority,
                "issued": at,
                "since": at,
                "place": at,
                "leg": 0,
                "state": "waiting",
                "first_called": None,
                "called": None,
                "calls": 0,
                "window": None,
                "why": None,
            }
        )
        return number

    def _turn(self, visitor: Visitor, state: str, at: float) -> None:
        """A visitor's new state; who is in a line again belongs to no window."""
        visitor.update(state=state, since=at)
        if state == "waiting":
            visitor["window"] = None

    def change(self, ticket: str, state: str, at: float) -> None:
        """Leave, return, unpark: the visitor moves, and a window that had called them is free."""
        visitor = self.visitor(ticket)
        assert visitor
        for window in self.windows:
            if window["ticket"] == ticket:
                window.update(ticket=None, since=at, undo=None)
        self._turn(visitor, state, at)

    def set_window(self, window: str, state: str, at: float) -> None:
        found = self.window(window)
        assert found
        if found["state"] != state:
            before = {**found, "undo": None}
            found.update(state=state, since=at)
            found["undo"] = {"at": at, "window": before, "visitor": None, "left": None}

    def call(self, window: str, ticket: str, at: float, why: object) -> None:
        visitor = self.visitor(ticket)
        assert visitor
        first = at if visitor["first_called"] is None else visitor["first_called"]
        more = {"called": at, "first_called": first, "calls": 1, "window": window, "why": why}
        self._visit(window, visitor, "called", at, stays=True, more=more)

    def recall(self, window: str, at: float) -> None:
        found = self.window(window)
        assert found
        visitor = self.visitor(found["ticket"])
        assert visitor
        visitor.update(calls=visitor["calls"] + 1, called=at)
        found["undo"] = None

    def visit(self, window: str, state: str, at: float) -> None:
        """Start, miss, park: the visitor at this window goes on to another state."""
        found = self.window(window)
        assert found
        visitor = self.visitor(found["ticket"])
        assert visitor
        self._visit(window, visitor, state, at, stays=state == "serving")

    def finish(self, window: str, at: float) -> None:
        """Home after the last leg; else the next this window can do, or the next in the list elsewhere.

        Who was not said to have come was being served since the call.
        """
        found = self.window(window)
        assert found
        visitor = self.visitor(found["ticket"])
        assert visitor
        since_call = at - visitor["since"] if visitor["state"] == "called" else 0.0
        leg = visitor["leg"] + 1
        done, rest = visitor["services"][:leg], list(visitor["services"][leg:])
        if not rest:
            self._visit(window, visitor, "served", at, stays=False)
        else:
            here = [service for service in rest if service in self.skills(window)]
            chosen = here[0] if here else rest[0]
            rest.remove(chosen)
            state = "serving" if here else "waiting"
            more = {"services": (*done, chosen, *rest), "leg": leg}
            self._visit(window, visitor, state, at, stays=bool(here), more=more)
        found["served"] += 1
        found["serving_seconds"] += since_call

    def transfer(self, window: str, service: str, at: float) -> None:
        found = self.window(window)
        assert found
        visitor = self.visitor(found["ticket"])
        assert visitor
        services = list(visitor["services"])
        services[visitor["leg"]] = service
        self._visit(window, visitor, "waiting", at, stays=False, more={"services": tuple(services)})

    def _visit(
        self,
        window: str,
        visitor: Visitor,
        state: str,
        at: float,
        *,
        stays: bool,
        more: Visitor | None = None,
    ) -> None:
        """A step between a window and a visitor, with a picture of both from before it."""
        found = self.window(window)
        assert found
        pictures = {**found, "undo": None}, dict(visitor)
        worked = visitor["state"] == "serving" and visitor["id"] == found["ticket"]
        if worked:
            found["serving_seconds"] += at - visitor["since"]
        found.update(ticket=visitor["id"] if stays else None, since=at)
        found["no_shows"] += state == "no-show"
        visitor.update(more or {})
        self._turn(visitor, state, at)
        found["undo"] = {"at": at, "window": pictures[0], "visitor": pictures[1], "left": dict(visitor)}

    def undo(self, window: str) -> None:
        found = self.window(window)
        assert found
        undo = found["undo"]
        if undo["visitor"]:
            visitor = self.visitor(undo["visitor"]["id"])
            assert visitor
            visitor.update(undo["visitor"])
        found.update(undo["window"])

    def send_home(self, at: float) -> None:
        """Who was set aside by a clerk may still finish."""
        for visitor in self.visitors:
            if visitor["state"] == "waiting":
                self._turn(visitor, "unserved", at)

    def new_day(self, at: float) -> None:
        """Only who is at a window is still known; windows stay as they are and count from zero."""
        self.date = self.wall(at)[0]
        self.given = []
        self.visitors = [v for v in self.visitors if v["state"] in AT_A_WINDOW]
        for window in self.windows:
            window.update(served=0, no_shows=0, serving_seconds=0.0, undo=None)

    def adopt(self, plan: HallPlan, at: float) -> None:
        if plan != self.plan:
            self.plan = plan
            old = self.windows
            self.windows = [
                next((w for w in old if w["id"] == new.id), self._fresh(new.id, at)) for new in plan.windows
            ]
            for window in self.windows:
                window["undo"] = None
