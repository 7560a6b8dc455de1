"""One change, one transaction: the projection, the audit, the claims and everything that is to leave."""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile
from operator import eq
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, exists, insert, select, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from records.asking import Answers, answers_before, found_by
from records.benefits import NO_LINKS, BenefitLinks
from records.carrying import Occasion, carry_out, conclude
from records.claims import Asker, as_it_stands, serialise
from records.database import writing
from records.leaving import begins, partner_held, tell_if_called_off, tell_what_it_missed
from records.merging import MOVES
from records.posting import Postings
from records.refusal import NeverHappened, Refused
from records.repetitions import digest_of, without_late_deadlines
from records.survivors import survivor_held, tell_new_partner
from records.tables import audit, commits, processes
from records.upsert import chosen, insert_if_new, insert_or_replace
from states.effects import (
    Begin,
    Claim,
    Commit,
    Credit,
    Link,
    Mail,
    Receipt,
    Release,
    Step,
    Tell,
)

_THIS_COMMIT = (
    (commits.c.process == bindparam("of"))
    & (commits.c.chain == bindparam("in_chain"))
    & (commits.c.number == bindparam("with_number"))
)
_FIRST_TIME = insert_if_new(commits)
_WRITTEN = select(commits.c.digest, commits.c.receipt).where(_THIS_COMMIT)
_LAST = select(processes.c.chain, processes.c.number).where(processes.c.process == bindparam("of"))
_ANOTHER_CHAIN = select(
    exists().where(
        commits.c.process == bindparam("of"),
        commits.c.chain != bindparam("in_chain"),
        commits.c.written_at > bindparam("since", type_=commits.c.written_at.type),
    )
)
_TOLD = select(audit.c.trigger, audit.c.by, audit.c.reason, audit.c.message_id).where(
    audit.c.process == bindparam("of"),
    audit.c.chain == bindparam("in_chain"),
    audit.c.number == bindparam("with_number"),
    audit.c.index == bindparam("at_index"),
)
_DECIDED = update(commits).where(_THIS_COMMIT)
_AUDIT = insert(audit)
# What a process is about never changes, and whose it is only a merger does; saying so spares SQLite the writing of
# indexes.
_PROJECT = insert_or_replace(processes, fixed=("kind", "partner_id", "subject"), unless_newer=("chain", "number"))

# PostgreSQL's word for it. SQLite has one writer, to whom nothing of others is hidden.
_UNIQUE_VIOLATION = "23505"


def write_commit(
    engine: Engine,
    commit: Commit,
    *,
    now: datetime,
    links: BenefitLinks = NO_LINKS,
    parked_at: datetime | None = None,
) -> Receipt:
    """Write a commit once, all of it or nothing, and say what the database decided. `now` is program time.

    `links` are those that this installation has for benefits. One that was refused at first, and `parked_at` an
    instant, is only noted if its process has begun a new life since.

    A repetition has no second effect, and gets the receipt of the first time, with its claim as that stands now. One
    that goes further, because its first writer died and the process has moved on since, has only the new steps carried
    out.
    Raises `NeverHappened` when the number is taken by a message that the process never saw, `Refused` where trying
    again can't help for another reason, and SQLAlchemy's errors where it can.
    """
    try:
        try:
            return _write(engine, commit, now, links, parked_at)
        except IntegrityError as error:
            if getattr(error.orig, "sqlstate", "") != _UNIQUE_VIOLATION:
                raise
            # Another transaction wrote the same at this moment. By now it is over, and can be seen.
            return _write(engine, commit, now, links, parked_at)
    except (StatementError, ValueError, OverflowError) as error:
        if not _for_good(error):
            raise
        cause = error.orig if isinstance(error, StatementError) and error.orig is not None else error
        raise Refused(f"The database can't hold commit {_named(commit)} ({type(cause).__name__}).") from None


def _write(engine: Engine, commit: Commit, now: datetime, links: BenefitLinks, parked_at: datetime | None) -> Receipt:
    answers = answers_before(engine, commit, now=now)
    with writing(engine) as connection:
        return _Writer(connection, commit, answers, now, links, parked_at).write()


def _for_good(error: StatementError | ValueError | OverflowError) -> bool:
    """Whether it is the content that can't be written, and not the database that can't write now."""
    if isinstance(error, DBAPIError):
        return isinstance(error, (IntegrityError, DataError))
    # An instant without a time zone, half a character, a number without end: found before the database saw it.
    return not isinstance(error, StatementError) or isinstance(error.orig, (ValueError, OverflowError))


def _named(commit: Commit) -> str:
    return f"{commit.number} of {commit.process} in run chain {commit.chain}"


class _Writer:
    """The writing of one commit, inside one transaction."""

    def __init__(
        self,
        connection: Connection,
        commit: Commit,
        answers: Answers,
        now: datetime,
        links: BenefitLinks,
        parked_at: datetime | None,
    ) -> None:
        self._connection = connection
        self._commit = commit
        self._answers = answers
        self._now = now
        self._parked_at = parked_at
        self._key = {"of": commit.process, "in_chain": commit.chain, "with_number": commit.number}
        postings = Postings(commit.process, now)
        self._occasion = Occasion(connection, postings, first=commit.number == 1, links=links, answers=answers)
        # Whoever began before two partners were merged may not know yet whose it is.
        self._partner_id = commit.projection.partner_id

    def write(self) -> Receipt:
        """Everything, unless it is there already."""
        done, written = self._begin(digest_of(self._commit))
        commit = self._commit
        (first, position), receipt = self._as_it_stands(done, written)
        lives_anew = self._parked_at is not None and self._lives_anew(self._parked_at)
        new = commit.steps[first:]
        if new and not lives_anew:
            self._look_at_partner(new)
            serialise(self._connection, _subjects(new))
            granted = receipt.claim in (None, "held")
            for index, step in enumerate(new, start=first):
                granted = granted and self._carry_out(index, step, position if index == first else 0)
            self._occasion.postings.write(self._connection)
        if done < len(commit.steps):
            self._write_audit(done)
        decided = self._receipt(receipt)
        if not lives_anew:
            self._project(goes_on=decided.claim == "behind")
        if (done > 0 or decided != written) and (done < len(commit.steps) or first < done):
            self._connection.execute(_DECIDED, {**self._key, "digest": digest_of(commit), "receipt": _shown(decided)})
        return decided

    def _look_at_partner(self, new: tuple[Step, ...]) -> None:
        """Find out whose the process is now, and tell it what it missed where it begins."""
        moves = self._commit.projection.kind in MOVES
        if begins(self._commit, new):
            partner = partner_held(self._connection, self._partner_id)
            if partner is not None and moves and partner.merged_into:
                was, self._partner_id = self._partner_id, partner.merged_into
                merged = {"was": was, "into": self._partner_id, "at": partner.left_at}
                tell_new_partner(self._occasion.postings, self._commit.process, **merged)
                partner = partner_held(self._connection, self._partner_id)
            if partner is not None:
                tell_what_it_missed(self._occasion.postings, self._commit, new, partner)
            tell_if_called_off(self._connection, self._occasion.postings, self._commit)
        elif moves and _speaks_of_partner(new):
            self._partner_id = survivor_held(self._connection, self._partner_id)

    def _begin(self, digest: str) -> tuple[int, Receipt]:
        """How many of the steps are written already, and with which receipt."""
        # Mostly a claim is granted, and what was asked is known. Guessed right, the row is not written a second time.
        claims = any(isinstance(effect, (Claim, Credit)) for step in self._commit.steps for effect in step.effects)
        guess = Receipt(claim="held" if claims else None, found=found_by(self._commit, self._answers))
        inserted = self._connection.execute(
            chosen(_FIRST_TIME, self._connection),
            {
                "process": self._commit.process,
                "chain": self._commit.chain,
                "number": self._commit.number,
                "digest": digest,
                "written_at": self._now,
                "receipt": _shown(guess),
            },
        )
        if inserted.rowcount == 1:
            return 0, guess
        written = self._connection.execute(_WRITTEN, self._key).one()
        before, now = written.digest.split(), digest.split()
        if now[: len(before)] != before:
            if (kept := without_late_deadlines(self._commit.steps, before, now)) is not None:
                self._commit = self._commit.model_copy(update={"steps": kept})
                return len(before), Receipt.model_validate(written.receipt)
            sentence = (
                f"Commit {_named(self._commit)} was written before with other content. Its process and the database "
                "disagree about what happened; compare the audit with the process's history."
            )
            done = sum(takewhile(bool, map(eq, before, now)))
            if self._tells_of_another_message(done):
                raise NeverHappened(sentence, done)
            raise Refused(sentence)
        return len(before), Receipt.model_validate(written.receipt)

    def _as_it_stands(self, done: int, receipt: Receipt) -> tuple[tuple[int, int], Receipt]:
        """What a repetition is told of a claim: how it stands now; and from which step and effect on to carry out.

        What became of it since was told to a process that did not know yet that it stood in line, or held it. What had
        to wait for a claim that has come up is carried out now.
        """
        claimed = next(
            (
                (index, position, effect)
                for index, step in enumerate(self._commit.steps[:done])
                for position, effect in enumerate(step.effects)
                if isinstance(effect, Claim)
            ),
            None,
        )
        if claimed is None or receipt.claim not in ("held", "behind"):
            return (done, 0), receipt
        index, position, claim = claimed
        serialise(self._connection, [(claim.kind, claim.subject)])
        now = as_it_stands(self._connection, claim.kind, claim.subject, self._commit.process)
        if now is None:
            return (done, 0), receipt
        waited = now.granted and receipt.claim == "behind"
        told = receipt.model_copy(update={"claim": now.claim, "claimed_by": now.by})
        return (index, position) if waited else (done, 0), told

    def _tells_of_another_message(self, index: int) -> bool:
        """Whether the step written at `index` is the process's last, and caused by another message than the new one.

        The same message with other effects is a process that contradicts itself, and an older commit one that was set
        back.
        """
        commit = self._commit
        if self._connection.execute(_LAST, {"of": commit.process}).one() != (commit.chain, commit.number):
            return False
        if index == len(commit.steps):
            return True
        step = commit.steps[index]
        told = self._connection.execute(_TOLD, {**self._key, "at_index": index}).one()
        return told != (step.trigger, step.by, step.reason, step.message_id)

    def _carry_out(self, index: int, step: Step, first: int) -> bool:
        """A step's effects from one on, in order; False as soon as a claim or a credit is not granted."""
        commit = self._commit
        for position, effect in enumerate(step.effects[first:], start=first):
            key = f"{commit.process}/{commit.chain}/{commit.number}/{index}/{position}"
            asker = Asker(commit.process, self._partner_id, commit.projection.edition, step.at, key)
            if not carry_out(effect, self._occasion, asker):
                return False
        return True

    def _receipt(self, before: Receipt) -> Receipt:
        """What was decided now, on top of what a first writer was told, or of what was guessed."""
        changes = self._occasion.decided(before.found)
        return before.model_copy(update=changes) if changes else before

    def _write_audit(self, done: int) -> None:
        commit = self._commit
        self._connection.execute(
            _AUDIT,
            [
                {
                    "process": commit.process,
                    "chain": commit.chain,
                    "number": commit.number,
                    "index": index,
                    "trigger": step.trigger,
                    "source": step.source,
                    "dest": step.dest,
                    "at": step.at,
                    "handled_at": step.handled_at,
                    "by": step.by,
                    "reason": step.reason,
                    "message_id": step.message_id,
                    "details": step.details,
                }
                for index, step in enumerate(commit.steps)
                if index >= done
            ],
        )

    def _lives_anew(self, since: datetime) -> bool:
        """Whether another run chain of the process has been written since an instant."""
        return bool(self._connection.execute(_ANOTHER_CHAIN, {**self._key, "since": since}).scalar())

    def _project(self, *, goes_on: bool) -> None:
        """How the process stands. One that thought it was over, and has to stand in line, goes on."""
        commit, shown = self._commit, self._commit.projection
        self._connection.execute(
            chosen(_PROJECT, self._connection),
            {
                "process": commit.process,
                "kind": shown.kind,
                "state": shown.state,
                "outcome": shown.outcome,
                "final": shown.final,
                "partner_id": self._partner_id,
                "subject": shown.subject,
                "edition": shown.edition,
                "lifecycle_version": shown.lifecycle_version,
                "since": shown.since,
                "waits_for": shown.waits_for,
                "overdue": shown.overdue,
                "due_at": shown.due_at,
                "due_summary": shown.due_summary,
                "facts": shown.facts,
                "chain": commit.chain,
                "number": commit.number,
                "updated_at": self._now,
            },
        )
        if shown.final and not goes_on:
            conclude(self._connection, commit.process, at=shown.since, because=shown.outcome)


def _shown(receipt: Receipt) -> dict[str, Any]:
    return receipt.model_dump(mode="json", exclude_defaults=True)


def _speaks_of_partner(steps: tuple[Step, ...]) -> bool:
    """Whether anything that follows is written for the partner; most commits have mails alone."""
    return any(not isinstance(effect, (Mail, Tell, Begin, Link)) for step in steps for effect in step.effects)


def _subjects(steps: tuple[Step, ...]) -> list[tuple[str, str]]:
    return [
        (effect.kind, effect.subject)
        for step in steps
        for effect in step.effects
        if isinstance(effect, (Claim, Release, Credit))
    ]
