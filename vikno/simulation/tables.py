"""Every single day of an experiment as a table, for those who go on with pandas or any reader of Arrow.

Two tables: a row for each scenario, day and service (and one for the hall, whose `service` is null), and a
row for each scenario, day and window. They hold sums and counts, from which every figure can be made again:
mean wait = sum of `wait_minutes` / sum of `called`; share overtaken = sum of `overtaken` / sum of
`legs_called`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vikno.queue.errors import ViknoError
from vikno.simulation.record import Outcome
from vikno.simulation.summary import ENDINGS, Summary

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

WINDOW_COLUMNS = ("staffed_minutes", "serving_minutes", "overtime_minutes", "served")
FORMATS = (".csv", ".parquet", ".feather", ".arrow")

Summaries = Mapping[str, Summary]


class TableFileError(ViknoError):
    """A table cannot be written under this name."""


def service_days(summaries: Summaries) -> pa.Table:
    """One row a scenario, day and service; null in `service` is the hall, where a visit counts once."""
    return _table(summaries, _service_columns)


def window_days(summaries: Summaries) -> pa.Table:
    """One row a scenario, day and window."""
    return _table(summaries, _window_columns)


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """The same for pandas."""
    return table.to_pandas()


def write_table(table: pa.Table, ending: str, path: Path) -> None:
    """Write it as what the ending says (`FORMATS`)."""
    if ending == ".csv":
        from pyarrow import csv  # noqa: PLC0415  (heavy)

        csv.write_csv(table, path)
    elif ending == ".parquet":
        from pyarrow import parquet  # noqa: PLC0415

        parquet.write_table(table, path)
    else:
        from pyarrow import feather  # noqa: PLC0415

        feather.write_feather(table, str(path))


def ending_of(option: str, path: Path) -> str:
    """The format that the name of a file asks for; `option` is named where there is none."""
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise TableFileError(f"{option}: {path} is no table; end its name with {' or '.join(FORMATS)}")
    return ending


def _table(summaries: Summaries, columns: Any) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415

    parts = [pa.table(dict(columns(pa, name, summary))) for name, summary in summaries.items()]
    return pa.concat_tables(parts)


def _service_columns(pa: Any, name: str, summary: Summary) -> Iterator[tuple[str, Any]]:
    days, rows = summary.days, [None, *(service.id for service in summary.plan.services)]
    yield from _keys(pa, name, days, "service", rows)

    def flat(what: str, *, shape: tuple[int, ...] = (-1,)) -> Any:
        return np.array([getattr(day, what) for day in summary.tallies]).reshape(shape)

    outcomes = flat("outcomes", shape=(-1, len(Outcome)))
    yield "arrived", outcomes.sum(1)
    for ending, outcome in ENDINGS.items():
        yield ending, outcomes[:, outcome]
    yield "called", flat("called")
    yield "wait_minutes", flat("wait_total")
    yield "wait_max_minutes", pa.array(flat("wait_longest"), from_pandas=True)  # nan: nobody was called
    yield "within_target", flat("within")
    yield "within_target_of", flat("judged")
    yield from _overtakes(summary, range(len(rows)))


def _overtakes(summary: Summary, rows: range) -> Iterator[tuple[str, Any]]:
    """A visit that was called twice is two legs, in the hall's row as well."""
    each = [(day.legs_called(row), day.overtakes_of(row)) for day in summary.tallies for row in rows]
    yield "legs_called", np.array([called for called, _ in each], np.int64)
    yield "overtaken", np.array([seen.size for _, seen in each], np.int64)
    yield "overtakes", np.array([seen.sum() for _, seen in each], np.int64)
    yield "overtakes_max", np.array([seen.max(initial=0) for _, seen in each], np.int64)


def _window_columns(pa: Any, name: str, summary: Summary) -> Iterator[tuple[str, Any]]:
    windows = [window.id for window in summary.plan.windows]
    yield from _keys(pa, name, summary.days, "window", windows)
    minutes = np.array([day.windows for day in summary.tallies]).reshape(
        -1, len(WINDOW_COLUMNS), len(windows)
    )
    for place, column in enumerate(WINDOW_COLUMNS):
        values = minutes[:, place].reshape(-1)
        yield column, values.astype(np.int64) if column == "served" else values


def _keys(pa: Any, name: str, days: int, what: str, ids: list[Any]) -> Iterator[tuple[str, Any]]:
    """The columns that say whose row it is; names are kept once (dictionary)."""
    count = len(ids)
    yield "scenario", pa.array([name] * (days * count), pa.string())
    yield "day", np.repeat(np.arange(days), count)
    yield what, pa.array(ids * days, pa.string())
