"""What a calibration found, wherever its observations came from: a plan, and how far to trust it."""

from __future__ import annotations

import msgspec

from vikno.queue.plan import HallPlan
from vikno.simulation.estimates import Estimate


class Finding(Estimate, frozen=True):
    """One number of the hall file with its 95% interval, and how many observations it rests on.

    A bound is None where nothing bounds it: the shape of busyness has no upper one if days may be alike.
    """

    seen: int


class Calibration(msgspec.Struct, frozen=True):
    """A hall as it was seen.

    `estimates` are named as the hall file names them, for example `services.passport.service.mean`,
    `services.passport.arrivals[09:00]`, `windows.w-1.skills.passport`, `demand.busyness_shape`.
    `comments` are paragraphs by section, for `write_hall`. `days` are the local dates that were used.
    `left_out` says what was not used and why, `unknown` what these observations cannot tell.
    """

    plan: HallPlan
    days: tuple[str, ...]
    estimates: dict[str, Finding]
    comments: dict[str, tuple[str, ...]]
    left_out: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
