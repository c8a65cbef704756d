"""What people ask of a hall. Imperative, frozen, plain; `at` is the instant in POSIX seconds."""

from __future__ import annotations

import msgspec

from vikno.queue.plan import HallPlan

MORE_TIME_PLACES = 3
"""How many visitors pass who asks for more time, unless they say otherwise."""


class Command(msgspec.Struct, frozen=True, gc=False):
    """A wish at an instant."""

    at: float


class AdoptPlan(Command, frozen=True):
    """Run by this plan from now on."""

    plan: HallPlan


class BeginDay(Command, frozen=True):
    """Turn to the local day of `at`: who still waits was not served, numbers start again."""


class SendHome(Command, frozen=True):
    """Closing time of a hall with `after_close = "leave"`: who still waits was not served."""


class IssueTicket(Command, frozen=True):
    """A visitor comes for one or several services. `ticket` is an identifier nobody can guess."""

    ticket: str
    services: tuple[str, ...]
    language: str = ""
    priority: int = 0


class TicketCommand(Command, frozen=True):
    """Something about one ticket, away from the windows."""

    ticket: str


class Leave(TicketCommand, frozen=True):
    """The visitor goes, or was seen going."""


class ReturnToLine(TicketCommand, frozen=True):
    """The visitor takes leaving back; they get their place again."""


class MoveBack(TicketCommand, frozen=True):
    """More time: let the next `places` visitors of the same service pass."""

    places: int = MORE_TIME_PLACES


class ChangePriority(TicketCommand, frozen=True):
    """Give a waiting visitor another priority (by rule: disability, pregnancy, …)."""

    priority: int


class WindowCommand(Command, frozen=True):
    """Something a clerk does at a window."""

    window: str


class OpenWindow(WindowCommand, frozen=True):
    """Work begins, or goes on after a pause."""


class CloseWindow(WindowCommand, frozen=True):
    """Work ends."""


class PauseWindow(WindowCommand, frozen=True):
    """A break."""


class CallNext(WindowCommand, frozen=True):
    """Call whom the policy chooses."""


class CallChosen(WindowCommand, frozen=True):
    """Call this visitor, waiting or parked."""

    ticket: str


class Recall(WindowCommand, frozen=True):
    """Call the called visitor once more."""


class StartService(WindowCommand, frozen=True):
    """The visitor came."""


class FinishService(WindowCommand, frozen=True):
    """The leg is done; the next one begins, here if this window has the skill."""


class MissVisitor(WindowCommand, frozen=True):
    """The called visitor did not come."""


class ParkVisitor(WindowCommand, frozen=True):
    """Let the visitor step aside (to fill a form, to fetch a paper); nobody calls them by itself."""


class UnparkVisitor(WindowCommand, frozen=True):
    """Back into the line, at the old place."""

    ticket: str


class TransferVisitor(WindowCommand, frozen=True):
    """Send the visitor on to another service, at the old place."""

    service: str


class UndoStep(WindowCommand, frozen=True):
    """Take back this window's last step."""
