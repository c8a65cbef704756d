"""`vikno replay`: a recorded day lived again, under other policies or at other windows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vikno.api.cli_options import (
    DATABASE_URL,
    DEFAULT_SEED,
    JournalPlace,
    JsonPlace,
    Seed,
    date_named,
    journal_at,
)
from vikno.api.cli_simulate import policies_of
from vikno.api.defaults import DEFAULT_POLICY
from vikno.api.files import check_places, json_text, put
from vikno.queue.errors import ViknoError

if TYPE_CHECKING:
    from vikno.queue.plan import HallPlan
    from vikno.simulation.experiment import Experiment, Scenario
    from vikno.simulation.tally import Tally

DEFAULT_LIVES = 200
LIVES_MAX = 10_000
CHANGES_BYTES_MAX = 1_000_000


def replay(  # noqa: PLR0917  (typer passes them by name)
    hall_file: Annotated[
        Path | None,
        typer.Argument(
            metavar="HALL.toml",
            help="The hall file; with a journal it may be left out: then the hall is what its journal shows.",
        ),
    ] = None,
    journal: JournalPlace = None,
    hall: Annotated[str | None, typer.Option(help="The hall in the journal.")] = None,
    date: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="The day in the journal.")] = None,
    arrivals: Annotated[
        Path | None,
        typer.Option(metavar="DAY.csv", help="Instead of a journal: a CSV file (minute,service) of the day."),
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME...",
            help="Who is called next; the first is what the others are held against.",
            show_default=DEFAULT_POLICY,
        ),
    ] = None,
    add_window: Annotated[
        list[str] | None,
        typer.Option(metavar="SKILLS", help="One person more, as passport,residence=1.2; may be repeated."),
    ] = None,
    remove_window: Annotated[
        list[str] | None, typer.Option(metavar="WINDOW", help="One window less; may be repeated.")
    ] = None,
    changes: Annotated[
        Path | None,
        typer.Option(metavar="FILE.json", help="A list of changes, as the what-if page makes it."),
    ] = None,
    lives: Annotated[
        int,
        typer.Option(help="How often the day is lived, what is unknown drawn anew.", min=1, max=LIVES_MAX),
    ] = DEFAULT_LIVES,
    seed: Seed = DEFAULT_SEED,
    json: JsonPlace = None,
) -> None:
    """Live a recorded day again with its own visitors, and tell what would have been different.

    Ranges hold 95 of 100 lives: what is known of a visitor stays as it was, what is not is drawn anew.
    """
    from vikno.simulation.executors import Here  # noqa: PLC0415  (quick --help)
    from vikno.simulation.experiment import Experiment  # noqa: PLC0415
    from vikno.simulation.replay_results import as_json, replayed  # noqa: PLC0415

    check_places(
        {"--json": json},
        {"HALL.toml": hall_file, "--journal": journal, "--arrivals": arrivals, "--changes": changes},
    )
    wanted = _changes(add_window or [], remove_window or [], changes)
    if journal is not None and arrivals is not None:
        raise ViknoError("--arrivals: is instead of a journal; leave out one of the two")
    if arrivals is not None:
        plan, day, scenarios, recorded = _from_file(hall_file, arrivals, policy, wanted)
    else:
        where = journal_at(journal), hall, date
        plan, day, scenarios, recorded = _from_journal(hall_file, where, policy, wanted)
    experiment = Experiment(scenarios, seed)
    _live(experiment, Here(), lives)
    found = replayed(experiment, recorded)
    if json is not None:
        put("--json", json, json_text(as_json(plan.id, day, seed, found)))
        return
    from vikno.api.cli_screen import show_replay  # noqa: PLC0415

    show_replay(plan.id, day, found)


def _live(experiment: Experiment, executor: Any, lives: int) -> None:
    for _standing in experiment.run(executor, lives):
        pass


def _from_file(
    hall_file: Path | None, arrivals: Path, policies: list[str] | None, changes: Sequence[Any]
) -> tuple[HallPlan, str, list[Scenario], None]:
    """A day of which times and services are known, at the windows of the hall file."""
    from vikno.queue.hallfile import read_hall_file  # noqa: PLC0415
    from vikno.simulation.arrivals import read_arrivals  # noqa: PLC0415
    from vikno.simulation.replay import DatedPublic  # noqa: PLC0415

    if hall_file is None:
        raise ViknoError("HALL.toml: is missing; --arrivals needs the hall file of its services and windows")
    plan = read_hall_file(hall_file)
    public = DatedPublic(plan, read_arrivals(arrivals, plan))
    return plan, arrivals.stem, _scenarios(policies, plan, _changed(plan, changes), public), None


def _from_journal(
    hall_file: Path | None,
    where: tuple[Path | str | None, str | None, str | None],
    policies: list[str] | None,
    changes: Sequence[Any],
) -> tuple[HallPlan, str, list[Scenario], Tally]:
    """A day of a journal, at the windows that were staffed."""
    from vikno.queue.hallfile import read_hall_file  # noqa: PLC0415
    from vikno.simulation.calibration.journal import calibrate_days  # noqa: PLC0415
    from vikno.simulation.history import Ending  # noqa: PLC0415
    from vikno.simulation.journals import recorded_days  # noqa: PLC0415
    from vikno.simulation.recorded import as_record  # noqa: PLC0415
    from vikno.simulation.replay import RecordedPublic, as_it_was, recorded_visitors  # noqa: PLC0415
    from vikno.simulation.tally import tally  # noqa: PLC0415

    journal, hall, wanted = where
    if journal is None:
        raise ViknoError(
            f"--journal: is missing; name the data folder of the day, set {DATABASE_URL}, "
            "or name a file with --arrivals"
        )
    plan = None if hall_file is None else read_hall_file(hall_file)
    name = hall or (plan.id if plan else None)
    if name is None:
        raise ViknoError("--hall: is missing; name the hall of the journal")
    days = recorded_days(journal, name)
    day = next((day for day in days if day.date == _date(wanted, [day.date for day in days])), days[-1])
    still_there = sum(visit.ending is Ending.OPEN for visit in day.visits)
    if day is days[-1] and still_there:
        raise ViknoError(
            f"--date: {day.date} is not over, {still_there} people are still there; "
            "name an earlier day, or wait"
        )
    if plan is None:
        plan = calibrate_days(days).plan
    public = RecordedPublic(plan, recorded_visitors(day, plan))
    changed = _changed(plan, changes)
    other = None
    if changed is not None:
        touched = {window.id for window in changed.windows if plan.window.get(window.id) != window}
        other = as_it_was(day, changed, touched)
    scenarios = _scenarios(policies, as_it_was(day, plan), other, public)
    return plan, day.date, scenarios, tally(day.plan, as_record(day))


def _date(wanted: str | None, there: Sequence[str]) -> str:
    """The day asked for; without one the last."""
    if not there:
        raise ViknoError("--journal: the hall has no day yet; let it run for one")
    if wanted is None:
        return there[-1]
    date_named("--date", wanted)
    if wanted not in there:
        raise ViknoError(f"--date: {wanted} is not in the journal; it has {there[0]} to {there[-1]}")
    return wanted


def _scenarios(
    policies: list[str] | None, plan: HallPlan, changed: HallPlan | None, public: Any
) -> list[Scenario]:
    from vikno.simulation.experiment import Scenario  # noqa: PLC0415

    named = policies_of(list(dict.fromkeys(policies or [DEFAULT_POLICY])), plan)
    found = [Scenario(name, plan, policy, public) for name, policy in named.items()]
    if changed is not None:
        found += [Scenario(f"{name}, changed", changed, policy, public) for name, policy in named.items()]
    return found


def _changed(plan: HallPlan, changes: Sequence[Any]) -> HallPlan | None:
    from vikno.simulation.changes import changed_plan  # noqa: PLC0415

    return changed_plan(plan, changes) if changes else None


def _changes(added: list[str], removed: list[str], file: Path | None) -> list[Any]:
    """All that is to be different, in the form of the what-if page."""
    found: list[Any] = [] if file is None else _read_changes(file)
    found += [{"change": "remove-window", "window": window} for window in removed]
    for number, skills in enumerate(added, 1):
        found.append({"change": "add-window", "window": f"more-{number}", "skills": _skills(skills)})
    return found


def _skills(text: str) -> dict[str, float]:
    found = {}
    for part in text.split(","):
        service, _, factor = part.strip().partition("=")
        try:
            found[service] = float(factor or 1.0)
        except ValueError:
            raise ViknoError(
                f"--add-window: {factor!r} is no factor; give skills as passport,residence=1.2"
            ) from None
    return found


def _read_changes(file: Path) -> list[Any]:
    import msgspec  # noqa: PLC0415  (quick --help)

    try:
        if file.stat().st_size > CHANGES_BYTES_MAX:
            raise ViknoError(f"--changes: {file} is larger than {CHANGES_BYTES_MAX} bytes; change less")
        found = msgspec.json.decode(file.read_bytes())
    except OSError as error:
        raise ViknoError(f"--changes: {file} cannot be read ({error.strerror}); check the path") from None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ViknoError(f"--changes: {file} is not JSON ({error}); save it from the what-if page") from None
    if not isinstance(found, list):
        raise ViknoError(f'--changes: {file} is no list; give for example [{{"change": "remove-window", …}}]')
    return found
