"""Proposals of a database, and what was decided about them: which policy a hall runs by follows from it.

A proposal is written whole, in one transaction, once everything about it is known. Decisions are only added.
The policy in force is that of the proposal accepted last and not taken back since; where there is none, it is
the one that the server was started with. So a manager who takes a policy back has the one before it.

Everything here blocks; a server calls it in a thread.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update

from vikno.queue.errors import ViknoError
from vikno.queue.journal.database import available, in_turn
from vikno.queue.journal.tables import DecisionRow, ProposalRow
from vikno.scheduler.learned import LEARNED, Learned

log = logging.getLogger(__name__)

PROPOSALS = ProposalRow.__table__  # type: ignore[attr-defined]
DECISIONS = DecisionRow.__table__  # type: ignore[attr-defined]

WHAT = "proposals"
"""As errors of the database name them."""

TOLD_MAX = 30
"""Proposals that are told: a month of nights."""

VAIN_MAX = 60
"""Attempts that came to nothing and are kept; what was ever proposed is kept for ever."""


class State(StrEnum):
    """What became of an attempt.

    `NOTHING`: it found nothing better, so there is nothing to decide. `SUPERSEDED`: a newer proposal came
    before anybody decided.
    """

    NOTHING = "nothing"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TAKEN_BACK = "taken-back"
    SUPERSEDED = "superseded"


FROM = {
    State.ACCEPTED: frozenset({State.PROPOSED, State.DECLINED, State.TAKEN_BACK, State.SUPERSEDED}),
    State.DECLINED: frozenset({State.PROPOSED}),
    State.TAKEN_BACK: frozenset({State.ACCEPTED}),
}
"""What may be decided, and of which states. Whoever declined may think again."""


class ProposalRefused(ViknoError):
    """What cannot be decided or begun: why, and what would be right. `code` is for programs."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Attempt(msgspec.Struct, frozen=True):
    """One attempt as it is written. `policy` and `gain` are JSON; see `Found` in simulation/proposing.py."""

    hall: str
    made: float
    asked: str
    days: tuple[str, ...]
    left_out: tuple[str, ...]
    policy: str | None
    gain: str | None
    reason: str | None
    detail: str


class Told(msgspec.Struct, frozen=True):
    """One attempt with its state and the newest decision about it."""

    id: int
    made: float
    asked: str
    days: tuple[str, ...]
    left_out: tuple[str, ...]
    gain: dict[str, Any] | None
    reason: str | None
    detail: str
    state: State
    role: str | None
    decided: float | None


class Decision(msgspec.Struct, frozen=True):
    """Who decided what when, and the name of the policy that was in force from then on."""

    at: float
    role: str
    decision: str
    proposal: int
    policy: str


class Proposals:
    """The proposals of a database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def add(self, attempt: Attempt) -> int:
        """Its number."""
        row = msgspec.structs.asdict(attempt)
        row |= {name: msgspec.json.encode(row[name]).decode() for name in ("days", "left_out")}
        row["state"] = (State.NOTHING if attempt.policy is None else State.PROPOSED).value
        mine = PROPOSALS.c.hall == attempt.hall
        nothing = select(PROPOSALS.c.id).where(mine, PROPOSALS.c.state == State.NOTHING)
        vain = nothing.order_by(PROPOSALS.c.id.desc()).offset(VAIN_MAX)
        waiting = update(PROPOSALS).where(mine, PROPOSALS.c.state == State.PROPOSED)
        with self._writing() as connection:
            if attempt.policy is not None:
                connection.execute(waiting.values(state=State.SUPERSEDED.value))
            number = connection.execute(insert(PROPOSALS).values(**row)).inserted_primary_key
            connection.execute(delete(PROPOSALS).where(PROPOSALS.c.id.in_(vain.scalar_subquery())))
        assert number is not None
        return int(number[0])

    def decide(self, hall: str, proposal: int, decision: State, *, role: str, at: float, base: str) -> None:
        """Accept, decline or take back. The same once more changes nothing; `base` names the usual policy."""
        with self._writing() as connection:
            here = PROPOSALS.c.hall == hall, PROPOSALS.c.id == proposal
            moved = connection.execute(
                update(PROPOSALS)
                .where(*here, PROPOSALS.c.state.in_(FROM[decision]))
                .values(state=decision.value)
            )
            if not moved.rowcount:
                _refuse(connection.scalar(select(PROPOSALS.c.state).where(*here)), decision)
                return
            row = {"hall": hall, "proposal": proposal, "decision": decision.value, "role": role, "at": at}
            after = [*_decided(connection, hall), (proposal, decision.value)]
            policy = base if _in_force(after) is None else LEARNED
            connection.execute(insert(DECISIONS).values(policy=policy, **row))

    def in_force(self, hall: str) -> Learned | None:
        """The policy that was accepted last and not taken back; None: the usual one."""
        with self._reading() as connection:
            number = _in_force(_decided(connection, hall))
            if number is None:
                return None
            text = connection.scalar(select(PROPOSALS.c.policy).where(PROPOSALS.c.id == number))
        try:
            return msgspec.json.decode(text or "", type=Learned)
        except msgspec.DecodeError as error:
            log.error("hall %s: proposal %d cannot be read (%s); it does not count", hall, number, error)  # noqa: TRY400
            return None

    def told(self, hall: str) -> list[Told]:
        """The newest first."""
        newest = select(PROPOSALS).where(PROPOSALS.c.hall == hall).order_by(PROPOSALS.c.id.desc())
        with self._reading() as connection:
            rows = connection.execute(newest.limit(TOLD_MAX)).all()
            numbers = [row.id for row in rows]
            decisions = select(DECISIONS).where(DECISIONS.c.hall == hall, DECISIONS.c.proposal.in_(numbers))
            last = {one.proposal: one for one in connection.execute(decisions.order_by(DECISIONS.c.id))}
        return [_told(row, last.get(row.id)) for row in rows]

    def decisions(self, hall: str, since: float = 0.0, until: float = float("inf")) -> list[Decision]:
        """Those of an interval of the hall's time, the oldest first."""
        rows = select(DECISIONS).where(
            DECISIONS.c.hall == hall, DECISIONS.c.at >= since, DECISIONS.c.at < until
        )
        with self._reading() as connection:
            return [
                Decision(row.at, row.role, row.decision, row.proposal, row.policy)
                for row in connection.execute(rows.order_by(DECISIONS.c.id))
            ]

    def newest_decisions(self) -> dict[str, int]:
        """The number of the newest decision of each hall that has one."""
        newest = select(DECISIONS.c.hall, func.max(DECISIONS.c.id).label("id")).group_by(DECISIONS.c.hall)
        with self._reading() as connection:
            return {row.hall: row.id for row in connection.execute(newest)}

    def last_asked(self, hall: str, asked: str) -> float | None:
        """When it was last tried at the wish of `asked`."""
        newest = select(PROPOSALS.c.made).where(PROPOSALS.c.hall == hall, PROPOSALS.c.asked == asked)
        with self._reading() as connection:
            found: float | None = connection.scalar(newest.order_by(PROPOSALS.c.id.desc()).limit(1))
            return found

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with available(WHAT), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with available(WHAT), in_turn(self.engine) as connection:
            yield connection


def _decided(connection: Connection, hall: str) -> list[tuple[int, str]]:
    rows = select(DECISIONS.c.proposal, DECISIONS.c.decision).where(DECISIONS.c.hall == hall)
    return [(row.proposal, row.decision) for row in connection.execute(rows.order_by(DECISIONS.c.id))]


def _in_force(decided: list[tuple[int, str]]) -> int | None:
    """The proposal accepted last of those that were not taken back."""
    accepted: list[int] = []
    for proposal, decision in decided:
        if decision == State.ACCEPTED:
            accepted.append(proposal)
        elif proposal in accepted:
            accepted.remove(proposal)
    return accepted[-1] if accepted else None


def _refuse(state: str | None, decision: State) -> None:
    """Why it cannot be decided; nothing if it is so already."""
    if state is None:
        raise ProposalRefused("unknown-proposal", "this hall has no such proposal")
    if state != decision:
        raise ProposalRefused("wrong-state", f"this proposal is {state}; it cannot be {decision} now")


def _told(row: Row[Any], last: Row[Any] | None) -> Told:
    return Told(
        id=row.id,
        made=row.made,
        asked=row.asked,
        days=tuple(msgspec.json.decode(row.days)),
        left_out=tuple(msgspec.json.decode(row.left_out)),
        gain=None if row.gain is None else msgspec.json.decode(row.gain),
        reason=row.reason,
        detail=row.detail,
        state=State(row.state),
        role=None if last is None else last.role,
        decided=None if last is None else last.at,
    )
