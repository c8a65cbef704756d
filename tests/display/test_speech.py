"""The voice: heard, whole, spoken once for many screens, and safe against what it is given."""

from __future__ import annotations

import asyncio
import io
import itertools
import time
import wave
from array import array
from pathlib import Path

import pytest

from vikno.display import speech
from vikno.display.speech import PEAK_MAX, SAMPLE_RATE, Speaker, SpeechError, UnknownVoiceError

SECONDS_OF_A_SENTENCE = (2.0, 6.0)


def samples_of(wav: bytes) -> array[int]:
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (SAMPLE_RATE, 1, 2)
        samples = array("h", file.readframes(file.getnframes()))
        assert len(samples) == file.getnframes()
    return samples


def peak(samples: array[int]) -> float:
    return max(map(abs, samples)) / PEAK_MAX


class CountingSpeaker(Speaker):
    """Counts how often the program is really asked."""

    def __init__(self) -> None:
        super().__init__()
        self.rendered = 0

    async def _render(self, voice: str, text: str) -> bytes:
        self.rendered += 1
        return await super()._render(voice, text)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("uk", "Талон а 42, пройдіть до вікна 3"),
        ("bg", "Номер а 42, моля, гише 3"),
        ("ru", "Талон а 42, пройдите к окну 3"),
        ("en", "Ticket eigh 42, please go to window 3"),
    ],
)
def test_each_language_has_its_sentence(language: str, words: str) -> None:
    assert speech.sentence(language, "A42", "3") == words


def test_latin_letters_have_ukrainian_names() -> None:
    spoken = speech.sentence("uk", "W7", "3B")
    assert spoken == "Талон дубль-ве 7, пройдіть до вікна 3 бе"


def test_cyrillic_letters_are_spoken_as_they_are() -> None:
    assert speech.sentence("uk", "Ж7", "3") == "Талон Ж 7, пройдіть до вікна 3"


def test_nothing_but_letters_and_digits_reaches_the_voice() -> None:
    assert speech.sentence("en", "[[A]]-4<", "3;") == "Ticket eigh 4, please go to window 3"


@pytest.mark.parametrize("number", ["", "--", "A" * 13])
def test_what_cannot_be_spoken_is_refused(number: str) -> None:
    with pytest.raises(UnknownVoiceError):
        speech.sentence("uk", number, "3")


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownVoiceError, match="uk, bg, ru, en"):
        speech.sentence("fr", "A1", "3")


@pytest.mark.parametrize("language", speech.VOICES)
async def test_an_announcement_is_heard_and_not_clipped(language: str) -> None:
    samples = samples_of(await Speaker().announcement(language, "A42", "3"))
    shortest, longest = SECONDS_OF_A_SENTENCE
    assert shortest < len(samples) / SAMPLE_RATE < longest
    assert 0.5 < peak(samples) <= 1.0
    assert sum(abs(sample) == PEAK_MAX for sample in samples) < 10
    assert max(samples[-SAMPLE_RATE // 8 :]) == 0  # a pause before the repetition


async def test_every_latin_letter_sounds_different_in_ukrainian() -> None:
    speaker = Speaker()
    spoken = [await speaker.announcement("uk", f"{letter}5", "3") for letter in "ABCEHKMPTX"]
    assert len(set(spoken)) == len(spoken)


async def test_many_screens_share_one_rendering() -> None:
    speaker = CountingSpeaker()
    sounds = await asyncio.gather(*(speaker.announcement("uk", "A42", "3") for _ in range(50)))
    assert speaker.rendered == 1
    assert len(set(sounds)) == 1


async def test_a_screen_that_goes_away_does_not_silence_the_others() -> None:
    speaker = CountingSpeaker()
    gone = asyncio.create_task(speaker.announcement("uk", "A42", "3"))
    await asyncio.sleep(0)
    gone.cancel()
    assert samples_of(await speaker.announcement("uk", "A42", "3"))
    assert speaker.rendered == 1


async def test_only_the_last_announcements_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "KEPT_MAX", 2)
    speaker = CountingSpeaker()
    for number in ("A1", "A2", "A3", "A3", "A1"):
        await speaker.announcement("en", number, "3")
    assert speaker.rendered == 4


async def test_a_missing_program_is_said_clearly_and_tried_again() -> None:
    speaker = Speaker("no-such-program")
    for _ in range(2):
        with pytest.raises(SpeechError, match="install the package espeak-ng"):
            await speaker.announcement("uk", "A42", "3")


async def test_a_program_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "RENDER_SECONDS_MAX", 0.1)
    hanging = tmp_path / "hanging"
    hanging.write_text("#!/bin/sh\nexec sleep 30\n")
    hanging.chmod(0o755)
    began = time.monotonic()
    with pytest.raises(SpeechError, match="did not answer"):
        await Speaker(str(hanging)).announcement("uk", "A42", "3")
    assert time.monotonic() - began < 5


async def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    failing = tmp_path / "failing"
    failing.write_text("#!/bin/sh\necho no such voice >&2\nexit 1\n")
    failing.chmod(0o755)
    with pytest.raises(SpeechError, match="no such voice"):
        await Speaker(str(failing)).announcement("uk", "A42", "3")


def test_the_chime_is_two_tones_that_swell_and_fade_without_a_click() -> None:
    samples = samples_of(speech.chime())
    assert 1.0 < len(samples) / SAMPLE_RATE < 2.5
    assert 0.5 < peak(samples) < 0.7
    loudest_step = max(abs(a - b) for a, b in itertools.pairwise(samples))
    assert loudest_step < 0.25 * PEAK_MAX
    assert abs(samples[0]) < 0.001 * PEAK_MAX
    assert max(map(abs, samples[-100:])) < 0.01 * PEAK_MAX
    first, second = (crossings(samples, start) for start in (0.1, 0.8))
    assert first == pytest.approx(659, abs=15)
    assert second == pytest.approx(523, abs=60)


def crossings(samples: array[int], start: float) -> float:
    """Frequency of the strongest tone in the quarter second after `start`, in hertz."""
    part = samples[int(start * SAMPLE_RATE) : int((start + 0.25) * SAMPLE_RATE)]
    return sum(a < 0 <= b for a, b in itertools.pairwise(part)) / 0.25
