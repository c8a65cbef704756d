"""The process in which a policy is looked for, beside the server and behind it.

It keeps both processors busy for minutes, so it is a process of its own at low priority. It reads one order,
writes what it found as one line, and ends. It only reads the database: what it found the server writes,
whole or not at all, so that whenever it is killed nothing is left half-done. It takes some 300 MB.

It ends too when the server closes its side, or is gone.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec

from vikno.api.searchorder import SearchOrder
from vikno.queue.journal.database import open_database
from vikno.simulation.executors import processors
from vikno.simulation.journals import days_in
from vikno.simulation.proposing import DAYS_MAX, Found, propose

NICENESS = 15
"""Below waits (10) and a manager's experiments (10): nobody stands and waits for it."""

DAYS_READ = 2 * DAYS_MAX
"""Of the journal: weekends and holidays are days there too."""

LOST = 3
"""The code with which it ends when the server is gone."""


def look(order: SearchOrder) -> Found:
    """Read the journal and propose."""
    engine = open_database(order.url)
    try:
        days = days_in(engine, order.hall, DAYS_READ)
    finally:
        engine.dispose()
    with ThreadPoolExecutor(processors()) as executor:
        return propose(days, order.present, order.effort, executor)


def _end_with_the_server() -> None:
    sys.stdin.buffer.read()
    os._exit(LOST)


def main() -> None:
    """The entry point of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then ends this
    os.nice(NICENESS)
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing but the answer goes to the server
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        sys.exit(LOST)
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    output.write(msgspec.json.encode(look(msgspec.json.decode(line, type=SearchOrder))) + b"\n")
    output.flush()


if __name__ == "__main__":
    main()
