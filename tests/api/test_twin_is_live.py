"""The twin and the live hall agree: what happened in a simulated day happens again when people do it.

Every command of the day goes to a hall on SQLite whose clock stands at that command's instant: once over
HTTP to a running server, once straight to the hall's owner. The journal must then tell the twin's day.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
from sqlalchemy import Engine

from tests.api import stepping
from tests.api.owning import HandClock, Notebook, database
from tests.api.running import Server, bearer
from vikno.api.access import Role
from vikno.api.doors.windows import STEPS
from vikno.api.owner import HallOwner
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.errors import CommandRefused
from vikno.queue.hall import Hall
from vikno.queue.hallfile import parse_hall
from vikno.queue.journal.journal import Journal
from vikno.queue.plan import HallPlan
from vikno.scheduler import POLICIES, policy_named
from vikno.simulation.day import draw_day
from vikno.simulation.record import DayRecord, Outcome
from vikno.simulation.twin import simulate_day

MIXED = Path(__file__).parents[2] / "examples" / "mixed.toml"
DOORS = {command: name for name, (command, _) in STEPS.items()}
"""Commands at a window by the last word of their address."""

SEED = 3
SECONDS_A_MINUTE = 60.0

EVERYTHING = """
format = 1
[hall]
id = "everything"
name = { uk = "Усе", en = "Everything" }
time_zone = "Europe/Kyiv"
languages = ["uk", "en"]
opens = "08:00"
closes = "13:00"
after_close = "AFTER_CLOSE"
waiting_places = 17

[[services]]
id = "passport"
prefix = "A"
name = { en = "Passport" }
priority = 1
arrivals = [["08:00", 14.0], ["10:00", 22.0]]
service = [
  ["08:00", { distribution = "lognormal", mean = 7.0, cv = 0.5 }],
  ["11:00", { distribution = "gamma", mean = 6.0, cv = 0.4 }],
]
patience = { distribution = "exponential", mean = 25.0, zero = 0.1 }
no_show = 0.1
no_show_minutes = 1.5

[[services]]
id = "residence"
prefix = "B"
name = { en = "Residence" }
arrivals = [["08:00", 12.0]]
service = { distribution = "uniform", low = 2.0, high = 9.0 }
no_show = 0.05

[[services]]
id = "pickup"
prefix = "A"
name = { en = "Pick-up" }
arrivals = [["08:30", 16.0]]
service = { distribution = "exponential", mean = 3.0 }
patience = { distribution = "lognormal", mean = 15.0, cv = 1.0 }

[[services]]
id = "payment"
prefix = "C"
name = { en = "Payment" }
service = { distribution = "constant", mean = 2.0 }

[[visits]]
services = ["passport", "payment"]
arrivals = [["08:00", 4.0]]

[[visits]]
services = ["residence", "pickup", "payment"]
arrivals = [["08:00", 4.0]]

[[windows]]
id = "w-1"
skills = { passport = 1.0, residence = 0.9 }
open = [["08:00", "10:30"], ["11:00", "13:00"]]

[[windows]]
id = "w-2"
skills = { residence = 1.1, pickup = 1.0 }

[[windows]]
id = "w-3"
skills = { passport = 1.2, payment = 1.0 }
open = [["09:00", "13:00"]]

[[windows]]
id = "w-4"
skills = { pickup = 0.8, payment = 0.7, passport = 1.3 }
open = [["08:00", "12:00"]]

[[windows]]
id = "w-5"
skills = { residence = 1.0, payment = 1.0, passport = 1.0, pickup = 1.0 }

[demand]
busyness_shape = 30.0
"""


class Step(NamedTuple):
    """A command of the day: the events with which the hall of the twin answered, or why it refused."""

    command: c.Command
    events: tuple[e.Event, ...]
    refusal: str = ""


class Day(NamedTuple):
    """A simulated day: all that was done, in order, and what the twin says became of everybody."""

    plan: HallPlan
    steps: list[Step]
    record: DayRecord

    @property
    def events(self) -> list[e.Event]:
        return [event for step in self.steps for event in step.events]


def simulated(plan: HallPlan, policy: str) -> Day:
    """A day with its commands; those who found the hall full, whom the twin does not report, among them."""
    steps: list[Step] = []
    visitors = draw_day(plan, SEED, 0)
    record = simulate_day(
        plan, policy_named(policy), visitors, lambda command, events: steps.append(Step(command, events))
    )
    midnight = steps[0].command.at
    for visit in record.visit[record.outcome == Outcome.BLOCKED].tolist():
        visitor = visitors[visit]
        at = midnight + visitor.minute * SECONDS_A_MINUTE
        steps.append(Step(c.IssueTicket(at, f"blocked-{visit}", visitor.services), (), "hall-full"))
    steps.sort(key=lambda step: step.command.at)
    return Day(plan, steps, record)


def everything(after_close: str) -> str:
    """A hall file that says all a hall file can say."""
    return EVERYTHING.replace("AFTER_CLOSE", after_close)


# Two journals side by side ---------------------------------------------------------------------------------


def told(events: Sequence[e.Event]) -> tuple[list[Any], list[float]]:
    """The events with the number of each ticket for its identifier; and apart from them all their floats."""
    numbers = {event.ticket: event.number for event in events if isinstance(event, e.TicketIssued)}
    floats: list[float] = []

    def plain(value: Any) -> Any:
        if isinstance(value, float):
            floats.append(value)
            return "a float"
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        return numbers.get(value, value) if isinstance(value, str) else value

    return [plain(msgspec.to_builtins(event)) for event in events], floats


def as_live(events: Sequence[e.Event]) -> list[e.Event]:
    """Where a window shuts at the very instant at which people are sent home, they go first.

    Live, the hall's own clock is heard before anybody else; in the twin the window may come before it.
    """
    home = {event.at for event in events if isinstance(event, e.VisitorUnserved)}

    def order(event: e.Event) -> tuple[float, bool]:
        return event.at, event.at in home and isinstance(event, e.WindowClosed)

    return sorted(events, key=order)


def agree(live: Sequence[e.Event], twin: Sequence[e.Event]) -> None:
    """The same events but for the identifiers of tickets.

    A live hall moves on with every step by the least it can, 2e-7 s, so that no two have the same instant.
    """
    (said, live_floats), (expected, twin_floats) = told(live), told(as_live(twin))
    assert said == expected
    np.testing.assert_allclose(live_floats, twin_floats, rtol=0, atol=1e-3)


def calls(events: Sequence[e.Event]) -> list[tuple[str, str]]:
    """Who was called where, in order."""
    numbers = {event.ticket: event.number for event in events if isinstance(event, e.TicketIssued)}
    return [(event.window, numbers[event.ticket]) for event in events if isinstance(event, e.TicketCalled)]


def written(engine: Engine, plan: HallPlan) -> list[e.Event]:
    """What the journal holds."""
    return [e.decode(entry.payload) for entry in Journal(engine, plan.id).read()]


# Over HTTP -------------------------------------------------------------------------------------------------


class People:
    """Everybody in the hall, at the doors of a server: each step is one request at its instant."""

    def __init__(self, server: Server, plan: HallPlan) -> None:
        self._at = f"/api/v1/halls/{plan.id}"
        # The standard library's client: thousands of requests are most of this test.
        self._http = HTTPConnection("127.0.0.1", server.port)
        token = server.token(Role.MANAGER, hall=plan.id)
        self._headers = bearer(token) | {"Content-Type": "application/json"}
        self._tickets: dict[str, str] = {}
        self.called: list[tuple[str, str]] = []

    def do(self, step: Step) -> None:
        """The request of a step. What the hall's own clock sees to, it does before whatever is asked."""
        command = step.command
        match command:
            case c.IssueTicket():
                wish = {"services": command.services, "language": command.language}
                answer = self._ask(step, "POST", "/tickets", wish, refusal=step.refusal)
                if not step.refusal:
                    self._tickets[command.ticket] = answer["ticket"]["id"]
            case c.Leave():
                self._ask(step, "DELETE", f"/tickets/{self._tickets[command.ticket]}")
            case c.WindowCommand():
                answer = self._ask(step, "POST", f"/windows/{command.window}/{DOORS[type(command)]}")
                if isinstance(command, c.CallNext) and answer["ticket"]:
                    self.called.append((command.window, answer["ticket"]["number"]))
            case c.SendHome() | c.BeginDay():
                self._ask(step, "DELETE", "/tickets/nobody", refusal="unknown-ticket")
            case _:
                pytest.fail(f"the twin asks for what nobody can do: {command}")

    def go_home(self) -> None:
        """Hang up."""
        self._http.close()

    def _ask(self, step: Step, method: str, path: str, body: Any = None, refusal: str = "") -> Any:
        headers = self._headers | {stepping.INSTANT: repr(step.command.at)}
        data = None if body is None else msgspec.json.encode(body)
        self._http.request(method, self._at + path, data, headers)
        response = self._http.getresponse()
        answer = msgspec.json.decode(response.read())
        assert (response.status >= HTTPStatus.BAD_REQUEST) == bool(refusal), answer
        assert answer.get("code", "") == refusal
        return answer


@pytest.mark.parametrize(("hall", "policy"), [("mixed", "fifo"), ("leave", "priority")])
def test_people_at_a_server_live_the_day_of_the_twin(
    make_server: Callable[..., Server], hall: str, policy: str
) -> None:
    text = MIXED.read_text(encoding="utf-8") if hall == "mixed" else everything(hall)
    day = simulated(parse_hall(text), policy)
    server, start = make_server(text), repr(day.steps[0].command.at)
    server.start([sys.executable, stepping.__file__, server.files[0], str(server.data), "0", start, policy])
    people = People(server, day.plan)
    for step in day.steps:
        people.do(step)
    people.go_home()
    server.kill()

    assert people.called == calls(day.events)
    engine = database(server.data)
    adopted, *happened = written(engine, day.plan)
    assert isinstance(adopted, e.PlanAdopted)
    agree(happened, day.events)
    assert endings(engine, day, policy) == [
        outcome for outcome in outcomes(day) if outcome != Outcome.BLOCKED
    ]
    engine.dispose()


def endings(engine: Engine, day: Day, policy: str) -> list[Outcome]:
    """How each visit ended that got a ticket, in order of arrival, as the journal folds."""
    hall = Hall(policy_named(policy))
    Journal(engine, day.plan.id).fold(hall)
    return [Outcome[ticket.state.name] for ticket in hall.tickets.values()]


def outcomes(day: Day) -> list[Outcome]:
    """How each visit ended, in order of arrival, as the twin records it."""
    ended = dict(zip(day.record.visit.tolist(), day.record.outcome.tolist(), strict=True))
    return [Outcome(ended[visit]) for visit in sorted(ended)]


# Straight to the owner -------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("after_close", ["serve", "leave"])
async def test_the_owner_of_a_hall_writes_the_day_of_the_twin(
    tmp_path: Path, after_close: str, policy: str
) -> None:
    day = simulated(parse_hall(everything(after_close)), policy)
    engine, clock = database(tmp_path), HandClock(day.steps[0].command.at)
    owner = HallOwner(lambda: Hall(policy_named(policy)), Journal(engine, day.plan.id), clock, Notebook())
    await owner.start(day.plan)
    for step in day.steps:
        clock.at = step.command.at
        if isinstance(step.command, c.BeginDay | c.SendHome):
            # What the hall's own clock sees to, it does before whatever is asked.
            assert await refusal(owner, c.Leave(step.command.at, "nobody")) == "unknown-ticket"
        else:
            assert await refusal(owner, step.command) == step.refusal
    await owner.stop()

    adopted, *happened = written(engine, day.plan)
    assert isinstance(adopted, e.PlanAdopted)
    agree(happened, day.events)
    engine.dispose()


async def refusal(owner: HallOwner, command: c.Command) -> str:
    """The code with which the hall refuses a command, or empty."""
    try:
        await owner.submit(lambda _at: command, lambda _hall, _events: b"")
    except CommandRefused as error:
        return error.code
    return ""


def test_the_days_have_everything_in_them() -> None:
    """Else the agreement would say less than it seems to."""
    days = [simulated(parse_hall(everything(close)), "fifo") for close in ("serve", "leave")]
    commands = {type(step.command) for day in days for step in day.steps}
    assert commands >= {
        c.IssueTicket, c.Leave, c.OpenWindow, c.PauseWindow, c.CloseWindow, c.CallNext, c.FinishService,
        c.MissVisitor, c.BeginDay, c.SendHome,
    }  # fmt: skip
    assert {outcome for day in days for outcome in outcomes(day)} == set(Outcome)
    finished = [event for event in days[0].events if isinstance(event, e.ServiceFinished) and not event.last]
    assert {event.here for event in finished} == {True, False}
    assert all(isinstance(day.steps[-1].command, c.CloseWindow) for day in days)
