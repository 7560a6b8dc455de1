"""Commits as a test wants them: only what matters is said."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Table, select

from program.edition import Tier, Track
from records.database import reading
from records.partners import Partner, put_partner
from states.effects import Claim, Commit, Credit, Effect, PinTerms, Projection, Release, Step

NOW = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)
DOMAIN = "client.example"
KIND = "prospect"


def day(number: float) -> datetime:
    """So many days after `NOW`."""
    return NOW + timedelta(days=number)


def step(*effects: Effect, trigger: str = "begin", at: datetime = NOW, **fields: Any) -> Step:
    given: dict[str, Any] = {"source": "received", "dest": "in_review", "by": "partnerflow", "handled_at": at}
    return Step(trigger=trigger, at=at, effects=effects, **{**given, **fields})


def commit(process: str, number: int, *steps: Step, chain: str = "run-1", **projected: Any) -> Commit:
    given: dict[str, Any] = {
        "kind": "lead",
        "state": "in_review",
        "partner_id": "p-1",
        "subject": DOMAIN,
        "edition": "2022",
        "lifecycle_version": 1,
        "since": NOW,
    }
    return Commit(
        process=process,
        chain=chain,
        number=number,
        steps=steps,
        projection=Projection(**{**given, **projected}),
    )


def claim(since: datetime = NOW, *, subject: str = DOMAIN, **asks: bool) -> Claim:
    """A claim; `asks` are its `firm`, `net_new` and `takes_over`."""
    return Claim.model_validate({"kind": KIND, "subject": subject, "since": since, **asks})


def release(subject: str = DOMAIN) -> Release:
    return Release(kind=KIND, subject=subject)


def credit(paid: datetime = NOW, subject: str = DOMAIN) -> Credit:
    return Credit(kind=KIND, subject=subject, first_payment_at=paid)


def pin(at: datetime = NOW) -> PinTerms:
    return PinTerms(at=at)


def a_partner(engine: Engine, partner_id: str = "p-1", **fields: Any) -> Partner:
    given: dict[str, Any] = {
        "id": partner_id,
        "name": f"Agency {partner_id}",
        "contact_name": "The owner",
        "contact_email": f"owner@{partner_id}.example",
        "joined_at": NOW - timedelta(days=100),
        "track": Track.ADVISOR,
        "tier": Tier.PARTNER,
    }
    made = Partner.model_validate({**given, **fields})
    put_partner(engine, made, now=NOW)
    return made


def rows(engine: Engine, table: Table) -> list[dict[str, Any]]:
    """All rows of a table, in the order of its primary key."""
    with reading(engine) as connection:
        found = connection.execute(select(table).order_by(*table.primary_key)).mappings()
        return [dict(row) for row in found]
