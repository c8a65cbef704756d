"""A server that holds back a keyed command until it is asked to stop: `python holding.py FILE DATA`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from vikno.api import serve
from vikno.queue.hallfile import read_hall_file
from vikno.queue.journal.journal import Journal, Note, Record

STEP_SECONDS = 0.005
HELD = "held"


def main(file: str, data: str) -> None:
    """Serve; the journal says when it holds a command, and writes it once the server is stopping."""
    plan = read_hall_file(file)
    engine = serve.open_engine(Path(data), None)
    house = serve.build_house([plan], engine)

    class Holding(Journal):
        def append(self, records: Sequence[Record], notes: Sequence[Note] = ()) -> None:
            if any(record.key for record in records):
                sys.stdout.write(f"{HELD}\n")
                sys.stdout.flush()
                while not house.health.stopping:
                    time.sleep(STEP_SECONDS)
            super().append(records, notes)

    house.room(plan.id).owner.journal = Holding(engine, plan.id)
    sock = serve.listen("127.0.0.1", 0)
    sys.stdout.write(f"holding at http://127.0.0.1:{sock.getsockname()[1]}/\n")
    sys.stdout.flush()
    serve.run(house, sock)


if __name__ == "__main__":
    main(*sys.argv[1:])
