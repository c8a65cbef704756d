"""A server whose days have room for as many tickets as a long test takes: `python roomy.py FILE DATA PORT`.

The database is named by VIKNO_DATABASE_URL.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from vikno.api import serve
from vikno.queue.hallfile import read_hall_file
from vikno.queue.state import Limits

TICKETS_A_DAY_MAX = 100_000


def main(file: str, data: str, port: str) -> None:
    """Serve until killed."""
    engine = serve.open_engine(Path(data), os.environ.get("VIKNO_DATABASE_URL"))
    limits = Limits(tickets_a_day_max=TICKETS_A_DAY_MAX)
    house = serve.build_house([read_hall_file(file)], engine, policy="fifo", limits=limits)
    sock = serve.listen("127.0.0.1", int(port))

    def ready() -> None:
        sys.stdout.write(f"roomy at http://127.0.0.1:{sock.getsockname()[1]}/\n")
        sys.stdout.flush()

    serve.run(house, sock, ready=ready)


if __name__ == "__main__":
    main(*sys.argv[1:])
