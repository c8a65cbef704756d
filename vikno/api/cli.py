"""The command line: exits 0 on success and 2 on bad input, with one clear line on standard error."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from vikno.queue.errors import ViknoError

BAD_INPUT = 2
PORT = 8080

app = typer.Typer(
    help="Vikno runs the waiting hall of a public-service centre.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Data = Annotated[Path, typer.Option(help="Folder of the database; made if it is not there.")]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)]


@app.command()
def serve(
    halls: Annotated[list[Path], typer.Argument(help="Hall files (TOML).")],
    data: Data = Path("data"),
    host: Host = "127.0.0.1",
    port: Port = PORT,
    policy: Annotated[str, typer.Option(help="Who is called next: fifo or priority.")] = "fifo",
) -> None:
    """Run the halls of these files."""
    gc.disable()
    from vikno.api import serve as server  # noqa: PLC0415  (quick --help)
    from vikno.queue.hallfile import read_hall_file  # noqa: PLC0415
    from vikno.scheduler import policy_named  # noqa: PLC0415

    policy_named(policy)
    plans = [read_hall_file(path) for path in halls]
    _different([plan.id for plan in plans])
    sock = server.listen(host, port)
    engine = server.open_engine(data, os.environ.get("VIKNO_DATABASE_URL"))
    typer.echo(
        f"Vikno serves {', '.join(plan.id for plan in plans)} at http://{host}:{sock.getsockname()[1]}/"
    )
    server.run(server.build_house(plans, engine, policy=policy), sock)


def _different(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            message = f"HALLS: two files describe hall {name!r}; give each its own id"
            raise ViknoError(message)


@app.command()
def token(
    role: Annotated[str, typer.Argument(help="kiosk, screen, clerk, manager or admin")],
    hall: Annotated[str, typer.Option(help='The hall; an admin may have "*".')],
    window: Annotated[str | None, typer.Option(help="A clerk's window.")] = None,
    data: Data = Path("data"),
) -> None:
    """Print a new token, alone on a line. It is shown once; only its hash is kept."""
    from vikno.api.access import TOKEN_ROLES, Principal, Role, Tokens  # noqa: PLC0415
    from vikno.api.serve import open_engine  # noqa: PLC0415

    if role not in TOKEN_ROLES:
        message = f"ROLE: there is no role {role!r}; choose one of {', '.join(TOKEN_ROLES)}"
        raise ViknoError(message)
    engine = open_engine(data, os.environ.get("VIKNO_DATABASE_URL"))
    typer.echo(Tokens(engine).issue(Principal(Role(role), hall, window)))


def main() -> None:
    """The entry point: what Vikno refuses is one line."""
    try:
        app()
    except ViknoError as error:
        sys.stderr.write(f"vikno: {error}\n")
        sys.exit(BAD_INPUT)


if __name__ == "__main__":
    main()
