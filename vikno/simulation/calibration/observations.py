"""What the visits of recorded days show of patience, of no-shows and of service, visitor by visitor.

The simulation's visitors are patient, and come or not, on behalf of their first service and before their
first call; so that is where both are looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from vikno.simulation.calibration.families import Cell
from vikno.simulation.history import Ending, Spell, Visit
from vikno.simulation.recorded import whole_legs

FORGOTTEN_MINUTES = 120.0
FORGOTTEN_TIMES = 20.0
"""A service both longer than two hours and twenty times the median: somebody forgot to press a button."""


IN_VAIN = frozenset({Ending.NO_SHOW, Ending.LEFT})
"""Endings of a call to which nobody came."""

THERE = frozenset({Ending.PARKED, Ending.TRANSFERRED})
"""Endings of a call that show the visitor was there, though no service began."""


class Waits(msgspec.Struct, frozen=True):
    """Waits for the first call in minutes: of those who left, and of the others."""

    left: list[float]
    stayed: list[float]


class Calls(msgspec.Struct, frozen=True):
    """First calls: how many visitors came, and how many minutes each call cost that was in vain."""

    came: int
    missed: tuple[float, ...]


class Served(msgspec.Struct, frozen=True):
    """The durations of each service at each window, and how many were left out as forgotten."""

    cells: dict[tuple[str, str], Cell]
    forgotten: dict[str, int]


def waits_of(visits: Iterable[Visit]) -> Waits:
    """How long these visitors waited for their first call."""
    found = Waits([], [])
    for visit in visits:
        first = visit.spells[0]
        assert first.joined is not None, "a visit begins in a line"
        until = first.ended if first.called is None else first.called
        left = first.called is None and first.ending is Ending.LEFT
        (found.left if left else found.stayed).append(max(0.0, until - first.joined))
    return found


def calls_of(visits: Iterable[Visit]) -> Calls:
    """What became of these visitors' first calls; one that the record does not see the end of is left out.

    Who left after the call did not come, and cost the window as much.
    """
    firsts = [visit.spells[0] for visit in visits if visit.spells[0].called is not None]
    missed = [spell for spell in firsts if spell.started is None and spell.ending in IN_VAIN]
    came = [spell for spell in firsts if spell.started is not None or spell.ending in THERE]
    return Calls(len(came), tuple(map(_taken, missed)))


def served_of(visits: Iterable[Visit]) -> Served:
    """How long windows were taken for each service, the walk to them included."""
    visits = list(visits)
    seen: dict[tuple[str, str], tuple[list[float], list[float]]] = {}
    tells = _tells_starts(visits)
    for visit in visits:
        for service, window, minutes, complete in _durations(visit, tells_starts=tells):
            both = seen.setdefault((service, window), ([], []))
            both[0 if complete else 1].append(minutes)
    limits = {service: _limit(seen, service) for service, _ in seen}
    cells: dict[tuple[str, str], Cell] = {}
    forgotten = dict.fromkeys(limits, 0)
    for (service, window), both in seen.items():
        kept = [[m for m in minutes if m <= limits[service]] for minutes in both]
        forgotten[service] += sum(map(len, both)) - sum(map(len, kept))
        cells[service, window] = Cell(*map(tuple, kept))
    return Served(cells, {service: count for service, count in forgotten.items() if count})


def _tells_starts(visits: Iterable[Visit]) -> bool:
    """Whether clerks say when service begins; where none does, whoever is called is being served."""
    return any(
        spell.started is not None and spell.called is not None and spell.started > spell.called
        for visit in visits
        for spell in visit.spells
    )


def _durations(visit: Visit, *, tells_starts: bool) -> Iterator[tuple[str, str, float, bool]]:
    """Service, window and minutes of each leg that was begun, and whether it was seen to its end.

    Times before and after a parking add up, at the window of the last.
    """
    for leg in whole_legs(visit):
        at_window = [spell for spell in leg if spell.window is not None]
        if not any(_begun(spell, tells_starts=tells_starts) for spell in at_window):
            continue
        last = at_window[-1]
        assert last.window is not None
        minutes = sum(map(_taken, at_window))
        yield last.service, last.window, minutes, leg[-1].ending in {Ending.SERVED, Ending.TRANSFERRED}


def _begun(spell: Spell, *, tells_starts: bool) -> bool:
    """Whether the visitor was served; who is sent on at the call was, for as long as that took."""
    at_work = spell.ending is Ending.OPEN and not tells_starts
    return spell.started is not None or spell.ending is Ending.TRANSFERRED or at_work


def _taken(spell: Spell) -> float:
    assert spell.window_from is not None
    return spell.ended - spell.window_from


def _limit(seen: dict[tuple[str, str], tuple[list[float], list[float]]], service: str) -> float:
    """What is longer was forgotten."""
    minutes = sorted(m for (other, _), both in seen.items() if other == service for m in both[0] or both[1])
    return max(FORGOTTEN_MINUTES, FORGOTTEN_TIMES * minutes[len(minutes) // 2])
