"""When the screens of a server that stops come back: one after the other, and not before somebody is there.

Each is told its own moment with the goodbye (close code 1012), so that five thousand do not stand at the door
at once. Their order is that of their leaving; chance would leave gaps and crowds.
"""

from __future__ import annotations

FIRST_MS = 1_000
"""A server that is started again is ready within two seconds, and connections wait for it that long."""

EACH_MS = 0.6
"""Between two screens: 1,600 a second, of some 5,000 that one core can greet."""

REASON = "the server restarts; retry_after="
"""Followed by whole milliseconds, in the reason of the close frame."""


class Returns:
    """Gives each reader that leaves its moment."""

    def __init__(self) -> None:
        self._given = 0

    def reason(self) -> str:
        """What the next reader is told."""
        after = round(FIRST_MS + self._given * EACH_MS)
        self._given += 1
        return f"{REASON}{after}"
