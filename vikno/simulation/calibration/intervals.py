"""95% intervals that several estimators share."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import betaincinv, chdtri, ndtri, stdtrit

from vikno.simulation.calibration.result import Finding
from vikno.simulation.estimates import CONFIDENCE

TAIL = (1 - CONFIDENCE) / 2
NORMAL = float(ndtri(1 - TAIL))
"""The quantile that leaves 2.5% above it."""


def student(freedom: float) -> float:
    """The same quantile of Student's t."""
    return float(stdtrit(freedom, 1 - TAIL)) if math.isfinite(freedom) else NORMAL


def rate(count: float, exposure: float, extra: float = 0.0, freedom: float = math.inf) -> Finding:
    """Events in each unit of `exposure`, from a Poisson count.

    The interval treats the count as chi-squared with 2 count + 1 degrees of freedom (D. R. Cox, "Some simple
    approximate tests for Poisson variates", Biometrika 40, 1953). `extra` is a relative variance beside the
    Poisson's 1 / count, known with `freedom` degrees: the count is then worth fewer, and if `extra` is known
    from little, fewer still (F. E. Satterthwaite, Biometrics Bulletin 2, 1946).
    """
    if exposure <= 0:
        return Finding(None, None, None, round(count))
    own = 1 / max(count, 0.5)
    variance = own + extra
    t = student(freedom * (variance / extra) ** 2) if extra else NORMAL
    worth = count * own / variance * (NORMAL / t) ** 2
    scale = count / worth / exposure if count else 1 / exposure
    low, high = (float(chdtri(2 * worth + 1, p)) / 2 for p in (1 - TAIL, TAIL))
    return Finding(count / exposure, low * scale if count else 0.0, high * scale, round(count))


def share(part: float, of: float, seen: int) -> Finding:
    """A share by Jeffreys' interval, which reaches 0 or 1 where nothing else was seen.

    L. D. Brown, T. T. Cai and A. DasGupta, "Interval estimation for a binomial proportion", Statistical
    Science 16, 2001.
    """
    if of <= 0:
        return Finding(None, None, None, seen)
    low = float(betaincinv(part + 0.5, of - part + 0.5, TAIL)) if part > 0 else 0.0
    high = float(betaincinv(part + 0.5, of - part + 0.5, 1 - TAIL)) if part < of else 1.0
    return Finding(part / of, low, high, seen)


def mean(values: Sequence[float]) -> Finding:
    """The mean of what cannot be negative, by Student's t."""
    seen = len(values)
    if not seen:
        return Finding(None, None, None, 0)
    value = float(np.mean(values))
    if seen == 1:
        return Finding(value, None, None, 1)
    half = student(seen - 1) * float(np.std(values, ddof=1)) / math.sqrt(seen)
    return Finding(value, max(0.0, value - half), value + half, seen)


def positive(logarithm: float, deviation: float, seen: int, freedom: float = math.inf) -> Finding:
    """What is normal on the scale of logarithms."""
    half = student(freedom) * deviation
    low, value, high = (math.exp(logarithm + d) for d in (-half, 0.0, half))
    return Finding(value, low, high, seen)
