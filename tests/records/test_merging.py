"""What moves when two partners become one, what stays, and what is written afterwards by those who do not know yet."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import OperationalError, TimeoutError

from program.edition import Tier, Track
from program.fact_kinds import KINDS
from records import merging
from records.accounts import account_of, process_of
from records.accounts import submit as submit_account
from records.adjusting import movers
from records.checkup import open_projections
from records.commits import write_commit
from records.database import reading, writing
from records.entering import enter_partner, import_partners
from records.jobs import lease_job, write_page
from records.keys import create_key, verify_key, whose_merger_ended
from records.leads import submit as submit_lead
from records.looking import members_after
from records.managements import managed_at
from records.mergers import SIDES, merger_of, say
from records.merging import tell_page, what_moves
from records.partner_facts import facts_of_partner, read_facts
from records.partner_told import take_partner_fact
from records.partners import Partner, partner
from records.people import Person, memberships_of, people_of, put_person
from records.refusal import Refused
from records.standing import history_of_standing
from records.survivors import merged_into
from records.tables import (
    claims,
    client_lines,
    elite_years,
    judgements,
    lead_details,
    outbox,
    partners,
    processes,
    referrals,
    tier_intervals,
)
from states.effects import Leave, Suspend, TakeStanding, YearOfElite
from tests.records.making import NOW, claim, commit, credit, day, pin, rows, step
from tests.records.merging_two import (
    ELBE,
    ISAR,
    a_lead,
    an_account,
    both_confirm,
    proposed,
    said,
    two_partners,
)
from tests.records.telling import certify, manage, refer, tell

BEFORE = NOW - timedelta(days=50)


@pytest.fixture(autouse=True)
def two(engine: Engine) -> None:
    two_partners(engine)


def merge(engine: Engine, *, at: datetime = NOW) -> None:
    proposed(engine, at=at)
    assert both_confirm(engine, at=at).state == "done"


def told(engine: Engine, signal: str) -> dict[str, dict[str, Any]]:
    """The processes that are told something, with what."""
    return {row["target"]: row["payload"] for row in rows(engine, outbox) if row["signal"] == signal}


def partner_of(engine: Engine, table: Any) -> set[str]:
    return {row["partner_id"] for row in rows(engine, table)}


# -- what moves --------------------------------------------------------------------------------------------------------


def test_leads_and_places_in_line_go_over(engine: Engine) -> None:
    held = a_lead(engine, "elbe", "one.example")
    a_lead(engine, "saale", "two.example")
    behind = a_lead(engine, "elbe", "two.example", since=day(1), state="in_line")
    merge(engine, at=day(2))
    owners = {row["process"]: row["partner_id"] for row in rows(engine, claims)}
    assert owners == {held: "isar", behind: "isar", f"lead:{_lead_of(engine, 'saale')}": "saale"}
    assert {row["status"] for row in rows(engine, claims) if row["process"] == behind} == {"in_line"}
    assert partner_of(engine, lead_details) == {"isar", "saale"}
    shown = open_projections(engine)
    assert {shown[process].projection.partner_id for process in (held, behind)} == {"isar"}


def _lead_of(engine: Engine, partner_id: str) -> str:
    return next(str(row["lead_id"]) for row in rows(engine, lead_details) if row["partner_id"] == partner_id)


def test_referrals_and_managements_go_over_and_count(engine: Engine) -> None:
    refer(engine, "elbe", 300, paid=BEFORE)
    refer(engine, "isar", 200, paid=BEFORE)
    manage(engine, "elbe", 4_000, since=BEFORE)
    merge(engine)
    assert partner_of(engine, referrals) == {"isar"}
    assert [each.partner_id for each in managed_at(engine)] == ["isar"]
    with reading(engine) as connection:
        facts = read_facts(connection, ["isar"], day(1).date(), known_by=day(2), referred_months=12)["isar"]
    assert [facts.referred_mrr, facts.managed_mrr] == [500, 4_000]


def test_certifications_and_case_studies_add_up_and_the_rest_stays(engine: Engine) -> None:
    certify(engine, "elbe", at=BEFORE, person="anna")
    certify(engine, "isar", at=BEFORE, person="bert")
    tell(engine, "elbe", "case_study", at=BEFORE)
    tell(engine, "elbe", "country", at=BEFORE, country="DE")
    tell(engine, "elbe", "agreement", at=NOW, signed=False)
    merge(engine)
    with reading(engine) as connection:
        known = read_facts(connection, ["isar", "elbe"], day(1).date(), known_by=day(2), referred_months=12)
    assert {each.person for each in known["isar"].passes} == {"anna", "bert"}
    assert len(known["isar"].case_studies) == 1
    assert (known["isar"].country, known["isar"].agreement_signed) == ("US", True)
    assert known["elbe"].passes == ()


@pytest.mark.parametrize(
    ("elbes", "isars", "team"),
    [
        (["anna"], ["bert"], ["anna", "bert"]),
        (None, ["bert"], ["anna", "bert"]),
        (["anna"], None, ["anna", "bert"]),
        (None, None, None),
    ],
)
def test_the_team_is_that_of_both(
    engine: Engine, elbes: list[str] | None, isars: list[str] | None, team: list[str] | None
) -> None:
    """So that nobody's certification is lost, and nobody's counts who has gone."""
    for name, people, person in (("elbe", elbes, "anna"), ("isar", isars, "bert")):
        certify(engine, name, at=BEFORE, person=person)
        if people is not None:
            certify(engine, name, at=BEFORE, person="gone")
            tell(engine, name, "team", at=BEFORE, people=people)
    merge(engine)
    with reading(engine) as connection:
        facts = read_facts(connection, ["isar"], day(1).date(), known_by=day(2), referred_months=12)["isar"]
    assert {each.person for each in facts.passes} == {"anna", "bert"}
    assert facts.team_size == len(team or ())


def test_services_of_both_are_provided(engine: Engine) -> None:
    tell(engine, "elbe", "services", at=BEFORE, services=["implementation"])
    tell(engine, "isar", "services", at=NOW - timedelta(days=1), services=["technical_support"])
    merge(engine)
    with reading(engine) as connection:
        facts = read_facts(connection, ["isar"], day(1).date(), known_by=day(2), referred_months=12)["isar"]
    assert facts.services == ("implementation", "technical_support")


def test_people_sign_in_for_the_other_one_and_somebody_of_both_once(engine: Engine) -> None:
    put_person(engine, "elbe", Person("desk", "Desk", "desk@elbe.example"))
    put_person(engine, "isar", Person("desk", "Other desk", "DESK@isar.example"))
    put_person(engine, "elbe", Person("both", "Both", "desk@isar.example"))
    merge(engine)
    assert people_of(engine, "elbe") == []
    assert [(each.id, each.address) for each in people_of(engine, "isar")] == [
        ("contact", "owner@isar.example"),
        ("desk", "DESK@isar.example"),
        ("elbe.contact", "owner@elbe.example"),
        ("elbe.desk", "desk@elbe.example"),
    ]
    assert [each.partner_id for each in memberships_of(engine, "owner@elbe.example")] == ["isar"]


def test_keys_end_and_the_other_one_keeps_its_own(engine: Engine) -> None:
    _, elbes = create_key(engine, "elbe", ["partner"], now=NOW, partner_id="elbe")
    _, isars = create_key(engine, "isar", ["partner"], now=NOW, partner_id="isar")
    assert whose_merger_ended(engine, elbes) is None
    merge(engine)
    assert verify_key(engine, elbes) is None
    assert whose_merger_ended(engine, elbes) == ("elbe", "isar")
    assert whose_merger_ended(engine, f"{elbes}x") is None
    assert whose_merger_ended(engine, isars) is None
    assert whose_merger_ended(engine, "nonsense") is None
    assert verify_key(engine, isars) is not None


def test_the_tier_ends_and_stays_on_record(engine: Engine) -> None:
    merge(engine, at=day(3))
    [held] = history_of_standing(engine, "elbe")
    assert (held.track, held.tier, held.until) == ("master", "gold", day(3))
    known = partner(engine, "elbe")
    assert known is not None
    assert not known.active
    assert merged_into(engine, "elbe") == "isar"
    assert merged_into(engine, "isar") == ""


def test_a_tier_that_began_after_the_word_came_in_ends_where_it_began(engine: Engine) -> None:
    proposed(engine)
    with writing(engine) as connection:
        began = tier_intervals.update().where(tier_intervals.c.partner_id == "elbe")
        connection.execute(began.values({"from": day(1)}))
    both_confirm(engine)
    [held] = history_of_standing(engine, "elbe")
    assert held.until == day(1)


def test_of_a_line_that_a_client_has_crossed_nobody_is_told_again(engine: Engine) -> None:
    with writing(engine) as connection:
        for name, line in (("elbe", 50_000), ("elbe", 100_000), ("isar", 50_000)):
            connection.execute(insert(client_lines), {"partner_id": name, "account": "A", "line": line, "told_at": NOW})
    merge(engine)
    assert [(row["partner_id"], row["line"]) for row in rows(engine, client_lines)] == [
        ("isar", 50_000),
        ("isar", 100_000),
    ]


@pytest.mark.parametrize(("retained", "moves"), [(day(100), True), (day(-1), False), (None, False)])
def test_elite_goes_over_only_while_it_is_retained(engine: Engine, retained: datetime | None, moves: bool) -> None:
    facts = {"since": NOW.isoformat()} | ({"elite retained until": retained.isoformat()} if retained else {})
    elite = step(
        TakeStanding(track="master", tier="elite", since=day(-300), why="granted"),
        YearOfElite(season="2025-H2", at=day(-300), until=date(2026, 10, 1)),
        trigger="grant_elite",
    )
    shown = {"kind": "partner", "state": "member", "partner_id": "elbe", "subject": "elbe"}
    write_commit(engine, commit(ELBE, 5, elite, **shown, facts=facts), now=NOW)
    proposed(engine, number=6)
    with writing(engine) as connection:
        connection.execute(processes.update().where(processes.c.process == ELBE).values(facts=facts))
    both_confirm(engine)
    told_isar = told(engine, "take_over")[ISAR]
    assert told_isar["tier"] == "elite"
    assert told_isar.get("until") == (retained.isoformat() if moves and retained else None)
    years = [(row["partner_id"], row["season"]) for row in rows(engine, elite_years)]
    assert years == [("elbe", "2025-H2")] + ([("isar", "2025-H2")] if moves else [])


def test_what_moves_is_counted_beforehand(engine: Engine) -> None:
    a_lead(engine, "elbe", "one.example")
    an_account(engine, "elbe", "Ab12Cd")
    refer(engine, "elbe", 300, paid=BEFORE)
    certify(engine, "elbe", at=BEFORE)
    with reading(engine) as connection:
        counted = {each.what: each.many for each in what_moves(connection, "elbe")}
        assert what_moves(connection, "nobody") == []
    assert counted == {
        "leads": 1,
        "managed accounts, with the words of their clients": 1,
        "referrals, with the shares that are fixed for them": 1,
        "certifications and case studies": 2,
        "people who sign in": 1,
    }


# -- what both have ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("elbes", "isars", "ends"), [(0, 1, "isar"), (1, 0, "elbe")])
def test_of_two_leads_for_one_prospect_the_holder_goes_on(engine: Engine, elbes: int, isars: int, ends: str) -> None:
    processes_of: dict[str, str] = {}
    for since, name in sorted(((elbes, "elbe"), (isars, "isar"))):
        state = "in_line" if processes_of else "in_review"
        processes_of[name] = a_lead(engine, name, "one.example", since=day(since), state=state)
    merge(engine, at=day(2))
    withdrawn = told(engine, "withdraw")
    assert list(withdrawn) == [processes_of[ends]]
    assert withdrawn[processes_of[ends]]["reason"] == "elbe was merged into isar, which has it already."
    still_open = [f"lead:{row['lead_id']}" for row in rows(engine, lead_details) if row["open"]]
    assert still_open == [process for name, process in processes_of.items() if name != ends]


@pytest.mark.parametrize(
    ("elbes", "isars", "ends"),
    [("active", "waiting", "isar"), ("waiting", "active", "elbe"), ("waiting", "waiting", "elbe")],
)
def test_of_two_requests_for_one_account_the_confirmed_one_goes_on(
    engine: Engine, elbes: str, isars: str, ends: str
) -> None:
    found = {name: an_account(engine, name, "Ab12Cd", state) for name, state in (("elbe", elbes), ("isar", isars))}
    merge(engine)
    assert list(told(engine, "end_management")) == [found.pop(ends)]
    [goes_on] = found.values()
    for path in ("elbe", "isar"):
        there = account_of(engine, "Ab12Cd", path)
        assert there is not None
        assert (there.process, there.partner_id) == (goes_on, "isar")


# -- afterwards --------------------------------------------------------------------------------------------------------


def test_the_old_way_to_an_account_leads_to_it_and_it_can_be_submitted_again(engine: Engine) -> None:
    process = an_account(engine, "elbe", "Ab12Cd")
    assert process == process_of("Ab12Cd", "elbe")
    merge(engine)
    for path in ("elbe", "isar"):
        there = account_of(engine, "Ab12Cd", path)
        assert there is not None
        assert (there.process, there.partner_id) == (process, "isar")
    again = submit_account(
        engine, api_key="Ab12Cd", partner_id="isar", contact_name="C", contact_email="c@shop.example", received_at=NOW
    )
    assert (again.process, again.existing) == (process, True)
    assert account_of(engine, "Zz99Zz", "elbe") is None


def test_what_is_kept_in_the_moment_of_the_merger_is_the_other_ones(engine: Engine) -> None:
    merge(engine)
    lead_id, _ = submit_lead(
        engine, partner_id="elbe", company="C", domain="new.example", contact_name="C", contact_email="c@new.example",
        note="", received_at=NOW,
    )  # fmt: skip
    made = submit_account(
        engine, api_key="Ab12Cd", partner_id="elbe", contact_name="C", contact_email="c@shop.example", received_at=NOW
    )
    assert made.process == process_of("Ab12Cd", "isar")
    assert [row["partner_id"] for row in rows(engine, lead_details)] == ["isar"]
    # Its process began with the partner that it was sent for.
    begun = commit(f"lead:{lead_id}", 1, step(claim(subject="new.example")), partner_id="elbe", subject="new.example")
    write_commit(engine, begun, now=day(1))
    assert partner_of(engine, claims) == {"isar"}
    assert open_projections(engine)[f"lead:{lead_id}"].projection.partner_id == "isar"


def test_a_lead_that_has_not_heard_of_it_is_credited_to_the_other_one(engine: Engine) -> None:
    process = a_lead(engine, "elbe", "one.example")
    merge(engine)
    shown = {"partner_id": "elbe", "subject": "one.example"}
    paid = step(pin(), credit(subject="one.example"), trigger="client_paid", source="in_review", dest="credited")
    for _ in range(2):
        write_commit(engine, commit(process, 2, paid, state="credited", final=True, **shown), now=day(1))
    [referral] = rows(engine, referrals)
    assert referral["partner_id"] == "isar"
    with reading(engine) as connection:
        found = connection.execute(select(processes.c.partner_id).where(processes.c.process == process)).scalar()
    assert found == "isar"
    assert told(engine, "facts_changed").keys() == {ISAR}


def test_its_process_can_not_bring_it_back(engine: Engine) -> None:
    """What it says in the moment before it hears of the merger."""
    merge(engine)
    effects = (
        TakeStanding(track="advisor", tier="platinum", since=day(1), why="rose"),
        Suspend(suspended=True),
    )
    said = step(*effects, trigger="rise", source="member", dest="member", at=day(1))
    shown = {"kind": "partner", "partner_id": "elbe", "subject": "elbe"}
    write_commit(engine, commit(ELBE, 3, said, state="member", **shown), now=day(1))
    known = {row["id"]: row for row in rows(engine, partners)}
    assert (known["elbe"]["active"], known["elbe"]["suspended"], known["elbe"]["tier"]) == (False, False, "gold")
    assert known["isar"]["tier"] == "silver"
    assert [row["to"] is None for row in rows(engine, tier_intervals)] == [False, True]
    gone = step(Leave(at=NOW, because="The partner was merged into isar."), trigger="merge", dest="merged")
    write_commit(engine, commit(ELBE, 4, gone, state="merged", final=True, **shown), now=day(1))
    assert merged_into(engine, "elbe") == "isar"


def test_nominations_end_where_they_are(engine: Engine) -> None:
    shown = {"kind": "nomination", "partner_id": "elbe", "subject": "elbe", "state": "nominated"}
    write_commit(engine, commit("nomination:2026-H1:elbe", 1, step(), **shown), now=NOW)
    merge(engine)
    gone = step(Leave(at=NOW, because="The partner was merged into isar."), trigger="merge", dest="merged")
    of_elbe: dict[str, Any] = {
        "kind": "partner",
        "partner_id": "elbe",
        "subject": "elbe",
        "state": "merged",
        "final": True,
    }
    write_commit(engine, commit(ELBE, 3, gone, **of_elbe), now=NOW)
    assert told(engine, "partner_gone")["nomination:2026-H1:elbe"]["reason"] == "The partner was merged into isar."


def test_of_several_mergers_in_a_row_the_last_one_counts(engine: Engine) -> None:
    process = an_account(engine, "elbe", "Ab12Cd")
    merge(engine)
    enter_partner(engine, _entry("saale"), edition="2022", now=NOW)
    proposed(engine, "saale", of="isar", number=9)
    with reading(engine) as connection:
        found = merger_of(connection, ISAR, 1)
    assert found is not None
    for side in SIDES:
        say(engine, found, side, "confirm", at=day(1), now=day(1))
    assert (merged_into(engine, "elbe"), merged_into(engine, "isar")) == ("saale", "saale")
    for path in ("elbe", "isar", "saale"):
        there = account_of(engine, "Ab12Cd", path)
        assert there is not None
        assert (there.process, there.partner_id) == (process, "saale")


def test_those_that_go_on_are_told_page_by_page(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = sorted(a_lead(engine, "elbe", f"{number}.example") for number in range(3))
    a_lead(engine, "isar", "own.example")
    of_saale = a_lead(engine, "isar", "saales.example")
    with writing(engine) as connection:  # it came to isar in an earlier merger, and has not heard of that yet
        had = processes.update().where(processes.c.process == of_saale)
        connection.execute(had.values(facts={"partner": "saale"}))
    over = a_lead(engine, "elbe", "over.example")
    write_commit(
        engine,
        commit(
            over, 2, step(trigger="settle"), partner_id="elbe", final=True, state="ended", facts={"partner": "elbe"}
        ),
        now=NOW,
    )
    merge(engine)
    job = lease_job(engine, real=datetime(2030, 1, 1, tzinfo=UTC))
    assert job is not None
    monkeypatch.setattr(merging, "PAGE", 2)
    monkeypatch.setattr(merging, "_TO_TELL", merging._TO_TELL.limit(2))
    pages = 0
    while job is not None:
        job = write_page(engine, job, tell_page(engine, job, NOW), now=NOW, real=datetime(2030, 1, 1, tzinfo=UTC))
        pages += 1
    assert pages == 3, "the last one finds nobody"
    heard = told(engine, "change_partner")
    assert sorted(heard) == sorted([*mine, of_saale])
    assert {payload["to"] for payload in heard.values()} == {"isar"}
    assert {process: payload["merged"] for process, payload in heard.items()} == {
        **dict.fromkeys(mine, "elbe"), of_saale: "saale",
    }  # fmt: skip


@pytest.mark.timeout(120)
def test_what_is_written_at_the_same_moment_is_the_other_ones_too(engine: Engine) -> None:
    proposed(engine)
    said(engine, "merge_from")

    def patiently(act: Callable[[], object]) -> None:
        while True:
            try:
                act()
            except (OperationalError, TimeoutError):
                continue
            return

    def begin(number: int) -> None:
        domain = f"{number}.example"
        lead_id, _ = submit_lead(
            engine, partner_id="elbe", company="C", domain=domain, contact_name="C", contact_email=f"c@{domain}",
            note="", received_at=NOW,
        )  # fmt: skip
        shown = {"partner_id": "elbe", "subject": domain}
        write_commit(engine, commit(f"lead:{lead_id}", 1, step(pin(), claim(subject=domain)), **shown), now=NOW)

    acts: list[Callable[[], object]] = [partial(begin, number) for number in range(30)]
    acts.insert(15, lambda: said(engine, "merge_into"))
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(patiently, acts))
    assert partner_of(engine, claims) == partner_of(engine, lead_details) == {"isar"}
    assert {row["partner_id"] for row in rows(engine, processes) if row["kind"] == "lead"} == {"isar"}


# -- what is told of it ------------------------------------------------------------------------------------------------


def _certification(person: str = "anna") -> Any:
    return KINDS["certification"].model_validate(
        {"kind": "certification", "course": "product", "person": person, "percent": "90"}
    )


def _report(engine: Engine, partner_id: str, said: Any, fact_id: str = "c-1", at: datetime = BEFORE) -> str:
    return take_partner_fact(
        engine, source="academy", fact_id=fact_id, partner_id=partner_id, said=said, at=at, now=NOW
    )


def test_facts_that_were_told_before_are_known_and_new_ones_are_told_of_the_other_one(engine: Engine) -> None:
    assert _report(engine, "elbe", _certification()) == "new"
    merge(engine)
    assert _report(engine, "elbe", _certification()) == "same"
    assert _report(engine, "isar", _certification()) == "same"
    assert _report(engine, "isar", _certification("bert")) == "conflict"
    with pytest.raises(Refused, match=r"The partner elbe was merged into isar, .*; report what is new of isar\."):
        _report(engine, "elbe", _certification(), "c-2")
    with reading(engine) as connection:
        assert [each.fact_id for each in facts_of_partner(connection, "isar")] == ["c-1"]


def _entry(partner_id: str, **fields: Any) -> Any:
    given: dict[str, Any] = {
        "id": partner_id, "name": partner_id.title(), "contact_name": "Desk", "contact_email": "d@p.example",
        "joined_at": BEFORE, "track": Track.ADVISOR, "tier": Tier.SILVER,
    }  # fmt: skip
    return Partner.model_validate({**given, **fields})


def test_it_can_not_be_entered_again_and_entered_as_gone_changes_nothing(engine: Engine) -> None:
    merge(engine)
    before = rows(engine, partners), rows(engine, outbox)
    with pytest.raises(
        Refused, match=r"The partner elbe was merged into isar, which can't be undone; enter what is new"
    ):
        enter_partner(engine, _entry("elbe"), edition="2022", now=NOW)
    enter_partner(engine, _entry("elbe", active=False), edition="2022", now=NOW)
    lines = ["id,name,contact_name,contact_email,joined_at", "elbe,Elbe,Desk,d@p.example,2025-01-01"]
    with pytest.raises(Refused, match="merged into isar"):
        import_partners(engine, lines, edition="2022", now=NOW)
    with pytest.raises(Refused, match=r"enter its people for isar\."):
        put_person(engine, "elbe", Person("new", "New", "new@elbe.example"))
    assert (rows(engine, partners), rows(engine, outbox)) == before


def test_an_adjustment_leaves_it_out(engine: Engine) -> None:
    judged = {
        "half": "2026-H1", "held": "master gold", "becomes": "advisor partner", "retained": False, "missing": "all",
        "why": "", "facts": {}, "judged_at": NOW, "outcome": "", "became": "",
    }  # fmt: skip
    with writing(engine) as connection:
        for name in ("elbe", "isar"):
            connection.execute(insert(judgements), {**judged, "partner_id": name})
        assert [each.id for each in members_after(connection, "")[0]] == ["elbe", "isar"]
    merge(engine)
    with reading(engine) as connection:
        assert [each.id for each in members_after(connection, "")[0]] == ["isar"]
    assert {each.partner_id: each.outcome for each in movers(engine, "2026-H1")} == {"elbe": "merged", "isar": ""}
