"""How quick each window is at each service: what few durations say is drawn towards what the others say.

The level of service s at window w (a logarithm of minutes) is

    level(s, w) = service(s) + window(w) + own(s, w),    window ~ N(0, a²),  own ~ N(0, b²),

and is seen with a variance that shrinks with the number of durations. A window with thousands of them keeps
its own level; one with three is taken to be as its other services and the other windows make it likely; one
that was never seen at a service is foretold. This is the normal-normal model of empirical Bayes (C. N.
Morris, "Parametric empirical Bayes inference", JASA 78, 1983) with two ways to be alike, solved by
Henderson's mixed-model equations (C. R. Henderson, Biometrics 31, 1975; G. K. Robinson, "That BLUP is a good
thing", Statistical Science 6, 1991). How much windows differ, a and b, is not known either: the answers are
averaged over both, weighted by their restricted likelihood and a half-normal prior of scale 0.5, as C. Röver
et al. advise for few groups ("On weakly informative prior distributions for the heterogeneity parameter in
Bayesian random-effects meta-analysis", Research Synthesis Methods 12, 2021).

Only products of means and factors can be seen. The mean of a service is therefore its mean at the window of
the average visitor: the factors, weighted by the visitors seen, have the geometric mean 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

PRIOR_SCALE = 0.5
"""Of a and b: windows that differ by a factor of e^0.5 = 1.6 are usual, of e^1.5 = 4.5 hardly."""

NODES = 14
"""Values of a, and of b, that are averaged over; twice as many change no interval by a hundredth."""

LARGEST = 3 * PRIOR_SCALE
SMALLEST = 1e-3
"""Of a and b: a thousandth is no difference between windows."""

NEGLIGIBLE = 1e-5
"""Weight below which a pair of a and b has no say."""

Values = NDArray[np.float64]


class Level(msgspec.Struct, frozen=True):
    """What was seen of one service at one window: `seen` durations; `variance` infinite if none."""

    service: str
    window: str
    value: float
    variance: float
    seen: int


class Effect(msgspec.Struct, frozen=True):
    """A logarithm and its standard deviation."""

    value: float
    deviation: float


class Effects(msgspec.Struct, frozen=True):
    """The level of each service at its average visitor's window, and each window's factor on it."""

    services: dict[str, Effect]
    factors: dict[tuple[str, str], Effect]


def effects_of(levels: Sequence[Level]) -> Effects:
    """The effects behind `levels`. Services that nobody was seen at are left out."""
    known = {level.service for level in levels if level.seen}
    model = _Model([level for level in levels if level.service in known])
    if not known:
        return Effects({}, {})
    averages = {service: model.averaging(cells) for service, cells in model.cells_of.items()}
    first = {service: np.zeros(len(rows)) for service, rows in averages.items()}
    second = {service: np.zeros(len(rows)) for service, rows in averages.items()}
    for a, b, weight in _weighted(model):
        solution = model.solve(a, b)
        for service, cells in model.cells_of.items():
            means, variances = model.averages(solution, cells, averages[service])
            first[service] += weight * means
            second[service] += weight * (means**2 + variances)
    found = Effects({}, {})
    for service, cells in model.cells_of.items():
        deviations = np.sqrt(np.maximum(second[service] - first[service] ** 2, 0.0))
        effects = [Effect(*pair) for pair in zip(first[service].tolist(), deviations.tolist(), strict=True)]
        found.services[service] = effects[0]
        for cell, effect in zip(cells, effects[1:], strict=True):
            found.factors[model.levels[cell].window, service] = effect
    return found


def _weighted(model: _Model) -> Iterator[tuple[float, float, float]]:
    """Values of a and b, and how likely each pair is."""
    roots = np.linspace(math.sqrt(SMALLEST), math.sqrt(LARGEST), NODES)
    # The nodes lie as squares do, so each stands for a stretch as long as its root.
    pairs = [(a**2, b**2, math.log(a * b)) for a in roots.tolist() for b in roots.tolist()]
    logs = np.array(
        [
            model.solve(a, b).likelihood - (a**2 + b**2) / (2 * PRIOR_SCALE**2) + stretch
            for a, b, stretch in pairs
        ]
    )
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    for (a, b, _), weight in zip(pairs, weights.tolist(), strict=True):
        if weight > NEGLIGIBLE:
            yield a, b, weight


class _Solution(msgspec.Struct, frozen=True):
    """Services and windows under one a and b, and how likely that makes what was seen."""

    a: float
    b: float
    likelihood: float
    solved: Values
    covariance: Values


class _Model:
    """The equations of the levels, ready to be solved for any a and b."""

    def __init__(self, levels: Sequence[Level]) -> None:
        self.levels = levels
        services = {name: n for n, name in enumerate(dict.fromkeys(level.service for level in levels))}
        windows = {name: n for n, name in enumerate(dict.fromkeys(level.window for level in levels))}
        self.sizes = len(services), len(windows)
        self.service = np.array([services[level.service] for level in levels])
        self.window = np.array([windows[level.window] for level in levels]) + len(services)
        self.seen = np.array([level.seen for level in levels], np.float64)
        self.value = np.array([level.value if level.seen else 0.0 for level in levels])
        self.precision = np.array([1 / level.variance if level.seen else 0.0 for level in levels])
        self.cells_of: dict[str, list[int]] = {}
        for cell, level in enumerate(levels):
            self.cells_of.setdefault(level.service, []).append(cell)

    def solve(self, a: float, b: float) -> _Solution:
        """If windows differ by `a` throughout and by `b` at single services."""
        services, windows = self.sizes
        weight = self.precision / (1 + b**2 * self.precision)  # 1 / (variance + b²), 0 where nothing was seen
        matrix = np.zeros((services + windows, services + windows))
        right = np.zeros(services + windows)
        for row in (self.service, self.window):
            np.add.at(right, row, weight * self.value)
            for column in (self.service, self.window):
                np.add.at(matrix, (row, column), weight)
        matrix[services:, services:] += np.eye(windows) / a**2
        covariance: Values = np.linalg.inv(matrix).astype(np.float64)
        solved = covariance @ right
        rest = (weight * self.value**2).sum() - right @ solved
        known = np.log(weight[weight > 0]).sum()
        determinant = np.linalg.slogdet(matrix)[1] + 2 * windows * math.log(a) - known
        return _Solution(a, b, float(-(determinant + rest) / 2), solved, covariance)

    def averaging(self, cells: Sequence[int]) -> Values:
        """The average visitor's level, and what each of `cells` has beyond it, as weights of their levels."""
        average = self.seen[cells] / self.seen[cells].sum()
        return np.vstack([average, np.eye(len(cells)) - average])

    def averages(self, solution: _Solution, cells: Sequence[int], rows: Values) -> tuple[Values, Values]:
        """Means and variances of `rows` times the levels of `cells`."""
        service, window, precision = self.service[cells], self.window[cells], self.precision[cells]
        trust = solution.b**2 * precision / (1 + solution.b**2 * precision)
        foreseen = solution.solved[service] + solution.solved[window]
        levels = (1 - trust) * foreseen + trust * self.value[cells]
        cross = solution.covariance[service] + solution.covariance[window]
        shared = (cross[:, service] + cross[:, window]) * np.outer(1 - trust, 1 - trust)
        covariance = shared + np.diag(solution.b**2 * (1 - trust))
        return rows @ levels, np.einsum("ij,jk,ik->i", rows, covariance, rows)
