"""A partner's process on a database, which writes its commits as the driver does: all that is queued in one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, select

from program.edition import Tier, Track
from records.commits import write_commit
from records.database import reading
from records.tables import outbox
from states import partner_data
from states.effects import Commit, Projection, Receipt
from states.lifecycle import Event
from states.partner import PARTNER
from states.partner_data import Partner
from tests.records.making import a_partner
from tests.states.alone import Trial
from workflows.partner import effects_of

JOINED = datetime(2026, 6, 1, 12, tzinfo=UTC)
BY_STAFF = {"by": "manager@vendor.example", "reason": "because"}


class Driven:
    """One partner. What is said to it is followed at once, and written once `commit` is called."""

    def __init__(self, engine: Engine, name: str, track: str = "advisor", tier: str = "partner") -> None:
        self.engine, self.process = engine, f"partner:{name}"
        self.number = self._written = 0
        a_partner(engine, name, track=Track(track), tier=Tier(tier), joined_at=JOINED)
        data = Partner.join(
            name, JOINED, edition_name="2022", lifecycle_version=PARTNER.version, track=Track(track), tier=Tier(tier)
        )
        self.trial = Trial(PARTNER, data, JOINED, effects_of=effects_of, says={})
        self.commit()

    @property
    def data(self) -> Partner:
        return self.trial.data

    @property
    def stands(self) -> str:
        return str(self.data.standing)

    def say(self, action: str, **fields: Any) -> None:
        """By staff, where it is theirs to say."""
        self.trial.say(action, **({**BY_STAFF, **fields} if PARTNER.actions[action].by_staff else fields))

    def commit(self) -> None:
        """Write what is queued and take in the answer, until there is nothing."""
        while receipt := self.write():
            self.learn(receipt)

    def write(self) -> Receipt | None:
        """One commit of all that is queued."""
        steps = tuple(self.trial.steps[self._written :])
        self._written += len(steps)
        if not steps:
            return None
        self.number += 1
        shown = Projection(
            kind="partner", state=self.data.state, partner_id=self.data.id, subject=self.data.id,
            edition=self.data.edition, lifecycle_version=PARTNER.version, since=self.data.since,
            facts=json.loads(json.dumps(self.data.facts(), default=datetime.isoformat)),
        )  # fmt: skip
        made = Commit(process=self.process, chain="run-1", number=self.number, steps=steps, projection=shown)
        return write_commit(self.engine, made, now=self.trial.now)

    def learn(self, receipt: Receipt) -> None:
        """Take in an answer, and do what follows from it."""
        if follows := partner_data.learn(self.data, receipt):
            trigger, message = follows
            self.trial.take(PARTNER.fire(self.data, Event(trigger, self.trial.now, self.trial.now, message=message)))

    def hear(self) -> list[str]:
        """Follow every message that waits for it in the outbox, in order, each with a commit of its own."""
        mine = (outbox.c.target == self.process) & (outbox.c.signal != "begin")
        waiting = select(outbox).where(mine).order_by(outbox.c.id)
        with reading(self.engine) as connection:
            told = connection.execute(waiting).all()
        for message in told:
            payload = dict(message.payload)
            self.trial.say(message.signal, datetime.fromisoformat(payload.pop("at")), **payload)
            self.commit()
        return [message.signal for message in told]
