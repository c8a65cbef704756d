"""Every table is somebody's, and what refers to a row of another is known: nothing is left behind unsaid."""

from __future__ import annotations

from sqlalchemy import Integer
from sqlmodel import SQLModel

from vikno.api.operations.contents import OF_A_HALL, OF_PEOPLE, PASSING, REFERS, table


def test_every_table_is_a_halls_or_peoples_or_passing() -> None:
    named = [*OF_A_HALL, *OF_PEOPLE, *PASSING]
    assert sorted(named) == sorted(SQLModel.metadata.tables)
    assert len(named) == len(set(named))


def test_a_hall_has_exactly_the_tables_that_name_one_and_are_not_about_people() -> None:
    named = {name for name, one in SQLModel.metadata.tables.items() if "hall" in one.columns}
    assert set(OF_A_HALL) == named - set(OF_PEOPLE) - set(PASSING) | {"halls"}


def test_what_refers_to_a_row_comes_after_it_and_by_a_column_there_is() -> None:
    for (name, column), other in REFERS.items():
        assert column in table(name).columns
        assert OF_A_HALL.index(other) < OF_A_HALL.index(name)


def test_numbers_that_are_called_like_a_table_refer_to_it() -> None:
    """A new table whose rows refer to others cannot be forgotten."""
    singular = {name.removesuffix("s").rpartition("_")[2]: name for name in OF_A_HALL if name != "halls"}
    found = {
        (name, column.name)
        for name in OF_A_HALL
        for column in table(name).columns
        if column.name in singular and isinstance(column.type, Integer)
    }
    assert found == set(REFERS)
