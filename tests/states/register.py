"""What `states/effects.py` says that the database decides, in memory: claims, terms, credits, managements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from states.effects import (
    Claim,
    Credit,
    EndManagement,
    Mail,
    Manage,
    PinTerms,
    Receipt,
    Release,
    Step,
    Tell,
    VendorsWord,
)


@dataclass
class Row:
    """A claim or a place in line."""

    process: str
    since: datetime
    held: bool
    firm: bool


@dataclass
class Management:
    """An interval in which a process managed an account."""

    account: str
    since: datetime
    ended: datetime | None
    because: str = ""


@dataclass
class Register:
    """Everything for any number of prospects and accounts."""

    share: str = "10"
    rows: dict[str, list[Row]] = field(default_factory=dict)
    credited: dict[str, str] = field(default_factory=dict)
    first_payment: dict[str, datetime] = field(default_factory=dict)
    paid_before: set[str] = field(default_factory=set)
    terms: dict[str, dict[str, Any]] = field(default_factory=dict)
    managements: dict[tuple[str, int], Management] = field(default_factory=dict)
    left_line: dict[str, tuple[str, Row, datetime]] = field(default_factory=dict)
    words: list[tuple[str, int, datetime, str]] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=count)

    def write(
        self, process: str, steps: list[Step]
    ) -> tuple[Receipt, list[tuple[str, str, dict[str, Any]]], list[Mail]]:
        """Carry out the steps' effects: the receipt, the signals for other processes, and the mails."""
        told: list[tuple[str, str, dict[str, Any]]] = []
        mails: list[Mail] = []
        answers: dict[str, Any] = {}
        for step in steps:
            self._leave_line(process, step)
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
                    case Manage():
                        answers |= self._manage(process, effect)
                    case EndManagement():
                        self._end(process, effect)
                    case VendorsWord():
                        self.words.append((process, effect.request, effect.at, effect.word))
                told = [(to, signal, {"id": f"outbox-{next(self._ids)}", **said}) for to, signal, said in told]
                if answers.get("claim") in ("behind", "taken") or answers.get("found"):
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
        if holder is not None and claim.takes_over and holder.since > claim.since:
            return {"claim": "taken", "claimed_by": holder.process}
        if own is None:
            own = Row(process, claim.since, held=False, firm=False)
            rows.append(own)
        if holder is not None and claim.takes_over:
            rows.remove(holder)
            told.append((holder.process, "superseded", {"by_process": process, "at": at.isoformat()}))
        elif holder is not None:
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
        if not own.held:
            return []
        left = {
            name: row for name, (of, row, until) in self.left_line.items()
            if of == domain and until > at and name != process
        }  # fmt: skip
        line = sorted([*rows, *left.values()], key=lambda row: (row.since, row.process))
        if not line:
            return []
        if line[0].process in left:
            rows.append(line[0])
        line[0].held, line[0].firm = True, False
        return [(line[0].process, "come_up", {"at": at.isoformat()})]

    def _leave_line(self, process: str, step: Step) -> None:
        """Keep the place of a lead that expires in line, until it goes on or is told of the end of a claim."""
        if step.trigger == "expire" and step.source == "in_line":
            for domain, rows in self.rows.items():
                for row in rows:
                    if row.process == process:
                        self.left_line[process] = domain, row, step.at
        elif step.dest != "expired" or step.trigger == "come_up":
            self.left_line.pop(process, None)

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

    def _manage(self, process: str, effect: Manage) -> dict[str, Any]:
        others = {
            key: each for key, each in self.managements.items() if key[0] != process and each.account == effect.account
        }
        for each in others.values():
            if each.since <= effect.since and (each.ended is None or each.ended > effect.since):
                each.ended, each.because = effect.since, "superseded"
        newer = min(((each.since, key[0]) for key, each in others.items() if each.since > effect.since), default=None)
        begun = Management(effect.account, effect.since, newer[0] if newer else None, "superseded" if newer else "")
        self.managements[process, effect.request] = begun
        return {"found": {"superseded_by": newer[1]}} if newer else {}

    def _end(self, process: str, effect: EndManagement) -> None:
        known = self.managements.get((process, effect.request))
        if known is not None and (known.ended is None or known.ended > effect.at):
            known.ended, known.because = effect.at, effect.because
