"""`vikno roster`: who works when, made from a roster file or a published instance."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vikno.api.cli_options import DEFAULT_SEED, JsonPlace, Seed, XlsxPlace
from vikno.api.cli_terminal import INTERRUPTED, interruptible, progress_line, say
from vikno.queue.errors import ViknoError

if TYPE_CHECKING:
    from vikno.api.rosteroutputs import Outputs
    from vikno.scheduler.roster.problem import Problem
    from vikno.scheduler.roster.search import Solved

DEFAULT_SECONDS = 60.0
SECONDS_LEAST, SECONDS_MAX = 1.0, 7 * 24 * 3600.0
WORKERS_MAX = 64
BROKEN = 1
"""The exit code if the answer of the search does not hold: a mistake of ours, not of the input."""
INSTANCE_ENDING = ".txt"
DAY = r"\d{4}-\d\d-\d\d|\d{1,3}"
ABSENCE = re.compile(rf"(?P<person>[^:]+):(?P<first>{DAY})(-(?P<last>{DAY}))?")


def roster(  # noqa: PLR0917  (typer passes them by name)
    problem: Annotated[
        Path,
        typer.Argument(metavar="PROBLEM", help="A roster file (TOML), or a Curtois & Qu instance (.txt)."),
    ],
    seconds: Annotated[
        float, typer.Option(help="How long to look for a better roster.", min=SECONDS_LEAST, max=SECONDS_MAX)
    ] = DEFAULT_SECONDS,
    json: JsonPlace = None,
    xlsx: XlsxPlace = None,
    ical: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write a calendar for each person, as PERSON.ics.")
    ] = None,
    present: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The roster in force, as --json wrote it: change little of it."),
    ] = None,
    absent: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PERSON:FROM-TO", help="Somebody planned who cannot come; dates or day numbers."
        ),
    ] = None,
    seed: Seed = DEFAULT_SEED,
    workers: Annotated[
        int, typer.Option(help="How many searches go on at once.", min=1, max=WORKERS_MAX)
    ] = 2,
) -> None:
    """Make a roster that keeps every hard rule and costs little by the soft ones.

    If none keeps the hard rules, tells which of them are in conflict, whose, and what would free them. Ctrl-C
    ends the search; the best found by then is written. A second Ctrl-C ends at once, and nothing is written.
    """
    from vikno.api.rosterdays import named_by  # noqa: PLC0415  (quick --help)
    from vikno.api.rosteroutputs import Outputs  # noqa: PLC0415

    inputs = {"PROBLEM": problem, "--present": present} | named_by(problem)
    outputs = Outputs(json, xlsx, ical, inputs)
    asked = _read(problem, present, absent or [])
    outputs.check(asked)
    from vikno.scheduler.roster.search import solve  # noqa: PLC0415

    with interruptible() as interrupted, _progress(seconds) as show:
        solved = solve(asked, seconds, seed=seed, tell=show, cancelled=interrupted, workers=workers)
        stopped = interrupted()
    settle(asked, solved, outputs, stopped=stopped)
    if stopped:
        raise typer.Exit(INTERRUPTED)


def _read(file: Path, present: Path | None, absent: list[str]) -> Problem:
    from msgspec import structs  # noqa: PLC0415

    from vikno.scheduler.roster.absence import CHANGE_COST, without  # noqa: PLC0415
    from vikno.scheduler.roster.curtois import read_curtois  # noqa: PLC0415
    from vikno.scheduler.roster.present import read_present  # noqa: PLC0415
    from vikno.scheduler.roster.problem import Weights  # noqa: PLC0415
    from vikno.scheduler.roster.rosterfile import read_roster_file  # noqa: PLC0415

    published = file.suffix.lower() == INSTANCE_ENDING
    problem = read_curtois(file) if published else read_roster_file(file)
    if present is not None:
        if problem.present is not None:
            raise ViknoError(f"--present: {file} names the roster in force; leave out one of the two")
        weights = Weights(change=CHANGE_COST) if published else problem.weights
        problem = structs.replace(problem, present=read_present(present, problem), weights=weights)
    for asked in absent:
        if problem.present is None:
            raise ViknoError("--absent: there is no roster to change; name the one in force by --present")
        problem = without(problem, *_absence(problem, asked))
    return problem


def _absence(problem: Problem, asked: str) -> tuple[str, frozenset[int]]:
    """Who is away, and on which days."""
    found = ABSENCE.fullmatch(asked)
    if found is None:
        raise ViknoError(f"--absent: {asked!r} is not PERSON:FROM-TO; give for example clerk-3:7-9")
    person = found["person"]
    if person not in problem.person:
        raise ViknoError(f"--absent: nobody is called {person!r}; use an id of the people of {problem.id}")
    first = _day(problem, found["first"])
    last = first if found["last"] is None else _day(problem, found["last"])
    if last < first:
        raise ViknoError(f"--absent: {asked!r} ends before it starts; give the first day first")
    return person, frozenset(range(first, last + 1))


def _day(problem: Problem, text: str) -> int:
    try:
        given = date.fromisoformat(text) if "-" in text else int(text)
    except ValueError:
        raise ViknoError(f"--absent: {text} is not a date; give for example 2026-11-02") from None
    if isinstance(given, date):
        if problem.start is None:
            raise ViknoError(f"--absent: the days of {problem.id} have no dates; count them from 0")
        given = (given - problem.start).days
    if not 0 <= given < problem.days:
        raise ViknoError(f"--absent: {text} is no day of {problem.id}; it has {problem.days} days, from 0")
    return given


def settle(problem: Problem, solved: Solved, outputs: Outputs, *, stopped: bool) -> None:
    """Judge what was found and write it; nothing that breaks a rule is ever written."""
    from vikno.scheduler.roster.evaluate import evaluate  # noqa: PLC0415

    if solved.roster is None:
        _explain(problem, solved, outputs, stopped=stopped)
        return
    evaluation = evaluate(problem, solved.roster)
    for violation in evaluation.violations:
        say(f"the roster that was found breaks {violation.rule}: {violation.person} {violation.detail}")
    if evaluation.violations:
        say("nothing is written; this is a mistake of Vikno, please report it with the file")
        raise typer.Exit(BROKEN)
    outputs.write(problem, solved, evaluation, datetime.now(UTC))
    if stopped:
        say(f"interrupted after {solved.seconds:.0f} s; the best roster found by then is kept")


def _explain(problem: Problem, solved: Solved, outputs: Outputs, *, stopped: bool) -> None:
    """Nothing was found: say what forbids it, or that it takes longer."""
    from vikno.api.rostertold import sentences  # noqa: PLC0415
    from vikno.scheduler.roster.conflict import find_conflicts  # noqa: PLC0415

    conflicts = find_conflicts(problem)
    if not conflicts:
        if stopped:
            say("interrupted before a roster was found; nothing is written")
            return
        raise ViknoError(f"--seconds: no roster was found in {solved.seconds:.0f} s; give more")
    for line in sentences(problem, conflicts):
        say(line)
    outputs.write_conflicts(conflicts, solved.seconds)
    if outputs.left_out:
        say(f"{' and '.join(outputs.left_out)}: nothing is written, for there is no roster")


@contextmanager
def _progress(seconds: float) -> Iterator[Callable[[Any], None]]:
    """A line with the best cost so far, what no roster can go below, and the gap."""
    from vikno.api.rostertold import standing_words  # noqa: PLC0415

    with progress_line("looking for a first roster", seconds, clock=True) as line:
        yield lambda standing: line(completed=standing.seconds, description=standing_words(standing))
