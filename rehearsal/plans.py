"""What happens outside of the program: who registers which lead and account, and what clients do then.

Everything is drawn beforehand by the seed and the number of the lead or account. Whether it comes to it depends on what
partners and staff do; when it would, does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

from program.calendar import Half, is_business_day
from program.edition import Track
from records.partners import Partner
from rehearsal.chance import dice, happens

Kind = Literal["opportunity_opened", "opportunity_moved", "opportunity_won", "opportunity_lost", "client_paid"]
Says = Literal["confirm", "deny", "revoke"]


@dataclass(frozen=True, slots=True)
class Fact:
    """What the CRM reports on a day, which happened some days before."""

    kind: Kind
    on: date
    days_late: int = 0


@dataclass(frozen=True, slots=True)
class LeadPlan:
    """A lead that a partner registers, and what its prospect does."""

    number: int
    partner: str
    domain: str
    account: str
    on: date
    affiliate: bool
    self_closed: bool
    facts: tuple[Fact, ...]
    pays: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client answers to its mails on a day."""

    says: Says
    on: date


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """An account that a partner says it manages, and what its client answers."""

    number: int
    partner: str
    api_key: str
    address: str
    on: date
    answers: tuple[Answer, ...]
    ends_on: date | None
    pays: tuple[int, int]


def draw_leads(partners: Sequence[Partner], many: int, *, seed: int, half: Half) -> list[LeadPlan]:
    """So many leads, spread over the half-year. Now and then one is after a prospect that another partner has."""
    plans: list[LeadPlan] = []
    for number in range(1, many + 1):
        chance = dice(seed, "lead", number)
        partner, on = chance.choice(partners).id, _some_day(chance, half)
        domain = f"prospect-{number:05}.example"
        if plans and happens(chance, 0.08):
            rival = chance.choice(plans)
            later = next_business_day(rival.on + timedelta(days=chance.randint(1, 40)))
            if rival.partner != partner and later < half.last_day:
                domain, on = rival.domain, later
        affiliate = domain.startswith(f"prospect-{number:05}") and happens(chance, 0.12)
        facts, pays = _facts(chance, on), chance.choice((80, 150, 300, 600, 1_500, 3_600))
        plans.append(
            LeadPlan(number, partner, domain, f"L{number:05}", on, affiliate, happens(chance, 0.35), facts, pays)
        )
    return plans


def draw_accounts(partners: Sequence[Partner], many: int, *, seed: int, half: Half) -> list[AccountPlan]:
    """So many accounts, mostly of masters. Now and then one is submitted that another partner manages."""
    masters = [each for each in partners if each.track is Track.MASTER] or list(partners)
    plans: list[AccountPlan] = []
    for number in range(1, many + 1):
        chance = dice(seed, "account", number)
        partner = chance.choice(masters if happens(chance, 0.8) else partners).id
        api_key, on = f"A{number:05}", _some_day(chance, half)
        if plans and happens(chance, 0.06):
            rival = chance.choice(plans)
            later = next_business_day(rival.on + timedelta(days=chance.randint(5, 50)))
            if rival.partner != partner and later < half.last_day:
                api_key, on = rival.api_key, later
        answers = _answers(chance, on)
        ends = on + timedelta(days=chance.randint(40, 120)) if happens(chance, 0.05) else None
        pays = chance.choice(((120, 0), (400, 0), (400, 60), (1_200, 150), (3_000, 0)))
        address = f"contact-{number:05}@client.example"
        plans.append(AccountPlan(number, partner, api_key, address, on, answers, ends, pays))
    return plans


def next_business_day(day: date) -> date:
    """The day itself, or the next one on which people work."""
    while not is_business_day(day):
        day += timedelta(days=1)
    return day


def _some_day(chance: Random, half: Half) -> date:
    days = (half.last_day - half.first_day).days - 10
    return next_business_day(half.first_day + timedelta(days=chance.randint(0, days)))


def _facts(chance: Random, on: date) -> tuple[Fact, ...]:
    """What becomes of a prospect: it pays, it is worked on by sales, or nothing comes of it."""

    def after(day: date, least: int, most: int) -> date:
        return day + timedelta(days=chance.randint(least, most))

    match chance.choices(("pays", "pays late", "reported late", "opportunity", "nothing"), (28, 4, 4, 20, 44))[0]:
        case "pays":
            return (Fact("client_paid", after(on, 5, 86)),)
        case "pays late":
            return (Fact("client_paid", after(on, 92, 120)),)
        case "reported late":
            return (Fact("client_paid", after(on, 92, 99), days_late=10),)
        case "opportunity":
            opened = after(on, 8, 80)
            moved = after(opened, 10, 30)
            if happens(chance, 0.3):
                return (Fact("opportunity_opened", opened), Fact("opportunity_lost", moved))
            won = after(moved, 5, 40)
            paid = (Fact("client_paid", after(won, 3, 50)),) if happens(chance, 0.85) else ()
            return (
                Fact("opportunity_opened", opened), Fact("opportunity_moved", moved), Fact("opportunity_won", won),
                *paid,
            )  # fmt: skip
    return ()


def _answers(chance: Random, on: date) -> tuple[Answer, ...]:
    """What a client does with the mail: most confirm, some deny, and the rest lets it lie."""
    day = on + timedelta(days=chance.choice((1, 1, 2, 4, 5, 8, 10, 15, 20, 28)))
    match chance.choices(("confirm", "confirm and revoke", "deny", "silence"), (60, 5, 8, 27))[0]:
        case "confirm":
            return (Answer("confirm", day),)
        case "confirm and revoke":
            return (Answer("confirm", day), Answer("revoke", day + timedelta(days=chance.randint(15, 70))))
        case "deny":
            return (Answer("deny", day),)
    return ()
