"""What there is to say about a calibration: beside every number, and where numbers do not reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from vikno.queue.hallwriter import visits_section
from vikno.queue.plan import Visits
from vikno.simulation.calibration.durations import ServiceTime
from vikno.simulation.calibration.patience import DOUBT, Patience
from vikno.simulation.calibration.rebuild import Rates, kept_windows, mean_patience
from vikno.simulation.calibration.result import Finding
from vikno.simulation.calibration.seen import Manners, Seen
from vikno.simulation.calibration.words import clock, count, listed, number, told
from vikno.simulation.history import Ending, RecordedDay

GAP_MINUTES = 0.05
"""Three seconds between two visitors are the clerk's reaching for the button."""

WEEKS_MIN = 3
"""Of each day of the week, before they are compared."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def comments_of(seen: Seen, left_out: Sequence[str], unknown: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Paragraphs by section of the hall file."""
    watched = f"{count(len(seen.days), 'day')} from {seen.days[0].date} to {seen.days[-1].date}"
    visits = sum(len(day.visits) for day in seen.days)
    said = {
        "": (
            f"Calibrated from the journal of hall {seen.plan.id}: {watched}, {count(visits, 'visit')}.",
            "In brackets behind a number: its 95% interval.",
            *(f"Left out: {item}" for item in left_out),
            *(f"Not known: {item}" for item in unknown),
            "",
        ),
        "demand": tuple(_demand(seen)),
    }
    for service in seen.plan.services:
        said[f"services.{service.id}"] = tuple(_service(seen, service.id))
    for kind, rates in seen.demand.rates.items():
        if len(kind) > 1:
            said[visits_section(Visits(kind, ()))] = (_arrivals(seen, rates),)
    for window in kept_windows(seen):
        said[f"windows.{window}"] = tuple(_window(seen, window))
    return said


def _service(seen: Seen, service: str) -> Iterator[str]:
    yield _arrivals(seen, seen.demand.rates[service,])
    time = seen.durations.services.get(service)
    yield "Service: never seen to its end; as it was planned." if time is None else _time(time)
    yield _patience(seen.manners[service])
    yield _no_show(seen.manners[service])


def _arrivals(seen: Seen, rates: Rates) -> str:
    came = sum(rate.seen for _, rate in rates)
    ends = [*(start for start, _ in rates[1:]), seen.plan.closes]
    parts = [
        f"{clock(start)} to {clock(end)} {told(rate)}" for (start, rate), end in zip(rates, ends, strict=True)
    ]
    on = count(len(seen.usual_days), "day")
    return f"{count(came, 'visit')} on {on}. Visitors an hour: {'; '.join(parts)}."


def _time(time: ServiceTime) -> str:
    cut = f", {time.censored} cut off" if time.censored else ""
    cv = told(time.cv) if time.cv_known else f"{number(time.cv.value or 0.0)}, taken from elsewhere"
    return f"Service: {time.mean.seen} seen to their end{cut}. Mean {told(time.mean, 'minutes')}, cv {cv}."


def _patience(manners: Manners) -> str:
    patience, waits = manners.patience, manners.waits
    kept = sum(wait > 0 for wait in waits.stayed)
    if patience.zero.value is None:
        return "Patience: nobody had to wait; as it was planned."
    gone = f"{patience.zero.seen} left at once, {patience.mean.seen} later"
    seen = f"{gone}, {kept} waited as long as they had to"
    if mean_patience(patience) is None:
        low = patience.mean.low
        least = "" if low is None else f" The mean is at least {number(low)} minutes."
        return f"Patience: {seen}: nobody leaves.{least}"
    if patience.mean.value is None:
        mean = "The mean is what it is at least"
    else:
        mean = f"Mean {told(patience.mean, 'minutes')}"
    return f"Patience: {seen}. {mean}; at once {told(patience.zero)}.{_check(patience)}"


def _check(patience: Patience) -> str:
    if patience.doubt is None or patience.slower is None or patience.doubt > DOUBT:
        return ""
    return (
        " It is not exponential: past half of those who left, visitors leave "
        f"{number(patience.slower)} times as often as before."
    )


def _no_show(manners: Manners) -> str:
    if manners.no_show.value is None:
        return "No-shows: nobody was called; as it was planned."
    missed = manners.no_show_minutes.seen
    cost = f" Minutes each cost: {told(manners.no_show_minutes)}." if missed else ""
    return f"No-shows: {missed} of {manners.no_show.seen} first calls, {told(manners.no_show)}.{cost}"


def _window(seen: Seen, window: str) -> Iterator[str]:
    usual = seen.staffing[window]
    if usual.days:
        yield f"{_opened(seen, window)}; staffed {told(usual.minutes, 'minutes a day')}."
    else:
        yield "Never opened; kept as it was planned, for no other window has its skills."
    factors = {
        service: seen.durations.factors[window, service]
        for service in seen.plan.window[window].skills
        if (window, service) in seen.durations.factors
    }
    if factors:
        yield f"Factors: {'; '.join(f'{service} {_factor(found)}' for service, found in factors.items())}."


def _opened(seen: Seen, window: str) -> str:
    days = sum(day.whole for day in seen.usual_days)
    return f"Opened on {seen.staffing[window].days} of {count(days, 'whole day')}"


def _factor(found: Finding) -> str:
    if found.low == found.high:
        return f"{number(found.value or 1.0)}, the only window that was seen at it"
    return f"{told(found)}, {found.seen} seen" if found.seen else f"{told(found)}, foretold from the others"


def _demand(seen: Seen) -> Iterator[str]:
    shape = seen.demand.shape
    if shape.low is None:
        yield f"Busyness: {count(shape.seen, 'day')} cannot tell how much days differ."
    elif shape.value is None:
        yield f"Busyness: days do not differ beyond chance; the shape is at least {number(shape.low)}."
    else:
        yield f"Busyness from {count(shape.seen, 'day')}: shape {told(shape)}."
    by_weekday: dict[int, list[tuple[int, float]]] = {}
    for day, total in seen.demand.totals.items():
        by_weekday.setdefault(date.fromisoformat(day).weekday(), []).append(total)
    if len(by_weekday) > 1 and min(map(len, by_weekday.values())) >= WEEKS_MIN:
        ratios = [
            f"{WEEKDAYS[weekday]} {sum(came for came, _ in totals) / expected:.2f}"
            for weekday, totals in sorted(by_weekday.items())
            for expected in [sum(usual for _, usual in totals)]
            if expected
        ]
        yield f"Times as many as on an average day: {', '.join(ratios)}."


def left_out_of(seen: Seen, closed: Sequence[RecordedDay]) -> Iterator[str]:
    """What was not used, and why."""
    if closed:
        dates = listed([day.date for day in closed])
        yield f"{count(len(closed), 'day')} on which nobody worked, or nobody came ({dates})."
    for day in seen.days:
        if not day.whole:
            unseen = [f"before {clock(day.began)}"] if day.began > day.opens else []
            unseen += [f"after {clock(day.ended)}"] if day.ended < day.closes else []
            yield f"{day.date} {' and '.join(unseen)}: the journal does not tell of it."
    for service, forgotten in seen.forgotten.items():
        yield f"{count(forgotten, 'service')} of {service} without end: somebody forgot to press a button."
    if seen.demand.foreign:
        yield f"{count(seen.demand.foreign, 'visit')} for services, or at hours, that the plan no longer has."
    kept = kept_windows(seen)
    for window in seen.staffing:
        if window not in kept:
            yield f"window {window}. {_opened(seen, window)}."


def unknown_of(seen: Seen) -> Iterator[str]:
    """What a journal cannot tell, and what a hall file cannot say."""
    yield (
        "who left without telling anybody. They count as called and not come, so no-shows are too many and "
        "patience is too long by as many."
    )
    yield "who sat at a window: a factor is that of the window, whoever worked there."
    full = sum(end - start for day in seen.days for start, end in day.full)
    if full:
        yield f"how many found the hall full, for {full:.0f} minutes in all; rates are those of other times."
    if seen.gap.value is not None and seen.gap.value > GAP_MINUTES:
        yield (
            f"what clerks do between two visitors while others wait, {told(seen.gap, 'minutes')}: a "
            "simulated window calls at once. Add it to the means if that is work."
        )
    late = _left_late(seen.days)
    if late:
        yield f"how to simulate {count(late, 'visitor')} who left or did not come after their first call."
    first = sum(bool(visit.priority) for day in seen.days for visit in day.visits)
    if first:
        yield f"how to simulate {count(first, 'visitor')} with a priority of their own."
    for service in seen.plan.services:
        if service.id not in seen.durations.services:
            yield f"how long {service.id} takes: it was never seen to its end."


def _left_late(days: Sequence[RecordedDay]) -> int:
    return sum(
        len(visit.spells) > 1 and visit.ending in {Ending.LEFT, Ending.NO_SHOW}
        for day in days
        for visit in day.visits
    )
