"""A learned policy: the file that `vikno tune` writes, and the table it makes for a hall.

The file is JSON, names windows and services by their ids, and says besides its numbers what they were learned
from and what they gained. A hall may have changed since. What the file does not know, a new window or a new
skill, then has the weight of `optimized`, brought to the scale of the file's own numbers.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from vikno.queue.errors import ViknoError
from vikno.queue.plan import HallPlan
from vikno.scheduler.table import EVERYBODY, SECONDS_A_MINUTE, SUITS_ALIKE, Matrix, Table, optimized_table

FORMAT = 1
LEARNED = "learned"
FILE_BYTES_MAX = 50_000_000
"""500 windows with 500 skills each, and room for what is told of them."""
NUMBER_MAX = 1e12
SUITED_DIGITS = 4

Number = Annotated[float, msgspec.Meta(ge=0, le=NUMBER_MAX)]
Ids = dict[str, Number]


class LearnedPolicyError(ViknoError):
    """A file that is no learned policy, or one of another hall."""


class Learned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table by name. A weight counts against the others of its window only; the largest of all is 1."""

    policy: str
    format: int
    hall: str
    weights: dict[str, Ids]
    """Window -> service -> weight."""
    head_start_minutes: Ids
    """Service -> pressure of one who has just come."""
    curve_per_minute: Ids
    """Service -> how the pressure bends upwards with age."""
    urgency_minutes: Ids = {}
    urgent_from_minutes: Ids = {}
    """Service -> what is added to the pressure from which age until the target. Older files know none."""
    hold: Ids = {}
    """Service -> as `Table.hold`. Older files know none."""
    alike: Number = SUITS_ALIKE
    """As `Table.alike`."""
    told: dict[str, Any] = {}
    """What it was learned from and what it gained; nothing is decided by it."""

    def table_of(self, plan: HallPlan, absent: frozenset[str] = EVERYBODY) -> Table:
        """For the plan as it is now. Reasons tell as `fit` how a window is weighed against the best one.

        Who is absent was there when this was learned: their services are worth more elsewhere by as much as
        the prices of windows say.
        """
        usual = optimized_table(plan)
        rows = [[self._weight(w.id, s.id) for s in plan.services] for w in plan.windows]
        weight = np.where(usual.weight > 0, np.array(rows).reshape(usual.weight.shape), 0.0)
        known = np.array([s.id in self.head_start_minutes for s in plan.services])
        head_start = np.where(known, self._column(self.head_start_minutes, plan), usual.head_start)
        curve = np.where(known, self._column(self.curve_per_minute, plan), usual.curve)
        head_start = head_start * np.where(known, SECONDS_A_MINUTE, 1.0)
        curve = curve / np.where(known, SECONDS_A_MINUTE, 1.0)
        mine = usual._replace(
            weight=weight, head_start=head_start, curve=curve, alike=self.alike, **self._optional(plan)
        )
        missing = np.isnan(weight)
        weight = np.where(missing, usual.weight * _scale(mine, usual, missing), weight)
        if absent:
            there = usual.weight > 0
            now = optimized_table(plan, absent).weight
            weight = weight * np.divide(now, usual.weight, out=np.ones_like(weight), where=there)
        best = weight.max(0)
        fit = np.round(weight / np.where(best > 0, best, 1.0), SUITED_DIGITS)
        return mine._replace(weight=weight, fit=fit)

    def _optional(self, plan: HallPlan) -> dict[str, Matrix]:
        """What the file does not know has none."""
        columns = {
            "urgency": (self.urgency_minutes, SECONDS_A_MINUTE),
            "urgent_from": (self.urgent_from_minutes, SECONDS_A_MINUTE),
            "hold": (self.hold, 1.0),
        }
        return {
            name: np.nan_to_num(self._column(numbers, plan)) * scale
            for name, (numbers, scale) in columns.items()
        }

    def check_hall(self, plan: HallPlan, file: str) -> None:
        """`LearnedPolicyError` if it was learned for another hall."""
        if self.hall != plan.id:
            raise LearnedPolicyError(
                f"--policy: {file} was learned for hall {self.hall!r}, not for {plan.id!r};"
                " learn one with vikno tune"
            )

    def _weight(self, window: str, service: str) -> float:
        """Not known of a window or of a service: nan."""
        known = service in self.head_start_minutes
        return self.weights.get(window, {}).get(service, math.nan) if known else math.nan

    def _column(self, numbers: Ids, plan: HallPlan) -> Matrix:
        return np.array([numbers.get(service.id, math.nan) for service in plan.services])


def _scale(mine: Table, usual: Table, missing: NDArray[np.bool_]) -> float:
    """What a weight of `usual` is worth in the numbers of `mine`.

    That is, in the geometric mean of the scores that both give to one who has waited as long as the target.
    """
    both = ~missing & (mine.weight > 0)
    if not both.any():
        return 1.0
    scores, usual_scores = mine.weight * _pressure(mine), usual.weight * _pressure(usual)
    return float(np.exp((np.log(scores[both]) - np.log(usual_scores[both])).mean()))


def _pressure(table: Table) -> Matrix:
    return table.target * (1.0 + table.curve * table.target) + table.head_start


def learned_of(plan: HallPlan, table: Table, told: dict[str, Any]) -> Learned:
    """The table as a file has it."""
    most = float(table.weight.max()) or 1.0
    services = [service.id for service in plan.services]
    return Learned(
        policy=LEARNED,
        format=FORMAT,
        hall=plan.id,
        weights={
            window.id: {
                service: float(table.weight[row, services.index(service)]) / most
                for service in window.services
            }
            for row, window in enumerate(plan.windows)
        },
        head_start_minutes=dict(zip(services, (table.head_start / SECONDS_A_MINUTE).tolist(), strict=True)),
        curve_per_minute=dict(zip(services, (table.curve * SECONDS_A_MINUTE).tolist(), strict=True)),
        urgency_minutes=dict(zip(services, (table.urgency / SECONDS_A_MINUTE).tolist(), strict=True)),
        urgent_from_minutes=dict(zip(services, (table.urgent_from / SECONDS_A_MINUTE).tolist(), strict=True)),
        hold=dict(zip(services, table.hold.tolist(), strict=True)),
        alike=table.alike,
        told=told,
    )


def write_learned(learned: Learned) -> bytes:
    """The text of the file."""
    return msgspec.json.format(msgspec.json.encode(learned), indent=2) + b"\n"


def read_learned(path: Path | str) -> Learned:
    """The policy of a file; `LearnedPolicyError` says in one line what is wrong with it."""
    path = Path(path)
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise _wrong(path, f"is larger than {FILE_BYTES_MAX} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise LearnedPolicyError(
            f"--policy: {path} cannot be read ({error.strerror}); check the path"
        ) from None
    try:
        learned = msgspec.json.decode(data, type=Learned)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _wrong(path, f"is no learned policy ({error})") from None
    if learned.policy != LEARNED or learned.format != FORMAT:
        raise _wrong(path, f"is not of policy {LEARNED!r}, format {FORMAT}")
    if learned.head_start_minutes.keys() != learned.curve_per_minute.keys():
        raise _wrong(path, "has other services in head_start_minutes than in curve_per_minute")
    return learned


def _wrong(path: Path, problem: str) -> LearnedPolicyError:
    return LearnedPolicyError(f"--policy: {path} {problem}; give a file written by vikno tune")
