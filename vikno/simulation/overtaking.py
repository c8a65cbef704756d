"""The count behind `fairness`, compiled: every wait held against every call that it saw.

With many windows a visitor sees many calls go by, so looking at each of them is too slow. The calls are swept
once in order of time. For each service a Fenwick tree (A new data structure for cumulative frequency tables,
1994) holds who was called to a window with that skill, and tells in a dozen steps how many of them came later
than somebody. A wait has seen what the tree holds at its end, less what it held at its start.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from vikno.simulation.record import Codes, Column


class Calls(NamedTuple):
    """Legs that were called, in order of call: columns as those of a `DayRecord`."""

    visit: Codes
    service: Codes
    window: Codes
    joined: Column
    called: Column


def sweep(calls: Calls, able: NDArray[np.bool_]) -> Codes:
    """How often each was overtaken. `able`: (windows, services) who can serve whom."""
    waited = np.flatnonzero(calls.joined < calls.called)
    found: Codes = _sweep(calls, waited[np.argsort(calls.joined[waited], kind="stable")], able)
    return found


@njit(cache=True, nogil=True)
def _sweep(calls: Calls, joins: NDArray[np.intp], able: NDArray[np.bool_]) -> Codes:
    """`joins`: those who waited, in order of joining the line."""
    legs, services = calls.visit.size, able.shape[1]
    found = np.zeros(legs, np.int32)
    trees = np.zeros((services, calls.visit.max() + 2), np.int32)
    held = np.zeros(services, np.int32)
    first = begun = 0
    while first < legs:
        now = calls.called[first]
        while begun < joins.size and calls.joined[joins[begun]] < now:
            leg, begun = joins[begun], begun + 1
            found[leg] -= _later(trees, held, calls.service[leg], calls.visit[leg])
        end = first
        while end < legs and calls.called[end] == now:  # one instant: none of them waited for another
            if calls.joined[end] < now:
                found[end] += _later(trees, held, calls.service[end], calls.visit[end])
            end += 1
        for leg in range(first, end):
            for service in range(services):
                if able[calls.window[leg], service]:
                    _add(trees, held, service, calls.visit[leg])
        first = end
    return found


@njit(cache=True, nogil=True)
def _add(trees: Codes, held: Codes, service: int, visit: int) -> None:
    """This visit was called to a window with the skill."""
    held[service] += 1
    place = visit + 1
    while place < trees.shape[1]:
        trees[service, place] += 1
        place += place & -place


@njit(cache=True, nogil=True)
def _later(trees: Codes, held: Codes, service: int, visit: int) -> int:
    """How many of those called came after this visit."""
    later: int = held[service]
    place = visit + 1
    while place:
        later -= trees[service, place]
        place &= place - 1
    return later
