"""The drawings of the report. Each shows one thing, and no two things by colour alone.

The interval of the mean is a dense band, the band of days a pale one between dotted lines; policies differ in
dash and mark as well as in colour. Plots of the same kind share their scale, so that they can be compared.
Sizes are in points of the drawing; it is shown about as wide as a phone, or half a page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from vikno.display.report.figures import BY_KEY, Kind
from vikno.display.report.results import Case, Column, Curve, Estimate, Histogram, cell_minutes
from vikno.display.report.svg import PAINT, SERIES, SETTINGS
from vikno.display.report.words import MINUTES_AN_HOUR, Words

POINTS_AN_INCH: Final = 72
WIDTH: Final = 400.0
HEIGHT: Final = 240.0
ROW: Final = 24.0
"""Height of a row with a name before it."""
AXIS: Final = 44.0
"""What the scale below rows takes."""
HEADROOM: Final = 1.08
HOURS_LABELLED_MAX: Final = 6
HOUR_STEPS: Final = (1, 2, 3, 4, 6, 12)
BEYOND_TARGET: Final = 1.2
"""How far a scale of waits goes at least: the target is seen even where all waits are short."""
ROOM: Final = 0.02
"""Of a scale: left of its zero, for a mark that stands there."""
STEPS: Final = (1, 2, 5, 10)
"""What a scale is counted in: each needs one decimal at most where the one before needs none."""
SEEN: Final = 0.005
"""Of the scale: half a pixel."""
NAME_MAX: Final = 26
"""Letters of a name that have room beside a plot."""

DASHES: Final = ("solid", (0, (5, 2)), (0, (1.2, 1.2)), (0, (6, 2, 1, 2)), (0, (3, 1)))
MARKS: Final = ("o", "s", "D", "^", "v")


def over_the_day(words: Words, curve: Curve, series: int, top: float, unit: str) -> Figure:
    """A curve with its two bands, from 0 to `top`."""
    step, colour = cell_minutes(curve), _colour(series)
    columns = curve.minutes, curve.value, curve.low, curve.high, curve.day_low, curve.day_high
    minutes, value, low, high, day_low, day_high = (column[: _seen(curve, top)] for column in columns)
    middle = minutes + step / 2
    with _figure(HEIGHT) as (figure, axes):
        axes.fill_between(middle, day_low, day_high, color=colour, alpha=0.13, linewidth=0)
        for edge in (day_low, day_high):
            axes.plot(middle, edge, color=colour, linewidth=1.1, linestyle=(0, (1, 2)))
        axes.fill_between(middle, low, high, color=colour, alpha=0.42, linewidth=0)
        axes.plot(middle, value, color=colour, linewidth=2.2, linestyle=DASHES[series % len(DASHES)])
        hours = (minutes[0], minutes[-1] + step) if len(minutes) else (0, 1)
        axes.set_xlim(*hours)
        length = (hours[1] - hours[0]) / MINUTES_AN_HOUR
        apart = next((apart for apart in HOUR_STEPS if length <= apart * HOURS_LABELLED_MAX), 24)
        axes.xaxis.set_major_locator(MultipleLocator(apart * MINUTES_AN_HOUR))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda minute, _: words.clock(minute)))
        _upright(axes, words, top, "minutes", unit)
    return figure


def waits(words: Words, histogram: Histogram, series: int, targets: Sequence[float], top: float) -> Figure:
    """How the waits are distributed, and where the target lies (or, of several, all of them)."""
    with _figure(HEIGHT) as (figure, axes):
        edges, share = histogram.edges, histogram.share
        axes.bar(
            edges[:-1],
            share,
            np.diff(edges),
            align="edge",
            color=_colour(series),
            edgecolor=PAINT["surface"],
            linewidth=0.6,
        )
        axes.set_xlim(0, max(edges[-1], BEYOND_TARGET * max(targets)))
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=STEPS))
        _upright(axes, words, top, "share", words.t("share of those called"))
        axes.set_xlabel(words.t("minutes waited"), color=PAINT["ink-quiet"])
        _mark_targets(axes, words, targets, top)
    return figure


def by_window(words: Words, cases: Sequence[Case], labels: Mapping[str, str]) -> Figure:
    """Occupancy of each window under each policy, with its interval."""
    windows = list(labels)
    with _figure(AXIS + ROW * len(windows) * (1 + 0.25 * (len(cases) - 1))) as (figure, axes):
        for series, case in enumerate(cases):
            places = np.arange(len(windows)) + _shift(series, len(cases))
            each = [case.figures["windows"].get(window, {}).get("occupancy") for window in windows]
            for place, estimate in zip(places, each, strict=True):
                _whisker(axes, place, estimate, series)
        axes.set_xlim(-ROOM, 1)
        _rows(axes, [labels[window] for window in windows])
        _scale(axes, words, "share")
    return figure


def side_by_side(words: Words, cases: Sequence[Case], key: str) -> Figure:
    """One figure of the hall under each policy, with its interval."""
    with _figure(AXIS + ROW * len(cases)) as (figure, axes):
        each: list[Estimate] = [case.figures[key] for case in cases]
        for series, estimate in enumerate(each):
            _whisker(axes, series, estimate, series)
        kind = BY_KEY[key].kind
        right = 1.0 if kind == "share" else HEADROOM * highest(map(_end, each))
        axes.set_xlim(-ROOM * right, right)
        _rows(axes, [case.name for case in cases])
        _scale(axes, words, kind)
    return figure


def highest(numbers: Iterator[float] | Sequence[float] | Column) -> float:
    """The largest that is a number; 1 if there is none above 0, so that a scale has a length."""
    known = [float(number) for number in numbers if np.isfinite(number)]
    return max(known, default=0.0) or 1.0


def top_of(curves: Sequence[Curve]) -> float:
    """Up to where the scale must reach for all of these."""
    return HEADROOM * highest([max(highest(curve.high), highest(curve.day_high)) for curve in curves])


@contextmanager
def _figure(height: float) -> Iterator[tuple[Figure, Axes]]:
    """A quiet pair of axes: the lines of the plot are what is to be seen."""
    with rc_context(SETTINGS):  # type: ignore[arg-type]
        figure = Figure(figsize=(WIDTH / POINTS_AN_INCH, height / POINTS_AN_INCH), layout="constrained")
        figure.patch.set_visible(False)
        axes = figure.add_subplot()
        axes.patch.set_visible(False)
        axes.set_axisbelow(True)
        for side, spine in axes.spines.items():
            spine.set_visible(side == "bottom")
            spine.set_color(PAINT["edge"])
        axes.tick_params(color=PAINT["edge"], labelcolor=PAINT["ink-quiet"], length=3)
        yield figure, axes


def _upright(axes: Axes, words: Words, top: float, kind: Kind, unit: str) -> None:
    """The scale at the left, from 0 to `top`, with its unit above it."""
    axes.set_ylim(0, top)
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=STEPS))
    axes.yaxis.set_major_formatter(_numbers(words, kind, top))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", color=PAINT["line"], linewidth=0.8)
    axes.set_title(unit, loc="left", color=PAINT["ink-quiet"], fontsize=SETTINGS["font.size"])


def _rows(axes: Axes, names: Sequence[str]) -> None:
    """Names from top to bottom."""
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), [_short(name) for name in names])
    axes.tick_params(axis="y", length=0, labelcolor=PAINT["ink"])
    axes.grid(axis="x", color=PAINT["line"], linewidth=0.8)


def _scale(axes: Axes, words: Words, kind: Kind) -> None:
    """The scale below rows."""
    axes.xaxis.set_major_locator(MultipleLocator(0.2) if kind == "share" else MaxNLocator(6, steps=STEPS))
    axes.xaxis.set_major_formatter(_numbers(words, kind, axes.get_xlim()[1]))


def _whisker(axes: Axes, place: float, estimate: Estimate | None, series: int) -> None:
    """An estimate as a mark, and its interval as a line through it."""
    if estimate is None or estimate.value is None:
        return
    colour = _colour(series)
    if estimate.low is not None and estimate.high is not None:
        axes.plot([estimate.low, estimate.high], [place, place], color=colour, linewidth=3.5, alpha=0.5)
        for end in (estimate.low, estimate.high):
            axes.plot(end, place, marker="|", color=colour, markersize=9, markeredgewidth=1.3)
    mark = MARKS[series % len(MARKS)]
    axes.plot(estimate.value, place, marker=mark, color=colour, markersize=6.5, clip_on=False)


def _mark_targets(axes: Axes, words: Words, targets: Sequence[float], top: float) -> None:
    """One target is a line, several are the stretch they lie in."""
    least, most = min(targets), max(targets)
    low, high = (words.number(end, "minutes", 0 if float(end).is_integer() else 1) for end in (least, most))
    if least == most:
        said = words.t("target {minutes} min", minutes=low)
        axes.axvline(least, color=PAINT["ink"], linewidth=1.6, linestyle=(0, (4, 2)))
    else:
        said = words.t("targets {low} to {high} min", low=low, high=high)
        paint = PAINT["ink-quiet"]
        axes.axvspan(least, most, facecolor="none", edgecolor=paint, linewidth=0, hatch="////", alpha=0.45)
        for end in (least, most):
            axes.axvline(end, color=PAINT["ink"], linewidth=1.2, linestyle=(0, (4, 2)))
    right = axes.get_xlim()[1]
    at, side = (most, "left") if most < right / 2 else (least, "right")
    gap = right / 80 * (1 if side == "left" else -1)
    axes.text(at + gap, top * 0.97, said, ha=side, va="top", color=PAINT["ink"])


def _numbers(words: Words, kind: Kind, top: float) -> FuncFormatter:
    """Numbers of a scale up to `top`, with a decimal only where whole ones would repeat themselves."""
    shown = 100 * top if kind == "share" else top
    decimals = 0 if shown > 4 else 1 if shown > 0.4 else 2  # noqa: PLR2004  (a scale has about four steps)
    return FuncFormatter(lambda value, _: words.number(value, kind, decimals))


def _colour(series: int) -> str:
    return PAINT[SERIES[series % len(SERIES)]]


def _seen(curve: Curve, top: float) -> int:
    """How many points to draw: a long evening on which one day in fifty has overtime is left out."""
    tall = np.flatnonzero(curve.value > SEEN * top)
    return int(tall[-1]) + 2 if tall.size else len(curve.value)


def _shift(series: int, count: int) -> float:
    """Marks of one row stand a little above each other."""
    return (series - (count - 1) / 2) * (0.7 / count)


def _end(estimate: Estimate) -> float:
    ends = [end for end in (estimate.value, estimate.high) if end is not None]
    return max(ends, default=0.0)


def _short(name: str) -> str:
    return name if len(name) <= NAME_MAX else f"…{name[1 - NAME_MAX :]}"
