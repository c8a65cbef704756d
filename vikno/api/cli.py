"""The command line: exits 0 on success and 2 on bad input, with one clear line on standard error."""

from __future__ import annotations

import errno
import gc
import os
import re
import sys
import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from vikno.api.cli_account import account
from vikno.api.cli_calibrate import calibrate
from vikno.api.cli_doctor import doctor
from vikno.api.cli_eta import eta
from vikno.api.cli_forecast import forecast
from vikno.api.cli_operations import backup, forget, move, restore, verify
from vikno.api.cli_options import DATABASE_URL, PORT, Data, HallFile, PolicyName
from vikno.api.cli_propose import propose
from vikno.api.cli_prove import prove
from vikno.api.cli_replay import replay
from vikno.api.cli_roster import roster
from vikno.api.cli_simulate import NamesInARow, simulate
from vikno.api.cli_staff import staff
from vikno.api.cli_terminal import INTERRUPTED
from vikno.api.cli_tokens import token, tokens
from vikno.api.cli_train import train
from vikno.api.cli_tune import tune
from vikno.api.defaults import DEFAULT_POLICY
from vikno.api.watch.logs import Log, configure
from vikno.queue.errors import ViknoError
from vikno.queue.fields import shown

BAD_INPUT = 2
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Why an output takes no more; files that are named tell of it themselves."""
DRAIN_MAX = 300.0
"""Seconds; a balancer that has not noticed by then will not."""
SPEED_MAX = 3_600.0
"""An hour a second; beyond, a step over HTTP takes longer than a visit."""

app = typer.Typer(
    help="Vikno runs the waiting hall of a public-service centre.",
    add_completion=False,
    pretty_exceptions_enable=False,
)

Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")]
Port = Annotated[int, typer.Option(help="Port to listen on; 0 takes any that is free.", min=0, max=65535)]
Arrivals = Annotated[
    Path | None,
    typer.Option(help="CSV file (minute,service) of the first day's visitors; else they are drawn."),
]


@app.command()
def serve(  # noqa: PLR0917  (typer passes them by name)
    halls: Annotated[list[Path], typer.Argument(metavar="HALL.toml", help="One hall file for each hall.")],
    data: Data = Path("data"),
    host: Host = "127.0.0.1",
    port: Port = PORT,
    policy: PolicyName = DEFAULT_POLICY,
    proposals: Annotated[
        bool, typer.Option("--proposals/--no-proposals", help="Look for a better policy each night.")
    ] = True,
    log: Annotated[
        Log, typer.Option(envvar="VIKNO_LOG", help="Sentences for people, or one JSON object a line.")
    ] = Log.TEXT,
    drain: Annotated[
        float,
        typer.Option(help="Seconds to go on when asked to stop, not ready any more.", min=0, max=DRAIN_MAX),
    ] = 0.0,
    public_url: Annotated[
        str,
        typer.Option(
            envvar="VIKNO_PUBLIC_URL", help="Where people meet it, if by a name: https://hall.example.org"
        ),
    ] = "",
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            envvar="VIKNO_PROXIES",
            help="Address or network of a proxy in front of it, whose X-Forwarded-For is believed.",
        ),
    ] = None,
) -> None:
    """Run the halls of these files until told to stop. VIKNO_DATABASE_URL, if set, names the database."""
    gc.disable()
    configure(log)
    from vikno.api import serve as server  # noqa: PLC0415  (quick --help)
    from vikno.api.guard.front import Front  # noqa: PLC0415
    from vikno.api.people.keys import link  # noqa: PLC0415
    from vikno.api.people.oidc import read_provider  # noqa: PLC0415
    from vikno.api.periods import read_periods  # noqa: PLC0415
    from vikno.queue.hallfile import read_hall_file  # noqa: PLC0415
    from vikno.scheduler import read_policy  # noqa: PLC0415
    from vikno.scheduler.learned import Learned  # noqa: PLC0415

    chooses = read_policy(policy)
    provider, periods = read_provider(os.environ), read_periods(os.environ)
    plans = [read_hall_file(path) for path in halls]
    _different([plan.id for plan in plans])
    if isinstance(chooses, Learned):
        for plan in plans:
            chooses.check_hall(plan, policy)
    front = Front(host, public_url, proxy or ())
    sock = server.listen(host, port)
    engine = server.open_engine(data, os.environ.get(DATABASE_URL))
    names = ", ".join(plan.id for plan in plans)

    def say() -> None:
        address = f"http://{host}:{sock.getsockname()[1]}/"
        typer.echo(f"Vikno serves {names} at {address}")
        if (key := house.people.keys.first()) is not None:
            met = f"{front.origin}/" if front.origin else address
            typer.echo(f"Nobody has an account yet. Make the first administrator's: {link(met, key)}")

    house = server.build_house(plans, engine, policy=chooses, proposes=proposals, periods=periods)
    server.run(house, sock, front=front, ready=say, drain=drain, provider=provider)


def _different(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            message = f"HALLS: two files describe hall {name!r}; give each its own id"
            raise ViknoError(message)


@app.command()
def demo(  # noqa: PLR0917  (typer passes them by name)
    hall: HallFile,
    speed: Annotated[
        float, typer.Option(help="How many times as fast as real time.", min=1.0, max=SPEED_MAX)
    ] = 30.0,
    arrivals: Annotated[
        Path | None,
        typer.Option(
            help="CSV file (minute,service) of the first day's visitors.",
            show_default="HALL_day.csv if there",
        ),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(help="Roster file: who works when.", show_default="HALL_roster.toml if there"),
    ] = None,
    data: Data = Path("data/demo"),
    host: Annotated[str, typer.Option(help="Address of this machine to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port to listen on; if it is taken, the next free one.", min=0, max=65535)
    ] = PORT,
) -> None:
    """Show a hall at work: a server, a simulated public, and pages that need no sign-in."""
    from vikno.api import demo as stage  # noqa: PLC0415
    from vikno.queue.hallfile import read_hall_file  # noqa: PLC0415
    from vikno.scheduler.roster.rosterfile import read_roster_file  # noqa: PLC0415
    from vikno.simulation.arrivals import read_arrivals  # noqa: PLC0415

    plan = read_hall_file(hall)
    arrivals = _beside(arrivals, hall, "_day.csv")
    if arrivals is not None:
        read_arrivals(arrivals, plan)
    roster = _beside(roster, hall, "_roster.toml")
    problem = None if roster is None else read_roster_file(roster)
    shown = stage.Demo(plan, hall, arrivals, speed, data, problem)
    stage.run(shown, host, port, time.time(), typer.echo)


def _beside(given: Path | None, hall: Path, ending: str) -> Path | None:
    """The file that was given, or the one beside the hall file that is called like it."""
    beside = hall.with_name(f"{hall.stem}{ending}")
    return given or (beside if beside.is_file() else None)


@app.command()
def public(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="The server, for example http://127.0.0.1:8080")
    ],
    hall: Annotated[Path, typer.Option(help="The hall file.")],
    arrivals: Arrivals = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same people.", min=0)] = None,
) -> None:
    """Fill a live hall with simulated visitors and clerks; VIKNO_TOKEN holds a manager's token."""
    import numpy as np  # noqa: PLC0415
    import uvloop  # noqa: PLC0415

    from vikno.queue.hallfile import read_hall_file  # noqa: PLC0415
    from vikno.simulation.arrivals import read_arrivals  # noqa: PLC0415
    from vikno.simulation.public.crowd import visit_hall  # noqa: PLC0415

    plan = read_hall_file(hall)
    first = None if arrivals is None else read_arrivals(arrivals, plan)
    held = os.environ.get("VIKNO_TOKEN", "").strip()
    if not held:
        message = f"VIKNO_TOKEN: is not set; set it to what `vikno token manager --hall {plan.id}` prints"
        raise ViknoError(message)
    if not re.fullmatch(r"https?://[^/\s]+/?", address):
        message = (
            f"ADDRESS: {address!r} is not the address of a server; give for example http://127.0.0.1:8080"
        )
        raise ViknoError(message)
    uvloop.run(visit_hall(address.rstrip("/"), plan, held, np.random.default_rng(seed), first))


app.command(cls=NamesInARow)(simulate)
app.command(cls=NamesInARow)(replay)
app.command()(token)
app.command()(tokens)
app.add_typer(account, name="account")
app.command()(calibrate)
app.command()(eta)
app.command()(tune)
app.command()(propose)
app.command()(roster)
app.command()(train)
app.command()(prove)
app.command()(forecast)
app.command()(staff)
for operation in (backup, restore, move, verify, doctor, forget):
    app.command()(operation)


def main() -> None:
    """The entry point. What is refused, be it a file, a value or the command itself, is told in one line."""
    if sys.stdout is None:
        _end("standard output is closed; lead it to a file or to /dev/null", BAD_INPUT)
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            _end(f"{shown(str(error.filename))}: is too long for the name of a file; shorten it", BAD_INPUT)
        if error.filename is not None or error.errno not in NO_ROOM:
            raise
        _leave_output()
        _end(f"standard output cannot be written ({error.strerror}); lead it elsewhere", BAD_INPUT)
    except ViknoError as error:
        _end(str(error), BAD_INPUT)
    except typer.Abort:
        sys.exit(INTERRUPTED)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "vikno"
        _end(f"{error.format_message().rstrip('.')}; see `{command} --help`", BAD_INPUT)
    # Ctrl-C comes back as a code of its own; a command returns nothing.
    sys.exit(code if isinstance(code, int) else 0)


def _leave_output() -> None:
    """What is still to be written to an output that takes nothing is dropped, so that leaving is silent."""
    with open(os.devnull, "w") as nothing:  # noqa: PTH123  (a device, no file)
        os.dup2(nothing.fileno(), sys.stdout.fileno())


def _end(message: str, code: int) -> NoReturn:
    sys.stderr.write(f"vikno: {' '.join(message.split())}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
