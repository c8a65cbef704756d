"""`vikno doctor`: what a server needs, each as one line: ok, look or bad, with the remedy."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from vikno.api.cli_operations import Data
from vikno.api.cli_options import DATABASE_URL, PORT
from vikno.queue.errors import ViknoError


def doctor(
    halls: Annotated[
        list[Path] | None, typer.Argument(metavar="HALL.toml", help="Hall files that will be served.")
    ] = None,
    data: Data = Path("data"),
    host: Annotated[str, typer.Option(help="Address the server listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port the server listens on.", min=1, max=65535)] = PORT,
    public_url: Annotated[
        str, typer.Option(metavar="URL", help="Where people meet the server; its certificate is looked at.")
    ] = "",
) -> None:
    """Look at everything a server needs; nothing is changed. Exits 2 if anything is bad."""
    from vikno.api.doctor.database import database  # noqa: PLC0415  (quick --help)
    from vikno.api.doctor.finding import Level  # noqa: PLC0415
    from vikno.api.doctor.machine import machine  # noqa: PLC0415
    from vikno.api.doctor.storage import folder  # noqa: PLC0415
    from vikno.api.doctor.way import way  # noqa: PLC0415
    from vikno.queue.hallfile import read_hall_file  # noqa: PLC0415

    plans = [read_hall_file(path) for path in halls or []]
    url = os.environ.get(DATABASE_URL) or None
    findings = [*machine(sorted({plan.time_zone for plan in plans}))]
    if url is None:
        findings += folder(data)
    findings += [*database(data, url), *way(host, port, public_url)]
    for finding in findings:
        typer.echo(finding.line())
    wrong = sum(finding.level is Level.BAD for finding in findings)
    if wrong:
        raise ViknoError(f"{wrong} of {len(findings)} checks are bad; do what their lines say")
