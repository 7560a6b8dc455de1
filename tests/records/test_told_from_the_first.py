"""A process that was begun a moment ago is told of what changes, although it has recorded nothing yet.

It may have read the records already for what it is about to record.
"""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, insert, update

from program.edition import Tier, Track
from program.fact_kinds import Agreement
from records.commits import write_commit
from records.database import writing
from records.entering import enter_partner
from records.partner_told import take_partner_fact
from records.partners import Partner
from records.tables import outbox, season_list
from tests.records.making import NOW, commit, rows, step

PARTNER = Partner(
    id="elbe", name="Elbe Commerce", contact_name="Desk", contact_email="desk@elbe.example", track=Track.MASTER,
    tier=Tier.PLATINUM, joined_at=datetime(2020, 1, 1, tzinfo=UTC),
)  # fmt: skip
NOMINATION = "nomination:2027-H1:elbe"


@pytest.fixture(autouse=True)
def begun(engine: Engine) -> None:
    """The relay has begun both processes: nothing waits to leave, and nothing is recorded."""
    enter_partner(engine, PARTNER, edition="2022", now=NOW)
    with writing(engine) as connection:
        connection.execute(
            insert(season_list).values(
                season="2027-H1", partner_id="elbe", look=1, reevaluation=False, on=date(2027, 1, 1), met=True,
                missing="", points=[], begun=True,
            )
        )  # fmt: skip
        connection.execute(update(outbox).values(status="sent"))


def agreement_ends(engine: Engine) -> list[str]:
    """Whom the fact is told to."""
    before = len(rows(engine, outbox))
    ended = Agreement(kind="agreement", signed=False)
    take_partner_fact(engine, source="crm", fact_id="1", partner_id="elbe", said=ended, at=NOW, now=NOW)
    new = rows(engine, outbox)[before:]
    assert {row["signal"] for row in new} <= {"facts_changed"}
    return sorted(row["target"] for row in new)


def test_both_are_told_before_they_have_recorded_anything(engine: Engine) -> None:
    assert agreement_ends(engine) == [NOMINATION, "partner:elbe"]


@pytest.mark.parametrize(("final", "told"), [(False, [NOMINATION, "partner:elbe"]), (True, [])])
def test_both_are_told_once_while_they_are_open(engine: Engine, final: bool, told: list[str]) -> None:
    for process in (NOMINATION, "partner:elbe"):
        kind, _, _ = process.partition(":")
        first = commit(process, 1, step(), kind=kind, partner_id="elbe", final=final)
        write_commit(engine, first, now=NOW)
    with writing(engine) as connection:
        connection.execute(update(outbox).values(status="sent"))
    assert agreement_ends(engine) == told


def test_nobody_is_told_where_none_was_begun(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(season_list).values(begun=False))
        connection.execute(update(outbox).where(outbox.c.signal == "begin").values(signal="else"))
    assert agreement_ends(engine) == []
