"""Leads without Temporal and without a database: the driver's rules of time, and a register of claims, in memory.

A `World` has a clock that only moves forwards. Messages may be stamped earlier than they arrive, deadlines fire when
they are armed, commits are answered at once (or, with `database_away`, when it comes back), and whatever a commit
tells another process arrives at once. After every step a lead's data go through JSON and back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Literal
from zoneinfo import ZoneInfo

from states.effects import Claim, Credit, Mail, PinTerms, Receipt, Release, Step, Tell
from states.lead import LEAD
from states.lead_data import Lead, learn
from states.lifecycle import Event
from states.messages import Message, Refusal
from workflows.lead import effects_of

NEW_YORK = ZoneInfo("America/New_York")
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)

REVIEWER = {"by": "reviewer@vendor.example", "reason": "we looked at it"}
FACTORS = {**REVIEWER, "timely": "yes", "relationship": "deep", "accurate": "yes", "engaged": "nobody"}
SAYS: dict[str, dict[str, Any]] = {
    "accept": FACTORS,
    "reject": {**FACTORS, "because": "too_late"},
    **dict.fromkeys(
        ("renew", "decline_renewal", "keep_credit", "take_credit", "wait_longer", "give_up", "reinstate", "void"),
        REVIEWER,
    ),
    "stand_in_line": {"behind": "lead:other"},
}


def ny(text: str) -> datetime:
    """The instant (UTC) written in New York's time: "2027-01-05 10:00", or a date for its start."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


def end_of(day: str) -> datetime:
    """The end of a day, which is the start of the next one."""
    return (datetime.fromisoformat(day) + DAY).replace(tzinfo=NEW_YORK).astimezone(UTC)


@dataclass
class Row:
    """A claim or a place in line."""

    process: str
    since: datetime
    held: bool
    firm: bool


@dataclass
class Register:
    """What `states/effects.py` says of claims, terms and credits, for any number of prospects."""

    share: str = "10"
    rows: dict[str, list[Row]] = field(default_factory=dict)
    credited: dict[str, str] = field(default_factory=dict)
    first_payment: dict[str, datetime] = field(default_factory=dict)
    paid_before: set[str] = field(default_factory=set)
    terms: dict[str, dict[str, Any]] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=count)

    def write(
        self, process: str, steps: list[Step]
    ) -> tuple[Receipt, list[tuple[str, str, dict[str, Any]]], list[Mail]]:
        """Carry out the steps' effects: the receipt, the signals for other processes, and the mails."""
        told: list[tuple[str, str, dict[str, Any]]] = []
        mails: list[Mail] = []
        answers: dict[str, Any] = {}
        for step in steps:
            for effect in step.effects:
                match effect:
                    case Mail():
                        mails.append(effect)
                    case Tell():
                        told.append((effect.process, effect.signal, effect.payload))
                    case PinTerms():
                        pinned = {"percent": self.share, "months": 12, "track": "advisor", "tier": "partner"}
                        self.terms[process] = answers["terms"] = {**pinned, "at": effect.at.isoformat()}
                    case Release():
                        told += self._release(process, effect.subject, step.at)
                    case Claim():
                        answers |= self._claim(process, effect, step.at, told)
                    case Credit():
                        answers |= self._credit(process, effect, step.at, told)
                told = [(to, signal, {"id": f"outbox-{next(self._ids)}", **said}) for to, signal, said in told]
                if answers.get("claim") in ("behind", "taken"):
                    return Receipt(**answers), told, mails
        return Receipt(**answers), told, mails

    def holder(self, domain: str) -> Row | None:
        """Who holds the prospect."""
        return next((row for row in self.rows.get(domain, []) if row.held), None)

    def _claim(self, process: str, claim: Claim, at: datetime, told: list[Any]) -> dict[str, Any]:
        domain = claim.subject
        if domain in self.credited:
            other = self.credited[domain]
            return {"claim": "held"} if other == process else {"claim": "taken", "claimed_by": other}
        rows, holder = self.rows.setdefault(domain, []), self.holder(domain)
        own = next((row for row in rows if row.process == process), None)
        if own is not None and own is holder:
            own.firm = own.firm or claim.firm
            return {"claim": "held"}
        if claim.net_new and (holder is not None or domain in self.paid_before):
            return {"claim": "taken"}
        if own is None:
            own = Row(process, claim.since, held=False, firm=False)
            rows.append(own)
        if holder is not None:
            if holder.firm or holder.since <= own.since:
                return {"claim": "behind", "claimed_by": holder.process}
            holder.held = False
            told.append((holder.process, "stand_in_line", {"behind": process, "at": at.isoformat()}))
        own.held, own.firm = True, claim.firm
        return {"claim": "held"}

    def _release(self, process: str, domain: str, at: datetime) -> list[tuple[str, str, dict[str, Any]]]:
        rows = self.rows.get(domain, [])
        own = next((row for row in rows if row.process == process), None)
        if own is None:
            return []
        rows.remove(own)
        line = sorted((row for row in rows if not row.held), key=lambda row: (row.since, row.process))
        if not own.held or not line:
            return []
        line[0].held, line[0].firm = True, False
        return [(line[0].process, "come_up", {"at": at.isoformat()})]

    def _credit(self, process: str, credit: Credit, at: datetime, told: list[Any]) -> dict[str, Any]:
        domain, holder = credit.subject, self.holder(credit.subject)
        if domain in self.credited:
            other = self.credited[domain]
            return {"claim": "held"} if other == process else {"claim": "taken", "claimed_by": other}
        if holder is None or holder.process != process:
            return {"claim": "behind", "claimed_by": holder.process if holder else ""}
        assert process in self.terms, f"{process} is credited without pinned terms"
        self.credited[domain] = process
        self.first_payment[domain] = credit.first_payment_at
        line = [row.process for row in self.rows.pop(domain) if row.process != process]
        told += [(other, "close_line", {"to": process, "at": at.isoformat()}) for other in line]
        return {"claim": "held"}


class World:
    """Leads, their clock, and what they caused. With `continues`, every lead goes on with data that were JSON."""

    def __init__(self, now: datetime, *, continues: bool = False) -> None:
        self.now = now
        self.continues = continues
        self.register = Register()
        self.leads: dict[str, Trial] = {}
        self.database_away = False

    def submit(
        self,
        lead_id: str = "1",
        *,
        partner: str = "north",
        domain: str = "shop.example",
        at: datetime | None = None,
        edition: str = "2022",
        origin: Literal["form", "affiliate"] = "form",
        self_closed: bool = False,
    ) -> Trial:
        """A partner submits a lead (or a prospect signs up); it begins now."""
        data = Lead.register(
            lead_id, partner, domain, at or self.now,
            edition_name=edition, lifecycle_version=1, origin=origin, self_closed=self_closed,
        )  # fmt: skip
        lead = Trial(self, data)
        self.leads[lead.process] = lead
        lead.take(LEAD.fire(lead.data, Event("begin", lead.data.since, self.now)))
        lead.commit()
        return lead

    def until(self, instant: datetime) -> None:
        """Let time pass: everything fires that is armed until then, in the order of the clock."""
        assert instant >= self.now, f"{instant} is past: it is {self.now}"
        while (nearest := min(self._armed(), key=lambda found: found[0], default=None)) and nearest[0] <= instant:
            self.now = max(self.now, nearest[0])
            nearest[1].wake()
        self.now = instant

    def database_returns(self) -> None:
        """The database answers again, and everything that waited is written."""
        self.database_away = False
        for lead in list(self.leads.values()):
            lead.commit()

    def _armed(self) -> Iterator[tuple[datetime, Trial]]:
        for lead in self.leads.values():
            if due := LEAD.next_deadline(lead.data):
                yield due.armed_at, lead


class Trial:
    """One lead and its history."""

    def __init__(self, world: World, data: Lead) -> None:
        self.world = world
        self.data = data
        self.steps: list[Step] = []
        self.mails: list[Mail] = []
        self.notices: list[str] = []
        self._queue: list[Step] = []
        self._seen: set[str] = set()

    @property
    def process(self) -> str:
        return f"lead:{self.data.id}"

    @property
    def state(self) -> str:
        return self.data.state

    @property
    def triggers(self) -> list[str]:
        """What happened, in order."""
        return [step.trigger for step in self.steps]

    @property
    def templates(self) -> list[str]:
        """The mails that left, in order."""
        return [mail.template for mail in self.mails]

    def at_of(self, trigger: str) -> datetime:
        """The recorded instant of the last step of that trigger."""
        return next(step.at for step in reversed(self.steps) if step.trigger == trigger)

    def say(self, action: str, at: datetime | None = None, **fields: Any) -> str:
        """Send a message that arrives now; stamped `at`, or now. Raises `Refusal`; returns the state."""
        payload: dict[str, Any] = {**SAYS.get(action, {}), **fields}
        kind = LEAD.actions[action]
        if not kind.by_staff:
            payload["at"] = (at or self.world.now).isoformat()
        else:
            assert at is None, "staff act when they act"
        self.follow(action, payload)
        return self.state

    def refusal(self, action: str, at: datetime | None = None, **fields: Any) -> str:
        """The sentence with which such a message is refused; nothing else may change."""
        before = self.data.model_copy(deep=True)
        try:
            self.say(action, at, **fields)
        except Refusal as refusal:
            assert self.data == before, "a refused message has changed something"
            return str(refusal)
        raise AssertionError(f"{action} was followed, the lead is {self.state}")

    def follow(self, action: str, payload: Mapping[str, Any] | str) -> None:
        """As the driver does: first the deadlines due before the message was sent, then the message itself."""
        message = LEAD.actions[action].message.parse(payload)
        if message.id and message.id in self._seen:
            return
        at = message.at or self.world.now
        self._advance(at)
        kept, aside = self.data.model_copy(), self.data.model_copy(deep=True)
        try:
            by = message.by or LEAD.actions[action].who[0].value
            self.take(LEAD.fire(self.data, Event(action, at, self.world.now, by=by, message=message)))
            self._seen.add(message.id)
        finally:
            assert kept == aside, "a value was changed in place, so that a shallow copy is no copy"
            self.commit()

    def _advance(self, before: datetime) -> None:
        # One step at a time, because the data may be other ones after it.
        while step := next(LEAD.advance(self.data, before=before, handled_at=self.world.now), None):
            self.take(step)

    def wake(self) -> None:
        """Fire what is armed."""
        while step := next(LEAD.wake(self.data, self.world.now), None):
            self.take(step)
        self.commit()

    def take(self, step: Step) -> None:
        step = step.model_copy(update={"effects": effects_of(self.data, step)})
        self._queue.append(step)
        self.steps.append(step)
        self.remember()

    def remember(self) -> None:
        """As continuing as new does: the data leave as JSON and come back the same."""
        again = Lead.model_validate(self.data.model_dump(mode="json"))
        assert again == self.data
        assert LEAD.deadlines(again) == LEAD.deadlines(self.data)
        if self.world.continues:
            self.data = again

    def commit(self) -> None:
        if self.world.database_away or not self._queue:
            return
        steps, self._queue = self._queue, []
        receipt, told, mails = self.world.register.write(self.process, steps)
        self.mails += [mail for mail in mails if not mail.only_while or self.state in mail.only_while]
        if follows := learn(self.data, receipt):
            self._answer(*follows)
        for process, signal, payload in told:
            if other := self.world.leads.get(process):
                try:
                    other.follow(signal, payload)
                except Refusal as refusal:
                    other.notices.append(str(refusal))

    def _answer(self, trigger: str, message: Message) -> None:
        now = self.world.now
        try:
            self.take(LEAD.fire(self.data, Event(trigger, now, now, message=message)))
        except Refusal as refusal:
            self.notices.append(str(refusal))
        self.wake()
        self.commit()
