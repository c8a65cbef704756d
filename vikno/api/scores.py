"""How true the told waits were, kept by day beside the journal.

The journal says when somebody was called, not what they had been told; so the day's score has a row of its
own. It is written once a minute and when the server stops, in a thread, apart from what clerks wait for. A
server that is killed loses what was measured within the last minute.

Each server measures what it told itself, and puts on the row what it measured since the last time; what it
then finds in the row is the score of all.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import msgspec
from sqlalchemy import Engine, Row, select

from vikno.api.truth import Truth
from vikno.display.honesty import Honesty, Score
from vikno.queue.errors import JournalUnavailable
from vikno.queue.hall import Hall
from vikno.queue.journal.database import available, in_turn, insert_or
from vikno.queue.journal.tables import ToldWaitRow
from vikno.simulation.outlook.truing import Truing

log = logging.getLogger(__name__)

TOLD_WAITS = ToldWaitRow.__table__  # type: ignore[attr-defined]

SAVE_SECONDS = 60.0
"""A row of some hundred bytes; a clerk's commit that meets it waits for one more sync of the disk."""

LASTS_SECONDS = 120.0
"""Of the hall's time: an older answer is not told. Four looks have failed by then, or the clock of a
demonstration runs so fast that lines change more between two looks than a range could tell."""

DAYS_MAX = 60
"""Days that are told: a season shows in them."""


class Scores:
    """The scores of one hall: the present day's as it is measured, and those of the days before."""

    def __init__(self, engine: Engine, hall: str) -> None:
        self._engine = engine
        self._hall = hall
        self._kept: dict[str, tuple[float, Score]] = {}
        self._saved: dict[str, Score] = {}
        """What the rows hold, as far as they are known."""
        self._day = ""
        self.honesty = Honesty()
        self.truth = Truth(LASTS_SECONDS)

    def load(self) -> None:
        """What was measured before. Blocks; run it in a thread."""
        newest = select(TOLD_WAITS).where(TOLD_WAITS.c.hall == self._hall).order_by(TOLD_WAITS.c.day.desc())
        with available("told waits"), self._engine.connect() as connection:
            rows = connection.execute(newest.limit(DAYS_MAX)).all()
        if rows:
            self.truth.truing = msgspec.json.decode(rows[0].truing, type=Truing)
        for row in reversed(rows):
            self._kept[row.day] = (row.since, _score(row))
            self._saved[row.day] = _score(row)

    def folded(self, hall: Hall) -> None:
        """The hall was folded, perhaps into another day; its tickets are weighed anew."""
        day = hall.day.date if hall.day else ""
        if day != self._day:
            self._day = day
            # The kept score itself grows, so that the days' list always has the present.
            score = self._kept.setdefault(day, (hall.at, Score()))[1] if day else Score()
            self.honesty = Honesty(score)
            self.truth.forget()
        self.honesty.folded(hall.tickets)

    def days(self) -> list[dict[str, Any]]:
        """The newest first."""
        newest = sorted(self._kept.items(), reverse=True)[:DAYS_MAX]
        return [{"day": day, "since": since} | score.view() for day, (since, score) in newest]

    async def run(self) -> None:
        """Save now and then, for ever."""
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            await self.save()

    async def save(self) -> None:
        """Write what was measured, and learn what others did."""
        days = {
            day: (since, msgspec.structs.replace(score))
            for day, (since, score) in self._kept.items()
            if day == self._day or score != self._saved.get(day, Score())
        }
        try:
            truing = msgspec.json.encode(self.truth.truing).decode()
            found = await asyncio.to_thread(self._put, days, truing)
        except JournalUnavailable as error:
            log.warning("told waits of hall %s are not saved yet: %s", self._hall, error)
            return
        for day, score in found.items():
            # Meanwhile more may have been measured here, so only the difference comes in.
            mine = self._kept[day][1]
            mine.add(score)
            mine.add(days[day][1], -1)
            self._saved[day] = score

    def _put(self, days: dict[str, tuple[float, Score]], truing: str) -> dict[str, Score]:
        """Add to the rows what is new in `days`; what they hold then."""
        found = {}
        with available("told waits"), in_turn(self._engine) as connection:
            for day, (since, score) in days.items():
                new = msgspec.structs.replace(score)
                new.add(self._saved.get(day, Score()), -1)
                here = TOLD_WAITS.c.hall == self._hall, TOLD_WAITS.c.day == day
                if new != Score():
                    added = msgspec.structs.asdict(new)
                    row = insert_or(connection, TOLD_WAITS).values(
                        hall=self._hall, day=day, since=since, truing=truing, **added
                    )
                    sums = {name: TOLD_WAITS.c[name] + value for name, value in added.items()}
                    together = row.on_conflict_do_update(
                        index_elements=["hall", "day"], set_=sums | {"truing": truing}
                    )
                    connection.execute(together)
                row = connection.execute(select(TOLD_WAITS).where(*here)).first()
                if row is not None:
                    found[day] = _score(row)
        return found


def _score(row: Row[Any]) -> Score:
    return Score(row.visits, row.within, row.shown, row.later, row.minutes_off)
