"""How long visitors wait before they give up, from the waits of those who did and of those who did not.

Who was called, or still waited when the record ends, would have waited longer: their patience is censored
there. Leaving them out would make people look far less patient than they are. Patience is a share that
leaves at once if it must wait, and an exponential time for the others:

- whoever had to wait at all was put to the test. The share that is still there half a minute later is
  estimated by E. L. Kaplan and P. Meier (JASA 53, 1958), its variance by Greenwood; what an exponential time
  loses in that half minute is given back. The interval is Jeffreys', for as many visitors as have that
  variance;
- beyond the half minute the mean is all time waited over the number who left, the maximum likelihood under
  censoring, and its interval takes that number for a Poisson count (B. Epstein and M. Sobel, JASA 48, 1953).

Whether the time is exponential is checked: the rate of leaving before and after the median of those who left
must be alike (a test of one Poisson share among the time waited). The hall file knows no patience that
depends on what visitors see, so a failed check is told and nothing else is fitted.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, bdtrc

from vikno.simulation.calibration.intervals import rate, share
from vikno.simulation.calibration.result import Finding

AT_ONCE_MINUTES = 0.5
"""Who leaves within this long did so at once: time to read the number and turn round."""

DOUBT = 0.01
"""A check that fails by chance less often than this is told."""

LEFT_MIN = 10
"""Visitors who left, below which the check would see nothing."""

Times = NDArray[np.float64]


class Patience(msgspec.Struct, frozen=True):
    """`mean` (minutes) and `zero` with their intervals; `slower` and `doubt` from the check.

    `slower` is the rate of leaving in the second half over that in the first; `doubt` the chance of a ratio
    so far from 1 if patience is exponential. None where too few left to tell.
    """

    mean: Finding
    zero: Finding
    slower: float | None = None
    doubt: float | None = None


def patience_of(left: ArrayLike, stayed: ArrayLike) -> Patience:
    """From the waits in minutes of those who left uncalled, and of those who were called or seen no longer.

    The mean is None if nobody left after having waited; then `mean.low` says how patient people are at least.
    """
    gone, kept = np.asarray(left, np.float64), np.asarray(stayed, np.float64)
    kept = kept[kept > 0]  # who is called at once need not wait, and shows no patience
    later, longer = gone[gone > AT_ONCE_MINUTES], kept[kept > AT_ONCE_MINUTES]
    waited = float((later - AT_ONCE_MINUTES).sum() + (longer - AT_ONCE_MINUTES).sum())
    leaving = rate(len(later), waited)
    mean = Finding(
        value=1 / leaving.value if leaving.value else None,
        low=1 / leaving.high if leaving.high else None,
        high=1 / leaving.low if leaving.low else None,
        seen=len(later),
    )
    slower, doubt = _check(later, longer)
    return Patience(mean, _at_once(gone, kept, leaving.value or 0.0), slower, doubt)


def _at_once(gone: Times, kept: Times, leaving: float) -> Finding:
    """The share that leaves at once; `leaving` is the rate (a minute) at which the others do."""
    early = np.unique(gone[gone <= AT_ONCE_MINUTES])
    remaining, greenwood = 1.0, 0.0
    for time in early.tolist():
        at_risk = int((gone >= time).sum() + (kept >= time).sum())
        events = int((gone == time).sum())
        remaining *= 1 - events / at_risk
        if events < at_risk:
            greenwood += events / (at_risk * (at_risk - events))
    tested, quick = len(gone) + len(kept), int((gone <= AT_ONCE_MINUTES).sum())
    worth = (1 - remaining) / (remaining * greenwood) if greenwood and remaining else float(tested)
    found = share((1 - remaining) * worth, worth, quick)
    back = math.exp(AT_ONCE_MINUTES * leaving)

    def corrected(leavers: float | None) -> float | None:
        return None if leavers is None else max(0.0, 1 - (1 - leavers) * back)

    return Finding(corrected(found.value), corrected(found.low), corrected(found.high), quick)


def _check(later: Times, longer: Times) -> tuple[float | None, float | None]:
    """How the rate of leaving in the second half compares with the first, and the chance of such a ratio."""
    if len(later) < LEFT_MIN:
        return None, None
    middle = float(np.median(later))
    both = np.concatenate([later, longer]) - AT_ONCE_MINUTES
    first = float(np.minimum(both, middle - AT_ONCE_MINUTES).sum())
    second = float(both.sum()) - first
    if not first or not second:
        return None, None
    early = int((later <= middle).sum())
    late, part = len(later) - early, first / (first + second)
    tail = min(bdtr(early, len(later), part), bdtrc(early - 1, len(later), part))
    return late / second / (early / first), min(1.0, 2 * float(tail))


def surviving(left: ArrayLike, stayed: ArrayLike, minutes: float) -> float | None:
    """Kaplan and Meier's share still waiting after `minutes`; None if nobody was seen to wait so long."""
    gone, kept = np.sort(np.asarray(left, np.float64)), np.sort(np.asarray(stayed, np.float64))
    kept = kept[kept > 0]
    if not max(gone[-1:].sum(), kept[-1:].sum()) >= minutes:
        return None
    times, events = np.unique(gone[gone <= minutes], return_counts=True)
    at_risk = len(gone) - np.searchsorted(gone, times) + len(kept) - np.searchsorted(kept, times)
    return float(np.prod(1 - events / at_risk))
