"""Every day of an experiment as rows, for pandas and for any reader of Arrow."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.simulation.halls import constant, hall, service, windows
from tests.simulation.running import experiment, scenarios
from vikno.simulation.experiment import Scenario
from vikno.simulation.tables import service_days, to_pandas, window_days

DAYS = 12


def test_there_is_a_row_for_each_scenario_day_and_service_and_one_for_the_hall() -> None:
    found = experiment(DAYS)
    plan = found.scenarios[0].plan
    rows = service_days(found.summaries).to_pylist()
    names = [None, *(service.id for service in plan.services)]
    assert [(row["scenario"], row["day"], row["service"]) for row in rows] == [
        (policy, day, name) for policy in ("fifo", "priority") for day in range(DAYS) for name in names
    ]
    for row in rows:
        endings = (row[name] for name in ("served", "left", "blocked", "no_show", "unserved"))
        assert row["arrived"] == sum(endings)
        assert row["within_target"] <= row["within_target_of"]
    for policy, summary in found.summaries.items():
        whole = [row for row in rows if row["service"] is None and row["scenario"] == policy]
        mean = sum(row["wait_minutes"] for row in whole) / sum(row["called"] for row in whole)
        assert mean == pytest.approx(summary.wait_mean().value)


def test_the_share_overtaken_can_be_made_again_from_the_rows() -> None:
    found = experiment(DAYS)
    table = to_pandas(service_days(found.summaries))
    for policy, summary in found.summaries.items():
        figures = summary.figures()
        for name, rows in table[table["scenario"] == policy].groupby("service", dropna=False):
            told = figures["services"].get(name, figures)
            legs = rows["legs_called"].sum()
            assert rows["overtaken"].sum() / legs == pytest.approx(told["overtaken_share"].value)
            assert rows["overtakes"].sum() / legs == pytest.approx(told["overtakes_mean"].value)
            assert rows["overtakes_max"].max() == told["overtakes_max"].value


def test_there_is_a_row_for_each_scenario_day_and_window() -> None:
    found = experiment(DAYS)
    table = to_pandas(window_days(found.summaries))
    assert len(table) == 2 * DAYS * len(found.scenarios[0].plan.windows)
    for policy, summary in found.summaries.items():
        figures = summary.figures()["windows"]
        for window, rows in table[table["scenario"] == policy].groupby("window"):
            assert rows["served"].mean() == pytest.approx(figures[window]["served"].value)
            assert rows["serving_minutes"].sum() / rows["staffed_minutes"].sum() == pytest.approx(
                figures[window]["occupancy"].value
            )


def test_where_nobody_was_called_there_is_no_longest_wait() -> None:
    plan = hall([service("passport", constant(5.0))], *windows(1, "passport"))
    table = service_days(experiment(2, what=[Scenario("fifo", plan, "fifo")]).summaries)
    assert table.column("wait_max_minutes").to_pylist() == [None] * 4
    assert table.column("wait_minutes").to_pylist() == [0.0] * 4
    assert table.schema.field("called").type in {pa.int32(), pa.int64()}


def test_scenarios_of_different_halls_stand_in_one_table() -> None:
    one, other = scenarios("fifo"), hall([service("land", constant(5.0), 0.1)], *windows(1, "land"))
    table = service_days(experiment(3, what=[*one, Scenario("land", other, "fifo")]).summaries)
    assert set(table.column("service").to_pylist()) >= {None, "land"}
