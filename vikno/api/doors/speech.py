"""Calls as sound, rendered on the server because a television's browser has no voice."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from vikno.api.access import Action
from vikno.api.doors.visit import PREFIX, Visit, allowed
from vikno.api.problems import RESPONSES, problem
from vikno.display.speech import Speaker, SpeechError, UnknownVoiceError, chime
from vikno.queue.errors import CommandRefused

router = APIRouter(prefix=PREFIX, tags=["speech"], responses=RESPONSES)

WAV = "audio/wav"
SOUND: dict[str, Any] = {"response_class": Response, "responses": {200: {"content": {WAV: {}}}}}
NUMBER = re.compile(r"[^\W\d_]{1,3}[1-9][0-9]{0,5}")

Listener = Annotated[Visit, Depends(allowed(Action.SPEAK))]


@router.get(
    "/halls/{hall}/speech/chime.wav",
    summary="The two tones before a call",
    dependencies=[Depends(allowed(Action.SPEAK))],
    **SOUND,
)
async def two_tones() -> Response:
    """Always the same."""
    return Response(chime(), media_type=WAV, headers={"Cache-Control": "private, max-age=86400"})


@router.get("/halls/{hall}/speech/{language}/{number}/{window}.wav", summary="A call, spoken", **SOUND)
async def spoken(language: str, number: str, window: str, visit: Listener, request: Request) -> Response:
    """The sentence for a ticket and a window of this hall."""
    plan = visit.room.plan
    if window not in plan.window:
        raise CommandRefused("unknown-window", f"this hall has no window {window!r}", field="window")
    if not NUMBER.fullmatch(number):
        return problem(422, "invalid", "number: a ticket number looks like A42", field="number")
    speaker: Speaker = request.app.state.speaker
    try:
        sound = await speaker.announcement(language, number, plan.window[window].label)
    except UnknownVoiceError as error:
        return problem(404, "unknown-voice", str(error), field="language")
    except SpeechError as error:
        return problem(503, "no-voice", str(error))
    return Response(sound, media_type=WAV, headers={"Cache-Control": "private, max-age=3600"})
