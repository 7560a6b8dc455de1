"""The staff's page of an adjustment: who moves and why, and what came later."""

from datetime import timedelta

from sqlalchemy import Engine

from activities.jobs import Jobs
from program.calendar import Half
from program.edition import edition
from records.commits import write_commit
from records.database import writing
from records.jobs import begin_job
from states.adjustment import ADJUSTMENT
from states.adjustment_data import Adjustment
from states.effects import Projection
from tests.portal.conftest import House, away, compose
from tests.records.making import commit
from tests.records.telling import tell
from tests.records.test_adjusting import do_all, members, set_by_hand

HALF = Half(2027, 1)
RULES = edition("2022").moves
CUT_OFF = RULES.cut_off(HALF)


async def test_who_moves_and_what_came_later(engine: Engine) -> None:
    members(engine, 2)
    set_by_hand(engine, "p-00001")
    data = Adjustment.of("2027-H1", CUT_OFF, edition_name="2022", lifecycle_version=ADJUSTMENT.version)
    shown = Projection(
        kind="adjustment", state="listed", partner_id="everybody", subject="2027-H1", edition="2022",
        lifecycle_version=1, since=CUT_OFF, facts=Adjustment.model_validate(data).facts(),
    )  # fmt: skip
    write_commit(engine, commit("adjustment:2027-H1", 1).model_copy(update={"projection": shown}), now=CUT_OFF)
    args = {"half": "2027-H1", "cut_off": CUT_OFF.isoformat()}
    with writing(engine) as connection:
        begin_job(connection, "freeze", "freeze_facts", args, now=CUT_OFF)
    do_all(Jobs(engine, lambda: CUT_OFF + timedelta(minutes=1)))
    tell(
        engine, "p-00001", "website", at=CUT_OFF - timedelta(days=2), received_at=CUT_OFF + timedelta(days=1),
        evidence=["badge"],
    )  # fmt: skip
    async with House(compose(engine, away()), engine).caller() as staff:
        page = await staff.get("/adjustments/2027-H1")
        assert (await staff.get("/adjustments/2027-H2")).status_code == 404
    assert page.status_code == 200
    assert page.text.count("advisor gold → advisor partner") == 2
    assert page.text.count("advisor gold → advisor partner</strong> (set by hand)") == 1
    assert "Missing: $2,500 MRR referred" in page.text
    assert "website of 2027-03-23" in page.text
