"""`python -m vikno.simulation.fastforward` compiles the kernel, so that nobody waits for it later."""

from __future__ import annotations

import sys
import time

from vikno.queue.plan import HallPlan, Service, WindowPlan
from vikno.scheduler import policy_named
from vikno.simulation.fastforward.days import FastHall, crowd_of, rule_of


def main() -> None:
    """Live a day without anybody; say how long that took."""
    name = {"en": "a"}
    plan = HallPlan(
        "empty",
        name,
        "UTC",
        ("en",),
        opens=0,
        closes=60,
        services=(Service("a", "A", name, target_minutes=20.0),),
        windows=(WindowPlan("1", "1", {"a": 1.0}),),
    )
    hall, rule = FastHall(plan), rule_of(plan, policy_named("fifo"))
    began = time.process_time()
    hall.live(rule, crowd_of(plan, ()))
    sys.stdout.write(f"The kernel is compiled: {time.process_time() - began:.2f} s\n")


if __name__ == "__main__":
    main()
