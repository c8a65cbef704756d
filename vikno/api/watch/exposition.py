"""The figures of a server in the form Prometheus reads: made from what is there at the moment of asking.

Nothing is kept for it but the plain counts of tally.py, and the library is loaded when first asked; a server
that nobody scrapes pays for neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import accumulate

import msgspec
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from vikno.api.room import Room
from vikno.api.watch.tally import BOUNDS, Tally
from vikno.queue.hall import Hall

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ENDLESS = "+Inf"


class Present(msgspec.Struct, frozen=True):
    """A hall as the disk has it: visitors waiting by service, windows by state, its last event's instant."""

    waiting: dict[str, int]
    windows: dict[str, int]
    at: float

    @classmethod
    def of(cls, hall: Hall) -> Present:
        """What is there now."""
        waiting = {service: len(line) for service, line in hall.lines.items()}
        return cls(waiting, Counter(window.state.value for window in hall.windows.values()), hall.at)


Halls = list[tuple[Room, Present | None]]
"""Every room and its hall, None while that cannot be read."""


def exposition(tally: Tally, halls: Halls) -> bytes:
    """All figures as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(tally, halls))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class Figures(Collector):
    """Reads the figures off a server."""

    def __init__(self, tally: Tally, halls: Halls) -> None:
        self._tally, self._halls = tally, halls

    def collect(self) -> Iterator[Metric]:
        """Family by family."""
        yield self._requests()
        yield self._durations()
        yield from self._streams()
        yield from self._journals()
        yield from self._present()

    def _requests(self) -> Metric:
        found = CounterMetricFamily(
            "vikno_requests", "Requests answered.", labels=["method", "route", "status"]
        )
        for (method, route, status), count in sorted(self._tally.requests.items()):
            found.add_metric([method, route, str(status)], count)
        return found

    def _durations(self) -> Metric:
        found = HistogramMetricFamily(
            "vikno_request_seconds",
            "From a request's head to its answer; for a command its sync is in it.",
            labels=["method", "route"],
        )
        for labels, took in sorted(self._tally.durations.items()):
            names = [*map(str, BOUNDS), ENDLESS]
            buckets = list(zip(names, map(float, accumulate(took.counts)), strict=True))
            found.add_metric(labels, buckets, sum_value=took.seconds)
        return found

    def _streams(self) -> Iterator[Metric]:
        opened = GaugeMetricFamily("vikno_streams_open", "Streams open now.", labels=["hall", "audience"])
        for room, _ in self._halls:
            for name, audience in room.audiences.items():
                opened.add_metric([room.plan.id, name], len(audience.readers))
        yield opened
        cut = CounterMetricFamily("vikno_streams_cut", "Streams cut off.", labels=["reason"])
        for reason, count in sorted(self._tally.cut.items()):
            cut.add_metric([reason], count)
        yield cut

    def _journals(self) -> Iterator[Metric]:
        for name, words, read in JOURNAL_COUNTS:
            counter = CounterMetricFamily(f"vikno_{name}", words, labels=["hall"])
            for room, _ in self._halls:
                counter.add_metric([room.plan.id], read(room))
            yield counter
        inbox = GaugeMetricFamily(
            "vikno_commands_waiting", "Commands that wait for their group.", labels=["hall"]
        )
        sound = GaugeMetricFamily("vikno_hall_ready", "1 while the hall can be read.", labels=["hall"])
        for room, hall in self._halls:
            inbox.add_metric([room.plan.id], room.owner.waiting)
            sound.add_metric([room.plan.id], hall is not None)
        yield from (inbox, sound)

    def _present(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily("vikno_waiting", "Visitors waiting.", labels=["hall", "service"])
        windows = GaugeMetricFamily("vikno_windows", "Windows by state.", labels=["hall", "state"])
        last = GaugeMetricFamily(
            "vikno_last_event_timestamp_seconds", "When something last happened.", labels=["hall"]
        )
        for room, hall in self._halls:
            if hall is None:
                continue
            for service, count in hall.waiting.items():
                waiting.add_metric([room.plan.id, service], count)
            for state, count in sorted(hall.windows.items()):
                windows.add_metric([room.plan.id, state], count)
            last.add_metric([room.plan.id], hall.at)
        yield from (waiting, windows, last)


JOURNAL_COUNTS: tuple[tuple[str, str, Callable[[Room], int]], ...] = (
    ("commit_groups", "Groups of commands synced.", lambda room: room.owner.counts.groups),
    ("events", "Events on the disk.", lambda room: room.owner.counts.events),
    ("commands_refused", "Commands that the rules refused.", lambda room: room.owner.counts.refused),
    ("journal_refusals", "Groups that the journal refused.", lambda room: room.owner.counts.failed),
    ("folds", "How often the hall was folded from the journal.", lambda room: room.owner.counts.folds),
)
