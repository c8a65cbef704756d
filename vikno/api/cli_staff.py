"""`vikno staff`: how many people with which skills each quarter of an hour needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vikno.api.cli_forecast import THREADS
from vikno.api.cli_options import DEFAULT_SEED, HallFile, JsonPlace, PolicyName, Seed, XlsxPlace, date_named
from vikno.api.cli_simulate import policies_of
from vikno.api.cli_terminal import INTERRUPTED, interruptible, progress_line, say, screen
from vikno.api.defaults import DEFAULT_POLICY
from vikno.api.files import check_places, check_workbook, json_text, put
from vikno.queue.errors import ViknoError

if TYPE_CHECKING:
    from vikno.queue.plan import HallPlan
    from vikno.simulation.needs.results import One
    from vikno.simulation.needs.search import Standing
    from vikno.simulation.needs.staff import Asked

DEFAULT_TARGET, DEFAULT_CONFIDENCE, P95 = 0.8, 0.9, 0.95
DEFAULT_DAYS, DAYS_MIN, DAYS_MAX = 500, 20, 20_000
QUARTER, DAY = 15, 24 * 60
DATE_WIDTH = len("2026-11-02")
SHORT_TOLD = 4
"""Of the stretches that are short: who wants all looks into the JSON."""
SHARE_LEAST, SHARE_MOST = 0.5, 0.999
P95_MINUTES_LEAST, P95_MINUTES_MAX = 0.5, 600.0
"""Of waits nothing below is promised: no number of people makes it 0."""


def staff(  # noqa: PLR0917  (typer passes them by name)
    hall: HallFile,
    forecast: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="What vikno forecast --json wrote: the demand of each of its days."
        ),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="The first day of the forecast to staff.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="The last day of the forecast to staff.")
    ] = None,
    target: Annotated[
        float | None,
        typer.Option(
            help="Share of the visitors of each service called within its target.",
            min=SHARE_LEAST,
            max=SHARE_MOST,
            show_default=f"{DEFAULT_TARGET:g}",
        ),
    ] = None,
    p95: Annotated[
        float | None,
        typer.Option(
            metavar="MIN",
            help="Instead: 95% of waits are at most so long.",
            min=P95_MINUTES_LEAST,
            max=P95_MINUTES_MAX,
        ),
    ] = None,
    confidence: Annotated[
        float, typer.Option(help="How sure that must be.", min=SHARE_LEAST, max=SHARE_MOST)
    ] = DEFAULT_CONFIDENCE,
    each: Annotated[
        int,
        typer.Option(
            help="The target must hold for those who come in any so many minutes; "
            "longer needs fewer people and lets some times be worse.",
            min=QUARTER,
            max=DAY,
        ),
    ] = QUARTER,
    days: Annotated[
        int, typer.Option(help="Simulated days that judge.", min=DAYS_MIN, max=DAYS_MAX)
    ] = DEFAULT_DAYS,
    seed: Seed = DEFAULT_SEED,
    policy: PolicyName = DEFAULT_POLICY,
    json: JsonPlace = None,
    xlsx: XlsxPlace = None,
) -> None:
    """Find the least people whose waits keep to the target in every quarter of an hour.

    The windows of the hall file say which sets of skills there are; their number and hours do not count. The
    answer is confirmed on simulated days that it was not found on. Ctrl-C keeps the days that are done.
    """
    for name in THREADS:
        os.environ.setdefault(name, "1")
    from vikno.queue.hallfile import read_hall_file  # noqa: PLC0415  (quick --help)
    from vikno.simulation.needs.cells import Target  # noqa: PLC0415
    from vikno.simulation.needs.results import results  # noqa: PLC0415
    from vikno.simulation.needs.staff import Asked, with_p95  # noqa: PLC0415

    if target is not None and p95 is not None:
        raise ViknoError("--p95: is instead of --target; leave out one of the two")
    check_workbook("--xlsx", xlsx)
    check_places(
        {"--json": json, "--xlsx": xlsx}, {"HALL.toml": hall, "--forecast": forecast, "--policy": policy}
    )
    plan = read_hall_file(hall)
    (chooses,) = policies_of([policy], plan).values()
    share = P95 if p95 is not None else target or DEFAULT_TARGET
    asked = Asked(Target(share, confidence), each, days, seed, chooses)
    plan = plan if p95 is None else with_p95(plan, p95)
    plans = _plans(plan, forecast, date_named("--from", first), date_named("--to", last))
    done, interrupted = _staff(plans, asked)
    if not done:
        say("interrupted; no day is done, so nothing is written")
        raise typer.Exit(INTERRUPTED)
    _write(results(plan.id, asked, p95, done), json, xlsx)
    if interrupted:
        say(f"interrupted; {len(done)} of {len(plans)} days are done, and these are written")
        raise typer.Exit(INTERRUPTED)


def _plans(
    plan: HallPlan, file: Path | None, first: date | None, last: date | None
) -> list[tuple[date | None, HallPlan]]:
    """The hall on each day that is asked for."""
    if file is None:
        if first is not None or last is not None:
            raise ViknoError("--from, --to: choose days of a forecast; give one with --forecast")
        return [(None, plan)]
    from vikno.simulation.forecast.day_plan import plan_of_day  # noqa: PLC0415
    from vikno.simulation.forecast.forecast import read_forecast  # noqa: PLC0415

    found = read_forecast(file)
    dates = [
        day.date
        for day in found.days
        if (first is None or day.date >= first) and (last is None or day.date <= last)
    ]
    if not dates:
        raise ViknoError(
            f"--from, --to: {file} has no day there; its days go from "
            f"{found.days[0].date} to {found.days[-1].date}"
        )
    return [(day, plan_of_day(plan, found, day)) for day in dates]


def _staff(plans: list[tuple[date | None, HallPlan]], asked: Asked) -> tuple[list[One], bool]:
    """The days that were done, several at a time, and whether a Ctrl-C kept the others from it."""
    from vikno.simulation.executors import processors  # noqa: PLC0415
    from vikno.simulation.needs.results import One  # noqa: PLC0415
    from vikno.simulation.needs.staff import check  # noqa: PLC0415
    from vikno.simulation.needs.staff import staff as find  # noqa: PLC0415

    for _, plan in plans:
        check(plan)
    with interruptible() as interrupted, _progress(len(plans)) as show:

        def one(number: int) -> One | None:
            if interrupted():
                return None
            day, plan = plans[number]
            found = find(plan, asked, tell=partial(show, number), cancelled=interrupted)
            show(number, None)
            return One(day, found)

        with ThreadPoolExecutor(min(processors(), len(plans))) as executor:
            found = [one for one in executor.map(one, range(len(plans))) if one is not None]
        whole = [one for one in found if not one.staffed.interrupted or len(plans) == 1]
        return whole, interrupted()


def _write(told: dict[str, Any], json: str | None, xlsx: Path | None) -> None:
    if xlsx is not None:
        from vikno.display.staff_sheets import xlsx_sheet  # noqa: PLC0415

        put("--xlsx", xlsx, xlsx_sheet(told))
    if json is not None and put("--json", json, json_text(told)):
        return
    _show(told)


def _show(told: dict[str, Any]) -> None:
    """Each day in a row: how many people, and whether the target is confirmed."""
    from rich.table import Column, Table  # noqa: PLC0415

    console = screen()
    table = Table(
        Column("day", min_width=DATE_WIDTH),
        "people hours",
        "work",
        "most at once",
        "least within target",
        "longest P95",
        "confirmed",
    )
    for day in told["days"]:
        most: dict[str, int] = {}
        for row in told["people"]:
            if row["day"] == day["day"]:
                most[row["from"]] = most.get(row["from"], 0) + row["people"]
        shares = {
            name: got["within_target"]["value"]
            for name, got in day["services"].items()
            if got["within_target"]["value"] is not None
        }
        waits = [got["wait_p95"]["value"] or 0.0 for got in day["services"].values()]
        worst = min(shares, key=shares.__getitem__)
        table.add_row(
            day["date"] or told["hall"],
            f"{day['people_hours']:.1f}",
            f"{day['offered_hours']:.1f}",
            str(max(most.values())),
            f"{shares[worst]:.1%} ({worst})",
            f"{max(waits):.1f} min",
            "yes" if day["confirmed"] else "no",
        )
    console.print(table)
    for day in told["days"]:
        if not day["confirmed"]:
            console.print(_doubt(day["date"] or told["hall"], day), markup=False, soft_wrap=True)


def _doubt(name: str, day: dict[str, Any]) -> str:
    """Why the needs of a day are not confirmed, and what to do."""
    reasons = []
    if day["unsure"]:
        reasons.append(f"over the whole day not surely within target: {', '.join(day['unsure'])}")
    if day["short"]:
        short = day["short"][:SHORT_TOLD]
        told = ", ".join(f"{one['service']} {one['from']} to {one['to']}" for one in short)
        more = len(day["short"]) - len(short)
        reasons.append(f"surely below target: {told}" + (f" and {more} more" if more else ""))
    return f"{name} is not confirmed, {'; '.join(reasons)}. Give more --days, from which it learns more."


@contextmanager
def _progress(days: int) -> Iterator[Callable[[int, Standing | None], None]]:
    """A line with the days that are done, and where the search of one is."""
    with progress_line("first guess", days, clock=False, counted="days,") as line:

        def show(number: int, standing: Standing | None) -> None:
            if standing is None:
                line(advance=1)
                return
            line(
                description=f"day {number + 1}: {standing.trials} trials, {standing.people} people-quarters, "
                f"{standing.short} stretches short",
            )

        yield show
