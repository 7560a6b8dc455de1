"""What if: who rises and falls under a changed edition, why, and what it does to shares."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import Engine, func, select, update

from program.changing import changed
from program.edition import LATEST
from program.rules.rule import Part
from records import looking
from records.database import reading, writing
from records.tables import metadata, partners, processes, tier_intervals
from records.whatif import LOOKS_AT, Fate, counted, what_if
from reports.whatif import page, rises_and_falls, shares_by_standing
from tests.records.telling import certify, manage, refer, tell
from tests.records.test_adjusting import ADJUSTS, LAST_YEAR, members

ON = date(2027, 3, 1)
NOW = ADJUSTS - timedelta(days=20)


def those(engine: Engine, changes: dict[str, object]) -> dict[str, Fate]:
    return {each.partner_id: each for each in what_if(engine, changed(LATEST, "draft", changes), ON, now=NOW)}


def complete(engine: Engine, name: str, referred: int, *, at: datetime = LAST_YEAR) -> None:
    """Everything that gold asks for as an advisor, but for the MRR."""
    certify(engine, name, at=at)
    tell(engine, name, "website", at=at, evidence=["badge"])
    refer(engine, name, referred, paid=at)


@pytest.fixture
def three(engine: Engine) -> Engine:
    """Three gold advisors that refer $2,600, $2,900 and $9,500."""
    members(engine, 3)
    for name, dollars in (("p-00000", 2_600), ("p-00001", 2_900), ("p-00002", 9_500)):
        complete(engine, name, dollars)
    return engine


def test_it_looks_at_the_values_that_it_says(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of any other value would show nothing, and look as if it did nothing."""
    members(engine, 3)
    with writing(engine) as connection:
        for table, key in ((partners, partners.c.id), (tier_intervals, tier_intervals.c.partner_id)):
            connection.execute(update(table).where(key == "p-00002").values(track="master", tier="elite"))
    complete(engine, "p-00000", 2_600)
    tell(engine, "p-00000", "services", at=LAST_YEAR, services=["implementation"])
    manage(engine, "p-00000", 300, since=LAST_YEAR)
    looked: dict[str, set[str]] = {"joining": set(), "money": set(), "moves": set(), "tiers": set()}
    tables = {type(getattr(LATEST, name)): name for name in looked}

    def looking_at(part: Part, name: str) -> object:
        if type(part) in tables and name in type(part).model_fields:
            looked[tables[type(part)]].add(name)
        return object.__getattribute__(part, name)

    rules = changed(LATEST, "draft", {})
    monkeypatch.setattr(Part, "__getattribute__", looking_at)
    assert len(list(what_if(engine, rules, ON, now=NOW))) == 3
    monkeypatch.undo()
    assert {table: tuple(sorted(names)) for table, names in looked.items()} == LOOKS_AT


def test_no_change_changes_nothing(three: Engine) -> None:
    found = those(three, {})
    assert len(found) == 3
    assert not any(each.differs for each in found.values())
    assert all(each.shares_as_it_is == each.shares_changed for each in found.values())


def test_who_falls_and_who_rises_and_why(three: Engine) -> None:
    found = those(three, {
        "tiers.requirements.advisor.gold.referred_mrr": 2_800,
        "tiers.requirements.advisor.platinum.referred_mrr": 9_000,
    })  # fmt: skip
    assert {name: (str(each.as_it_is), str(each.changed)) for name, each in found.items()} == {
        "p-00000": ("advisor gold", "advisor silver"),
        "p-00001": ("advisor gold", "advisor gold"),
        "p-00002": ("advisor gold", "advisor platinum"),
    }
    assert found["p-00000"].why == "advisor gold misses $200 MRR referred"
    assert "meets MRR referred: $9,000 needed, $9,500 found" in found["p-00002"].why
    up, down = rises_and_falls(list(found.values()))
    assert ([each.partner_id for each in up], [each.partner_id for each in down]) == (["p-00002"], ["p-00000"])
    assert sum(counted(list(found.values())).values()) == 2
    # 15% at gold, 10% at silver, 20% at platinum.
    assert [each.shares_changed.referred for each in found.values()] == [
        Decimal("260.00"), Decimal("435.00"), Decimal("1900.00"),
    ]  # fmt: skip
    assert found["p-00000"].shares_as_it_is.referred == Decimal("390.00")


def test_a_share_alone_moves_nobody_and_counts(engine: Engine) -> None:
    members(engine, 1)
    complete(engine, "p-00000", 2_600)
    tell(engine, "p-00000", "services", at=LAST_YEAR, services=["implementation"])
    manage(engine, "p-00000", 300, since=LAST_YEAR)
    found = those(engine, {"money.shares.advisor.gold.referred_percent": 16.5})
    assert not found["p-00000"].differs
    assert found["p-00000"].shares_changed.referred == Decimal("429.00")
    rules = changed(LATEST, "draft", {})
    assert shares_by_standing(rules, list(found.values())) == [
        ("advisor gold", Decimal("390.00"), Decimal("429.00"), Decimal("0.00"), Decimal("0.00"))
    ]


def test_every_partner_once_whatever_the_page(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    members(engine, 11, "silver")
    chance = Random(5)
    for number in range(11):
        complete(engine, f"p-{number:05}", chance.choice([0, 240, 260, 2_400, 2_600, 3_100, 10_200]))
    whole = those(engine, {"tiers.requirements.advisor.gold.referred_mrr": 3_000})
    monkeypatch.setattr(looking, "PARTNERS_AT_ONCE", 3)
    monkeypatch.setattr(looking, "_PAGE", looking._PAGE.limit(3))
    paged = those(engine, {"tiers.requirements.advisor.gold.referred_mrr": 3_000})
    assert len(whole) == 11
    assert paged == whole


def test_it_only_reads(three: Engine) -> None:
    def rows() -> list[int]:
        with reading(three) as connection:
            return [connection.execute(select(func.count()).select_from(table)).scalar_one()
                    for table in metadata.sorted_tables]  # fmt: skip

    before = rows()
    those(three, {"tiers.certified_employees": 2})
    assert rows() == before


def test_its_page_says_who_and_why(three: Engine) -> None:
    rules = changed(LATEST, "draft", {"tiers.requirements.advisor.gold.referred_mrr": 2_800})
    text = page(rules, ON, list(what_if(three, rules, ON, now=NOW)))
    assert "What if: edition draft" in text
    assert "advisor gold misses $200 MRR referred" in text
    assert text.count("data:image/svg+xml") == 3


def test_a_tier_set_by_hand_stays(three: Engine) -> None:
    with writing(three) as connection:
        connection.execute(processes.update().where(processes.c.process == "partner:p-00000").values(state="by_hand"))
    found = those(three, {"tiers.requirements.advisor.gold.referred_mrr": 2_800})
    assert not found["p-00000"].differs
