"""How simulated people behave, and what a rehearsal is given of an installation."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from program.calendar import Half
from program.edition import LATEST
from records.database import open_database
from records.migrate import migrate
from records.partners import put_partner
from rehearsal.cast import CHAIR, filled_up
from rehearsal.given import copy_known, payers_of
from rehearsal.habits import HABITS, deeds_of
from rehearsal.past import remember
from rehearsal.queue import Open

SINCE = datetime(2027, 1, 11, 15, tzinfo=UTC)
LEAD = Open("lead:1", "lead", "in_review", "acme", "shop.example", "2022", SINCE, "reviewer", {})


def of_many(sample: Open, today: date) -> list[tuple[str, int]]:
    """What is done about two hundred such processes, and how often."""
    found = [replace(sample, process=f"lead:{number}", subject=f"shop{number}.example") for number in range(200)]
    return Counter(deed.action for deeds in deeds_of(found, today, 1).values() for deed in deeds).most_common()


def test_reviews_are_done_within_days_and_a_lead_that_has_paid_is_accepted() -> None:
    same_day, late = dict(of_many(LEAD, date(2027, 1, 11))), dict(of_many(LEAD, date(2027, 1, 29)))
    assert 20 <= sum(same_day.values()) <= 60
    assert sum(late.values()) == 200
    assert 20 <= late["reject"] <= 60
    assert of_many(replace(LEAD, facts={"client paid": "2027-01-12"}), date(2027, 1, 29)) == [("accept", 200)]


def test_a_decision_depends_on_seed_and_process_alone() -> None:
    other = replace(LEAD, process="lead:2", subject="other.example")
    day = date(2027, 1, 20)
    assert deeds_of([LEAD, other], day, 1)["lead:1"] == deeds_of([LEAD], day, 1)["lead:1"]
    renamed = deeds_of([replace(LEAD, process="lead:77")], day, 1)["lead:77"]
    assert [each.payload for each in renamed] == [each.payload for each in deeds_of([LEAD], day, 1)["lead:1"]]


def test_the_chair_waits_until_nothing_is_open() -> None:
    season = Open("elite:2027-H1", "season", "selection", "", "2027-H1", "2022", SINCE, "chair", {"being scored": "a"})
    day = date(2027, 1, 29)
    assert deeds_of([season], day, 1) == {}
    [confirmed] = deeds_of([replace(season, facts={})], day, 1)["elite:2027-H1"]
    assert (confirmed.action, confirmed.payload["by"]) == ("confirm", CHAIR)
    assert all(callable(habit) for habit in HABITS.values())


def test_an_installation_is_copied_with_what_is_known_of_its_partners(tmp_path: Path) -> None:
    source, target = (open_database(f"sqlite:///{tmp_path}/{name}.db") for name in ("source", "target"))
    for engine in (source, target):
        migrate(engine)
    partners = filled_up([], 20, 1, Half(2027, 1), LATEST)
    for each in partners:
        put_partner(source, each, now=SINCE)
    known = remember(source, partners, seed=1, rules=LATEST, at=SINCE)
    assert {each.id for each in copy_known(source, target)} == {each.id for each in partners}
    found = payers_of(target, seed=1)
    assert [(each.account, each.email, each.sms) for each in found] == [
        (each.account, each.email, each.sms) for each in sorted(known, key=lambda payer: payer.account)
    ]
    source.dispose()
    target.dispose()
