"""What days need, as it is told: the JSON of `vikno staff`, which a roster file reads as its cover."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from vikno.simulation.calibration.words import clock
from vikno.simulation.estimates import Estimate
from vikno.simulation.needs.lived import Day
from vikno.simulation.needs.staff import Asked, Staffed

DECIMALS = 6
MINUTES_AN_HOUR = 60


class One(NamedTuple):
    """A day that was staffed; `date` None if it is that of the hall file."""

    date: date | None
    staffed: Staffed


def results(hall: str, asked: Asked, p95_minutes: float | None, days: list[One]) -> dict[str, Any]:
    """Everything that was found. Days count from the first one."""
    first = days[0].date
    numbered = [(0 if one.date is None or first is None else (one.date - first).days, one) for one in days]
    return {
        "hall": hall,
        "start": None if first is None else str(first),
        "target": {"share": asked.target.share, "p95_minutes": p95_minutes, "each_minutes": asked.each},
        "confidence": asked.target.confidence,
        "simulated_days": asked.days,
        "seed": asked.seed,
        "profiles": {
            profile.id: {"skills": list(profile.skills), "windows": profile.windows}
            for profile in days[0].staffed.day.profiles
        },
        "days": [_day(number, one) for number, one in numbered],
        "cover": [row for number, one in numbered for row in _cover(number, one.staffed)],
        "people": [row for number, one in numbered for row in _people(number, one.staffed)],
    }


def _day(number: int, one: One) -> dict[str, Any]:
    """How much it is, and what came of it on days that nothing was learned from."""
    staffed = one.staffed
    day, proof = staffed.day, staffed.proof
    services = [service.id for service in day.plan.services]
    return {
        "day": number,
        "date": None if one.date is None else str(one.date),
        "people_hours": int(staffed.people.sum()) * day.minutes / MINUTES_AN_HOUR,
        "offered_hours": round(float(staffed.load.sum()) * day.minutes / MINUTES_AN_HOUR, DECIMALS),
        "confirmed": proof.holds,
        "services": {
            service: {"within_target": _plain(got.within), "wait_p95": _plain(got.wait_p95)}
            for service, got in zip(services, proof.achieved, strict=True)
        },
        "unsure": [services[place] for place in proof.unsure.tolist()],
        "short": [
            {
                "service": services[int(day.cells.service[cell])],
                **_stretch(day, int(day.cells.first[cell]), int(day.cells.last[cell])),
                "within_target": round(float(proof.cells.value[cell]), DECIMALS),
            }
            for cell in proof.short.tolist()
        ],
    }


def _cover(number: int, staffed: Staffed) -> list[dict[str, Any]]:
    services = [service.id for service in staffed.day.plan.services]
    return [
        {"day": number, **_stretch(staffed.day, quarter, quarter), "skill": services[place], "need": need}
        for quarter, row in enumerate(staffed.needs.tolist())
        for place, need in enumerate(row)
        if need > 0
    ]


def _people(number: int, staffed: Staffed) -> list[dict[str, Any]]:
    profiles = staffed.day.profiles
    return [
        {"day": number, **_stretch(staffed.day, quarter, quarter), "profile": profiles[k].id, "people": count}
        for quarter, row in enumerate(staffed.people.tolist())
        for k, count in enumerate(row)
        if count
    ]


def _stretch(day: Day, first: int, last: int) -> dict[str, str]:
    """Clock times from the first quarter to the end of the last."""
    return {"from": clock(day.starts[first]), "to": clock(day.starts[last] + day.minutes)}


def _plain(estimate: Estimate) -> dict[str, float | None]:
    ends = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {name: None if number is None else round(number, DECIMALS) for name, number in ends.items()}
