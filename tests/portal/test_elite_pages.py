"""The staff's pages of elite seasons: nominate, decline, score, compare. Both ways reach the same updates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.client import Client, WorkflowHandle

from program.calendar import Half
from program.clock import REAL_TIME
from program.edition import LATEST
from program.season import Timetable
from records.nominations import cases_of, nominations_of
from records.notes import notes_on
from records.tables import audit
from states.nomination import NOMINATION
from states.nomination_data import Nomination
from states.season import SEASON
from states.season_data import Season
from states.staff import Member, Role, StaffList
from tests.portal.conftest import House, compose
from tests.portal.visiting import browser, hidden
from tests.workflows.conftest import Desk, Server, eventually

SECOND = "second@vendor.example"
MANAGER, CHAIR, STRANGER = "manager@vendor.example", "chair@vendor.example", "reviewer@vendor.example"
MEMBERS = tuple(f"member{number}@vendor.example" for number in range(1, 4))
STAFF = StaffList(
    staff=(
        Member(address=MANAGER, roles=(Role.MANAGER, Role.COMMITTEE)),
        Member(address=SECOND, roles=(Role.MANAGER,)),
        Member(address=CHAIR, roles=(Role.CHAIR,)),
        Member(address=STRANGER, roles=(Role.REVIEWER,)),
        *(Member(address=member, roles=(Role.COMMITTEE,)) for member in MEMBERS),
    )
)
Handle = WorkflowHandle[Any, Any]
RUBRIC = LATEST.elite.rubric


@pytest.fixture
async def house(engine: Any, temporal_server: Server) -> House:
    client = await temporal_server.client()
    desk = Desk(client, engine, REAL_TIME, STAFF)

    async def provide() -> Client:
        return client

    app = compose(engine, provide, task_queue=desk.queue, staff=STAFF, clock=desk.clock)
    return House(app, engine, desk)


async def a_nomination(
    desk: Desk, half: str, partner: str = "isar", *, scoring: bool = True
) -> WorkflowHandle[Any, Any]:
    """A nomination for which the committee is at work, or managers still are."""
    now = desk.now()
    days = [now + timedelta(days=day) for day in (-60, -30, -30, 5, -1 if scoring else 5, 10, 12, 10, 15)]
    times = Timetable(**dict(zip(Timetable.model_fields, days, strict=True)))
    data = Nomination.of(
        half, partner, times, now, edition_name="2022", lifecycle_version=NOMINATION.version,
        roster=(*MEMBERS, MANAGER),
    )  # fmt: skip
    handle = await desk.start(NOMINATION, data, f"nomination:{half}:{partner}")
    await desk.until(handle, lambda now: now.data["manager"] == MANAGER and not now.waiting)
    return handle


def filled(score: int, **more: str) -> dict[str, str]:
    """The rubric's form, every question with the same score."""
    return {f"{area.area}-{n}": str(score) for area in RUBRIC.areas for n in range(len(area.questions))} | more


async def sent(house: House, who: str, nomination: str, action: str, **fields: str) -> Any:
    """A form, opened and sent by somebody; the answer."""
    path = f"/nominations/{nomination}"
    async with browser(house, who) as person:
        page = (await person.get(path)).text
        given = {"csrf": hidden(page, "csrf"), "once": hidden(page, "once"), **fields}
        return await person.post(f"{path}/{action}", data=given)


async def recorded(holds: Callable[[], bool]) -> None:
    async def ask() -> bool:
        return holds()

    waiting: Callable[[], Awaitable[bool]] = ask
    await eventually(waiting)


async def test_a_manager_nominates_with_a_case_that_stays_in_the_records(house: House) -> None:
    assert house.desk is not None
    async with house.desk.working():
        handle = await a_nomination(house.desk, "2031-H1", scoring=False)
        answer = await sent(house, MANAGER, "2031-H1:isar", "nominate", case="It teaches others.\nAnd grows.",
                            links="https://isar.example/case https://isar.example/talk")  # fmt: skip
        assert answer.status_code == 303
        snapshot = await house.desk.until(handle, lambda now: now.data["state"] == "nominated" and not now.waiting)
        assert (snapshot.data["case"], snapshot.data["nominated_by"]) == (1, MANAGER)
        history = (await handle.fetch_history()).to_json()
        assert "teaches" not in history
        [case] = cases_of(house.engine, "nomination:2031-H1:isar")
        assert (case.text, len(case.links)) == ("It teaches others.\nAnd grows.", 2)

        wrong = await sent(house, MANAGER, "2031-H1:isar", "nominate", case="x", links="javascript:alert(1)")
        assert wrong.status_code == 422
        assert "is no web address" in wrong.text
        empty = await sent(house, MANAGER, "2031-H1:isar", "nominate", case=" ")
        assert empty.status_code == 422
        async with browser(house, MANAGER) as person:
            page = (await person.get("/nominations/2031-H1:isar")).text
        assert "It teaches others." in page
        assert "Why not" in page
        declined = await sent(house, MANAGER, "2031-H1:isar", "decline", reason="its founders leave")
        assert declined.status_code == 303
        await house.desk.until(handle, lambda now: now.data["state"] == "declined")


async def test_a_member_scores_on_the_page_and_another_in_the_short_form(house: House) -> None:
    assert house.desk is not None
    async with house.desk.working():
        handle = await a_nomination(house.desk, "2032-H1")
        await handle.execute_update("nominate", {"by": SECOND, "reason": "as agreed"})
        await house.desk.until(handle, lambda now: now.data["state"] == "scoring" and not now.waiting)
        first = filled(4, **{"leadership-remark": "its founder is there for us"})
        assert (await sent(house, MEMBERS[0], "2032-H1:isar", "score", **first)).status_code == 303
        await handle.execute_update("score", f"{MEMBERS[1]} L22 O22222 P22222 C2 M2222 R2")
        snapshot = await house.desk.until(handle, lambda now: len(now.data["sheets"]) == 2 and not now.waiting)
        assert snapshot.data["sheets"][MEMBERS[0]]["product"] == [4, 4, 4, 4, 4]
        assert "founder" not in (await handle.fetch_history()).to_json(), "remarks stay in the records"
        assert [note.text for note in notes_on(house.engine, handle.id)] == ["its founder is there for us"]

        async with browser(house, MEMBERS[1]) as person:
            page = (await person.get("/nominations/2032-H1:isar")).text
        assert page.count('value="2" required checked') == 18, "the form shows what the member scored before"

        changed = filled(3)
        assert (await sent(house, MEMBERS[1], "2032-H1:isar", "score", **changed)).status_code == 303
        missing = {name: score for name, score in filled(3).items() if name != "community-0"}
        answer = await sent(house, MEMBERS[2], "2032-H1:isar", "score", **missing, **{"product-remark": "?"})
        assert answer.status_code == 422
        assert "in «community» can&#39;t be a score" in answer.text
        refused = await sent(house, MANAGER, "2032-H1:isar", "score", **filled(4, **{"product-remark": "no"}))
        assert refused.status_code == 422
        assert "may not score this partner" in refused.text
        assert len(notes_on(house.engine, handle.id)) == 1, "what was refused left no remark"
        assert (await sent(house, MEMBERS[2], "2032-H1:isar", "recuse", reason="a relative")).status_code == 303
        await house.desk.until(handle, lambda now: now.data["recused"] == [MEMBERS[2]])


async def test_control_characters_are_refused_with_a_sentence_and_nothing_that_was_typed_is_lost(house: House) -> None:
    assert house.desk is not None
    async with house.desk.working():
        await a_nomination(house.desk, "2035-H1", scoring=False)
        for field in ("case", "links"):
            given = {"case": "It grows.", "links": "https://isar.example/case"}
            given[field] += "\x00and more"
            answer = await sent(house, MANAGER, "2035-H1:isar", "nominate", **given)
            assert answer.status_code == 422
            assert f"«{field}» may hold no control characters" in answer.text
            assert "It grows." in answer.text
        assert cases_of(house.engine, "nomination:2035-H1:isar") == []
        pasted = {"case": "MRR grew by 50\u00a0%.", "links": ""}
        assert (await sent(house, MANAGER, "2035-H1:isar", "nominate", **pasted)).status_code == 303
        assert [case.text for case in cases_of(house.engine, "nomination:2035-H1:isar")] == [pasted["case"]]
        declined = await sent(house, MANAGER, "2035-H1:isar", "decline", reason="its founders\x00leave")
        assert declined.status_code == 422
        assert "leave</textarea>" in declined.text

        handle = await a_nomination(house.desk, "2036-H1")
        await handle.execute_update("nominate", {"by": SECOND, "reason": "as agreed"})
        await house.desk.until(handle, lambda now: now.data["state"] == "scoring" and not now.waiting)
        scores = filled(4, **{"product-remark": "it\x0btells", "leadership-remark": "its founder\nis there for us"})
        answer = await sent(house, MEMBERS[0], "2036-H1:isar", "score", **scores)
        assert answer.status_code == 422
        assert "«product remark» may hold no control characters" in answer.text
        assert answer.text.count('value="4" required checked') == 18
        assert "is there for us" in answer.text
        assert notes_on(house.engine, handle.id) == []
        kept = await sent(house, MEMBERS[0], "2036-H1:isar", "score", **{**scores, "product-remark": "it tells"})
        assert kept.status_code == 303
        assert len(notes_on(house.engine, handle.id)) == 2


async def test_the_same_form_sent_twice_is_one_score(house: House) -> None:
    assert house.desk is not None
    async with house.desk.working():
        handle = await a_nomination(house.desk, "2033-H1")
        await handle.execute_update("nominate", {"by": SECOND, "reason": "as agreed"})
        await house.desk.until(handle, lambda now: now.data["state"] == "scoring" and not now.waiting)
        for _ in range(2):
            answer = await sent(house, MEMBERS[0], "2033-H1:isar", "score", **filled(4), once="a" * 24)
            assert answer.status_code == 303
        await house.desk.until(handle, lambda now: not now.waiting)
        with house.engine.connect() as database:
            scored = database.execute(select(audit.c.by).where(audit.c.trigger == "score")).scalars().all()
        assert list(scored) == [MEMBERS[0]]


async def test_a_season_shows_its_nominations_side_by_side(house: House) -> None:
    assert house.desk is not None
    async with house.desk.working():
        for partner in ("isar", "alster"):
            handle = await a_nomination(house.desk, "2034-H1", partner)
            await handle.execute_update("nominate", {"by": SECOND, "reason": "as agreed"})
            await house.desk.until(handle, lambda now: now.data["state"] == "scoring")
            for member in MEMBERS:
                await handle.execute_update("score", {"by": member, "sheet": "L43 O43344 P44332 C4 M3433 R4"})
            await house.desk.until(handle, lambda now: len(now.data["sheets"]) == 3 and not now.waiting)
        data = Season.of(Half(2034, 1), house.desk.now(), edition_name="2022", lifecycle_version=SEASON.version)
        season = await house.desk.start(SEASON, data, "elite:2034-H1")
        await house.desk.until(season, lambda now: not now.waiting)
        await recorded(
            lambda: all((each.facts.get("marks") or {}).get("members") == 3
                        for each in nominations_of(house.engine, "2034-H1"))
        )  # fmt: skip
        async with browser(house, CHAIR) as person:
            assert (await person.get("/seasons")).headers["location"] == "/seasons/2034-H1"
            page = (await person.get("/seasons/2034-H1")).text
            assert "Isar Commerce" in page
            assert page.count("<circle") == 2 * 7, "a dot for each area and for the average"
            assert "3.59" in page
            assert (await person.get("/seasons/2031-H2")).status_code == 404
        async with browser(house, STRANGER) as other:
            assert (await other.get("/seasons/2034-H1")).status_code == 403
            assert (await other.get("/nominations/2034-H1:isar")).status_code == 403


async def test_before_the_first_season_the_page_says_so(house: House) -> None:
    async with browser(house, CHAIR) as person:
        assert "No season has begun yet" in (await person.get("/seasons")).text
        assert (await person.get("/nominations/2027-H1:nobody")).status_code == 404
