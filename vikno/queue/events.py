"""What happened in a hall. Past tense, frozen, plain; complete enough that nothing is ever decided again.

The JSON form (one object, its `type` first) is the journal's. A new field needs a default, and a name
that was written once keeps its meaning: old journals are read for ever.
"""

from __future__ import annotations

import re

import msgspec

from vikno.queue.plan import HallPlan
from vikno.queue.policy import Why


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


class Event(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag=_kebab, omit_defaults=True):
    """A fact at an instant (POSIX seconds)."""

    at: float


class PlanAdopted(Event, frozen=True):
    """The hall runs by this plan from now on; on a day that has begun, with these hours (POSIX seconds)."""

    plan: HallPlan
    opens: float | None = None
    closes: float | None = None


class DayBegan(Event, frozen=True):
    """A service day in the hall's time zone, with its instants: never recomputed later."""

    day: str
    opens: float
    closes: float
    until: float


class TicketEvent(Event, frozen=True):
    """Something about one ticket."""

    ticket: str


class TicketIssued(TicketEvent, frozen=True):
    """A visitor came. `ahead` is how many were before them in the line, told to the visitor."""

    number: str
    services: tuple[str, ...]
    language: str
    priority: int
    ahead: int


class VisitorLeft(TicketEvent, frozen=True):
    """The visitor went before being served. `window` is where they had been called to, if anywhere."""

    window: str | None = None


class VisitorReturned(TicketEvent, frozen=True):
    """The visitor took leaving back."""


class VisitorUnserved(TicketEvent, frozen=True):
    """The day ended before the visitor's turn came."""


class TicketMovedBack(TicketEvent, frozen=True):
    """The visitor asked for more time and has a later place."""

    place: float
    passed: int


class PriorityChanged(TicketEvent, frozen=True):
    """The visitor has another priority."""

    priority: int


class WindowEvent(Event, frozen=True):
    """Something at one window."""

    window: str


class WindowOpened(WindowEvent, frozen=True):
    """Somebody works at the window now."""


class WindowClosed(WindowEvent, frozen=True):
    """Nobody works at the window any more."""


class WindowPaused(WindowEvent, frozen=True):
    """The window has a break."""


class NobodyCalled(WindowEvent, frozen=True):
    """The window asked for the next visitor and the policy named none; why is kept."""

    why: Why


class VisitEvent(WindowEvent, frozen=True):
    """Something between one window and one ticket."""

    ticket: str


class TicketCalled(VisitEvent, frozen=True):
    """The visitor was called, and why."""

    why: Why


class TicketRecalled(VisitEvent, frozen=True):
    """The visitor was called once more."""


class ServiceStarted(VisitEvent, frozen=True):
    """The visitor came to the window."""


class ServiceFinished(VisitEvent, frozen=True):
    """A leg is done. With another ahead, `leg` and `services` say which; `here`, whether it goes on here."""

    services: tuple[str, ...] = ()
    leg: int = 0
    here: bool = False

    @property
    def last(self) -> bool:
        """Whether the visit is over."""
        return not self.services


class VisitorMissed(VisitEvent, frozen=True):
    """The called visitor did not come."""


class TicketParked(VisitEvent, frozen=True):
    """The visitor stepped aside."""


class TicketUnparked(VisitEvent, frozen=True):
    """The visitor is back in the line."""


class TicketTransferred(VisitEvent, frozen=True):
    """The visitor waits for another service now."""

    service: str


class StepUndone(WindowEvent, frozen=True):
    """The window's last step was taken back; its records are again as before it."""

    step: str
    ticket: str | None = None


AnyEvent = (
    PlanAdopted
    | DayBegan
    | TicketIssued
    | VisitorLeft
    | VisitorReturned
    | VisitorUnserved
    | TicketMovedBack
    | PriorityChanged
    | WindowOpened
    | WindowClosed
    | WindowPaused
    | NobodyCalled
    | TicketCalled
    | TicketRecalled
    | ServiceStarted
    | ServiceFinished
    | VisitorMissed
    | TicketParked
    | TicketUnparked
    | TicketTransferred
    | StepUndone
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode(event: Event) -> str:
    """The event as the journal keeps it."""
    return _encoder.encode(event).decode()


def decode(text: str | bytes) -> AnyEvent:
    """The event of a journal row; `msgspec.ValidationError` if it is none."""
    return _decoder.decode(text)


def type_of(event: Event) -> str:
    """The event's name in the journal and on the stream, for example `ticket-called`."""
    return event.__struct_config__.tag  # type: ignore[return-value]
