"""A back-up put into the place of what is there, in one transaction: all of it or nothing.

Whoever serves the halls meanwhile is not asked. Each hall gets a new `epoch`, so a running server that means
to write finds that its journal is another one, folds it and only then goes on; every screen takes a new
snapshot. Commands that come while the rows are written are refused and may be sent again. A hall that had
moved elsewhere when the back-up was made stays at rest.

Rows that the back-up does not know would be lost, acknowledged ones among them; that must be said
(`replace`). Where a journal is the beginning of the one in the back-up, nothing is.
"""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import Connection, Engine, func, insert, select, update

from vikno.api.operations.checking import Checked, check_all
from vikno.api.operations.contents import copy_all, count_on, counts, empty, halls, table
from vikno.api.operations.places import opened, reading, writing
from vikno.api.trail import COMMAND_LINE, TRAIL
from vikno.queue.errors import ViknoError
from vikno.queue.journal.epoch import MOVED, new_epoch
from vikno.queue.journal.journal import EVENTS, HALLS

MADE_FROM_THE_JOURNAL = frozenset({"events", "halls", "snapshots"})
"""What is compared by journals, or could be made from them again."""


class WouldLose(ViknoError):
    """A restore would throw away what is there: what, and how to say that it may."""


def restore(file: Path, target: Engine, *, replace: bool = False) -> list[Checked]:
    """Everything in `file` in the place of everything in `target`; nothing changes if anything fails."""
    with opened(file) as engine, reading(engine) as source:
        checked = check_all(source)
        with writing(target) as connection:
            if not replace:
                _refuse_losses(source, connection, file)
            known = connection.scalar(select(func.max(TRAIL.c.id))) or 0
            empty(connection)
            copy_all(source, connection)
            if check_all(connection) != checked or counts(connection) != counts(source):
                raise ViknoError(f"FILE: {file} was not written as it stands; nothing was changed, try again")
            _tell(connection, known)
            for one in checked:
                here = HALLS.c.id == one.hall, HALLS.c.epoch != MOVED
                connection.execute(update(HALLS).where(*here).values(epoch=new_epoch()))
    return checked


def _tell(connection: Connection, known: int) -> None:
    """In the trail, under a number that no server has seen: so each asks again who may do what."""
    number = max(known, connection.scalar(select(func.max(TRAIL.c.id))) or 0) + 1
    row = {"at": time.time(), "who": COMMAND_LINE, "kind": "restored", "hall": None, "detail": "{}"}
    connection.execute(insert(TRAIL).values(id=number, **row))
    count_on(connection, TRAIL)


def _refuse_losses(source: Connection, target: Connection, file: Path) -> None:
    losses = [f"hall {hall}: {lost} rows" for hall in halls(target) if (lost := _lost(source, target, hall))]
    losses += [
        f"{name}: {count} rows"
        for name, count in counts(target).items()
        if name not in MADE_FROM_THE_JOURNAL and count and not _has_all(source, target, name)
    ]
    if losses:
        raise WouldLose(
            f"FILE: {file} does not have all that is there ({'; '.join(losses)}); "
            "make a back-up of it, then say --replace"
        )


def _lost(source: Connection, target: Connection, hall: str) -> int:
    """How many rows of a journal the back-up does not have: none if it only goes on from the last of them."""
    mine = EVENTS.c.hall == hall
    newest = select(EVENTS.c.seq, EVENTS.c.hash).where(mine).order_by(EVENTS.c.seq.desc()).limit(1)
    last = target.execute(newest).first()
    if last is None:
        return 0
    if source.scalar(select(EVENTS.c.hash).where(mine, EVENTS.c.seq == last.seq)) == last.hash:
        return 0
    shared = _shared(source, target, hall)
    return int(target.scalar(select(func.count()).where(mine, EVENTS.c.seq > shared)) or 0)


def _shared(source: Connection, target: Connection, hall: str) -> int:
    """The last row that both journals have: the chain vouches for all before it, so halving finds it."""
    newest = select(func.max(EVENTS.c.seq)).where(EVENTS.c.hall == hall)
    low, high = 0, min(source.scalar(newest) or 0, target.scalar(newest) or 0)
    while low < high:
        middle = (low + high + 1) // 2
        at = select(EVENTS.c.hash).where(EVENTS.c.hall == hall, EVENTS.c.seq == middle)
        low, high = (middle, high) if source.scalar(at) == target.scalar(at) else (low, middle - 1)
    return low


def _has_all(source: Connection, target: Connection, name: str) -> bool:
    """Whether the back-up has every row of a table that is there now."""
    kept = {tuple(row) for row in source.execute(select(table(name)))}
    return all(tuple(row) in kept for row in target.execute(select(table(name))))
