"""What `partnerflow doctor --repair` writes. All of it goes through the same commit as a process's own changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from secrets import token_hex

from sqlalchemy import Engine

from cli.checks.finding import NotMended, Repair
from records.benefits import BenefitLinks
from records.checkup import Accepted, Shown, Unaware, claims_of, take_back, tell_of_merger
from records.commits import write_commit
from records.parked import Parked, parked_commits, resolve
from records.refusal import Refused
from states.effects import Commit, Projection, Release, Step, Tell
from states.nomination_data import PREFIX as NOMINATION_PREFIX
from states.season_data import PREFIX as SEASON_PREFIX
from workflows.process import Snapshot

DOCTOR = "partnerflow doctor"
TERMINATED = "terminated"
"""The state that the records show of a process that was ended from outside."""

Now = Callable[[], datetime]


def rebuilt_as_ended(engine: Engine, shown: Shown, *, at: datetime, how: str, now: Now) -> Repair:
    """End a process in the records that does not run any more; what it held goes to the next in line."""

    def write() -> str:
        moment = now()
        held, told = claims_of(engine, shown.process), _season_told(shown)
        step = Step(
            trigger=TERMINATED,
            source=shown.projection.state,
            dest=TERMINATED,
            at=at,
            handled_at=moment,
            by=DOCTOR,
            reason=f"The process {how} in Temporal; the records were rebuilt.",
            effects=(*(Release(kind=kind, subject=subject) for kind, subject in held), *told),
        )
        ended = shown.projection.model_copy(
            update={
                "state": TERMINATED, "outcome": TERMINATED, "final": True, "since": at, "waits_for": "",
                "overdue": False, "due_at": None, "due_summary": "",
            }
        )  # fmt: skip
        _write(engine, shown, step, ended, moment)
        freed = f", and {', '.join(subject for _, subject in held)} is free for the next in line" if held else ""
        without = ", and its season goes on without it" if told else ""
        return f"{shown.process} is shown as terminated{freed}{without}."

    return _in_thread(write)


def _season_told(shown: Shown) -> tuple[Tell, ...]:
    """A season waits for what its nominations report; one that has ended can't say so itself."""
    if shown.projection.kind != "nomination":
        return ()
    half, _, partner = shown.process.removeprefix(NOMINATION_PREFIX).partition(":")
    over = {"partner": partner, "state": "closed"}
    return (Tell(process=f"{SEASON_PREFIX}{half}", signal="nomination_reported", payload=over),)


def rebuilt_from_process(engine: Engine, shown: Shown, snapshot: Snapshot, now: Now) -> Repair:
    """Show in the records what a process that was reset says of itself."""

    def write() -> str:
        moment, truth = now(), snapshot.projection
        step = Step(
            trigger="reset",
            source=shown.projection.state,
            dest=truth.state,
            at=moment,
            handled_at=moment,
            by=DOCTOR,
            reason="The process was reset in Temporal; the records were rebuilt from what it knows.",
        )
        _write(engine, shown, step, truth, moment)
        # Changes after the reset were refused because others had been written under their numbers.
        for parked in parked_commits(engine):
            if parked.commit.process == shown.process:
                resolve(engine, shown.process, parked.commit.chain, parked.commit.number, now=moment)
        return f"{shown.process} is shown as {truth.state}, as the process says."

    return _in_thread(write)


def told_again(engine: Engine, unaware: Unaware, now: Now) -> Repair:
    """Let a partner's process end that goes on although the partner was merged into another one."""

    def write() -> str:
        tell_of_merger(engine, unaware, now=now())
        return f"{unaware.process} is told that it was merged into {unaware.into}."

    return _in_thread(write)


def taken_back(engine: Engine, accepted: Accepted, now: Now) -> Repair:
    """Let something that was accepted and lost begin anew."""

    def write() -> str:
        take_back(engine, accepted, now=now())
        return f"{accepted.process} begins {'again' if accepted.way.by_outbox else 'when it is sent again'}."

    return _in_thread(write)


def written_again(engine: Engine, parked: Parked, now: Now, links: BenefitLinks) -> Repair:
    """Try once more to write a change that was refused."""

    def write() -> str:
        commit = parked.commit
        try:
            write_commit(engine, commit, now=now(), links=links, parked_at=parked.parked_at)
        except Refused as refusal:
            raise NotMended(f"{commit.process}: change {commit.number} is refused again: {refusal}") from None
        resolve(engine, commit.process, commit.chain, commit.number, now=now())
        return f"{commit.process}: change {commit.number} is written."

    return _in_thread(write)


def _write(engine: Engine, shown: Shown, step: Step, projection: Projection, moment: datetime) -> None:
    # A chain of its own: the process's numbers stay the process's.
    commit = Commit(
        process=shown.process, chain=f"doctor:{token_hex(8)}", number=1, steps=(step,), projection=projection
    )
    write_commit(engine, commit, now=moment)


def _in_thread(write: Callable[[], str]) -> Repair:
    async def repair() -> str:
        return await asyncio.to_thread(write)

    return repair
