"""`vikno account`: people who sign in, for whoever keeps the machine that the server runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from vikno.api.cli_options import PORT, Data
from vikno.api.cli_tokens import DATA, people
from vikno.queue.errors import ViknoError

if TYPE_CHECKING:
    from vikno.api.people.accounts import Account

URL = f"http://127.0.0.1:{PORT}/"

account = typer.Typer(
    help="People who sign in: make an account, list them, help, disable.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="The name to sign in with.")]
Url = Annotated[str, typer.Option(metavar="ADDRESS", help="Where people reach the server.")]


@account.command()
def add(  # noqa: PLR0917  (typer passes them by name)
    name: Name,
    role: Annotated[
        str,
        typer.Option(help="receptionist, clerk, manager, network-manager, auditor or admin"),
    ],
    hall: Annotated[str, typer.Option(help='The hall; "*" is every one.')],
    display_name: Annotated[
        str | None, typer.Option("--display-name", help="First and last name.", show_default="the name")
    ] = None,
    url: Url = URL,
    data: Data = DATA,
) -> None:
    """Make an account and print the one-time link by which its owner chooses a password."""
    from vikno.api.access import PEOPLE, Grant, Role  # noqa: PLC0415  (quick --help)
    from vikno.api.people.accounts import checked_grants  # noqa: PLC0415
    from vikno.api.trail import COMMAND_LINE  # noqa: PLC0415

    if role not in PEOPLE:
        message = f"--role: there is no role {role!r} for people; choose one of {', '.join(sorted(PEOPLE))}"
        raise ViknoError(message)
    # Which halls a server runs, only the server knows.
    grants = checked_grants([Grant(Role(role), hall)], {hall})
    found = people(data)
    made = found.accounts.add(name, display_name or name, "", grants, who=COMMAND_LINE)
    _tell_link(url, found.keys.make(made.id, who=COMMAND_LINE))


@account.command()
def link(name: Name, url: Url = URL, data: Data = DATA) -> None:
    """Print a one-time link for somebody who forgot the password, or lost the first link."""
    from vikno.api.trail import COMMAND_LINE  # noqa: PLC0415  (quick --help)

    found = people(data)
    _tell_link(url, found.keys.make(found.accounts.named(name).id, who=COMMAND_LINE))


@account.command(name="list")
def list_accounts(data: Data = DATA) -> None:
    """List the accounts: name, what they are, when they were last seen."""
    for one in people(data).accounts.all():
        typer.echo(_line(one))


@account.command()
def disable(name: Name, data: Data = DATA) -> None:
    """Let somebody in no more; who is signed in is signed out within seconds."""
    _set_active(name, data, active=False)


@account.command()
def enable(name: Name, data: Data = DATA) -> None:
    """Let somebody in again."""
    _set_active(name, data, active=True)


def _set_active(name: str, data: Data, *, active: bool) -> None:
    from vikno.api.trail import COMMAND_LINE  # noqa: PLC0415  (quick --help)

    accounts = people(data).accounts
    accounts.change(accounts.named(name).id, {"active": active}, who=COMMAND_LINE)


def _line(one: Account) -> str:
    from vikno.api.doors.views import instant  # noqa: PLC0415  (quick --help)
    from vikno.api.people.accounts import told_grants  # noqa: PLC0415

    seen = f"seen {instant(one.seen)}" if one.seen else "never seen"
    disabled = "" if one.active else "\tdisabled"
    return f"{one.name}\t{one.display_name}\t{', '.join(told_grants(one.grants))}\t{seen}{disabled}"


def _tell_link(url: str, key: str) -> None:
    from vikno.api.people.keys import link as address  # noqa: PLC0415  (quick --help)

    typer.echo(address(f"{url.rstrip('/')}/", key))
