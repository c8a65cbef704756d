"""What the laboratory works out for a roster's page: what changes of it do to those who wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from vikno.api.orders import RosterTrial
from vikno.simulation.trial.trial import Trial, hold

DAYS = (40, 400)
"""Lived under each roster: a first answer within a blink, then one whose interval is a third as wide. The
kernel lives a thousand days of a large hall a second; where only the twin can, the second answer takes a
while."""

LIVES_MIN = 20
"""Of the days asked for, however many: from fewer an interval means little."""

FIGURES = ("wait_mean", "wait_p95", "within_target", "not_called")
DIGITS = 6

Message = dict[str, Any]


def try_days(order: RosterTrial, cancelled: Callable[[], bool]) -> Iterator[Message]:
    """Messages of the days under both rosters, the last one the surest."""
    few, many = (max(LIVES_MIN, days // len(order.present)) for days in DAYS)
    for lives in sorted({few, many}):
        found = hold(order.present, order.proposed, (order.policy, order.policy), order.seed, lives)
        ended = lives == many or cancelled()
        yield _told(order, found, many, "result" if ended else "progress")
        if ended:
            return


def _told(order: RosterTrial, found: Trial, of: int, kind: str) -> Message:
    return {
        "type": kind,
        "lives": found.lives,
        "of": of,
        "days": len(order.present),
        "seed": found.seed,
        "same": order.present == order.proposed,
        "figures": {name: _plain(msgspec.to_builtins(found.figures[name])) for name in FIGURES},
    }


def _plain(found: Any) -> Any:
    """Numbers as short as they are sure; what is not known is null."""
    if isinstance(found, dict):
        return {name: _plain(one) for name, one in found.items()}
    return round(float(found), DIGITS) if isinstance(found, float) else found
