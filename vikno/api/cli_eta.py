"""`vikno eta`: with this hall, at that time, with these lines, how long?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from vikno.api.cli_options import DEFAULT_SEED, HallFile, JsonPlace, PolicyName, Seed
from vikno.api.cli_terminal import screen
from vikno.api.defaults import DEFAULT_POLICY
from vikno.api.files import check_places, json_text, put
from vikno.queue.errors import ViknoError

if TYPE_CHECKING:
    from vikno.queue.plan import HallPlan
    from vikno.simulation.outlook.waits import Range, Waits

CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
RUNS = 400
RUNS_MIN, RUNS_MAX = 20, 10_000
LINE_MAX = 5_000
"""As many as a hall may hold (state.py)."""


def eta(  # noqa: PLR0917  (typer passes them by name)
    hall: HallFile,
    at: Annotated[str, typer.Option(metavar="HH:MM", help="The time of day, by the hall's clock.")],
    waiting: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SERVICE=N", help="How many wait for a service, as passport=5; may be repeated."
        ),
    ] = None,
    window: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WINDOW", help="A window that is open; may be repeated. Without: those of the plan."
        ),
    ] = None,
    policy: PolicyName = DEFAULT_POLICY,
    runs: Annotated[
        int, typer.Option(help="How often the rest of the day is simulated.", min=RUNS_MIN, max=RUNS_MAX)
    ] = RUNS,
    seed: Seed = DEFAULT_SEED,
    json: JsonPlace = None,
) -> None:
    """Tell how long people will wait: the last of each line, and who takes a ticket now.

    The rest of the day is simulated many times from that minute. "5 to 12 minutes" holds eight in ten.
    """
    check_places({"--json": json}, {"HALL.toml": hall, "--policy": policy})
    import numpy as np  # noqa: PLC0415  (quick --help)

    from vikno.queue.hallfile import read_hall_file  # noqa: PLC0415
    from vikno.scheduler import policy_named  # noqa: PLC0415
    from vikno.simulation.outlook.outlook import Outlook  # noqa: PLC0415
    from vikno.simulation.outlook.supposed import supposed  # noqa: PLC0415

    chosen = policy_named(policy)
    plan = read_hall_file(hall)
    minute, lines = _minute(plan, at), _lines(plan, waiting or [])
    moment = supposed(plan, minute, lines, _windows(plan, window))
    waits = Outlook(plan, chosen).foresee(moment, runs, np.random.default_rng(seed))
    if json is None:
        _show(plan, at, lines, waits)
    else:
        _write(plan, at, lines, waits, json)


def _minute(plan: HallPlan, text: str) -> int:
    found = CLOCK.fullmatch(text)
    if found is None:
        raise ViknoError(f"--at: {text!r} is not a time of day; give for example 11:00")
    minute = int(found[1]) * 60 + int(found[2])
    if not plan.opens <= minute < plan.closes:
        hours = f"{_clock(plan.opens)} to {_clock(plan.closes)}"
        raise ViknoError(f"--at: hall {plan.id!r} is closed at {text}; give a time from {hours}")
    return minute


def _lines(plan: HallPlan, texts: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in texts:
        service, _, number = text.partition("=")
        if service not in plan.service:
            there = ", ".join(plan.service)
            raise ViknoError(f"--waiting: there is no service {service!r}; choose one of {there}")
        if not number.isascii() or not number.isdigit() or int(number) > LINE_MAX:
            raise ViknoError(f"--waiting: {text!r} is no length of a line; give for example {service}=5")
        if service in found:
            raise ViknoError(f"--waiting: {service!r} is there twice; give each service once")
        found[service] = int(number)
    if sum(found.values()) > LINE_MAX:
        raise ViknoError(f"--waiting: more than {LINE_MAX} people; give fewer")
    return found


def _windows(plan: HallPlan, names: list[str] | None) -> frozenset[str] | None:
    for name in names or ():
        if name not in plan.window:
            there = ", ".join(plan.window)
            raise ViknoError(f"--window: there is no window {name!r}; choose some of {there}")
    return frozenset(names) if names else None


def _write(plan: HallPlan, at: str, lines: dict[str, int], waits: Waits, json: str) -> None:
    """Minutes to the call, for everyone in line and for newcomers."""
    services = {
        service: {
            "waiting": lines.get(service, 0),
            "newcomer": waits.services[service],
            "line": [waits.tickets[f"{service}:{n + 1}"] for n in range(lines.get(service, 0))],
        }
        for service in plan.service
    }
    told = {"hall": plan.id, "at": at, "services": services}
    put("--json", json, json_text(told))


def _show(plan: HallPlan, at: str, lines: dict[str, int], waits: Waits) -> None:
    from rich.table import Table  # noqa: PLC0415

    table = Table("service", "waiting", "the last in line", "who comes now", title=f"{plan.id} at {at}")
    for service in plan.service:
        count = lines.get(service, 0)
        last = _words(waits.tickets[f"{service}:{count}"]) if count else ""
        table.add_row(service, str(count), last, _words(waits.services[service]))
    screen().print(table)


def _words(told: Range | None) -> str:
    """Eight in ten lie between; the middle beside it."""
    if told is None:
        return "not known"
    low, middle, high = round(told.p10), round(told.p50), round(told.p90)
    return f"{low} min" if low == high else f"{low} to {high} min (about {middle})"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
