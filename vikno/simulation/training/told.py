"""A training plan as plain data: the JSON of `vikno train`."""

from __future__ import annotations

from typing import Any

import msgspec

from vikno.simulation.training.train import Gain, Training

DECIMALS = 6


def told(plan: Training, hall: str, policy: str) -> dict[str, Any]:
    """Minutes, and 95% intervals that hold together; docs/proof-and-training.md names every key."""
    found: dict[str, Any] = _plain(
        {
            "hall": hall,
            "policy": policy,
            "days": plan.days,
            "seed": plan.seed,
            "tried": dict(zip(("one", "two"), plan.tried, strict=True)),
            "waiting_minutes": plan.waiting,
            "wait_mean": plan.wait_mean,
            "gains": plan.gains,
            "interrupted": plan.interrupted,
            "singles": [_gain(gain) for gain in plan.singles],
            "pairs": [_gain(gain) for gain in plan.pairs],
        }
    )
    return found


def _gain(gain: Gain) -> dict[str, Any]:
    found = {
        "skills": gain.skills,
        "hours": gain.hours,
        "saved_minutes": gain.saved,
        "saved_minutes_an_hour": gain.saved_an_hour,
        "sure": gain.sure,
    } | gain.figures
    return found if gain.beyond is None else found | {"beyond_minutes": gain.beyond}


def _plain(found: Any) -> Any:
    """Numbers rounded, without a negative zero."""
    built = msgspec.to_builtins(found) if isinstance(found, msgspec.Struct) else found
    if isinstance(built, dict):
        return {name: _plain(one) for name, one in built.items()}
    if isinstance(built, list | tuple):
        return [_plain(one) for one in built]
    return round(built, DECIMALS) + 0.0 if isinstance(built, float) else built
