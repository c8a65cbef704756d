"""One hall from one database into another, where other halls may be: never in two places at work.

First the hall is retired where it is: its `epoch` becomes `MOVED`, after which no server writes to it there.
Then its rows are copied in one transaction and checked before that commits. Whoever is killed in between has
lost nothing: the same command again finds a retired hall here and none there, and finishes. Should the copy
fail, the hall goes on where it was, unless the other database cannot say whether it has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, select, update

from vikno.api.operations.checking import Checked, check_hall
from vikno.api.operations.contents import copy_hall, counts, halls
from vikno.api.operations.places import reading, writing
from vikno.api.people.store import Store
from vikno.api.trail import COMMAND_LINE, Trail
from vikno.queue.errors import ViknoError
from vikno.queue.journal.epoch import MOVED, new_epoch
from vikno.queue.journal.journal import HALLS


class CannotMove(ViknoError):
    """A hall is not where it should come from, or is already where it should go."""


def move(hall: str, source: Engine, target: Engine) -> Checked:
    """Everything of `hall` from `source` to `target`; what it is there, or why it stayed where it was."""
    check_there(hall, source)
    with reading(target) as there:
        if hall in halls(there):
            raise CannotMove(
                f"HALL: {hall} is already in the database that --to names; serve it from there, "
                "or name another database"
            )
    with _retired(source, target, hall), reading(source) as here, writing(target) as there:
        checked = check_hall(here, hall)
        copy_hall(here, there, hall)
        there.execute(update(HALLS).where(HALLS.c.id == hall).values(epoch=new_epoch()))
        if check_hall(there, hall) != checked or counts(there, hall) != counts(here, hall):
            raise CannotMove(f"HALL: {hall} was not written as it stands; it stays where it was, try again")
        Trail(Store(target)).add(there, "hall-moved-here", who=COMMAND_LINE, hall=hall)
    return checked


def check_there(hall: str, source: Engine) -> None:
    """`CannotMove` unless `source` has the hall."""
    with reading(source) as here:
        known = halls(here)
    if hall not in known:
        names = f"choose one of {', '.join(known)}" if known else "no hall was ever served from it"
        raise CannotMove(f"HALL: there is no hall {hall!r} in the database it should come from; {names}")


@contextmanager
def _retired(source: Engine, target: Engine, hall: str) -> Iterator[None]:
    """Nobody writes to the hall where it was from now on; should this fail, they may again."""
    mine = HALLS.c.id == hall
    with writing(source) as connection:
        before = connection.scalar(select(HALLS.c.epoch).where(mine))
        connection.execute(update(HALLS).where(mine).values(epoch=MOVED))
        Trail(Store(source)).add(connection, "hall-moved-away", who=COMMAND_LINE, hall=hall)
    try:
        yield
    except BaseException:
        # A commit that was not answered may have been done; who cannot be asked leaves the hall at rest.
        with reading(target) as there:
            arrived = hall in halls(there)
        if not arrived:
            with writing(source) as connection:
                back = new_epoch() if before == MOVED else before
                connection.execute(update(HALLS).where(mine).values(epoch=back))
        raise
