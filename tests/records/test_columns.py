"""Instants and decimals come back as they went in, in the right order, from both databases."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Engine, Integer, MetaData, Table, delete, insert, select
from sqlalchemy.exc import StatementError

from records.columns import Exact, Instant
from records.database import reading, writing

kept = Table("kept", MetaData(), Column("id", Integer, primary_key=True), Column("at", Instant), Column("share", Exact))

ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=ZONES)  # noqa: DTZ001
SHARES = st.decimals(Decimal("-10000"), Decimal("10000"), places=4)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(written=st.lists(st.tuples(INSTANTS, SHARES), max_size=8))
def test_values_survive_and_keep_their_order(engine: Engine, written: list[tuple[datetime, Decimal]]) -> None:
    with writing(engine) as connection:
        kept.create(connection, checkfirst=True)
        connection.execute(delete(kept))
        for number, (at, share) in enumerate(written):
            connection.execute(insert(kept).values(id=number, at=at, share=share))
    with reading(engine) as connection:
        found = connection.execute(select(kept).order_by(kept.c.at, kept.c.id)).all()
    expected = sorted(enumerate(written), key=lambda item: (item[1][0], item[0]))
    assert [(row.id, row.at, row.share) for row in found] == [(n, at, share) for n, (at, share) in expected]
    assert all(row.at.tzinfo is UTC for row in found)


def test_an_instant_without_a_zone_is_refused(engine: Engine) -> None:
    with writing(engine) as connection:
        kept.create(connection, checkfirst=True)
        with pytest.raises(StatementError, match="names no time zone"):
            connection.execute(insert(kept).values(id=1, at=datetime(2026, 1, 1)))  # noqa: DTZ001
