"""Writing by turns: SQLite has one writer, and those who wait for it by themselves wait badly.

A busy database is asked again after pauses that grow to a tenth of a second, by nobody's order; with twenty
halls at work some waited for seconds and were refused. All writers of one process (halls, people, figures)
therefore take turns here first, so that only those of other processes are ever waited for in that way.
"""

from __future__ import annotations

import threading
from types import TracebackType

from vikno.queue.errors import JournalUnavailable

BUSY_TIMEOUT_MS = 2_000
"""How long a commit waits for another process's before the command is refused."""

MS_A_SECOND = 1_000
TURN_SECONDS_MAX = 2 * BUSY_TIMEOUT_MS / MS_A_SECOND
"""How long a commit waits for its turn before the command is refused: whoever has it may itself be waiting
for another process. A commit takes some milliseconds, so fifty halls have theirs in a fraction of this."""


class Turn:
    """Held by one writer at a time; `JournalUnavailable` for who waited too long."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=TURN_SECONDS_MAX):
            raise JournalUnavailable("the journal cannot be written now (others write); try again")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
