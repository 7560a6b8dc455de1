"""Managed and referred MRR, as of any day and as it was known then, against a reference that reads everything."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event, insert

from program.calendar import end_of_day, last_day, months_later, program_date
from records.client_accounts import meet_account
from records.database import writing
from records.mrr import AccountMrr, PartnerMrr, mrr_of_accounts, mrr_of_partners
from records.tables import client_accounts, imports, managements, mrr, mrr_corrections, referrals
from tests.records.making import NOW, day
from tests.records.mrr_files import accounts, load

PARTNERS = ("p-1", "p-2")
ACCOUNTS = ("a1", "b2", "c3", "d4")
DOMAINS = ("one.example", "two.example", "three.example")
MONTHS = ("2025-11", "2025-12", "2026-01", "2026-02", "2026-03")


@dataclass
class World:
    """What happened, in the order of its instants; days count from `NOW`."""

    loaded: list[tuple[float, str, str, int, int]] = field(default_factory=list)
    domains: list[tuple[float, str, str | None]] = field(default_factory=list)
    managed: list[tuple[str, str, float, float | None]] = field(default_factory=list)
    referred: dict[str, tuple[str, float]] = field(default_factory=dict)

    def tell(self, engine: Engine) -> None:
        with writing(engine) as connection:
            for table in (client_accounts, imports, mrr, mrr_corrections, managements, referrals):
                connection.execute(delete(table))
        accounts(engine, **dict.fromkeys(ACCOUNTS))
        for at, account, domain in self.domains:
            meet_account(engine, account, domain=domain, source="test", at=day(at), corrects=True)
        for at, account, month, email, sms in self.loaded:
            report, refused = load(engine, f"{account},{month},{email},{sms}", at=day(at))
            assert report.lines == 1
            assert not refused
        for number, (partner, account, begins, ends) in enumerate(self.managed):
            manage(engine, partner, account, begins, ends, number)
        for domain, (partner, paid) in self.referred.items():
            refer(engine, partner, domain, day(paid))

    def of(self, partner: str, as_of: datetime, known_by: datetime) -> PartnerMrr:
        """The same by reading everything."""
        managed = [
            self.worth(account, as_of, known_by)
            for whose, account, begins, ends in self.managed
            if whose == partner and day(begins) <= as_of and (ends is None or as_of < day(ends))
        ]
        referred = [
            self.worth(account, as_of, known_by)
            for domain, (whose, paid) in self.referred.items()
            if whose == partner and day(paid) <= as_of <= months_later(day(paid), 12)
            for account in ACCOUNTS
            if self.domain_of(account, known_by) == domain
        ]
        paid_at = [
            day(paid)
            for domain, (whose, paid) in self.referred.items()
            if whose == partner and day(paid) <= as_of <= months_later(day(paid), 12)
            if any(self.domain_of(account, known_by) == domain for account in ACCOUNTS)
        ]
        return PartnerMrr(
            referred=Decimal(sum(email + sms for email, sms in referred)),
            referred_sms=Decimal(sum(sms for _, sms in referred)),
            managed=Decimal(sum(email + sms for email, sms in managed)),
            managed_accounts=len(managed),
            managed_accounts_with_sms=sum(sms > 0 for _, sms in managed),
            first_paid=min(paid_at, default=None),
        )

    def domain_of(self, account: str, known_by: datetime) -> str | None:
        said = [domain for at, whose, domain in self.domains if whose == account and day(at) <= known_by]
        return said[-1] if said else None

    def worth(self, account: str, as_of: datetime, known_by: datetime) -> tuple[int, int]:
        months: dict[str, tuple[int, int]] = {}
        for at, whose, month, email, sms in self.loaded:
            if whose == account and day(at) <= known_by and month <= f"{last_day(as_of):%Y-%m}":
                months[month] = (email, sms)
        return months[max(months)] if months else (0, 0)


def manage(
    engine: Engine, partner: str, account: str, begins: float, ends: float | None = None, number: int = 1
) -> None:
    row: dict[str, Any] = {
        "process": f"account:{account}:{partner}", "number": number, "account": account, "partner_id": partner,
        "edition": "2022", "client_confirmed_at": day(begins), "ended_at": None if ends is None else day(ends),
        "why": "",
    }  # fmt: skip
    with writing(engine) as connection:
        connection.execute(insert(managements), row)


def refer(engine: Engine, partner: str, domain: str, paid_at: datetime) -> None:
    row: dict[str, Any] = {
        "process": f"lead:{domain}", "partner_id": partner, "kind": "prospect", "subject": domain,
        "percent": Decimal(10), "months": 12, "track": "advisor", "tier": "silver", "edition": "2022",
        "first_payment_at": paid_at, "credited_at": paid_at,
    }  # fmt: skip
    with writing(engine) as connection:
        connection.execute(insert(referrals), row)


instants = st.integers(-60, 400).map(lambda hours: hours / 4)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    loaded = sorted(
        draw(
            st.lists(
                st.tuples(
                    instants, st.sampled_from(ACCOUNTS), st.sampled_from(MONTHS), st.integers(0, 99), st.integers(0, 3)
                ),
                max_size=10,
            )
        ),
        key=lambda each: each[0],
    )
    said = draw(st.lists(st.tuples(instants, st.sampled_from(ACCOUNTS), st.sampled_from((*DOMAINS, None))), max_size=6))
    # Nobody has heard of an account before `NOW`, and one instant holds one word on it.
    domains = sorted(
        {(at, who): (at, who, what) for at, who, what in said if at > 0}.values(), key=lambda each: each[0]
    )
    managed = []
    for account in draw(st.sets(st.sampled_from(ACCOUNTS))):
        ends = sorted(draw(st.lists(instants, min_size=1, max_size=3, unique=True)))
        spans = zip(ends, [*ends[1:], draw(st.none() | st.just(900.0))], strict=True)
        managed += [(draw(st.sampled_from(PARTNERS)), account, begins, until) for begins, until in spans]
    paid = st.integers(-380, 90).map(float)
    referred = draw(st.dictionaries(st.sampled_from(DOMAINS), st.tuples(st.sampled_from(PARTNERS), paid)))
    return World(loaded, domains, managed, referred)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(world=worlds(), as_of=instants, known_by=instants)
def test_it_is_what_reading_everything_gives(engine: Engine, world: World, as_of: float, known_by: float) -> None:
    world.tell(engine)
    for moment in (day(as_of), end_of_day(program_date(day(as_of)))):
        found = mrr_of_partners(engine, PARTNERS, as_of=moment, known_by=day(known_by), months=12)
        assert found == {each: world.of(each, moment, day(known_by)) for each in PARTNERS}


def of_partner(engine: Engine, *, as_of: datetime, known_by: datetime) -> PartnerMrr:
    return mrr_of_partners(engine, ["p-1"], as_of=as_of, known_by=known_by, months=12)["p-1"]


def test_a_correction_after_the_cut_off_does_not_rewrite_it(engine: Engine) -> None:
    accounts(engine, a1=None)
    manage(engine, "p-1", "a1", 0)
    load(engine, "a1,2026-01,250,10", at=day(1))
    load(engine, "a1,2026-01,100,0", at=day(30))
    assert of_partner(engine, as_of=day(20), known_by=day(20)).managed == Decimal(260)
    assert of_partner(engine, as_of=day(20), known_by=day(30)).managed == Decimal(100)
    assert of_partner(engine, as_of=day(20), known_by=NOW) == PartnerMrr(managed_accounts=1)
    of_account = mrr_of_accounts(engine, ["a1", "b2"], as_of=day(20), known_by=day(20))
    assert of_account == {"a1": AccountMrr("2026-01", Decimal(250), Decimal(10))}


def test_a_client_that_left_counts_nothing_and_one_domain_has_several_accounts(engine: Engine) -> None:
    accounts(engine, a1="shop.example", b2="shop.example", c3="left.example")
    refer(engine, "p-1", "shop.example", NOW)
    refer(engine, "p-1", "left.example", NOW)
    load(engine, "a1,2026-01,100,5", "b2,2025-12,7.5,0", "c3,2025-12,900,0", "c3,2026-01,0,0")
    found = of_partner(engine, as_of=day(10), known_by=day(10))
    assert found == PartnerMrr(referred=Decimal("112.5"), referred_sms=Decimal(5), first_paid=NOW)


@pytest.mark.parametrize(("paid", "counts"), [("2025-01-04", False), ("2025-01-05", True), ("2026-01-05", True)])
def test_the_twelve_months_begin_with_the_same_day_of_the_year_before(engine: Engine, paid: str, counts: bool) -> None:
    accounts(engine, a1="shop.example")
    refer(engine, "p-1", "shop.example", datetime.fromisoformat(f"{paid}T12:00:00+00:00"))
    load(engine, "a1,2025-01,100,0")
    cut_off = end_of_day(program_date(NOW))
    found = of_partner(engine, as_of=cut_off, known_by=day(1))
    assert found.referred == (100 if counts else 0)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The first words of what the database is asked meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement.split()[0])

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_thousand_partners_cost_one_query(engine: Engine) -> None:
    names = [f"p-{number}" for number in range(2_500)]
    with statements(engine) as asked:
        found = mrr_of_partners(engine, names, as_of=NOW, known_by=NOW + timedelta(days=1), months=12)
    assert asked.count("SELECT") == 3
    assert set(found.values()) == {PartnerMrr()}
