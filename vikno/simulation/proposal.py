"""What is said of looking for a better policy, apart from the looking: a server need not load that."""

from __future__ import annotations

from enum import StrEnum

import msgspec

DAYS_MIN = 10
"""Whole days with visitors: two weeks of work. From fewer the rates of the day are guesses."""

TUNE_SECONDS = 60.0
"""A hall of a dozen windows is tuned well in a minute (docs/dispatch.md)."""


class Reason(StrEnum):
    """Why nothing is proposed."""

    FEW_DAYS = "too-few-days"
    NOT_TUNABLE = "cannot-be-tuned"
    NOT_BETTER = "not-better"
    NOT_BETTER_THEN = "not-better-on-real-days"
    UNFAIR = "service-would-lose"


class Effort(msgspec.Struct, frozen=True):
    """How long to tune, in seconds or rounds, and the seed of all that is drawn."""

    seed: int
    seconds: float | None = TUNE_SECONDS
    rounds: int | None = None
