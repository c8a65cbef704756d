"""What each window can serve, found from windows that open and close.

A snapshot counts for every queue the windows that serve it, and counts a window once for each of its queues:
the sum says nothing. But when a window opens or closes, the counts of all its queues move together, by one,
at once. So the sets of queues that move together are the skills of windows, and each snapshot is so many
windows of each set: the fewest that give the counts (an integer program).

Some windows show another queue while they serve a visitor of it: one count falls as the other rises, once to
and once fro for such a visitor. They are one kind of window that serves both. A window that shows a queue
nobody comes for is doing something else, and is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from vikno.simulation.calibration.snapshot_file import Numbers

SEEN_MIN = 3
"""A set of queues that moved together so often is a window's."""

CHANCE, RARE, LONELY = 1.0, 1.2, 1.5
"""What a window costs in the program: of a set that moved, of queues never seen apart, of one queue."""

SWITCHES_MIN = 5
SWITCH_SHARE = 0.5
"""Of the changes of the kind that changes less, at least so many must be a change with the other."""

CHANGES_A_VISIT = 2
"""To the queue and back."""

Queues = frozenset[int]
"""Places of queues in the table."""


class Kinds(NamedTuple):
    """Kinds of windows by their queues, and how many of each were open: a table of snapshots for each day."""

    queues: tuple[Queues, ...]
    open: tuple[Numbers, ...]


def kinds_of(windows: Sequence[Numbers], visits: Numbers) -> Kinds:
    """From the counts of windows by snapshot and queue of each day, and the visits of each queue in all."""
    seen = _moving_together(windows)
    kinds = _counted(windows, seen)
    while (pair := _switching(kinds, visits)) is not None:
        kinds = _joined(kinds, *pair)
    return _named(kinds)


def _moving_together(windows: Sequence[Numbers]) -> dict[Queues, int]:
    """Sets of queues whose counts moved together, with how often; sets put together by chance left out."""
    moved = Counter(
        frozenset(np.flatnonzero(way).tolist())
        for change in _changes(windows)
        for way in (np.maximum(change, 0), np.maximum(-change, 0))
        if way.any() and way.max() == way[way > 0].min()
    )
    seen = {queues: count for queues, count in moved.items() if count >= SEEN_MIN}
    never_apart: dict[bytes, list[int]] = {}
    every = np.vstack(windows)
    for queue in np.flatnonzero(every.any(axis=0)).tolist():
        never_apart.setdefault(every[:, queue].tobytes(), []).append(queue)
    for alike in never_apart.values():
        seen.setdefault(frozenset(alike), 0)
    for queues in sorted(seen, key=len, reverse=True):
        parts = [other for other in seen if other < queues and seen[other] >= seen[queues]]
        if parts and frozenset().union(*parts) == queues:
            del seen[queues]
    return seen


def _changes(tables: Sequence[Numbers]) -> Iterator[Numbers]:
    for table in tables:
        change = np.diff(table, axis=0)
        yield from change[change.any(axis=1)]


def _counted(windows: Sequence[Numbers], seen: dict[Queues, int]) -> Kinds:
    """How many windows of each set give the counts, the fewest at each snapshot."""
    queues = windows[0].shape[1]
    singles = [frozenset([queue]) for queue in range(queues) if frozenset([queue]) not in seen]
    sets = [*seen, *singles]
    cost = [CHANCE if count else RARE for count in seen.values()] + [LONELY] * len(singles)
    serves = np.array([[queue in kind for kind in sets] for queue in range(queues)], np.float64)
    known: dict[bytes, Numbers] = {}

    def of(counts: Numbers) -> Numbers:
        key = counts.tobytes()
        if key not in known:
            found = milp(
                np.array(cost),
                constraints=LinearConstraint(serves, counts, counts),
                integrality=np.ones(len(sets)),
                bounds=Bounds(0, np.inf),
            )
            known[key] = np.round(found.x)
        return known[key]

    return Kinds(tuple(sets), tuple(np.array([of(counts) for counts in table]) for table in windows))


def _switching(kinds: Kinds, visits: Numbers) -> tuple[int, int] | None:
    """The two kinds that most clearly are one: windows go from one to the other and back."""
    changes: NDArray[np.int64] = np.zeros(len(kinds.queues), np.int64)
    switches: Counter[tuple[int, int]] = Counter()
    for change in _changes(kinds.open):
        up, down = np.flatnonzero(change > 0).tolist(), np.flatnonzero(change < 0).tolist()
        changes[up + down] += 1
        switches.update((min(a, b), max(a, b)) for a in up for b in down)
    found: list[tuple[float, int, int]] = []
    for (one, other), count in switches.items():
        fewer = one if changes[one] <= changes[other] else other
        came = sum(visits[queue] for queue in kinds.queues[fewer])
        served = CHANGES_A_VISIT * came >= SWITCH_SHARE * changes[fewer]
        if served and count >= max(SWITCHES_MIN, SWITCH_SHARE * changes[fewer]):
            found.append((count / changes[fewer], one, other))
    return max(found)[1:] if found else None


def _joined(kinds: Kinds, one: int, other: int) -> Kinds:
    queues = list(kinds.queues)
    queues[one] |= queues[other]
    del queues[other]
    tables = []
    for table in kinds.open:
        together = table.copy()
        together[:, one] += table[:, other]
        tables.append(np.delete(together, other, axis=1))
    return Kinds(tuple(queues), tuple(tables))


def _named(kinds: Kinds) -> Kinds:
    """Kinds of the same queues are one; those of which no window was ever open are none."""
    sets = [
        queues
        for queues in dict.fromkeys(kinds.queues)
        if any(table[:, k].any() for table in kinds.open for k, q in enumerate(kinds.queues) if q == queues)
    ]
    return Kinds(
        tuple(sets),
        tuple(
            np.array([sum(table[:, k] for k, q in enumerate(kinds.queues) if q == queues) for queues in sets])
            .reshape(len(sets), len(table))
            .T
            for table in kinds.open
        ),
    )
