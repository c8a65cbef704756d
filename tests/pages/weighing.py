"""A server whose policy gives every kind of reason: `python weighing.py FOLDER PORT FILE...`.

The policy is a real one, within the bound of the hall: it calls the visitor who came last, so that somebody
is always overtaken, and each call has the next of its rules, with figures such as a weighing policy keeps.
"""

from __future__ import annotations

import sys
from itertools import cycle
from pathlib import Path

from vikno.api import serve
from vikno.api.clock import SystemClock
from vikno.api.house import House
from vikno.api.room import Room
from vikno.queue.hall import Hall
from vikno.queue.hallfile import read_hall_file
from vikno.queue.journal.journal import Journal
from vikno.queue.plan import HallPlan
from vikno.queue.policy import Choice, Why, why_overtaking
from vikno.scheduler.bound import Bounded

RULES = ("shortest-here", "best-here", "nearest-target")
SCORE = {"pressure": 0.85, "rate": 6.0, "fit": 1.0, "score": 5.1}
AGAINST = {"pressure": 0.7, "rate": 2.5, "fit": 0.35, "score": 0.61}
LEFT_TO_OTHERS = "K"
"""Where only visitors with such tickets wait, the window is kept free: another one is better for them."""


class Weighing:
    """Last come, first called, each time for another reason."""

    name = "index"
    priority_first = False

    def __init__(self) -> None:
        self._rules = cycle(RULES)

    def choose(self, hall: Hall, window: str, at: float) -> Choice:
        """Looks at all who wait for the window."""
        waiting = [hall.tickets[one] for line in hall.lines_at[window] for one in line]
        if not waiting:
            return Choice(None, Why(self.name, "nobody-waiting"))
        if all(one.number.startswith(LEFT_TO_OTHERS) for one in waiting):
            return Choice(None, Why(self.name, "better-window", waiting=len(waiting)))
        ticket = max(waiting, key=lambda one: one.place)
        if len(waiting) == 1:
            return Choice(
                ticket.id, why_overtaking(hall, window, ticket, at, policy=self.name, rule="longest-waiting")
            )
        why = why_overtaking(
            hall,
            window,
            ticket,
            at,
            policy=self.name,
            rule=next(self._rules),
            score=SCORE,
            against=AGAINST,
        )
        return Choice(ticket.id, why)


def main(folder: str, port: str, *files: str) -> None:
    """Serve until killed."""
    engine = serve.open_engine(Path(folder), None)

    def room(plan: HallPlan) -> Room:
        return Room(plan, lambda: Hall(Bounded(Weighing())), Journal(engine, plan.id), SystemClock())

    plans = [read_hall_file(file) for file in files]
    sock = serve.listen("127.0.0.1", int(port))
    sys.stdout.write(f"weighing at http://127.0.0.1:{sock.getsockname()[1]}/\n")
    sys.stdout.flush()
    serve.run(House({plan.id: room(plan) for plan in plans}, engine), sock)


if __name__ == "__main__":
    main(*sys.argv[1:])
