"""A server whose hall runs fast and that brings no public: `fast_server.py HALL DATA PORT SPEED`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from vikno.api.clock import DemoClock
from vikno.api.demo import start_of
from vikno.api.serve import build_house, listen, open_engine, run
from vikno.queue.hallfile import read_hall_file
from vikno.queue.journal.journal import Journal


def main(hall: str, data: str, port: str, speed: str) -> None:
    """Serve until killed."""
    plan = read_hall_file(Path(hall))
    engine = open_engine(Path(data), None)
    start = start_of(plan, time.time(), Journal(engine, plan.id).last_at())
    clock = DemoClock(plan, float(speed), start)
    run(build_house([plan], engine, clock=lambda _plan: clock), listen("127.0.0.1", int(port)))


if __name__ == "__main__":
    main(*sys.argv[1:])
