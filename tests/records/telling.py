"""What tests tell of partners: facts, referrals with their MRR, managed accounts."""

from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any

from sqlalchemy import Engine, insert

from program.calendar import program_date
from records.database import writing
from records.partner_facts import PartnerFact, take_fact
from records.tables import client_accounts, managements, mrr, referrals

_numbers = count(1)


def tell(
    engine: Engine, partner_id: str, kind: str, *, at: datetime, received_at: datetime | None = None, **said: Any
) -> str:
    """One fact; returns its id."""
    fact_id = f"f-{next(_numbers)}"
    fact = PartnerFact("academy", fact_id, partner_id, kind, said, at, received_at or at)
    with writing(engine) as connection:
        assert take_fact(connection, fact, fact_id) == "new"
    return fact_id


def certify(engine: Engine, partner_id: str, *, at: datetime, person: str = "p1", until: date | None = None) -> None:
    """Somebody passes both certifications that tiers ask for."""
    for course in ("product", "partner"):
        more: dict[str, Any] = {"until": until.isoformat()} if until else {}
        tell(engine, partner_id, "certification", at=at, course=course, person=person, percent="90", **more)


def refer(engine: Engine, partner_id: str, email: int, sms: int = 0, *, paid: datetime) -> str:
    """A referral that pays so many dollars a month since then; returns its account."""
    account = f"R{next(_numbers):05}"
    domain = f"{account.lower()}.example"
    with writing(engine) as connection:
        connection.execute(
            insert(referrals),
            {
                "process": f"lead:{account}", "partner_id": partner_id, "kind": "prospect", "subject": domain,
                "percent": 10, "months": 12, "track": "advisor", "tier": "partner", "edition": "2022",
                "first_payment_at": paid, "credited_at": paid,
            },
        )  # fmt: skip
        connection.execute(
            insert(client_accounts),
            {"account": account, "known_from": paid, "known_until": None, "domain": domain, "source": "test"},
        )
    pay(engine, account, email, sms, at=paid)
    return account


def manage(engine: Engine, partner_id: str, email: int, sms: int = 0, *, since: datetime) -> str:
    """A managed account that pays so many dollars a month; returns its public API key."""
    account = f"M{next(_numbers):05}"
    with writing(engine) as connection:
        connection.execute(
            insert(managements),
            {
                "process": f"account:{account}:{partner_id}", "number": 1, "account": account,
                "partner_id": partner_id, "edition": "2022", "client_confirmed_at": since, "ended_at": None, "why": "",
            },
        )  # fmt: skip
    pay(engine, account, email, sms, at=since)
    return account


def pay(engine: Engine, account: str, email: int, sms: int = 0, *, at: datetime, month: str = "") -> None:
    """A month's MRR of an account, loaded at an instant; the month of the program's time zone unless told."""
    month = month or f"{program_date(at):%Y-%m}"
    with writing(engine) as connection:
        connection.execute(
            insert(mrr),
            {
                "account": account, "month": month, "email_cents": email * 100, "sms_cents": sms * 100,
                "first_loaded_at": at, "loaded_at": at, "import_id": "test",
            },
        )  # fmt: skip


def noon(day: date) -> datetime:
    """The middle of a day, in UTC."""
    return datetime.combine(day, time(12), tzinfo=UTC)
