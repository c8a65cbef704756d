"""`vikno prove`: a proposed roster against the present one, on the same visitors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from vikno.api.cli_options import (
    DEFAULT_SEED,
    JsonPlace,
    PolicyName,
    RosterForecast,
    RosterHall,
    RosterWindows,
    Seed,
)
from vikno.api.cli_terminal import INTERRUPTED, say
from vikno.api.defaults import DEFAULT_POLICY
from vikno.api.files import Places, check_places, json_text, put

DEFAULT_LIVES = 20
LIVES_MAX = 1_000
DECIMALS = 6


def prove(  # noqa: PLR0917  (typer passes them by name)
    file: Annotated[Path, typer.Argument(metavar="ROSTER.toml", help="The roster file.")],
    proposed: Annotated[
        Path, typer.Argument(metavar="PROPOSED.json", help="The proposed roster, as vikno roster writes it.")
    ],
    present: Annotated[
        Path | None,
        typer.Option(
            metavar="PRESENT.json",
            help="The roster to hold it against.",
            show_default="the roster in force that the roster file names",
        ),
    ] = None,
    hall: RosterHall = None,
    forecast: RosterForecast = None,
    windows: RosterWindows = None,
    policy: PolicyName = DEFAULT_POLICY,
    lives: Annotated[
        int, typer.Option(help="How often the whole roster is lived under each.", min=2, max=LIVES_MAX)
    ] = DEFAULT_LIVES,
    seed: Seed = DEFAULT_SEED,
    json: JsonPlace = None,
) -> None:
    """Hold a proposed roster against the present one: the same visitors live through both.

    Tells waits, shares within target, occupancy and overtime of both, with 95% intervals.
    """
    import msgspec  # noqa: PLC0415  (quick --help)

    from vikno.api.cli_screen import show_trial  # noqa: PLC0415
    from vikno.api.rosterdays import named_by, read_roster, read_roster_days  # noqa: PLC0415
    from vikno.display.trials import sentences  # noqa: PLC0415
    from vikno.scheduler import read_policy  # noqa: PLC0415
    from vikno.simulation.trial.trial import hold  # noqa: PLC0415

    inputs: Places = {
        "ROSTER.toml": file,
        "PROPOSED.json": proposed,
        "--present": present,
        "--hall": hall,
        "--forecast": forecast,
        "--policy": policy,
    }
    check_places({"--json": json}, {**inputs, **named_by(file)})
    days = read_roster_days(file, hall, forecast, windows)
    before = read_roster("--present", present, days.problem)
    after = read_roster("PROPOSED.json", proposed, days.problem)
    plan = next(iter(days.days.values()))
    choice = read_policy(policy, plan)
    try:
        trial = hold(days.halls(before), days.halls(after), (choice, choice), seed, lives)
    except KeyboardInterrupt:
        say("interrupted; both rosters were not lived often enough, so nothing is told")
        raise typer.Exit(INTERRUPTED) from None
    found = _plain(msgspec.to_builtins(trial))
    said = sentences(found, "en")
    open_days = [{"day": day} | pair for day, pair in zip(days.days, found["days"], strict=True)]
    of = {"roster": days.problem.id, "hall": plan.id, "policy": policy, "sentences": said}
    if json is not None and put("--json", json, json_text(of | found | {"days": open_days})):
        return
    show_trial(trial, said, len(open_days))


def _plain(found: Any) -> Any:
    """Numbers rounded, without a negative zero."""
    if isinstance(found, dict):
        return {name: _plain(one) for name, one in found.items()}
    if isinstance(found, list | tuple):
        return [_plain(one) for one in found]
    return round(found, DECIMALS) + 0.0 if isinstance(found, float) else found
