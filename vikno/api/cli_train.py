"""`vikno train`: which skill for whom cuts the waiting most."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vikno.api.cli_options import (
    DEFAULT_SEED,
    JsonPlace,
    PolicyName,
    RosterForecast,
    RosterHall,
    RosterWindows,
    Seed,
    XlsxPlace,
)
from vikno.api.cli_simulate import DAYS_MAX
from vikno.api.cli_terminal import INTERRUPTED, interruptible, progress_line, say, screen
from vikno.api.defaults import DEFAULT_POLICY
from vikno.api.files import check_places, check_workbook, json_text, put
from vikno.queue.errors import ViknoError

if TYPE_CHECKING:
    from vikno.queue.plan import HallPlan
    from vikno.scheduler.learned import Learned
    from vikno.simulation.training.race import Standing, Watch
    from vikno.simulation.training.train import Training

DEFAULT_DAYS = 200
HOURS = re.compile(r"([a-z0-9-]{1,40})=(\d+(?:\.\d+)?)")
STAGES = {"one": "one skill", "two": "two skills", "telling": "measuring the best on fresh days"}


def train(  # noqa: PLR0917  (typer passes them by name)
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE.toml", help="A hall file, whose windows are people, or a roster file."),
    ],
    roster: Annotated[
        Path | None,
        typer.Option(
            metavar="ROSTER.json",
            help="Who works when, as vikno roster writes it.",
            show_default="the roster in force that the roster file names",
        ),
    ] = None,
    hall: RosterHall = None,
    forecast: RosterForecast = None,
    windows: RosterWindows = None,
    policy: PolicyName = DEFAULT_POLICY,
    days: Annotated[
        int,
        typer.Option(
            help="How many days each gain is measured on; at least 12, of a roster 12 times its open days.",
            min=2,
            max=DAYS_MAX,
        ),
    ] = DEFAULT_DAYS,
    seed: Seed = DEFAULT_SEED,
    hours: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SERVICE=H", help="Hours it takes to learn a service; may be repeated.", show_default="40"
        ),
    ] = None,
    json: JsonPlace = None,
    xlsx: XlsxPlace = None,
) -> None:
    """Find which skill for whom cuts the waiting most, one by one and in pairs, per hour of training.

    Candidates are chosen on some days and measured on others, so that no gain is told that was only luck; all
    intervals hold together. Ctrl-C ends the search; what was found by then is measured and told.
    """
    from vikno.api.rosterdays import named_by  # noqa: PLC0415
    from vikno.simulation.training.train import train as learn  # noqa: PLC0415  (quick --help)

    inputs = {"FILE.toml": file, "--roster": roster, "--hall": hall, "--forecast": forecast}
    check_workbook("--xlsx", xlsx)
    check_places({"--json": json, "--xlsx": xlsx}, inputs | {"--policy": policy} | named_by(file))
    halls = _halls(file, roster, hall, forecast, windows)
    choice = _policy(policy, halls[0])
    cost = _hours(hours or [], halls[0])
    with interruptible() as interrupted, _progress() as show:
        plan = learn(halls, choice, seed, days, hours=cost, watch=_watch(show, interrupted))
    if plan.singles:
        _write(plan, halls[0].id, policy, json, xlsx)
    if plan.interrupted:
        found = "what was found by then is told" if plan.singles else "nothing was measured yet"
        say(f"interrupted; {found}")
        raise typer.Exit(INTERRUPTED)


def _halls(
    file: Path, roster: Path | None, hall: Path | None, forecast: Path | None, windows: int | None
) -> tuple[HallPlan, ...]:
    """Of a hall file the one hall; of a roster file one for each open day."""
    from vikno.api.rosterdays import is_roster_file, read_roster, read_roster_days  # noqa: PLC0415
    from vikno.queue.hallfile import read_hall_file  # noqa: PLC0415

    if is_roster_file(file):
        days = read_roster_days(file, hall, forecast, windows)
        return days.halls(read_roster("--roster", roster, days.problem))
    given = {"--roster": roster, "--hall": hall, "--forecast": forecast, "--windows": windows}
    for option, value in given.items():
        if value is not None:
            raise ViknoError(f"{option}: goes with a roster file, and {file} is none; leave it out")
    return (read_hall_file(file),)


def _policy(policy: str, plan: HallPlan) -> str | Learned:
    from vikno.scheduler import read_policy  # noqa: PLC0415

    return read_policy(policy, plan)


def _hours(given: list[str], plan: HallPlan) -> dict[str, float]:
    found: dict[str, float] = {}
    for text in given:
        parts = HOURS.fullmatch(text.strip())
        if parts is None or not float(parts[2]):
            raise ViknoError(f"--hours: {text!r} is not understood; give for example passport=24")
        if parts[1] in found:
            raise ViknoError(f"--hours: {parts[1]!r} is given twice; give its hours once")
        if parts[1] not in plan.service:
            raise ViknoError(
                f"--hours: there is no service {parts[1]!r} in hall {plan.id!r}; "
                f"use one of {', '.join(plan.service)}"
            )
        found[parts[1]] = float(parts[2])
    return found


def _watch(show: Callable[[Standing], None], interrupted: Callable[[], bool]) -> Watch:
    from vikno.simulation.training.race import Watch  # noqa: PLC0415

    return Watch(show, interrupted)


def _write(plan: Training, hall: str, policy: str, json: str | None, xlsx: Path | None) -> None:
    from vikno.display.training import workbook_of  # noqa: PLC0415
    from vikno.simulation.training.told import told  # noqa: PLC0415

    found = told(plan, hall, policy)
    if xlsx is not None:
        put("--xlsx", xlsx, workbook_of(found))
    if json is not None and put("--json", json, json_text(found)):
        return
    _show(found)


def _show(found: dict[str, Any]) -> None:
    from rich.table import Table  # noqa: PLC0415

    from vikno.display.training import COLUMNS, rows, sentence  # noqa: PLC0415

    console = screen()
    console.print(sentence(found), markup=False)
    table = Table(*COLUMNS, box=None, header_style="bold", padding=(0, 2, 0, 0))
    for row in rows(found):
        table.add_row(*row)
    console.print(table)
    console.print(
        f"{found['tried']['one']} single skills and {found['tried']['two']} pairs were tried; the best were "
        f"measured on {found['days']} days that none was chosen by. All intervals hold together (95%). The "
        "order, singles first, is that of an hour of training on the days of choosing; a later line may show "
        "more.",
        markup=False,
    )


@contextmanager
def _progress() -> Iterator[Callable[[Standing], None]]:
    """A line with the stage and how many are left in the race."""
    with progress_line("", None, clock=False, counted="in the race,") as line:
        yield lambda standing: line(
            completed=standing.done, total=standing.left, description=STAGES[standing.stage]
        )
