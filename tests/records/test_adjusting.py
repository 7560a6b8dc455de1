"""The pages of adjustments and of looking at everybody: few questions, resumable, and nobody twice."""

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, insert, select, update

from activities.jobs import Jobs
from program.calendar import Half, end_of_day
from program.edition import edition
from records import looking
from records.adjusting import movers, read_list
from records.database import reading, writing
from records.jobs import begin_job, begin_job_anew, lease_job, unfinished_jobs
from records.tables import outbox, partners, processes, tier_intervals
from tests.activities.other_ends import eventually
from tests.records.telling import certify, refer
from tests.records.watching import questions

HALF = Half(2027, 1)
RULES = edition("2022").moves
CUT_OFF, ADJUSTS = RULES.cut_off(HALF), RULES.adjustment(HALF)
LAST_YEAR = CUT_OFF - timedelta(days=100)
ARGS = {
    "half": str(HALF), "cut_off": CUT_OFF.isoformat(), "adjusts": ADJUSTS.isoformat(), "holds": [], "corrections": {},
    "warning": (CUT_OFF - timedelta(days=7)).isoformat(),
}  # fmt: skip


def members(engine: Engine, many: int, tier: str = "gold") -> None:
    """So many partners whose processes have recorded that they are members."""
    names = [f"p-{number:05}" for number in range(many)]
    with writing(engine) as connection:
        connection.execute(
            insert(partners),
            [
                {
                    "id": name, "name": name, "contact_name": "Desk", "contact_email": "desk@partner.example",
                    "country": "US", "track": "advisor", "tier": tier, "joined_at": LAST_YEAR, "active": True,
                }
                for name in names
            ],
        )  # fmt: skip
        connection.execute(
            insert(tier_intervals),
            [
                {"partner_id": name, "from": LAST_YEAR, "to": None, "track": "advisor", "tier": tier, "why": "joined"}
                for name in names
            ],
        )
        connection.execute(
            insert(processes),
            [
                {
                    "process": f"partner:{name}", "kind": "partner", "state": "member", "outcome": "", "final": False,
                    "partner_id": name, "subject": name, "edition": "2022", "lifecycle_version": 1,
                    "since": LAST_YEAR, "waits_for": "", "overdue": False, "due_summary": "",
                    "facts": {"since": LAST_YEAR.isoformat()}, "chain": "run", "number": 1, "updated_at": LAST_YEAR,
                }
                for name in names
            ],
        )  # fmt: skip


def begin(engine: Engine, kind: str, tells: str = "", **args: object) -> None:
    told = ("adjustment:2027-H1", tells) if tells else ("", "")
    with writing(engine) as connection:
        begin_job(connection, kind, kind, ARGS | args, now=CUT_OFF, tells=told)


def set_by_hand(engine: Engine, name: str, state: str = "by_hand") -> None:
    """The partner's process has recorded that staff have set its tier; or that they have released it."""
    with writing(engine) as connection:
        connection.execute(update(processes).where(processes.c.subject == name).values(state=state))


def suspend_by_hand(engine: Engine, name: str) -> None:
    """The partner's process has recorded that it was suspended while staff had set its tier."""
    facts = {"since": LAST_YEAR.isoformat(), "set by hand until": end_of_day(date(2027, 6, 30)).isoformat()}
    with writing(engine) as connection:
        its_own = processes.c.subject == name
        connection.execute(update(processes).where(its_own).values(state="suspended", facts=facts))


def hold_downtier(engine: Engine, name: str, half: str = str(HALF)) -> None:
    """The partner's process has recorded that staff hold its downtier."""
    facts = {"since": LAST_YEAR.isoformat(), "downtier held": half}
    with writing(engine) as connection:
        connection.execute(update(processes).where(processes.c.subject == name).values(facts=facts))


def outcomes(engine: Engine) -> dict[str, str]:
    """By partner: what its line on the list says."""
    return {each.partner_id: each.outcome for each in movers(engine, str(HALF))}


def counted(engine: Engine, signal: str) -> Mapping[str, int]:
    """What the adjustment was told at the end of a job."""
    with engine.connect() as database:
        payload = select(outbox.c.payload).where(outbox.c.signal == signal)
        told: Mapping[str, int] = database.execute(payload).scalar_one()
    return told


@pytest.fixture
def runner(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    """A runner with pages of three partners."""
    monkeypatch.setattr(looking, "PARTNERS_AT_ONCE", 3)
    monkeypatch.setattr(looking, "_PAGE", looking._PAGE.limit(3))
    return Jobs(engine, lambda: ADJUSTS)


def do_all(runner: Jobs) -> int:
    """Do every job to its end; how many pages there were."""
    pages = 0
    job = lease_job(runner.engine, real=runner.real())
    while job is not None:
        pages += 1
        job = runner.one_page(job) or lease_job(runner.engine, real=runner.real())
    return pages


def signals(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as database:
        rows = database.execute(select(outbox.c.target, outbox.c.signal).order_by(outbox.c.id))
        return [(row.target, row.signal) for row in rows]


def test_everybody_is_judged_once_and_the_end_is_told(engine: Engine, runner: Jobs) -> None:
    members(engine, 7)
    certify(engine, "p-00002", at=LAST_YEAR)
    refer(engine, "p-00002", 300, paid=LAST_YEAR)
    begin(engine, "freeze_facts", "frozen")
    assert do_all(runner) == 3
    assert [(each.partner_id, each.becomes) for each in movers(engine, str(HALF))][:3] == [
        ("p-00000", "advisor partner"), ("p-00001", "advisor partner"), ("p-00002", "advisor silver"),
    ]  # fmt: skip
    assert signals(engine) == [("adjustment:2027-H1", "frozen")]
    with engine.connect() as database:
        told = database.execute(select(outbox.c.payload)).scalar_one()
    assert (told["seen"], told["moves"]) == (7, 7)


def test_a_runner_that_is_killed_goes_on_where_it_stopped(engine: Engine, runner: Jobs) -> None:
    members(engine, 8)
    begin(engine, "freeze_facts", "frozen")
    begin(engine, "run_adjustment", "ran")
    first = lease_job(engine, real=runner.real())
    assert first is not None
    runner.one_page(first)  # and then its process dies, with the lease in its hands
    assert lease_job(engine, real=runner.real()) is not None, "the other job is free"
    later = Jobs(engine, lambda: ADJUSTS, real=lambda: runner.real() + timedelta(minutes=5))
    do_all(later)
    assert unfinished_jobs(engine) == []
    adjusts = [target for target, signal in signals(engine) if signal == "adjust"]
    assert adjusts == [f"partner:p-{number:05}" for number in range(8)]
    # The page that the dead one had in hand is written by nobody any more.
    assert runner.one_page(first) is None
    assert len(movers(engine, str(HALF))) == 8


def test_the_run_comes_to_the_same_however_often(engine: Engine, runner: Jobs) -> None:
    members(engine, 4)
    for kind in ("freeze_facts", "run_adjustment"):
        begin(engine, kind)
        do_all(runner)
    before, told = movers(engine, str(HALF)), signals(engine)
    with writing(engine) as connection:
        begin_job(connection, "once more", "run_adjustment", ARGS, now=ADJUSTS)
    do_all(runner)
    assert movers(engine, str(HALF)) == before
    assert signals(engine) == told


def test_who_can_not_move_is_not_among_those_who_would_and_its_line_says_why(engine: Engine, runner: Jobs) -> None:
    by_hand, held, held_before, falls = (f"p-{number:05}" for number in range(4))
    members(engine, 4)
    set_by_hand(engine, by_hand)
    hold_downtier(engine, held)
    hold_downtier(engine, held_before, half=str(HALF.previous()))
    begin(engine, "freeze_facts", "frozen")
    do_all(runner)
    assert (counted(engine, "frozen")["seen"], counted(engine, "frozen")["moves"]) == (4, 2)
    assert outcomes(engine) == {by_hand: "set by hand", held: "held", held_before: "", falls: ""}
    with reading(engine) as connection:
        lines = read_list(connection, str(HALF), ())["movers"]
    assert {line["becomes"] for line in lines} == {"advisor partner"}
    assert [line["outcome"] for line in lines] == ["set by hand", "held", "", ""]
    begin(engine, "run_adjustment", "ran")
    do_all(runner)
    assert (counted(engine, "ran")["moves"], counted(engine, "ran")["held"]) == (2, 2)
    assert outcomes(engine) == {by_hand: "set by hand", held: "held", held_before: "moved", falls: "moved"}


def test_the_list_and_the_run_go_by_what_staff_have_said_by_then(engine: Engine, runner: Jobs) -> None:
    released, set_later = "p-00000", "p-00001"
    members(engine, 2)
    set_by_hand(engine, released)
    begin(engine, "freeze_facts", "frozen")
    do_all(runner)
    assert outcomes(engine) == {released: "set by hand", set_later: ""}
    set_by_hand(engine, released, "member")
    set_by_hand(engine, set_later)
    assert outcomes(engine) == {released: "", set_later: "set by hand"}
    begin(engine, "run_adjustment", "ran")
    do_all(runner)
    assert outcomes(engine) == {released: "moved", set_later: "set by hand"}
    assert [target for target, signal in signals(engine) if signal == "adjust"] == [f"partner:{released}"]


def test_a_suspended_partner_keeps_what_staff_have_set(engine: Engine, runner: Jobs) -> None:
    members(engine, 1)
    suspend_by_hand(engine, "p-00000")
    begin(engine, "warn_of_adjustment", "warned")
    begin(engine, "freeze_facts", "frozen")
    begin(engine, "run_adjustment", "ran")
    do_all(runner)
    assert outcomes(engine) == {"p-00000": "set by hand"}
    told = [signal for target, signal in signals(engine) if target == "partner:p-00000"]
    assert told == []


def test_a_correction_moves_nobody_whose_tier_is_set_by_hand(engine: Engine, runner: Jobs) -> None:
    by_hand, corrected = "p-00000", "p-00001"
    members(engine, 2)
    set_by_hand(engine, by_hand)
    begin(engine, "freeze_facts")
    do_all(runner)
    begin(engine, "run_adjustment", "ran", corrections=dict.fromkeys((by_hand, corrected), "advisor silver"))
    do_all(runner)
    assert {each.partner_id: (each.outcome, each.became) for each in movers(engine, str(HALF))} == {
        by_hand: ("set by hand", "advisor gold"), corrected: ("corrected", "advisor silver"),
    }  # fmt: skip
    assert (counted(engine, "ran")["moves"], counted(engine, "ran")["held"]) == (1, 1)
    assert [target for target, signal in signals(engine) if signal == "adjust"] == [f"partner:{corrected}"]


@pytest.mark.parametrize(
    ("kind", "asks"),
    [("freeze_facts", 3), ("run_adjustment", 5), ("warn_of_adjustment", 3), ("look_at_standings", 4)],
)
def test_a_thousand_partners_cost_five_questions_at_most(engine: Engine, kind: str, asks: int) -> None:
    members(engine, 1_000)
    with writing(engine) as connection:  # half of them by another edition, which asks nothing more
        later = processes.c.process >= "partner:p-00500"
        connection.execute(update(processes).where(later).values(edition="2021"))
    begin(engine, kind)
    runner = Jobs(engine, lambda: CUT_OFF)
    job = lease_job(engine, real=runner.real())
    assert job is not None
    with questions(engine) as asked:
        runner.kinds[kind](engine, job, CUT_OFF)
    assert len(asked) == asks


@pytest.mark.parametrize("kind", ["look_at_standings", "warn_of_adjustment", "freeze_facts", "run_adjustment"])
def test_nobody_who_writes_waits_for_what_a_page_reads(engine: Engine, runner: Jobs, kind: str) -> None:
    members(engine, 4)
    begin(engine, "freeze_facts")
    do_all(runner)
    with writing(engine) as connection:
        begin_job(connection, "another", kind, ARGS, now=CUT_OFF, tells=("adjustment:2027-H1", "told"))
    job = lease_job(engine, real=runner.real())
    pages = 0
    with questions(engine, while_writing=True) as asked:
        while job is not None:
            job, pages = runner.one_page(job), pages + 1
    assert (asked, pages) == ([], 2)


def test_everybody_takes_the_edition_in_force_up_with_the_adjustment(engine: Engine, runner: Jobs) -> None:
    members(engine, 4, tier="partner")
    with writing(engine) as connection:
        gold = partners.c.id.in_(["p-00001"])
        connection.execute(update(partners).where(gold).values(tier="gold"))
        connection.execute(update(processes).where(processes.c.subject != "p-00003").values(edition="2021"))
    for kind in ("freeze_facts", "run_adjustment"):
        begin(engine, kind)
        do_all(runner)
    with engine.connect() as database:
        rows = database.execute(select(outbox.c.target, outbox.c.signal, outbox.c.payload)).all()
    assert {(row.target, row.signal, row.payload["edition"]) for row in rows} == {
        ("partner:p-00000", "adopt_edition", "2022"),
        ("partner:p-00001", "adopt_edition", "2022"),
        ("partner:p-00001", "adjust", "2022"),
        ("partner:p-00002", "adopt_edition", "2022"),
    }


def test_only_those_for_whom_it_changes_something_are_told(engine: Engine, runner: Jobs) -> None:
    members(engine, 5, tier="partner")
    certify(engine, "p-00003", at=LAST_YEAR)
    refer(engine, "p-00003", 300, paid=LAST_YEAR)
    begin(engine, "look_at_standings")
    do_all(runner)
    assert signals(engine) == [("partner:p-00003", "facts_changed")]


def test_a_job_that_is_begun_anew_is_one_job_and_tells_again_what_has_changed(engine: Engine, runner: Jobs) -> None:
    members(engine, 3, tier="partner")
    for _ in range(2):
        with writing(engine) as connection:
            begin_job_anew(connection, "mrr/1", "look_at_standings", {"what": "MRR"}, now=ADJUSTS)
    assert unfinished_jobs(engine) == [("mrr/1", 0, "")]
    in_hand = lease_job(engine, real=runner.real())
    assert in_hand is not None
    certify(engine, "p-00001", at=LAST_YEAR)
    refer(engine, "p-00001", 300, paid=LAST_YEAR)
    with writing(engine) as connection:
        begin_job_anew(connection, "mrr/1", "look_at_standings", {"what": "MRR"}, now=ADJUSTS)
    assert runner.one_page(in_hand) is None, "what was begun before the change counts no more"
    assert signals(engine) == []
    for many in (1, 2):
        do_all(runner)
        assert signals(engine) == many * [("partner:p-00001", "facts_changed")]
        with writing(engine) as connection:
            begin_job_anew(connection, "mrr/1", "look_at_standings", {"what": "MRR"}, now=ADJUSTS)


async def test_a_page_that_fails_is_tried_again_later(engine: Engine) -> None:
    members(engine, 1)
    begin(engine, "look_at_standings")

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    runner = Jobs(engine, lambda: ADJUSTS, kinds={"look_at_standings": broken})  # type: ignore[dict-item]
    stop = asyncio.Event()
    working = asyncio.create_task(runner.run(stop))
    await eventually(lambda: unfinished_jobs(engine)[0][2] != "")
    stop.set()
    await working
    assert unfinished_jobs(engine) == [("look_at_standings", 1, "ZeroDivisionError")]
