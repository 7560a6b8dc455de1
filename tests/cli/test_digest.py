"""The daily digest: each business day once, for the roles that something waits for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from activities.digest import Digests
from program.clock import REAL_TIME
from records.commits import write_commit
from records.database import open_database, reading
from records.tables import outbox
from states.effects import Commit, Projection, Step
from states.staff import Role

MONDAY_NOON = datetime(2027, 1, 4, 17, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


def waits(engine: Engine, role: Role) -> None:
    """Let one lead wait for a role."""
    at = MONDAY_NOON - timedelta(days=9)
    projection = Projection(
        kind="lead", state="in_review", partner_id="p", subject="shop.example", edition="2022", lifecycle_version=1,
        since=at, waits_for=role.value,
    )  # fmt: skip
    step = Step(trigger="begin", source="received", dest="in_review", at=at, handled_at=at, by="partnerflow")
    write_commit(engine, Commit(process="lead:1", chain="c", number=1, steps=(step,), projection=projection), now=at)


def digests(engine: Engine, at: datetime) -> Digests:
    return Digests(engine, REAL_TIME, 8, lambda role: f"https://ui.example/{role.value}", real=lambda: at)


def keys(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.execute(select(outbox.c.key).order_by(outbox.c.key)).scalars())


def test_only_roles_that_something_waits_for_get_one(engine: Engine) -> None:
    waits(engine, Role.REVIEWER)
    assert digests(engine, MONDAY_NOON).post_today() == [Role.REVIEWER]
    assert keys(engine) == ["digest:reviewer:2027-01-04"]


def test_several_workers_and_restarts_post_it_once(engine: Engine) -> None:
    waits(engine, Role.MANAGER)
    for _ in range(3):
        digests(engine, MONDAY_NOON).post_today()
    assert keys(engine) == ["digest:manager:2027-01-04"]


def test_partners_get_none(engine: Engine) -> None:
    waits(engine, Role.PARTNER)
    assert digests(engine, MONDAY_NOON).post_today() == []


@pytest.mark.parametrize(
    ("at", "posted"),
    [
        (datetime(2027, 1, 4, 12, 59, tzinfo=UTC), False),  # 7:59 in New York
        (datetime(2027, 1, 4, 13, 0, tzinfo=UTC), True),
        (datetime(2027, 1, 5, 4, 59, tzinfo=UTC), True),  # still Monday there: caught up
        (datetime(2027, 1, 9, 17, tzinfo=UTC), False),  # a Saturday
        (datetime(2027, 1, 18, 17, tzinfo=UTC), False),  # a federal holiday
    ],
)
def test_it_is_posted_from_its_hour_on_business_days(engine: Engine, at: datetime, posted: bool) -> None:
    waits(engine, Role.REVIEWER)
    assert bool(digests(engine, at).post_today()) is posted
