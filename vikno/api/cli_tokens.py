"""`vikno token`, `vikno tokens`: fixed tokens, for programs and for devices that cannot be paired."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vikno.api.cli_options import DATABASE_URL, Data
from vikno.queue.errors import ViknoError

if TYPE_CHECKING:
    from vikno.api.people.registry import People

DATA = Path("data")


def token(
    role: Annotated[
        str,
        typer.Argument(
            help="kiosk, screen, receptionist, clerk, manager, network-manager, auditor, monitor or admin"
        ),
    ],
    hall: Annotated[
        str, typer.Option(help='The hall; "*" is every one, for an admin, network-manager, auditor, monitor.')
    ],
    window: Annotated[str | None, typer.Option(help="A clerk's window.")] = None,
    data: Data = DATA,
) -> None:
    """Print a new token, alone on a line. It is shown once; only its hash is kept."""
    from vikno.api.access import Grant, Role  # noqa: PLC0415  (quick --help)
    from vikno.api.people.tokens import ROLES, check_token  # noqa: PLC0415

    if role not in ROLES:
        message = f"ROLE: there is no role {role!r}; choose one of {', '.join(ROLES)}"
        raise ViknoError(message)
    grant = Grant(Role(role), hall, window)
    check_token(grant)
    typer.echo(people(data).tokens.issue(grant))


def tokens(
    revoke: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Make this token worth nothing.", min=1)
    ] = None,
    data: Data = DATA,
) -> None:
    """List the tokens there are, or revoke one; servers that run notice within two seconds."""
    from vikno.api.doors.views import instant  # noqa: PLC0415  (quick --help)

    known = people(data).tokens
    if revoke is not None:
        known.revoke(revoke)
        return
    for one in known.all():
        window = f" window {one.window}" if one.window else ""
        revoked = f" revoked {instant(one.revoked)}" if one.revoked else ""
        made = instant(one.made) if one.made else "earlier"
        typer.echo(f"{one.id}\t{one.role} of {one.hall}{window}\tmade {made}{revoked}")


def people(data: Path) -> People:
    """Those of the database that is meant."""
    from vikno.api.people.registry import People  # noqa: PLC0415  (quick --help)
    from vikno.api.serve import open_engine  # noqa: PLC0415

    return People(open_engine(data, os.environ.get(DATABASE_URL)))
