"""What a search tells: where it stands, and what it found."""

from __future__ import annotations

from typing import Literal

import msgspec

from vikno.scheduler.roster.problem import Roster

Status = Literal["optimal", "feasible", "infeasible", "unknown"]


class Progress(msgspec.Struct, frozen=True):
    """Where a search stands: seconds since its start, the best cost (None: no roster yet), the bound."""

    seconds: float
    cost: float | None
    bound: float

    @property
    def gap(self) -> float | None:
        """The part of the cost that a better roster could save at most; None as long as unknown."""
        if self.cost is None:
            return None
        return max(0.0, self.cost - self.bound) / self.cost if self.cost > 0 else 0.0


class Solved(msgspec.Struct, frozen=True):
    """What was found. `bound`: no roster costs less; `cost` is that of the roster by its evaluation.

    `infeasible`: somebody has no legal tour. `unknown`: the search ended before it had a roster.
    """

    status: Status
    roster: Roster | None
    cost: float | None
    bound: float
    seconds: float
