"""Passwords that are tried first: long enough by the rules, and worth nothing.

Lists of stolen passwords agree on what people do who must choose a long one: they type a row of keys, count,
repeat something short, or lengthen one of a few words. So, instead of a list of millions, of which next to
none has twelve letters, these four are looked for.
"""

from __future__ import annotations

import re

ROWS = (
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "йцукенгшщзхї",
    "фівапролджє",
    "ячсмитьбю",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "abcdefghijklmnopqrstuvwxyz",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)
"""Keys as they lie, and what is counted."""

RUN_MIN = 3
"""So many keys in a row are one gesture and not so many choices."""

CHOICES_MIN = 7
"""Fewer different pieces than this are no password: `abcabcabcabc` is one, `112233445566` six."""

WORDS = frozenset(
    {
        *("password", "passwort", "passw", "pass", "parol", "пароль", "haslo", "qwerty", "qwertz", "йцукен"),
        *(
            "admin",
            "administrator",
            "root",
            "user",
            "login",
            "welcome",
            "letmein",
            "changeme",
            "change",
            "me",
        ),
        *(
            "secret",
            "default",
            "test",
            "guest",
            "master",
            "access",
            "temp",
            "iloveyou",
            "love",
            "you",
            "sunshine",
        ),
        *(
            "princess",
            "dragon",
            "monkey",
            "football",
            "baseball",
            "superman",
            "batman",
            "starwars",
            "trustno",
        ),
        *("summer", "winter", "spring", "autumn", "ukraine", "україна", "kyiv", "київ", "slava", "ukraini"),
        *("слава", "україні", "vikno", "вікно", "window", "hall", "the", "my", "is", "new", "it", "please"),
    }
)
"""What people lengthen."""

LOOKALIKES = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"})
LETTERS = re.compile(r"[^\W\d_]+")
TAIL = re.compile(r"[\W\d_]+$")
"""What words are lengthened with; figures in it stand for no letters."""


def is_common(password: str) -> bool:
    """Whether a password in small letters is one of those."""
    return len(_pieces(password)) < CHOICES_MIN or _lengthened(password)


def _pieces(password: str) -> set[str]:
    """What it is made of: a row of keys is one, a repetition none of its own, other letters are each."""
    pieces, at = set(), 0
    while at < len(password):
        run, repeated = _run(password, at), _repeated(password, at)
        length = max(run, repeated, 1)
        if run >= repeated:
            pieces.add(password[at : at + length])
        at += length
    return pieces


def _run(password: str, at: int) -> int:
    """How many keys in a row begin here, forwards or backwards."""
    best = 0
    for row in ROWS:
        for line in (row * 2, row[::-1] * 2):
            length = RUN_MIN
            while at + length <= len(password) and password[at : at + length] in line:
                best = max(best, length)
                length += 1
    return best


def _repeated(password: str, at: int) -> int:
    """How many letters from here on repeat those just before them."""
    best = 0
    for size in range(1, at + 1):
        unit = password[at - size : at]
        length = 0
        while at + length < len(password) and password[at + length] == unit[length % size]:
            length += 1
        if length >= max(size, RUN_MIN - 1):
            best = max(best, length)
    return best


def _lengthened(password: str) -> bool:
    """Whether all its letters are words that people lengthen."""
    for text in (password, TAIL.sub("", password).translate(LOOKALIKES)):
        words = LETTERS.findall(text)
        if words and all(_made_of_words(word) for word in words):
            return True
    return False


def _made_of_words(text: str) -> bool:
    reached = {0}
    for end in range(1, len(text) + 1):
        if any(text[start:end] in WORDS for start in tuple(reached)):
            reached.add(end)
    return len(text) in reached
