"""`vikno propose`: look for a better policy of a hall in its own journal, as the server does at night."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vikno.api.cli_options import DATABASE_URL, DEFAULT_SEED, Seed
from vikno.api.cli_tune import ROUNDS_MAX, SECONDS_LEAST, SECONDS_MAX
from vikno.api.defaults import DEFAULT_POLICY
from vikno.queue.errors import ViknoError

if TYPE_CHECKING:
    from vikno.api.proposals import Proposals
    from vikno.api.searchorder import SearchOrder
    from vikno.simulation.proposing import Found

ASKED = "command-line"


def propose(  # noqa: PLR0917  (typer passes them by name)
    data: Annotated[Path, typer.Option(metavar="DIR", help="The data folder of the server.")],
    hall: Annotated[str, typer.Option(metavar="ID", help="The hall.")],
    policy: Annotated[
        str, typer.Option(help="What the hall runs by if nothing was accepted: as `vikno serve` was given.")
    ] = DEFAULT_POLICY,
    seconds: Annotated[
        float | None,
        typer.Option(help="How long to tune.", min=SECONDS_LEAST, max=SECONDS_MAX, show_default="60"),
    ] = None,
    rounds: Annotated[
        int | None, typer.Option(help="Instead of seconds: how many rounds to tune.", min=0, max=ROUNDS_MAX)
    ] = None,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Learn a policy from a hall's journal and propose it to its manager, if it is surely better.

    The server may run meanwhile. What is found waits on the overview until a manager accepts or declines it.
    """
    from vikno.api.operations.places import url_there  # noqa: PLC0415  (quick --help)
    from vikno.api.proposals import Proposals  # noqa: PLC0415
    from vikno.api.searchorder import SearchOrder  # noqa: PLC0415
    from vikno.queue.journal.database import open_database  # noqa: PLC0415
    from vikno.scheduler import read_policy  # noqa: PLC0415
    from vikno.simulation.proposal import TUNE_SECONDS, Effort  # noqa: PLC0415

    if seconds is not None and rounds is not None:
        raise ViknoError("--rounds: is instead of --seconds; leave out one of the two")
    url = url_there(data, os.environ.get(DATABASE_URL))
    limit = (seconds or TUNE_SECONDS) if rounds is None else None
    usual = read_policy(policy)
    engine = open_database(url)
    try:
        proposals = Proposals(engine)
        present = proposals.in_force(hall) or usual
        _look(proposals, SearchOrder(url, hall, present, Effort(seed, limit, rounds)))
    finally:
        engine.dispose()


def _look(proposals: Proposals, order: SearchOrder) -> None:
    import msgspec  # noqa: PLC0415

    from vikno.api.proposer import look  # noqa: PLC0415
    from vikno.api.searchorder import Searched  # noqa: PLC0415

    found = look(order)
    searched = msgspec.json.decode(msgspec.json.encode(found), type=Searched)
    number = proposals.add(searched.attempt(order.hall, time.time(), ASKED))
    _tell(number, found)


def _tell(number: int, found: Found) -> None:
    import msgspec  # noqa: PLC0415

    from vikno.display.gains import sentence  # noqa: PLC0415

    if found.policy is None:
        why = f"{found.reason}{f' ({found.detail})' if found.detail else ''}"
        typer.echo(f"{found.hall}: nothing is proposed: {why}")
        return
    days = f"{len(found.days)} days from {found.days[0]} to {found.days[-1]}"
    typer.echo(f"{found.hall}: proposal {number}, learned from {days}")
    typer.echo(sentence(msgspec.to_builtins(found.gain), "en"))
