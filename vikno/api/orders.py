"""What server and laboratory say to each other: one JSON text a line, orders one way, answers the other.

Apart from both, so that the server need not load what only an experiment needs.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from vikno.queue.plan import HallPlan
from vikno.scheduler.learned import Learned
from vikno.scheduler.roster.problem import Problem, Roster


class Ending(StrEnum):
    """Why an experiment ended: all its days, precise enough, cancelled, or out of time."""

    DONE = "done"
    PRECISE = "precise"
    CANCELLED = "cancelled"
    TIME = "time"


class Trial(msgspec.Struct, frozen=True):
    """One plan to be tried: the `changes` as they were asked for, `plan` as they make it.

    `name` is "today", "a" or "b".
    """

    name: str
    plan: HallPlan
    policy: str | Learned
    changes: tuple[dict[str, Any], ...]

    @property
    def rule(self) -> str:
        """The policy's name."""
        return self.policy.policy if isinstance(self.policy, Learned) else self.policy


class Order(msgspec.Struct, frozen=True, tag="order"):
    """One experiment: one plan, or two to be held against each other. `until`: half-width in minutes."""

    run: int
    trials: tuple[Trial, ...]
    seed: int
    days: int
    until: float | None
    seconds: float
    languages: tuple[str, ...]


class RosterTrial(msgspec.Struct, frozen=True, tag="trial"):
    """Days of two rosters, each as the hall it makes, on the same visitors."""

    run: int
    present: tuple[HallPlan, ...]
    proposed: tuple[HallPlan, ...]
    policy: str | Learned
    seed: int


class Search(msgspec.Struct, frozen=True, tag="search"):
    """One search for a roster that betters the present one, for so many seconds."""

    run: int
    problem: Problem
    present: Roster
    seconds: float
    seed: int


class TrainingOrder(msgspec.Struct, frozen=True, tag="training"):
    """Which skill for whom cuts the waiting most, on days worked as these halls."""

    run: int
    halls: tuple[HallPlan, ...]
    policy: str | Learned
    seed: int

    @property
    def rule(self) -> str:
        """The policy's name."""
        return self.policy.policy if isinstance(self.policy, Learned) else self.policy


OfRosters = RosterTrial | Search | TrainingOrder
AnyOrder = Order | OfRosters


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """Stop this run, and tell what is there."""

    run: int


class Answer(msgspec.Struct, frozen=True):
    """What a run has found, as the page is told. The last one says so; `message` is null if the run broke."""

    run: int
    message: msgspec.Raw
    last: bool


BROKEN = msgspec.Raw(b"null")
