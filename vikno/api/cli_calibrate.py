"""`vikno calibrate`: a hall file from what happened, each number with how sure it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vikno.api.cli_options import (
    DATABASE_URL,
    FromDate,
    JournalPlace,
    JsonPlace,
    ToDate,
    date_named,
    journal_at,
)
from vikno.api.files import check_places, json_text, put
from vikno.queue.errors import ViknoError

if TYPE_CHECKING:
    from vikno.simulation.calibration.result import Calibration

DAYS_OF_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def calibrate(  # noqa: PLR0917  (typer passes them by name)
    journal: JournalPlace = None,
    hall: Annotated[str | None, typer.Option(metavar="ID", help="The hall of the journal.")] = None,
    snapshots: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Snapshots of queues; may be compressed (.gz).")
    ] = None,
    office: Annotated[str | None, typer.Option(metavar="NAME", help="The office of the snapshots.")] = None,
    first: FromDate = None,
    last: ToDate = None,
    weekday: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DAY", help="Demand and windows of this day of the week, as monday; may be repeated."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="HALL.toml", help="Write the hall file.")] = None,
    json: JsonPlace = None,
) -> None:
    """Write the hall file of a hall as it was seen, with a 95% interval beside every number.

    Either from a journal (--hall, and --journal or VIKNO_DATABASE_URL) or from snapshots of queues
    (--snapshots, --office).
    """
    if out is None and json is None:
        raise ViknoError("--out: is missing; name the hall file to write, for example hall.toml")
    start, end = date_named("--from", first), date_named("--to", last)
    if start is not None and end is not None and end < start:
        raise ViknoError(f"--to: {end} is before --from {start}; give a later day")
    days_of_week = _days_of_week(weekday or [])
    check_places({"--out": out, "--json": json}, {"--snapshots": snapshots, "--journal": journal})
    found: Calibration
    place = journal_at(journal) if snapshots is None and office is None else journal
    if place is not None:
        _only("--journal", hall, "--hall", {"--snapshots": snapshots, "--office": office})
        from vikno.simulation.calibration.journal import calibrate_journal  # noqa: PLC0415  (quick --help)

        found = calibrate_journal(place, hall or "", start, end, days_of_week)
    elif snapshots is not None:
        _only("--snapshots", office, "--office", {"--hall": hall})
        from vikno.simulation.calibration.snapshots import calibrate_snapshots  # noqa: PLC0415

        found = calibrate_snapshots(snapshots, office or "", start, end, days_of_week)
    else:
        raise ViknoError(
            f"--journal: is missing; name the folder of a journal, set {DATABASE_URL}, "
            "or name a file with --snapshots"
        )
    _write(found, out, json)


def _days_of_week(names: list[str]) -> list[int]:
    for name in names:
        if name.lower() not in DAYS_OF_WEEK:
            raise ViknoError(
                f"--weekday: {name!r} is not a day of the week; use one of {', '.join(DAYS_OF_WEEK)}"
            )
    return [DAYS_OF_WEEK.index(name.lower()) for name in names]


def _only(source: str, needed: str | None, option: str, others: dict[str, object]) -> None:
    """What goes with a source must be there, and nothing that goes with the other."""
    if needed is None:
        raise ViknoError(f"{option}: is missing; {source} needs to know which one")
    for other, value in others.items():
        if value:
            raise ViknoError(f"{other}: does not go with {source}; leave one of them out")


def _write(found: Calibration, out: Path | None, json: str | None) -> None:
    """The files, all or none of each; then in a few words what was not used and what is not known."""
    from vikno.queue.hallwriter import write_hall  # noqa: PLC0415

    if out is not None:
        put("--out", out, write_hall(found.plan, found.comments).encode())
    if json is not None:
        told = {
            "hall": found.plan.id,
            "days": found.days,
            "estimates": found.estimates,
            "left_out": found.left_out,
            "unknown": found.unknown,
        }
        if put("--json", json, json_text(told)):
            return
    days = f"{len(found.days)} days from {found.days[0]} to {found.days[-1]}"
    typer.echo(f"{found.plan.id}: {len(found.estimates)} numbers from {days}")
    for what, items in (("left out", found.left_out), ("not known", found.unknown)):
        for item in items:
            typer.echo(f"{what}: {item}")
