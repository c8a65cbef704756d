"""The name under which a hall's numbers mean something: a journal's own, given when it is first opened.

After a restore, or in another database, `seq` 812 may be another event. Then the hall gets a new name, and
whoever knows the old one, a screen or a running server, has to begin again.
"""

from __future__ import annotations

import secrets

MOVED = "moved"
"""Instead of a name: the hall is at work in another database, and nobody writes to it here."""

EPOCH_BYTES = 8


def new_epoch() -> str:
    """A name that was never given before."""
    return secrets.token_hex(EPOCH_BYTES)
