"""What may be a password: long, and not what everybody tries first. Nothing else."""

from __future__ import annotations

import string

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vikno.api.people.common import WORDS, is_common
from vikno.api.people.passwords import LENGTH_MAX, LENGTH_MIN, check_rules
from vikno.api.people.store import PeopleRefused

LENGTH_DRAWN = 16
"""As programs that keep passwords draw them at the least."""


def refusal(password: str, name: str = "olena") -> str:
    """What is said of it; nothing if it is good."""
    try:
        check_rules(password, name)
    except PeopleRefused as refused:
        return f"{refused.code} {refused.detail}"
    return ""


TRIED_FIRST = [
    *("123456789012", "111111111111", "000000000000", "112233445566", "987654321098", "1234512345123"),
    *("qwertyuiop12", "qwerty123456", "asdfghjkl;123", "1q2w3e4r5t6y", "1qaz2wsx3edc", "zaq12wsxcde3"),
    *("password1234", "Password123!", "P@ssw0rd2024!", "passwordpassword", "iloveyou1234", "letmeinplease"),
    *("administrator", "admin1234567", "changeme12345", "welcome123456", "abcdefghijkl", "abcabcabcabc"),
    *("пароль123456", "йцукенгшщзхї", "йцукен123456", "Україна2026!!", "СлаваУкраїні", "ячсмитьбю1234"),
    *("superman1234", "football1234", "princess1234", "sunshine2026", "Summer2026!!", "trustno1trustno1"),
]
"""Heads of published lists of stolen passwords, of those that are long enough, and what Ukrainians add."""


@pytest.mark.parametrize("password", TRIED_FIRST)
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert len(password) >= LENGTH_MIN
    assert "tried first" in refusal(password)


@pytest.mark.parametrize(
    "password",
    [
        *("lilac otter kettle", "correct horse battery staple", "гарбуз читає газету", "x7!kq92mzp0w"),
        *("moja babcia lubi koty", "dreiundzwanzig Brezeln", "TjJ0a8sQmWvB", "пір'я на п'ятій полиці"),
        "a" * 3 + "very long sentence that repeats nothing",
    ],
)
def test_what_only_somebody_would_put_together_is_good(password: str) -> None:
    assert refusal(password) == ""


def test_letters_drawn_by_lot_are_good() -> None:
    rng = np.random.default_rng(6)
    letters = list(string.ascii_lowercase + string.digits)
    for _ in range(5_000):
        assert not is_common("".join(rng.choice(letters, LENGTH_DRAWN)))


@given(st.text(min_size=1, max_size=4), st.integers(min_value=3, max_value=50))
def test_something_short_again_and_again_is_refused(unit: str, times: int) -> None:
    assume(len(unit * times) >= LENGTH_MIN)
    assert is_common((unit * times).casefold())


@given(st.lists(st.sampled_from(sorted(WORDS)), min_size=1, max_size=8), st.integers(0, 9_999))
def test_words_that_everybody_lengthens_are_refused(words: list[str], number: int) -> None:
    assert is_common("".join(words) + str(number))
    assert is_common("-".join(words) + "!" * (number % 5))


@given(st.text(max_size=LENGTH_MAX + 50))
def test_any_text_is_answered(password: str) -> None:
    told = refusal(password)
    assert told == "" or told.startswith("bad-password password: ")
    assert password == "" or len(password) < LENGTH_MIN or password not in told


@pytest.mark.parametrize(("length", "good"), [(11, False), (12, True), (200, True), (201, False)])
def test_the_length_is_what_is_said(length: int, good: bool) -> None:
    password = "".join(chr(0x4E00 + number) for number in range(length))
    assert (refusal(password) == "") is good


@pytest.mark.parametrize(
    ("name", "password", "good"),
    [
        ("olena.kovalenko", "my olena.kovalenko pw", False),
        ("kovalenko@city.test", "KOVALENKO and a kettle", False),
        ("kovalenko@city.test", "the city.test kettle 7", True),
        ("ivo", "a kettle for ivory towers", True),
    ],
)
def test_the_name_is_no_part_of_a_password(name: str, password: str, good: bool) -> None:
    assert (refusal(password, name) == "") is good
