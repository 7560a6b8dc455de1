"""The list of a season: who belongs on it, page by page, whoever dies in between; and the season's beginning."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

from pydantic import TypeAdapter
from sqlalchemy import Engine, select, update

from activities.jobs import Jobs
from program.calendar import Half, end_of_day, program_date
from program.edition import LATEST, Tier
from program.fact_kinds import WhatIsSaid
from program.season import timetable
from records.commits import write_commit
from records.database import writing
from records.jobs import begin_job, lease_job
from records.openings import open_season
from records.partner_told import take_partner_fact
from records.season_list import keep_year, listed, look_at, look_through_page
from records.tables import mrr, outbox, partners
from states.effects import CorrectFact, StrikeFact, Suspend, YearOfElite
from tests.records.making import commit, step
from tests.records.telling import tell
from tests.workflows.elite import MANAGER, MEMBERS, START, a_partner, worthy

GRANT = date(2027, 4, 1)
TIMES = timetable(LATEST, Half(2027, 1))
MOMENT = timedelta(seconds=1)


def look(engine: Engine, number: int = 1, *, begins: bool = False, page: int = 2) -> int:
    """One look through all partners; how many pages it took."""
    args = {
        "season": "2027-H1", "number": number, "edition": "2022", "on": "2027-01-01", "begins": begins,
        "asked_at": TIMES.review_opens.isoformat(), "grant_date": GRANT.isoformat(),
        "times": TIMES.model_dump(mode="json"), "roster": MEMBERS,
    }  # fmt: skip
    tells = ("elite:2027-H1", "listed")
    with writing(engine) as connection:
        for _ in range(2):
            begin_job(connection, f"look/{number}", "look_through_partners", args, now=START, tells=tells)
    runner = Jobs(engine, lambda: START, kinds={"look_through_partners": partial(look_through_page, page=page)})
    pages, job = 0, lease_job(engine, real=START)
    while job is not None:
        pages, job = pages + 1, runner.one_page(job)
    return pages


def posted(engine: Engine, signal: str) -> list[str]:
    """To whom a signal was posted."""
    with engine.connect() as database:
        wanted = select(outbox.c.target).where(outbox.c.signal == signal, outbox.c.process == "elite:2027-H1")
        return list(database.execute(wanted.order_by(outbox.c.id)).scalars())


def test_whoever_meets_the_mrr_thresholds_is_listed_with_the_whole_checklist(engine: Engine) -> None:
    for name in ("elbe", "havel", "saale"):
        a_partner(engine, name, START)
    worthy(engine, "elbe", START)
    worthy(engine, "saale", START, case_study=False)
    assert look(engine) == 2
    found = {entry.partner_id: entry for entry in listed(engine, "2027-H1")}
    assert {name: entry.met for name, entry in found.items()} == {"elbe": True, "saale": False}
    assert [text for text, met in found["saale"].points if not met] == [
        "case studies in the past year: 1 needed, 0 found"
    ]  # fmt: skip
    assert posted(engine, "listed") == ["elite:2027-H1"]
    assert posted(engine, "begin") == []


def test_a_partner_that_comes_to_meet_them_joins_and_its_manager_hears_of_it_alone(engine: Engine) -> None:
    for name in ("elbe", "saale"):
        a_partner(engine, name, START)
    worthy(engine, "elbe", START)
    look(engine)
    worthy(engine, "saale", START)
    look(engine, 2)
    look(engine, 3)
    assert [(entry.partner_id, entry.look) for entry in listed(engine, "2027-H1")] == [("elbe", 1), ("saale", 2)]
    assert [entry.partner_id for entry in listed(engine, "2027-H1", look=2, manager=MANAGER)] == ["saale"]
    with engine.connect() as database:
        mails = database.execute(select(outbox.c.to).where(outbox.c.template == "season_list")).scalars().all()
    assert list(mails) == ["manager-of:elbe", "manager-of:saale"]


def test_nominations_begin_once_for_everybody_on_the_list(engine: Engine) -> None:
    a_partner(engine, "elbe", START)
    worthy(engine, "elbe", START)
    look(engine)
    look(engine, 2, begins=True)
    look(engine, 3, begins=True)
    assert posted(engine, "begin") == ["nomination:2027-H1:elbe"]


def test_elite_is_evaluated_again_when_its_year_ends_and_left_alone_before(engine: Engine) -> None:
    began = {"elbe": "2026-04-01", "havel": "2026-10-01", "saale": "2025-04-01", "spree": "2025-10-01"}
    for name, since in began.items():
        a_partner(engine, name, START, tier=Tier.ELITE, since=datetime.fromisoformat(f"{since}T04:00:00+00:00"))
        worthy(engine, name, START)
    with writing(engine) as connection:
        confirmed = YearOfElite(season="2026-H2", at=datetime(2026, 10, 1, 4, tzinfo=UTC), until=date(2027, 10, 1))
        keep_year(connection, "spree", confirmed)
    look(engine)
    found = {entry.partner_id: entry.reevaluation for entry in listed(engine, "2027-H1")}
    assert found == {"elbe": True, "saale": True}, "one whose year ended undecided as well; havel and spree have time"


def test_elite_since_a_leap_day_is_listed_like_any_other(engine: Engine) -> None:
    since = datetime(2024, 2, 29, 5, tzinfo=UTC)
    a_partner(engine, "elbe", START, tier=Tier.ELITE, since=since)
    worthy(engine, "elbe", START)
    look(engine)
    assert [(entry.partner_id, entry.reevaluation) for entry in listed(engine, "2027-H1")] == [("elbe", True)]


def test_mrr_counts_as_it_had_been_loaded_at_the_cut_off(engine: Engine) -> None:
    a_partner(engine, "elbe", START)
    worthy(engine, "elbe", START)
    cut_off = end_of_day(program_date(START))
    with writing(engine) as connection:
        connection.execute(update(mrr).values(first_loaded_at=cut_off + MOMENT, loaded_at=cut_off + MOMENT))
    later = START + timedelta(days=4)

    def looked(on: date) -> bool:
        with writing(engine) as connection:
            return bool(look_at(connection, "elbe", "2022", on, now=later)["met"])

    assert not looked(program_date(START)), "it was loaded after that day"
    assert looked(program_date(later))


def test_a_partner_that_has_left_is_not_listed(engine: Engine) -> None:
    a_partner(engine, "elbe", START)
    worthy(engine, "elbe", START)
    with writing(engine) as connection:
        connection.execute(update(partners).where(partners.c.id == "elbe").values(active=False))
    look(engine)
    assert listed(engine, "2027-H1") == []
    with writing(engine) as connection:
        assert look_at(connection, "elbe", "2022", GRANT, now=START)["gone"] == "The partner has left the program."


def test_without_a_signed_agreement_a_partner_is_out(engine: Engine) -> None:
    a_partner(engine, "elbe", START)
    worthy(engine, "elbe", START)
    with writing(engine) as connection:
        found = look_at(connection, "elbe", "2022", date(2026, 12, 20), now=START)
    assert (found["met"], found["missing"], found["manager"]) == (True, "", MANAGER)
    tell(engine, "elbe", "agreement", at=START - timedelta(hours=1), signed=False)
    with writing(engine) as connection:
        assert "no signed agreement" in look_at(connection, "elbe", "2022", date(2026, 12, 20), now=START)["gone"]


def test_an_agreement_that_ends_is_told_to_the_nominations_that_are_open(engine: Engine) -> None:
    a_partner(engine, "elbe", START)
    for number, half in enumerate(("2026-H2", "2027-H1"), 1):
        made = commit(
            f"nomination:{half}:elbe", 1, step(), partner_id="elbe", kind="nomination", state="nominated",
            final=number == 1,
        )  # fmt: skip
        write_commit(engine, made, now=START)
    for fact, kind, said in (("a", "health_score", {"score": "80"}), ("b", "agreement", {"signed": False})):
        report = TypeAdapter(WhatIsSaid).validate_python({"kind": kind, **said})
        for _ in range(2):
            take_partner_fact(
                engine, source="crm", fact_id=fact, partner_id="elbe", said=report, at=START, now=START
            )  # fmt: skip
    with engine.connect() as database:
        told = database.execute(select(outbox.c.target).where(outbox.c.signal == "facts_changed")).scalars().all()
    assert [each for each in told if each.startswith("nomination:")] == ["nomination:2027-H1:elbe"]


def test_staff_who_correct_or_strike_the_agreement_tell_the_nominations_that_are_open(engine: Engine) -> None:
    a_partner(engine, "elbe", START)
    nomination = commit("nomination:2027-H1:elbe", 1, step(), partner_id="elbe", kind="nomination", state="nominated")
    write_commit(engine, nomination, now=START)

    def told() -> int:
        with engine.connect() as database:
            wanted = select(outbox.c.id).where(outbox.c.target == nomination.process)
            return len(database.execute(wanted).all())

    def staff(number: int, *effects: CorrectFact | StrikeFact) -> None:
        said = commit("partner:elbe", number, step(*effects, at=START), kind="partner", partner_id="elbe")
        for _ in range(2):
            write_commit(engine, said, now=START)

    staff(1, CorrectFact(fact_id="m1", kind="website", value="badge", at=START), StrikeFact(fact="staff/m1"))
    assert told() == 0, "what can't take a partner out concerns no nomination"
    staff(2, CorrectFact(fact_id="m2", kind="agreement", value="no", at=START))
    assert told() == 1
    staff(3, StrikeFact(fact="staff/nothing"))
    assert told() == 1
    staff(4, StrikeFact(fact="staff/m2"))
    assert told() == 2
    staff(5, StrikeFact(fact="staff/m2"))
    assert told() == 2, "struck before"


def test_a_suspension_and_its_end_are_told_to_the_nominations_that_are_open(engine: Engine) -> None:
    a_partner(engine, "elbe", START)
    nomination = commit("nomination:2027-H1:elbe", 1, step(), partner_id="elbe", kind="nomination", state="scored")
    write_commit(engine, nomination, now=START)
    for number, suspended in enumerate((True, False), 1):
        said = commit("partner:elbe", number, step(Suspend(suspended=suspended)), kind="partner", partner_id="elbe")
        write_commit(engine, said, now=START)
        with engine.connect() as database:
            wanted = select(outbox.c.signal).where(outbox.c.target == nomination.process)
            assert database.execute(wanted).scalars().all() == ["facts_changed"] * number
        with writing(engine) as connection:
            assert look_at(connection, "elbe", "2022", GRANT, now=START)["suspended"] is suspended


def test_the_calendar_begins_a_season_once(engine: Engine) -> None:
    def opened(day: str) -> list[str]:
        at = datetime.fromisoformat(f"{day}T15:00:00+00:00")
        return open_season(engine, edition_name="2022", now=at, committee=MEMBERS)

    assert opened("2026-12-20") == []
    assert opened("2026-12-30") == opened("2027-01-02") == ["elite:2027-H1"]
    assert posted(engine, "begin") == ["elite:2027-H1"]
    assert opened("2027-03-10") == [], "too late to list anybody"
    assert opened("2027-07-01") == ["elite:2027-H2"]
