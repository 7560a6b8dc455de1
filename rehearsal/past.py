"""What is known of partners before the half-year begins, drawn so that it gives them what they hold.

Most stay where they are. Some slip, month by month, below what they hold, and some climb: so an adjustment has
something to adjust, and partners move up in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal

from sqlalchemy import Connection, Engine, insert

from program.calendar import program_date
from program.edition import Edition, Tier, Track
from records.database import writing
from records.partner_facts import PartnerFact, take_fact
from records.partners import Partner
from records.tables import client_accounts, managements, mrr, referrals
from rehearsal.chance import dice

Course = Literal["partner", "product", "sales", "sms", "sms_strategy"]
ALL_COURSES: tuple[Course, ...] = ("partner", "product", "sales", "sms", "sms_strategy")
SOURCE = "rehearsal"


@dataclass(frozen=True, slots=True)
class Payer:
    """A client account that pays: dollars of the month before the rehearsal, and how they grow from month to month."""

    account: str
    email: int
    sms: int
    growth: float

    def amounts(self, months: int) -> tuple[int, int]:
        """E-mail and SMS so many months later."""
        factor = self.growth**months
        return round(self.email * factor), round(self.sms * factor)


def way_of(chance: Random) -> float:
    """How what the accounts of a partner pay grows from month to month: mostly it stays, or it slips, or it climbs."""
    return chance.choices((1.01, 0.8, 1.18), (0.74, 0.14, 0.12))[0]


def remember(engine: Engine, partners: Iterable[Partner], *, seed: int, rules: Edition, at: datetime) -> list[Payer]:
    """Write what is known of each partner at an instant; the accounts that go on paying."""
    payers: list[Payer] = []
    with writing(engine) as connection:
        for each in partners:
            payers += _Past(connection, each, dice(seed, "past", each.id), rules, at, len(payers)).write()
    return payers


@dataclass(slots=True)
class _Past:
    """What is written of one partner."""

    connection: Connection
    partner: Partner
    chance: Random
    rules: Edition
    at: datetime
    number: int

    def write(self) -> list[Payer]:
        partner, chance = self.partner, self.chance
        # Twice out of three a platinum master has what the season's list asks for.
        worthy = partner.tier is Tier.ELITE or (
            (partner.track, partner.tier) == (Track.MASTER, Tier.PLATINUM) and chance.random() < 0.67
        )
        self._facts(worthy)
        asked = self.rules.requirements(partner.track, Tier.ELITE if worthy else partner.tier)
        way = way_of(chance)
        if worthy:
            way = max(way, 1.0)
        generous = chance.uniform(1.15, 1.9)
        referred, managed = float(asked.referred_mrr or 0) * generous, float(asked.managed_mrr or 0) * generous
        sms = max(float(asked.referred_sms_mrr or 0), 1_000.0 if worthy else 0.0) * generous
        if partner.tier is Tier.PARTNER:
            referred = chance.choice((0, 0, 90, 220))
        payers = [*self._refer(referred, sms, way), *self._manage(managed, way, with_sms=worthy)]
        if payers:
            self.connection.execute(insert(mrr), [self._paid(each) for each in payers])
        return payers

    def _refer(self, dollars: float, sms: float, way: float) -> Iterator[Payer]:
        parts = 0 if dollars <= 0 else self.chance.randint(1, 3)
        for _ in range(parts):
            account = self._next("R")
            paid = self.at - timedelta(days=self.chance.randrange(20, 140))
            domain = f"{account.lower()}-client.example"
            self.connection.execute(
                insert(referrals),
                {
                    "process": f"lead:{account}", "partner_id": self.partner.id, "kind": "prospect", "subject": domain,
                    "percent": 10, "months": 12, "track": self.partner.track.value, "tier": self.partner.tier.value,
                    "edition": self.rules.name, "first_payment_at": paid, "credited_at": paid,
                },
            )  # fmt: skip
            self._know(account, paid, domain)
            yield Payer(account, round((dollars - sms) / parts) + 1, round(sms / parts) + 1, way)

    def _manage(self, dollars: float, way: float, *, with_sms: bool) -> Iterator[Payer]:
        parts = 0 if dollars <= 0 else self.chance.randint(1, 3)
        for _ in range(parts):
            account = self._next("M")
            since = self.at - timedelta(days=self.chance.randrange(20, 140))
            self.connection.execute(
                insert(managements),
                {
                    "process": f"account:{account}:{self.partner.id}", "number": 1, "account": account,
                    "partner_id": self.partner.id, "edition": self.rules.name, "client_confirmed_at": since,
                    "ended_at": None, "why": "",
                },
            )  # fmt: skip
            self._know(account, since, None)
            each = dollars / parts
            yield Payer(account, round(each * 0.9) + 1, round(each * 0.1) + 1 if with_sms else 0, way)

    def _know(self, account: str, since: datetime, domain: str | None) -> None:
        known = {"account": account, "known_from": since, "known_until": None, "domain": domain, "source": SOURCE}
        self.connection.execute(insert(client_accounts), known)

    def _next(self, letter: str) -> str:
        """A public API key that nobody else has: six letters and digits."""
        self.number += 1
        return f"{letter}{self.number:05}"

    def _paid(self, payer: Payer) -> dict[str, Any]:
        last = program_date(self.at).replace(day=1) - timedelta(days=1)
        return {
            "account": payer.account, "month": f"{last:%Y-%m}", "email_cents": payer.email * 100,
            "sms_cents": payer.sms * 100, "first_loaded_at": self.at, "loaded_at": self.at, "import_id": SOURCE,
        }  # fmt: skip

    def _facts(self, worthy: bool) -> None:
        partner, chance = self.partner, self.chance
        if partner.tier is Tier.PARTNER and chance.random() < 0.5:
            return
        people = [f"{partner.id}-e1", f"{partner.id}-e2"]
        self._tell("team", people=people)
        for course in ALL_COURSES if worthy else ALL_COURSES[:2]:
            self._tell("certification", course=course, person=people[0], percent=str(chance.randint(81, 99)))
        if self.rules.rank(partner.tier) >= self.rules.rank(Tier.GOLD):
            self._tell("website", evidence=["badge"])
        if partner.track is Track.MASTER:
            self._tell("services", services=["strategic_guidance", "implementation"])
        if worthy:
            self._tell("health_score", score=str(chance.choices((58, 71, 84), (1, 4, 4))[0]))
            self._tell("report_card", percent=str(chance.choices((6, 9, 14), (1, 4, 4))[0]))
            if chance.random() < 0.85:
                self._tell("case_study")

    def _tell(self, kind: str, **said: Any) -> None:
        at = self.at - timedelta(days=30)
        name = f"{self.partner.id}/{kind}/{said.get('course', '')}"
        take_fact(self.connection, PartnerFact(SOURCE, name, self.partner.id, kind, said, at, at), name[:64])
