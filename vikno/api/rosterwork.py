"""What the laboratory works out for a roster's page: days in the twin, a better roster, what to learn.

Each takes an order, says how it goes, and ends with a result. What tells of progress itself comes too often
for a page, so it is thinned here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from vikno.api.orders import OfRosters, RosterTrial, Search, TrainingOrder
from vikno.api.rostercheck import check
from vikno.api.rostertold import conflicts_json
from vikno.scheduler.roster.conflict import find_conflicts
from vikno.simulation.executors import processors
from vikno.simulation.training.race import Standing, Watch
from vikno.simulation.training.told import told
from vikno.simulation.training.train import NothingToLearn, train
from vikno.simulation.trial.trial import Trial, hold

if TYPE_CHECKING:
    from vikno.scheduler.roster.search import Progress

DAYS = (40, 400)
"""Lived under each roster: a first answer within a blink, then one whose interval is a third as wide. The
kernel lives a thousand days of a large hall a second; where only the twin can, the second answer takes a
while."""

LIVES_MIN = 20
"""Of the days asked for, however many: from fewer an interval means little."""

FIGURES = ("wait_mean", "wait_p95", "within_target", "not_called")
DIGITS = 6

TELL_SECONDS = 0.3
"""Between two messages of progress."""

COURSE_MAX = 400
"""Points of a search's course that are told: as many as a drawing of it shows."""

Message = dict[str, Any]
Say = Callable[[Message], None]
Cancelled = Callable[[], bool]


def work(order: OfRosters, say: Say, cancelled: Cancelled) -> None:
    """Do what is ordered; the message of type "result" is the last."""
    if isinstance(order, RosterTrial):
        _try_days(order, say, cancelled)
    elif isinstance(order, Search):
        _search(order, say, cancelled)
    else:
        _train(order, say, cancelled)


def _try_days(order: RosterTrial, say: Say, cancelled: Cancelled) -> None:
    """Days under both rosters, the surest last."""
    few, many = (max(LIVES_MIN, days // len(order.present)) for days in DAYS)
    for lives in sorted({few, many}):
        found = hold(order.present, order.proposed, (order.policy, order.policy), order.seed, lives)
        ended = lives == many or cancelled()
        say(_held(order, found, many, "result" if ended else "progress"))
        if ended:
            return


def _held(order: RosterTrial, found: Trial, of: int, kind: str) -> Message:
    return {
        "type": kind,
        "lives": found.lives,
        "of": of,
        "days": len(order.present),
        "seed": found.seed,
        "same": order.present == order.proposed,
        "figures": {name: _plain(msgspec.to_builtins(found.figures[name])) for name in FIGURES},
    }


def _search(order: Search, say: Say, cancelled: Cancelled) -> None:
    """A better roster; cancelled it ends with the best that it has, which the present one counts among."""
    from vikno.scheduler.roster.search import solve  # noqa: PLC0415  (only a search waits for its solvers)

    present = check(order.problem, order.present)
    best = None if present["violations"] else (order.present, present)
    course = _Course(say, None if best is None else present["total"])
    solved = solve(
        order.problem,
        order.seconds,
        seed=order.seed,
        tell=course.hear,
        cancelled=cancelled,
        workers=processors(),
    )
    message = course.message("result") | {"status": solved.status, "seconds": round(solved.seconds, 1)}
    if solved.roster is not None:
        judged = check(order.problem, solved.roster)
        if best is None or judged["total"] < best[1]["total"]:
            best = solved.roster, judged
    elif best is not None:
        message["status"] = "feasible"
    if best is None:
        conflicts = [] if cancelled() else find_conflicts(order.problem)
        say(message | {"assignments": None, "conflicts": list(conflicts_json(conflicts))})
        return
    roster, judged = best
    say(
        message
        | {
            "cost": judged["total"],
            "bound": min(solved.bound, judged["total"]),
            "assignments": msgspec.to_builtins(roster.assignments),
            "check": msgspec.to_builtins(judged),
        }
    )


class _Course:
    """The course of a search as a page draws it: a point for each thing that it told, thinned as it grows.

    `present`: what the roster costs that is to be bettered, told at once; None: it breaks a rule.
    """

    def __init__(self, say: Say, present: float | None) -> None:
        self._say = say
        self._present = present
        self._points: list[tuple[float, float | None, float | None]] = []
        self._told = -TELL_SECONDS
        if present is not None:
            self._points.append((0.0, _short(present), None))
            say(self.message("progress"))

    def hear(self, standing: Progress) -> None:
        """The search stands there now."""
        costs = [cost for cost in (standing.cost, self._present) if cost is not None]
        cost = min(costs, default=None)
        self._points.append((round(standing.seconds, 1), _short(cost), _short(standing.bound)))
        if len(self._points) > COURSE_MAX:
            del self._points[1:-1:2]
        if time.monotonic() - self._told >= TELL_SECONDS:
            self._say(self.message("progress"))
            self._told = time.monotonic()

    def message(self, kind: str) -> Message:
        """Where it stands, and how it came there."""
        _, cost, bound = self._points[-1] if self._points else (0.0, None, None)
        return {"type": kind, "cost": cost, "bound": bound, "course": self._points}


def _train(order: TrainingOrder, say: Say, cancelled: Cancelled) -> None:
    """What to learn; cancelled it measures what it has found."""
    heard = -TELL_SECONDS

    def tell(standing: Standing) -> None:
        nonlocal heard
        if time.monotonic() - heard >= TELL_SECONDS:
            say({"type": "progress"} | msgspec.structs.asdict(standing))
            heard = time.monotonic()

    try:
        plan = train(order.halls, order.policy, order.seed, watch=Watch(tell, cancelled))
    except NothingToLearn:
        say({"type": "result", "singles": [], "pairs": []})
        return
    say({"type": "result"} | told(plan, order.halls[0].id, order.rule))


def _plain(found: Any) -> Any:
    """Numbers as short as they are sure; what is not known is null."""
    if isinstance(found, dict):
        return {name: _plain(one) for name, one in found.items()}
    return _short(found) if isinstance(found, float) else found


def _short(number: float | None) -> float | None:
    return None if number is None else round(float(number), DIGITS)
