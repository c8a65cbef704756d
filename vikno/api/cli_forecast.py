"""`vikno forecast`: who will come in the coming weeks, from who came before."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vikno.api.cli_options import DATABASE_URL, XlsxPlace, date_named, journal_at
from vikno.api.cli_terminal import screen
from vikno.api.files import check_places, check_workbook, json_text, put
from vikno.queue.errors import ViknoError

if TYPE_CHECKING:
    from vikno.simulation.forecast.counts import Counts
    from vikno.simulation.forecast.forecast import Forecast

DEFAULT_WEEKS, WEEKS_MAX = 4, 52
THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Matrices of a hundred columns: on a busy machine threads take forty times as long as none."""


def forecast(  # noqa: PLR0917  (typer passes them by name)
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="SOURCE",
            help="Who came: the data folder of a server (with --hall), or a CSV file, also packed (.gz).",
            show_default=f"with --hall the database of {DATABASE_URL}",
        ),
    ] = None,
    hall: Annotated[str | None, typer.Option(metavar="ID", help="The hall of the journal.")] = None,
    office: Annotated[
        str | None, typer.Option(metavar="NAME", help="The file has snapshots of queues; of this office.")
    ] = None,
    calendar: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.toml", help="Holidays, closed days, paydays and special days of the site."
        ),
    ] = None,
    weeks: Annotated[int, typer.Option(help="How many weeks.", min=1, max=WEEKS_MAX)] = DEFAULT_WEEKS,
    first: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="DATE", help="From this day on.", show_default="the day after the record"
        ),
    ] = None,
    json: Annotated[
        str | None,
        typer.Option(
            "--json", metavar="FILE|-", help="Write the forecast as JSON, for vikno staff; - prints it."
        ),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write a row for each quarter of an hour.")
    ] = None,
    xlsx: XlsxPlace = None,
) -> None:
    """Forecast visitors by service and quarter of an hour, with bands that hold eight in ten.

    The same way of forecasting is tried on the last weeks of the record, and its error is told beside that of
    repeating the week before. docs/forecast.md describes the files.
    """
    for name in THREADS:
        os.environ.setdefault(name, "1")
    from vikno.simulation.forecast.calendar import Calendar  # noqa: PLC0415  (quick --help)
    from vikno.simulation.forecast.calendar_file import read_calendar  # noqa: PLC0415
    from vikno.simulation.forecast.forecast import forecast as foresee  # noqa: PLC0415

    check_workbook("--xlsx", xlsx)
    check_places({"--json": json, "--csv": csv, "--xlsx": xlsx}, {"SOURCE": source, "--calendar": calendar})
    start = date_named("--from", first)
    known = Calendar() if calendar is None else read_calendar(calendar)
    place = journal_at(source) if office is None else source
    if place is None:
        raise ViknoError(f"SOURCE: is missing; name a data folder or a file, or set {DATABASE_URL}")
    found = foresee(_name(place, hall, office), _counts(place, hall, office), known, start, weeks)
    _write(found, json, csv, xlsx)


def _name(source: Path | str, hall: str | None, office: str | None) -> str:
    return hall or office or Path(source).name


def _counts(source: Path | str, hall: str | None, office: str | None) -> Counts:
    if isinstance(source, str) or source.is_dir():
        if hall is None:
            raise ViknoError("--hall: is missing; a journal may hold several, say which")
        if office is not None:
            raise ViknoError("--office: does not go with a journal; leave it out")
        from vikno.simulation.forecast.sources import counts_of_journal  # noqa: PLC0415

        return counts_of_journal(source, hall)
    if hall is not None:
        raise ViknoError(f"--hall: {source} is no data folder; leave --hall out, or name the folder")
    if office is not None:
        from vikno.simulation.forecast.sources import counts_of_snapshots  # noqa: PLC0415

        return counts_of_snapshots(source, office)
    from vikno.simulation.forecast.visitors_file import read_visitors  # noqa: PLC0415

    return read_visitors(source)


def _write(found: Forecast, json: str | None, csv: Path | None, xlsx: Path | None) -> None:
    import msgspec  # noqa: PLC0415

    from vikno.display.forecast_sheets import csv_sheet, xlsx_sheet  # noqa: PLC0415

    told: Any = msgspec.to_builtins(found)
    sheets: tuple[tuple[str, Path | None, Callable[[Any], bytes]], ...] = (
        ("--csv", csv, csv_sheet),
        ("--xlsx", xlsx, xlsx_sheet),
    )
    for option, path, make in sheets:
        if path is not None:
            put(option, path, make(told))
    if json is not None and put("--json", json, json_text(found)):
        return
    _show(found)


def _show(found: Forecast) -> None:
    """The days, and how well this would have done, in words."""
    from rich.table import Table  # noqa: PLC0415

    console = screen()
    console.print(
        f"{found.source}: {len(found.days)} days from {found.days[0].date} to {found.days[-1].date}, "
        f"from {found.seen} days between {found.first} and {found.last}"
    )
    table = Table("day", "open", "visitors", "8 in 10 days", "")
    for day in found.days:
        table.add_row(
            f"{day.date:%a %d %b %Y}",
            f"{day.opens} to {day.closes}",
            f"{day.mean:.0f}",
            f"{day.low:.0f} to {day.high:.0f}",
            ", ".join(day.notes),
        )
    console.print(table)
    judged = found.backtest
    if judged is None:
        console.print("How well this does is not known: the record is too short to leave a week out.")
        return
    console.print(
        f"Tried on {judged.days} days of the last {judged.weeks} weeks, each forecast on its first morning:"
    )
    for name, errors in (("quarters of an hour by service", judged.quarters), ("whole days", judged.totals)):
        if errors.rmse_ratio is not None and errors.mae_ratio is not None:
            console.print(
                f"  {name}: {errors.rmse_ratio:.2f} of the error of repeating the week before "
                f"({errors.rmse:.2f} visitors against {errors.naive_rmse:.2f}, root of the mean square; "
                f"{errors.mae_ratio:.2f} of its mean absolute error)"
            )
    console.print(
        f"  {judged.covered:.0%} of quarters lay within their band ({judged.stated:.0%} should, for visitors "
        f"are whole numbers), and {judged.totals_covered:.0%} of days (80% should)"
    )
