"""`vikno backup`, `restore`, `move`, `verify`: what is done with a database, mostly while servers use it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vikno.api.cli_options import DATABASE_URL
from vikno.queue.errors import ViknoError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine

    from vikno.api.operations.checking import Checked

Data = Annotated[Path, typer.Option(help="Folder of the database; VIKNO_DATABASE_URL, if set, goes first.")]


def backup(
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to; put in its place once it is whole.")],
    data: Data = Path("data"),
) -> None:
    """Keep everything in one SQLite file, while the server runs; what was written is checked.

    Not kept: who is signed in just now, and links and letters that work once.
    """
    from vikno.api.operations.backup import back_up  # noqa: PLC0415  (quick --help)

    engine = _there(data)
    kept = back_up(engine, out)
    engine.dispose()
    _tell(kept.halls)
    typer.echo(f"{out}: {kept.bytes} bytes, {sum(kept.rows.values())} rows of {len(kept.rows)} tables")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `vikno backup` wrote.")],
    data: Annotated[
        Path, typer.Option(help="Folder of the database, made if it is not there; see VIKNO_DATABASE_URL.")
    ] = Path("data"),
    replace: Annotated[
        bool, typer.Option("--replace", help="Throw away what is there and not in the back-up.")
    ] = False,
) -> None:
    """Put a back-up into the place of what is there, all of it or nothing; servers may run meanwhile.

    Whoever was signed in signs in again. VIKNO_DATABASE_URL, if set, names the database.
    """
    from vikno.api.operations.places import version_of  # noqa: PLC0415  (quick --help)
    from vikno.api.operations.restore import restore as put_back  # noqa: PLC0415
    from vikno.api.serve import open_engine  # noqa: PLC0415

    version_of(file)  # before a place for it is made
    engine = open_engine(data, os.environ.get(DATABASE_URL))
    _tell(put_back(file, engine, replace=replace))
    engine.dispose()


def move(
    hall: Annotated[str, typer.Argument(metavar="HALL", help="The hall by its identifier.")],
    data: Annotated[Path, typer.Option(help="Folder of the database in which the hall is.")] = Path("data"),
    source: Annotated[
        str | None, typer.Option("--from", metavar="URL", help="Instead of a folder: its database.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="URL", help="The other database.", show_default=DATABASE_URL),
    ] = None,
) -> None:
    """Move one hall with all it has into another database, as from SQLite to PostgreSQL.

    From then on the hall is refused where it was. Accounts stay where they are; tokens and devices go along.
    """
    from vikno.api.operations.move import check_there  # noqa: PLC0415  (quick --help)
    from vikno.api.operations.move import move as carry  # noqa: PLC0415
    from vikno.api.operations.places import open_there  # noqa: PLC0415
    from vikno.queue.journal.database import open_database  # noqa: PLC0415

    named = to or os.environ.get(DATABASE_URL)
    if not named:
        raise ViknoError(f"--to: is missing; name the other database, or set {DATABASE_URL} to its address")
    here = open_there(data, source)
    check_there(hall, here)  # before a place for it is made
    there = open_database(named)
    _tell([carry(hall, here, there)])
    here.dispose()
    there.dispose()


def verify(data: Data = Path("data")) -> None:
    """Read every journal from its first row and tell the first that is not what was written.

    The chain, the state that the rows make, snapshots, and each day's figures by three ways. Servers may run.
    """
    from vikno.api.operations.checking import check_all  # noqa: PLC0415  (quick --help)
    from vikno.api.operations.places import reading  # noqa: PLC0415

    engine = _there(data)
    with reading(engine) as connection:
        _tell(check_all(connection))
    engine.dispose()


def forget(data: Data = Path("data")) -> None:
    """Delete personal data whose time is over, as a server does every night; servers may run.

    VIKNO_KEEP_TRAIL_DAYS and VIKNO_KEEP_DISABLED_ACCOUNTS_DAYS say how long; 365 each if they do not.
    """
    from vikno.api.periods import read_periods  # noqa: PLC0415  (quick --help)
    from vikno.api.retention import forget as delete  # noqa: PLC0415

    periods = read_periods(os.environ)
    engine = _there(data)
    found = delete(engine, time.time(), periods)
    engine.dispose()
    for table, count in found.items():
        typer.echo(f"{table}: {count} forgotten")


def _there(data: Path) -> Engine:
    from vikno.api.operations.places import open_there  # noqa: PLC0415

    return open_there(data, os.environ.get(DATABASE_URL))


def _tell(halls: Iterable[Checked]) -> None:
    for one in halls:
        typer.echo(
            f"{one.hall}: {one.rows} rows, {one.days} days, {one.snapshots} snapshots as written; "
            f"the last row is {one.hash}"
        )
