"""Guessing is slow for who guesses, and hardly anything for anybody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.owning import HandClock
from vikno.api.people.delays import ACCOUNT, ADDRESS, FIRST_SECONDS, QUIET_SECONDS, REMEMBERED_MAX, Delays
from vikno.api.people.store import PeopleRefused

DAY_SECONDS = 86_400.0


class Door:
    """Tries, by a clock in the hand."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.delays = Delays(self.clock.now)

    def wait(self, name: str, address: str, *, right: bool = False) -> float:
        """Seconds before this try may be made; 0: it was made."""
        try:
            self.delays.begin(name, address)
        except PeopleRefused as refused:
            return refused.retry_seconds
        if right:
            self.delays.succeeded(name, address)
        return 0.0

    def guesses(self, seconds: float, name: str, addresses: int) -> int:
        """How many somebody gets who tries as often as they may, from so many addresses."""
        end, made = self.clock.at + seconds, 0
        while self.clock.at < end:
            wait = self.wait(name, f"10.0.0.{made % addresses}")
            made += not wait
            self.clock.at += wait
        return made


@pytest.mark.parametrize("addresses", [1, 200])
def test_an_account_is_guessed_at_some_hundred_times_a_day_from_however_many_addresses(
    addresses: int,
) -> None:
    assert Door().guesses(DAY_SECONDS, "olena", addresses) <= DAY_SECONDS / ACCOUNT.most + 20


def test_each_mistake_too_many_waits_twice_as_long_as_the_one_before_it_up_to_a_limit() -> None:
    door = Door()
    waits = []
    for place in range(ACCOUNT.free + 10):
        wait = door.wait("olena", f"10.0.0.{place}")
        if wait:
            waits.append(wait)
            door.clock.at += wait
            assert not door.wait("olena", f"10.0.1.{place}")
    assert waits == [min(ACCOUNT.most, FIRST_SECONDS * 2**n) for n in range(len(waits))]
    assert len(waits) == 10


@given(wrong=st.lists(st.sampled_from(["olena", "petro", "nobody"]), max_size=60))
def test_no_hall_waits_longer_than_some_seconds_because_somebody_guesses_there(wrong: list[str]) -> None:
    door = Door()
    for name in wrong:
        door.wait(name, "192.0.2.1")
    wait = door.wait("maria", "192.0.2.1", right=True)
    assert wait <= ADDRESS.most
    door.clock.at += wait
    assert not door.wait("maria", "192.0.2.1", right=True)


def test_whoever_guesses_elsewhere_does_not_keep_somebody_out_where_they_always_sign_in() -> None:
    door = Door()
    assert not door.wait("olena", "192.0.2.1", right=True)
    door.guesses(600.0, "olena", 50)
    door.wait("olena", "198.51.100.7")
    assert door.wait("olena", "198.51.100.7") > 0
    assert not door.wait("olena", "192.0.2.1", right=True)


def test_tries_that_come_too_early_count_for_nothing() -> None:
    door = Door()
    for _ in range(ACCOUNT.free):
        assert not door.wait("olena", "192.0.2.1")
    first = door.wait("olena", "192.0.2.1")
    assert first == FIRST_SECONDS
    assert [door.wait("olena", "192.0.2.1") for _ in range(100)] == [first] * 100


def test_many_tries_at_once_count_as_many() -> None:
    door = Door()
    begun = [door.wait("olena", f"10.0.0.{n}") for n in range(100)]
    assert begun.count(0.0) == ACCOUNT.free


def test_all_is_forgiven_after_a_quiet_while() -> None:
    door = Door()
    door.guesses(600.0, "olena", 1)
    door.clock.at += QUIET_SECONDS + 1
    assert [door.wait("olena", "192.0.2.1") for _ in range(ACCOUNT.free)] == [0.0] * ACCOUNT.free


def test_names_that_are_refused_do_not_make_it_forget_whom_it_counts() -> None:
    door = Door()
    for place in range(ACCOUNT.free):
        door.wait("olena", f"10.0.0.{place}")
    for number in range(REMEMBERED_MAX + ADDRESS.free + 10):
        door.wait(f"name-{number}", "192.0.2.1")
    assert door.wait("olena", "10.0.1.1") == FIRST_SECONDS


def test_a_flood_of_names_and_addresses_does_not_fill_the_memory() -> None:
    door = Door()
    for number in range(REMEMBERED_MAX * 2):
        door.wait(f"name-{number}", f"address-{number}", right=number % 2 == 0)
    assert len(door.delays._mistakes) <= REMEMBERED_MAX + 1
    assert len(door.delays._homes) <= REMEMBERED_MAX
