"""Forecasts held against repeating the week before: on real offices, and on made records of another law.

Errors are of every service in every quarter of an hour of held-out weeks, each week forecast on its first
morning from what was known then. The real offices are those of Warsaw whose displays were read in January
2020 (two weeks to learn from, one to judge); the made ones have a season, paydays, month ends, holidays,
families, a strike (made_record.py). The ratio of a figure is that of sums over all of them.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from benchmarks.harness import Row
from benchmarks.made_record import CALENDAR, made_record
from benchmarks.warsaw import OFFICES, SNAPSHOTS
from vikno.simulation.forecast.backtest import Judged, judge
from vikno.simulation.forecast.calendar import Calendar
from vikno.simulation.forecast.sources import counts_of_snapshots

POLAND = Calendar(yearly=frozenset({(1, 1), (1, 6), (12, 25), (12, 26)}))
MADE_DAYS = {"two years": 700, "half a year": 180}
SEEDS = range(3)
REACH = 0.9


def measure() -> list[Row]:
    """The real offices, if their data is there; the made records, a week and four weeks ahead."""
    rows = []
    if SNAPSHOTS.is_file():
        found = [judge(counts_of_snapshots(SNAPSHOTS, office), POLAND) for office in OFFICES]
        rows.append(row("eight offices of Warsaw, two weeks known", found))
    else:
        print(f"forecast: the queue snapshots of Warsaw are not at {SNAPSHOTS}; left out")
    for name, days in MADE_DAYS.items():
        for weeks in (1, 4):
            found = [judge(made_record(np.random.default_rng(seed), days), CALENDAR, weeks) for seed in SEEDS]
            rows.append(
                row(f"made records, {name} known, {weeks} weeks ahead".replace("1 weeks", "1 week"), found)
            )
    return rows


def row(of: str, found: Iterable[Judged | None]) -> Row:
    """Errors over those of seasonal naive, and how many quarters lay in their bands."""
    judged = [one for one in found if one is not None]
    days = np.array([one.days for one in judged])

    def mean(values: list[float]) -> float:
        return float(np.average(values, weights=days))

    rmse = (
        mean([j.quarters.rmse**2 for j in judged]) / mean([j.quarters.naive_rmse**2 for j in judged])
    ) ** 0.5
    mae = mean([j.quarters.mae for j in judged]) / mean([j.quarters.naive_mae for j in judged])
    totals = mean([j.totals.mae for j in judged]) / mean([j.totals.naive_mae for j in judged])
    covered, stated = mean([j.covered for j in judged]), mean([j.stated for j in judged])
    return Row(
        f"forecast error over seasonal naive, quarter hours by service: {of}",
        f"{rmse:.2f} (root mean square), {mae:.2f} (absolute), {totals:.2f} (absolute, whole days); "
        f"bands hold {covered:.0%}, stated {stated:.0%}",
        f"at most {REACH}",
        rmse <= REACH and mae <= REACH,
    )


if __name__ == "__main__":
    for one in measure():
        print(*one, sep="\n  ")
