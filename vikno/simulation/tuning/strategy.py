"""Where to look next: an evolution strategy that learns which directions are worth stepping into.

Covariance matrix adaptation (N. Hansen, "The CMA Evolution Strategy: A Tutorial", 2016, arXiv 1604.00772;
equation numbers are its). Points are asked for in pairs, a step and its opposite: with pairs the mean moves
less by the chance of the days than by what is better.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

PATH_MIN = 1e-20


class Strategy:
    """Minimizes over vectors: `ask` for points, `tell` their scores."""

    def __init__(self, mean: Numbers, step: float, rng: np.random.Generator, points: int) -> None:
        n = mean.size
        self.mean, self.step, self.rng = mean.copy(), step, rng
        self.points = points
        parents = points // 2
        weights = math.log((points + 1) / 2) - np.log(np.arange(1, parents + 1))  # (49), the positive half
        self.weights = weights / weights.sum()
        self.effective = 1 / float((self.weights**2).sum())  # (8)
        self.path_rate = (self.effective + 2) / (n + self.effective + 5)  # (55)
        self.damping = 1 + 2 * max(0.0, math.sqrt((self.effective - 1) / (n + 1)) - 1) + self.path_rate
        self.shape_path_rate = (4 + self.effective / n) / (n + 4 + 2 * self.effective / n)  # (56)
        self.one_rate = 2 / ((n + 1.3) ** 2 + self.effective)  # (57)
        self.many_rate = min(  # (58)
            1 - self.one_rate,
            2 * (self.effective - 2 + 1 / self.effective) / ((n + 2) ** 2 + self.effective),
        )
        self.usual = math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n))  # E |N(0, I)|
        self.path, self.shape_path = np.zeros(n), np.zeros(n)
        self.shape = np.eye(n)
        self.axes, self.lengths = np.eye(n), np.ones(n)
        self.generation, self.decomposed = 0, 0

    def ask(self) -> Numbers:
        """Points to be judged, shape (points, n)."""
        half = self.rng.standard_normal((self.points // 2, self.mean.size))
        drawn = np.concatenate([half, -half])
        return self.mean + self.step * (drawn * self.lengths) @ self.axes.T

    def tell(self, points: Numbers, scores: Numbers) -> None:
        """What they were found to be worth; the smaller the better."""
        n = self.mean.size
        order = np.argsort(scores, kind="stable")[: self.weights.size]
        steps = (points[order] - self.mean) / self.step
        move = self.weights @ steps
        self.mean = self.mean + self.step * move
        self.generation += 1
        whitened = self.axes @ ((self.axes.T @ move) / self.lengths)
        rate = self.path_rate
        self.path = (1 - rate) * self.path + math.sqrt(rate * (2 - rate) * self.effective) * whitened  # (43)
        length = float(np.linalg.norm(self.path))
        self.step *= math.exp(min(1.0, rate / self.damping * (length / self.usual - 1)))  # (44)
        seen = 1 - (1 - rate) ** (2 * self.generation)
        grows = length / math.sqrt(seen) < (1.4 + 2 / (n + 1)) * self.usual
        rate = self.shape_path_rate
        self.shape_path = (1 - rate) * self.shape_path
        if grows:
            self.shape_path += math.sqrt(rate * (2 - rate) * self.effective) * move  # (45)
        kept = 1 - self.one_rate - self.many_rate + (0 if grows else self.one_rate * rate * (2 - rate))
        self.shape = (  # (47)
            kept * self.shape
            + self.one_rate * np.outer(self.shape_path, self.shape_path)
            + self.many_rate * (steps.T * self.weights) @ steps
        )
        if (self.generation - self.decomposed) * (self.one_rate + self.many_rate) * n * 10 > 1:
            self.decomposed = self.generation
            values, self.axes = np.linalg.eigh((self.shape + self.shape.T) / 2)
            self.lengths = np.sqrt(np.maximum(values, PATH_MIN))
