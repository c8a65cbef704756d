"""A server that kills itself at a chosen point of its n-th commit: `python dying.py POINT N FILE DATA PORT`.

Points: `asked` (where servers share a hall: it is not taken yet), `begin` (nothing is written), `written`
(rows are, but not committed), `committed` (the disk has them, nobody was answered). The database is named by
VIKNO_DATABASE_URL, if set.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from vikno.api import serve
from vikno.queue.hallfile import read_hall_file
from vikno.queue.journal.journal import Journal, News, Note, Record
from vikno.queue.journal.together import COMMIT

POINTS = ("begin", "written", "committed")
SHARED_POINTS = ("asked", *POINTS)


class DyingJournal(Journal):
    """Counts its groups and dies in the last one it is allowed."""

    point = ""
    left = 0

    def begin(self) -> News:
        if self.left == 1 and self.point == "asked":
            die()
        return super().begin()

    def append(self, records: Sequence[Record], notes: Sequence[Note] = ()) -> None:
        self.left -= any(record.key for record in records)
        if self.left == 0 and self.point == "begin":
            die()
        super().append(records, notes)
        if self.left == 0 and self.point == "committed":
            die()

    def before_commit(self) -> None:
        if self.left == 0 and self.point == "written":
            die()


def watch(engine: Engine, before_commit: Callable[[], None]) -> None:
    """Have it called before each commit, be it one by itself or the last of what goes together."""
    commit, execute = engine.dialect.do_commit, engine.dialect.do_execute

    def do_commit(connection: Any) -> None:
        before_commit()
        commit(connection)

    def do_execute(cursor: Any, statement: str, *arguments: Any) -> None:
        if statement == COMMIT:
            before_commit()
        execute(cursor, statement, *arguments)

    vars(engine.dialect).update(do_commit=do_commit, do_execute=do_execute)


def die() -> None:
    """As if the plug were pulled."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(point: str, groups: str, file: str, data: str, port: str) -> None:
    """Serve until that commit."""
    plan = read_hall_file(file)
    engine = serve.open_engine(Path(data), os.environ.get("VIKNO_DATABASE_URL"))
    house = serve.build_house([plan], engine)
    journal = DyingJournal(engine, plan.id)
    journal.point, journal.left = point, int(groups)
    watch(engine, journal.before_commit)
    house.room(plan.id).owner.journal = journal
    sock = serve.listen("127.0.0.1", int(port))
    sys.stdout.write(f"dying at http://127.0.0.1:{sock.getsockname()[1]}/\n")
    sys.stdout.flush()
    serve.run(house, sock)


if __name__ == "__main__":
    main(*sys.argv[1:])
