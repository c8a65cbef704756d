"""Who may do what: one table, from which every door and the test of every door are made. Default deny.

Whoever asks is a `Principal`: a list of grants, each a role in a hall, and a name for the trail. An account
signs in and may hold several; a device or a token holds one; a visitor holds their ticket, whose identifier
only they and the staff know. What a role may do is `RIGHTS`, and nothing else decides it.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from vikno.queue.errors import ViknoError

ANY_HALL = "*"


class Role(StrEnum):
    """What somebody or something is to a hall."""

    KIOSK = "kiosk"
    SCREEN = "screen"
    RECEPTIONIST = "receptionist"
    CLERK = "clerk"
    MANAGER = "manager"
    NETWORK_MANAGER = "network-manager"
    AUDITOR = "auditor"
    MONITOR = "monitor"
    ADMIN = "admin"
    VISITOR = "visitor"


class Action(StrEnum):
    """What the doors let somebody do."""

    SEE_BOARD = "see the board"
    SEE_HALL = "see the hall as staff"
    SEE_TICKET = "see a ticket"
    ISSUE = "issue a ticket"
    MANAGE_TICKET = "let a ticket leave, return or have more time"
    PRIORITISE = "change a priority"
    WORK = "work at a window"
    SPEAK = "have a call spoken"
    EXPERIMENT = "try another plan"
    SEE_ROSTER = "see who works when"
    ROSTER = "plan who works when"
    SEE_PROPOSALS = "see which policies were found"
    DECIDE = "decide by which policy the hall calls"
    AUDIT = "see why calls were made and how true told waits were"
    SEE_TRAIL = "see who signed in and what was set"
    DEVICES = "pair and revoke devices"
    PEOPLE = "manage accounts"
    WATCH = "read the server's figures"


_LOOK = frozenset({Action.SEE_BOARD, Action.SEE_HALL, Action.SEE_TICKET})
_MANAGE = frozenset(Action) - {Action.SEE_TRAIL, Action.WATCH}

RIGHTS: dict[Role, frozenset[Action]] = {
    Role.KIOSK: frozenset({Action.SEE_BOARD, Action.SEE_TICKET, Action.ISSUE}),
    Role.SCREEN: frozenset({Action.SEE_BOARD, Action.SPEAK}),
    Role.RECEPTIONIST: _LOOK | {Action.ISSUE, Action.MANAGE_TICKET, Action.PRIORITISE},
    Role.CLERK: _LOOK | {Action.WORK},
    Role.MANAGER: _MANAGE,
    Role.NETWORK_MANAGER: _LOOK | {Action.EXPERIMENT, Action.SEE_ROSTER, Action.SEE_PROPOSALS, Action.AUDIT},
    Role.AUDITOR: _LOOK | {Action.AUDIT, Action.SEE_TRAIL},
    Role.MONITOR: frozenset({Action.WATCH}),
    Role.ADMIN: frozenset(Action),
    Role.VISITOR: frozenset({Action.SEE_BOARD, Action.SEE_TICKET, Action.MANAGE_TICKET}),
}

EVERYWHERE = frozenset({Role.NETWORK_MANAGER, Role.AUDITOR, Role.MONITOR, Role.ADMIN})
"""Who may be so for every hall at once."""

DEVICES = frozenset({Role.KIOSK, Role.SCREEN})
"""What hangs or stands in a hall, and is nobody."""

PEOPLE = frozenset(Role) - DEVICES - {Role.VISITOR, Role.MONITOR}
"""What an account may be."""

GRANTED_BY: dict[Role, frozenset[Role]] = {
    Role.ADMIN: PEOPLE,
    Role.MANAGER: frozenset({Role.CLERK, Role.RECEPTIONIST}),
}
"""Which roles somebody may give and take in their own halls."""


class NotSignedIn(ViknoError):
    """Nobody is signed in, and there is no valid token."""


class NotAllowed(ViknoError):
    """Whoever asks may not do this."""


class Grant(msgspec.Struct, frozen=True):
    """A role in a hall, or in every one (`ANY_HALL`); a clerk's is for one window at a time."""

    role: Role
    hall: str
    window: str | None = None

    def covers(self, hall: str) -> bool:
        """Whether it says anything about this hall."""
        return self.hall in {hall, ANY_HALL}


class Kind(StrEnum):
    """How somebody is known."""

    ACCOUNT = "account"
    DEVICE = "device"
    TOKEN = "token"  # noqa: S105  (a word, no secret)
    TICKET = "ticket"


class Principal(msgspec.Struct, frozen=True):
    """Whoever asks: their grants, and who they are.

    `id` is that of the account, device, token or ticket. `secret` is the hash of what they showed, by which
    it is found whether they still may; empty for those who are known only as long as this process or the
    ticket lives.
    """

    grants: tuple[Grant, ...]
    kind: Kind
    id: str
    name: str = ""
    secret: str = ""

    def check(
        self, action: Action, hall: str, *, window: str | None = None, ticket: str | None = None
    ) -> Grant:
        """The grant by which they may; `NotAllowed` unless table, hall, window and ticket all agree."""
        refusal = ""
        for grant in self.grants:
            if action not in RIGHTS[grant.role]:
                refusal = refusal or f"a {grant.role} may not {action}"
            elif not grant.covers(hall):
                refusal = f"you are {grant.role} in hall {grant.hall} and not in this one"
            elif grant.role is Role.CLERK and window is not None and window != grant.window:
                refusal = f"you are at window {grant.window}" if grant.window else "take this window first"
            elif grant.role is Role.VISITOR and ticket is not None and ticket != self.id:
                refusal = "you hold another ticket"
            else:
                return grant
        raise NotAllowed(refusal or "nothing was granted to you yet; ask whoever manages the accounts")

    def halls(self, action: Action) -> frozenset[str]:
        """Where they may do it; `ANY_HALL` stands for every hall."""
        return frozenset(grant.hall for grant in self.grants if action in RIGHTS[grant.role])

    def staff(self, hall: str) -> bool:
        """Whether they see the hall as staff do."""
        return not self.halls(Action.SEE_HALL).isdisjoint({hall, ANY_HALL})

    @property
    def who(self) -> str:
        """As the trail names them; a ticket's identifier is a secret and stays out of it."""
        return self.kind.value if self.kind is Kind.TICKET else f"{self.kind}:{self.name or self.id}"
