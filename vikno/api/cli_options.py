"""Options that several commands have, in the same words and with the same limits."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from vikno.queue.errors import ViknoError

DATABASE_URL = "VIKNO_DATABASE_URL"
"""The variable that names a database, instead of a folder with one."""

PORT = 8080
DEFAULT_SEED = 1
SEED_MAX = 2**63 - 1
WINDOWS_MAX = 1_000

HallFile = Annotated[Path, typer.Argument(metavar="HALL.toml", help="The hall file.")]
Data = Annotated[Path, typer.Option(help="Folder of the database; made if it is not there.")]
PolicyName = Annotated[
    str,
    typer.Option(
        help="Who is called next: fifo, priority, index, optimized, or a file that vikno tune wrote."
    ),
]
JournalPlace = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="The data folder of the server that recorded the days.",
        show_default=f"the database of {DATABASE_URL}",
    ),
]
Seed = Annotated[int, typer.Option(help="Same seed, same days, same numbers.", min=0, max=SEED_MAX)]
JsonPlace = Annotated[
    str | None, typer.Option("--json", metavar="FILE|-", help="Write all figures as JSON; - prints them.")
]
XlsxPlace = Annotated[Path | None, typer.Option("--xlsx", metavar="FILE.xlsx", help="Write a workbook.")]
FromDate = Annotated[str | None, typer.Option("--from", metavar="DATE", help="The first day, as 2026-11-02.")]
ToDate = Annotated[str | None, typer.Option("--to", metavar="DATE", help="The last day, as 2026-11-27.")]

RosterHall = Annotated[
    Path | None,
    typer.Option(
        metavar="HALL.toml", help="The hall of a roster file.", show_default="that which the file names"
    ),
]
RosterForecast = Annotated[
    Path | None,
    typer.Option(
        metavar="FORECAST.json",
        help="Who comes on the days of a roster file, as vikno forecast writes it.",
        show_default="every day as in the hall file",
    ),
]
RosterWindows = Annotated[
    int | None,
    typer.Option(
        help="Of a roster file: at most so many people have a window at a time.",
        min=1,
        max=WINDOWS_MAX,
        show_default="no limit",
    ),
]


def journal_at(folder: Path | None) -> Path | str | None:
    """Where a server's journal is to be read: in its data folder, or else in the database that is named."""
    return folder or os.environ.get(DATABASE_URL) or None


def date_named(option: str, text: str | None) -> date | None:
    """The date that an option names."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ViknoError(f"{option}: {text!r} is not a date; give for example 2026-11-02") from None
