"""What a server and the process that looks for a better policy say to each other: one JSON line each way.

Apart from both, so that the server need not load what only a search needs.
"""

from __future__ import annotations

import msgspec

from vikno.api.proposals import Attempt
from vikno.scheduler.learned import Learned
from vikno.simulation.proposal import Effort


class SearchOrder(msgspec.Struct, frozen=True):
    """A hall of the database at `url`, the policy it runs by, and how long to look for a better one."""

    url: str
    hall: str
    present: str | Learned
    effort: Effort


class Searched(msgspec.Struct, frozen=True):
    """A `Found` (simulation/proposing.py) as the server reads it: policy and gain stay as they were told."""

    hall: str
    days: tuple[str, ...]
    left_out: tuple[str, ...]
    policy: msgspec.Raw
    gain: msgspec.Raw
    reason: str | None
    detail: str

    def attempt(self, hall: str, made: float, asked: str) -> Attempt:
        """As it is kept."""
        return Attempt(
            hall=hall,
            made=made,
            asked=asked,
            days=self.days,
            left_out=self.left_out,
            policy=_text(self.policy),
            gain=_text(self.gain),
            reason=self.reason,
            detail=self.detail,
        )


def _text(raw: msgspec.Raw) -> str | None:
    text = bytes(raw).decode()
    return None if text == "null" else text
