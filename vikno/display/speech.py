"""The voice of the hall: announcements and the chime before them, as WAV.

They are made on the server by espeak-ng, because the browsers of hall screens often have
no voice at all. A hall calls the same few numbers to the same few windows on several
screens at once, so that each sentence is made once, by few processes at a time, and
kept for a while.
"""

import asyncio
import io
import math
import re
import wave
from array import array
from collections import OrderedDict
from collections.abc import Iterable
from functools import cache
from typing import Final

from msgspec import Struct

from vikno.queue.errors import ViknoError

SAMPLE_RATE: Final = 22_050  # hertz, what espeak-ng speaks at; the chime follows it
SAMPLE_BYTES: Final = 2
PEAK_MAX: Final = 32_767
WORDS_PER_MINUTE: Final = 135  # espeak-ng's own 175 is too quick for a hall that echoes
PAUSE_SECONDS: Final = 0.25  # after the sentence, so that a repetition does not run into it
RENDER_SECONDS_MAX: Final = 5.0  # a sentence takes 0.02 s; beyond this the program hangs
RENDERS_AT_ONCE: Final = 2
KEPT_MAX: Final = 64  # announcements of about 130 KB each: 8 MB at most
PART_LENGTH_MAX: Final = 12  # characters of a ticket's number or a window's label


class SpeechError(ViknoError):
    """An announcement that cannot be made; the message says why."""


class UnknownVoiceError(SpeechError):
    """A language that has no voice here, or a number that cannot be spoken."""


class Voice(Struct, frozen=True):
    """How one language announces: espeak-ng's voice, the sentence, the letters' names."""

    espeak: str
    sentence: str
    letters: dict[str, str]


def _letters(names: str) -> dict[str, str]:
    """Names of the Latin letters A to Z, given in order."""
    return dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", names.split(), strict=True))


# A Latin letter would be read by an English voice or not at all, so that it is written out
# as people of that language call it.
VOICES: Final = {
    "uk": Voice(
        "uk",
        "Талон {number}, пройдіть до вікна {window}",
        _letters("а бе це де е еф ґе аш і йот ка ель ем ен о пе ку ер ес те у ве дубль-ве ікс ігрек зет"),
    ),
    "bg": Voice(
        "bg",
        "Номер {number}, моля, гише {window}",
        _letters("а бе це де е еф ге аш и йот ка ел ем ен о пе ку ер ес те у ве дубъл-ве хикс игрек зет"),
    ),
    "ru": Voice(
        "ru",
        "Талон {number}, пройдите к окну {window}",
        _letters("а бэ цэ дэ е эф гэ аш и йот ка эль эм эн о пэ ку эр эс тэ у вэ дубль-вэ икс игрек зет"),
    ),
    "en": Voice(
        "en",
        "Ticket {number}, please go to window {window}",
        # "A" alone would be read as the article.
        _letters("eigh B C D E F G H I J K L M N O P Q R S T U V W X Y Z"),
    ),
}


def sentence(language: str, number: str, window: str) -> str:
    """What is said, spelled for the voice: number "A42" becomes «А 42», window is its label."""
    voice = _voice(language)
    return voice.sentence.format(number=_speakable(voice, number), window=_speakable(voice, window))


class Speaker:
    """Makes announcements, each once, and keeps the last `KEPT_MAX` of them."""

    def __init__(self, program: str = "espeak-ng") -> None:
        self._program = program
        self._kept: OrderedDict[tuple[str, str], asyncio.Task[bytes]] = OrderedDict()
        self._turns = asyncio.Semaphore(RENDERS_AT_ONCE)

    async def announcement(self, language: str, number: str, window: str) -> bytes:
        """WAV of one call: 22,050 Hz, mono, 16 bit. SpeechError if it cannot be made.

        Screens that ask for the same call at the same moment share one rendering; one that
        goes away does not stop it for the others.
        """
        said = (language, sentence(language, number, window))
        task = self._kept.get(said)
        if task is None or _failed(task):
            task = asyncio.create_task(self._render(_voice(language).espeak, said[1]))
            self._kept[said] = task
        self._kept.move_to_end(said)
        while len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return await asyncio.shield(task)

    async def _render(self, voice: str, text: str) -> bytes:
        arguments = ("-v", voice, "-s", str(WORDS_PER_MINUTE), "--stdin", "--stdout")
        async with self._turns:
            try:
                process = await asyncio.create_subprocess_exec(
                    self._program,
                    *arguments,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.PIPE,
                )
            except OSError as error:
                raise SpeechError(
                    f"no announcements: the program {self._program} cannot be started "
                    "(install the package espeak-ng)"
                ) from error
            spoken, complaint = await _communicate(process, text.encode())
        if process.returncode != 0 or not spoken:
            raise SpeechError(f"{self._program} failed: {complaint.decode(errors='replace')[:200]}")
        return _spoken_wav(spoken)


async def _communicate(process: asyncio.subprocess.Process, text: bytes) -> tuple[bytes, bytes]:
    try:
        async with asyncio.timeout(RENDER_SECONDS_MAX):
            return await process.communicate(text)
    except TimeoutError as error:
        raise SpeechError(f"espeak-ng did not answer within {RENDER_SECONDS_MAX:g} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _spoken_wav(streamed: bytes) -> bytes:
    """A complete WAV from espeak-ng's stream, whose header was written before its length was known."""
    start = streamed.find(b"data") + 8
    samples = array("h", streamed[start : start + (len(streamed) - start) // 2 * 2])
    if len(samples) == 0:
        raise SpeechError("espeak-ng said nothing")
    pause = array("h", bytes(int(PAUSE_SECONDS * SAMPLE_RATE) * SAMPLE_BYTES))
    return wav(samples + pause)


# The chime: a falling third, as a doorbell, long enough to turn heads and too soft to startle.
CHIME_TONES: Final = ((659.26, 0.0), (523.25, 0.45))  # hertz (E5, C5), second it begins
CHIME_SECONDS: Final = 1.7
CHIME_DECAY_SECONDS: Final = 0.35  # each tone falls to 37% in this time
CHIME_ATTACK_SECONDS: Final = 0.012  # without it the beginning clicks
CHIME_RELEASE_SECONDS: Final = 0.15  # and without this the end does
CHIME_PEAK: Final = 0.6  # of full scale: quieter than the voice
# A pure sine is hard to locate and to hear when old; two soft overtones help.
CHIME_OVERTONES: Final = ((1, 1.0), (2, 0.22), (3, 0.07))  # multiple of the tone, strength


@cache
def chime() -> bytes:
    """Two calm tones as WAV, in the same form as the announcements. Made once: it is always the same."""
    sounds = [_chime_at(index / SAMPLE_RATE) for index in range(int(CHIME_SECONDS * SAMPLE_RATE))]
    gain = CHIME_PEAK * PEAK_MAX / max(map(abs, sounds))
    return wav(int(sound * gain) for sound in sounds)


def _chime_at(second: float) -> float:
    release = min(1.0, (CHIME_SECONDS - second) / CHIME_RELEASE_SECONDS)
    return release * sum(_tone(hertz, second - begins) for hertz, begins in CHIME_TONES)


def _tone(hertz: float, second: float) -> float:
    if second < 0:
        return 0.0
    swell = min(1.0, second / CHIME_ATTACK_SECONDS) * math.exp(-second / CHIME_DECAY_SECONDS)
    turn = 2 * math.pi * hertz * second
    return swell * sum(strength * math.sin(multiple * turn) for multiple, strength in CHIME_OVERTONES)


def wav(samples: Iterable[int]) -> bytes:
    """Samples of 16 bit as a mono WAV file of `SAMPLE_RATE`."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(array("h", samples).tobytes())
    return target.getvalue()


def _voice(language: str) -> Voice:
    try:
        return VOICES[language]
    except KeyError:
        known = ", ".join(VOICES)
        raise UnknownVoiceError(f"no voice speaks {language!r}; there are voices for: {known}") from None


def _speakable(voice: Voice, part: str) -> str:
    """Number "A42" as «А 42»: letters by name, digits as one number, nothing else.

    Nothing else, because what espeak-ng is given may not hold its own commands.
    """
    if len(part) > PART_LENGTH_MAX:
        raise UnknownVoiceError(f"{part!r} is longer than {PART_LENGTH_MAX} characters")
    pieces = re.findall(r"[0-9]+|[^\W\d_]", part)
    if not pieces:
        raise UnknownVoiceError(f"{part!r} holds neither a letter nor a digit to speak")
    return " ".join(voice.letters.get(piece.upper(), piece) for piece in pieces)


def _failed(task: asyncio.Task[bytes]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
