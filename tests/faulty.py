"""A database whose n-th call fails, once or for ever after: in the driver, below everything of ours.

A call is a connection made, a statement, a commit that does not happen, or one that does without saying so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

from vikno.queue.journal.together import COMMIT

ONCE, EVER = "once", "for ever after"
NEVER = 1 << 30


class Faults:
    """The faults of an engine; it is healthy until `arm`."""

    def __init__(self, engine: Engine) -> None:
        self._dialect: Any = engine.dialect
        self._commit = self._dialect.do_commit
        self._left = NEVER
        self._ever = False
        self.struck = 0
        """Calls that failed since it was armed."""
        # Of the dialect, for what goes together to PostgreSQL passes by SQLAlchemy's events.
        vars(engine.dialect)["do_commit"] = self._do_commit
        for call in ("do_execute", "do_executemany"):
            vars(engine.dialect)[call] = self._failing(getattr(engine.dialect, call))
        event.listen(engine, "do_connect", self._call)

    def arm(self, call: int, how: str) -> None:
        """Let that call from now on fail, the first is 1, and with `EVER` all after it."""
        self._left, self._ever, self.struck = call, how == EVER, 0

    def heal(self) -> None:
        """The database is as it should be."""
        self._left = NEVER

    def _call(self, *_arguments: Any) -> None:
        self._left -= 1
        if self._left == 0 or (self._left < 0 and self._ever):
            self.struck += 1
            raise self._dialect.loaded_dbapi.OperationalError("the database is gone")

    def _failing(self, real: Callable[..., None]) -> Callable[..., None]:
        def do(cursor: Any, statement: str, *arguments: Any, **options: Any) -> None:
            self._call()
            real(cursor, statement, *arguments, **options)
            if statement == COMMIT:
                self._call()

        return do

    def _do_commit(self, connection: Any) -> None:
        self._call()
        self._commit(connection)
        self._call()
