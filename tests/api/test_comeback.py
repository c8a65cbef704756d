"""A server that is killed, and all its screens: they come back, and cost it one reading of each hall."""

from __future__ import annotations

from benchmarks.comeback import measure

SCREENS = 200
"""`make bench` has five thousand."""


def test_screens_of_a_killed_server_are_current_in_time_and_each_hall_was_read_once() -> None:
    for row in measure(SCREENS):
        assert row.reached, f"{row.what}: {row.measured}"
