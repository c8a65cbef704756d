"""The bound on starvation: how far a policy may go in calling those first who came later.

Weighing halves the waiting of most at the cost of a few. `Bounded` puts a limit to that cost, the same for
every policy, which people can be told: nobody is overtaken more than so often, nor at all from some age on.

Terms. Visitors are ordered by place, then ticket: whoever is later in this order *came later*. A call of C
to window w *overtakes* T if T waits, w has the skill T waits for, and C came later than T. K is the plan's
`overtaken_max`, A its `waited_max_minutes` (endless if none is set). n(T) is the number of calls that
overtook T since it joined the line it waits in; if T has moved to a later place, only those of visitors later
than that one. A call taken back never was, neither one that overtook T nor one of T. m(T) is
`hall.overtaken(T)`. T is *due* if m(T) >= K, or if A has passed since its place began.

Theorem. A call that `Bounded` chooses overtakes nobody who is due. Hence

(a) n(T) <= K for everybody, as long as clerks choose nobody themselves;
(b) once due by age, nobody is overtaken: no window able to serve them is given to anyone who came later.

Proof. Two facts of a line (line.py), whatever priorities its visitors have: m(T) >= n(T), for every call that
overtook T is kept as long as T waits here; and whoever came earlier has at least as large an m and an age.
So if anybody of a line is due, its head is: the earliest of all its levels. Let a chosen call of C to w
overtake T, and let T be due. T waits in a line L that w serves, so the head H of L is due too, and `choose`
calls D, the earliest of all due heads of lines that w serves. Then D <= H <= T < C, but D is C: it cannot be.
For (a): by this n(T) <= m(T) < K before each chosen call that overtakes T, so n(T) <= K after it; nothing
else makes n(T) larger. For (b): T is due from A on. QED

What a policy does not choose it cannot bound. A clerk's own choice (`CallChosen`) may overtake who is due.
It counts, so the next choices of the policy make up for it: n(T) <= K + the clerks' choices that overtook T.
A manager's change of priority moves nobody's place and changes no count. Who goes on at the same window with
the next service is not called, so overtakes nobody. The count relies on `why.overtook` being true, which
`Policy` asks for.

`fifo` obeys by itself: it calls the earliest of all heads, and nobody there came before that one.
"""

from __future__ import annotations

import math

from vikno.queue.hall import Hall
from vikno.queue.line import Entry
from vikno.queue.policy import Choice, Policy, prepare, why_overtaking

OVERTAKEN_ENOUGH = "overtaken-enough"
WAITED_ENOUGH = "waited-enough"

SECONDS_A_MINUTE = 60.0


class Bounded:
    """Any policy, within the bound of the hall's plan: who is due comes first, whatever it would choose."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.name = policy.name
        self.priority_first = policy.priority_first

    def prepare(self, hall: Hall, at: float) -> None:
        """The bound needs no preparation; the policy inside may."""
        prepare(self.policy, hall, at)

    def choose(self, hall: Hall, window: str, at: float) -> Choice:
        """The earliest of those due whom the window can serve; if nobody is, the policy's own choice."""
        plan = hall.plan
        most, age = plan.overtaken_max, plan.waited_max_minutes
        seconds = math.inf if age is None else age * SECONDS_A_MINUTE
        due: Entry | None = None
        for line in hall.lines_at[window]:
            # The head, the earliest of all levels, is due if anybody of its line is: see the proof above.
            head = line.head
            if head is None or (due is not None and due < head):
                continue
            # A count is at most what the line has kept, which is nearly always too little.
            if at - head[0] >= seconds or (len(line.passed) >= most and line.overtaken(head) >= most):
                due = head
        return self.policy.choose(hall, window, at) if due is None else self._call(hall, window, due, at)

    def _call(self, hall: Hall, window: str, due: Entry, at: float) -> Choice:
        """The count is the stronger reason: who has both has been overtaken as often as anybody is."""
        ticket, most = hall.tickets[due[1]], hall.plan.overtaken_max
        rule = OVERTAKEN_ENOUGH if hall.overtaken(ticket.id) >= most else WAITED_ENOUGH
        first = min(line.head for line in hall.lines_at[window] if line.head is not None)
        why = why_overtaking(
            hall,
            window,
            ticket,
            at,
            policy=self.name,
            rule=rule,
            score=_parts(hall, rule, due, at),
            against={} if first == due else _parts(hall, rule, first, at),
        )
        return Choice(ticket.id, why)


def _parts(hall: Hall, rule: str, entry: Entry, at: float) -> dict[str, float]:
    """How far somebody has come towards the bound, and the bound: a reason tells the limit of its day."""
    plan = hall.plan
    if rule == OVERTAKEN_ENOUGH:
        return {"overtaken": float(hall.overtaken(entry[1])), "overtaken_max": float(plan.overtaken_max)}
    limit = plan.waited_max_minutes
    assert limit is not None, "nobody is due by an age that is not set"
    return {"waited": (at - entry[0]) / SECONDS_A_MINUTE, "waited_max": limit}
