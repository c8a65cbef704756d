"""For whom the target must hold, and whether it surely does.

A cell is a service in a stretch of the day: those who come in it. Quarters of an hour in which hardly anybody
comes are put together with the following ones, for a share of nobody says nothing. The share within target is
that of `vikno simulate`: called within the target, of those called and those who left after waiting longer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from vikno.simulation.needs.offered import Numbers

VISITORS_MIN = 1.0
"""A day, in a cell, if the service has as many in all."""


class Cells(NamedTuple):
    """C cells. `of`, shape (services, quarters): the number of each quarter's cell, -1 where nobody comes."""

    of: NDArray[np.int64]
    service: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    """Quarters, both included."""


class Target(NamedTuple):
    """`share` of the visitors of each cell, at a one-sided `confidence` over days."""

    share: float
    confidence: float


class Seen(NamedTuple):
    """What days say of cells: shape (days, C). `within` the target, of those `judged`."""

    within: Numbers
    judged: Numbers


class Shares(NamedTuple):
    """Of each cell (C): the share within target, and what it is above and below with confidence."""

    value: Numbers
    low: Numbers
    high: Numbers


def cells_of(came: Numbers, together: int) -> Cells:
    """Cells of at least `together` quarters; `came`, (services, quarters): visitors of a mean day."""
    services, quarters = came.shape
    of = np.full((services, quarters), -1, np.int64)
    rows: list[tuple[int, int, int]] = []
    for service in range(services):
        start, visitors = 0, 0.0
        last = int(np.max(np.flatnonzero(came[service]), initial=-1))
        for quarter in range(last + 1):
            visitors += came[service, quarter]
            if quarter == last or (quarter - start + 1 >= together and visitors >= VISITORS_MIN):
                if visitors < VISITORS_MIN and rows and rows[-1][0] == service:
                    start = rows.pop()[1]  # the rest of the evening joins what was before it
                of[service, start : quarter + 1] = len(rows)
                rows.append((service, start, quarter))
                start, visitors = quarter + 1, 0.0
    table = np.array(rows, np.int64).reshape(-1, 3).T
    return Cells(of, *table)


def shares_of(seen: Seen, confidence: float) -> Shares:
    """With bounds as E. B. Wilson's (JASA 22, 1927), for as many visitors as the scatter over days is worth.

    Visitors of one day wait together: if days differ more than chance has it, they are worth fewer.
    """
    days = len(seen.judged)
    judged, z = seen.judged.sum(0), float(ndtri(confidence))
    value = np.divide(seen.within.sum(0), judged, out=np.ones_like(judged), where=judged > 0)
    scatter = days / max(days - 1, 1) * ((seen.within - value * seen.judged) ** 2).sum(0)
    chance = value * (1 - value) * judged
    worth = judged / np.maximum(np.divide(scatter, chance, out=np.ones_like(judged), where=chance > 0), 1.0)
    square = np.divide(z**2, worth, out=np.full_like(worth, np.inf), where=worth > 0)
    with np.errstate(invalid="ignore"):
        middle = (value + square / 2) / (1 + square)
        half = np.sqrt(square * value * (1 - value) + square**2 / 4) / (1 + square)
    low, high = np.nan_to_num(middle - half, nan=0.0), np.nan_to_num(middle + half, nan=1.0)
    return Shares(value, low, high)
