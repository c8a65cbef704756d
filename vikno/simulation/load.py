"""Whether a hall can do the work its visitors bring: the fluid model of one day.

Visitors become a fluid of minutes of work, windows pipes of as many minutes as they are staffed. The least
load that the busiest window must carry, over all ways to share the services out among the windows that can
give them, is a linear program (the static planning problem; Harrison and López, Heavy traffic resource
pooling in parallel-server systems, 1999). Above 1 no policy keeps up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan
from vikno.scheduler.workload import mean_work, staffed_minutes

Numbers = NDArray[np.float64]

NAMED_MAX = 5
"""Services named in a sentence; more are counted."""
TIGHT = 1e-7
"""What is above 0, or above 1, by more than this is so not only by rounding."""


def overload(plan: HallPlan) -> str | None:
    """One sentence if the visitors of an average day bring more work than the windows can do."""
    work, staffed = mean_work(plan), staffed_minutes(plan)
    can = np.array([[service.id in window.skills for window in plan.windows] for service in plan.services])
    deserted = (work > 0) & ~(can & (staffed > 0)).any(1)
    if deserted.any():
        return f"The hall is overloaded: no window is ever staffed for {_named(plan, deserted)}."
    load, scarce = _least_load(plan, work, staffed)
    if load <= 1 + TIGHT:
        return None
    return (
        f"The hall is overloaded: the visitors of a day bring {load:.2f} times the work that the windows "
        f"for {_named(plan, scarce)} can do."
    )


def _least_load(plan: HallPlan, work: Numbers, staffed: Numbers) -> tuple[float, NDArray[np.bool_]]:
    """The least load of the busiest window, and the services that make it: those with a shadow price.

    Variables: minutes of each service (at factor 1) given to each window that can do it, and the load.
    """
    from scipy.optimize import linprog  # noqa: PLC0415  (quick start)
    from scipy.sparse import coo_array  # noqa: PLC0415

    pairs = [
        (row, column, window.skills[service.id])
        for row, service in enumerate(plan.services)
        for column, window in enumerate(plan.windows)
        if service.id in window.skills and staffed[column] and work[row]
    ]
    if not pairs:
        return 0.0, np.zeros(len(work), np.bool_)
    services, windows, factors = (np.array(column) for column in zip(*pairs, strict=True))
    load, columns = len(pairs), np.arange(len(pairs))
    given = coo_array((np.ones(load), (services, columns)), shape=(work.size, load + 1))
    every = np.arange(staffed.size)
    spent = coo_array(
        (
            np.concatenate((factors, -staffed)),
            (np.concatenate((windows, every)), np.concatenate((columns, np.full(staffed.size, load)))),
        ),
        shape=(staffed.size, load + 1),
    )
    objective = np.zeros(load + 1)
    objective[load] = 1.0
    found = linprog(objective, spent.tocsr(), np.zeros(staffed.size), given.tocsr(), work, method="highs")
    assert found.status == 0, found.message
    return float(found.x[load]), found.eqlin.marginals > TIGHT


def _named(plan: HallPlan, which: NDArray[np.bool_]) -> str:
    names = [service.id for service, named in zip(plan.services, which, strict=True) if named]
    if len(names) <= NAMED_MAX:
        return ", ".join(names)
    return f"{', '.join(names[:NAMED_MAX])} and {len(names) - NAMED_MAX} more"
