"""What holds for every edition: names, sources, pinned values; and what 2021 does differently."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from program.edition import EDITIONS, LATEST, Tier, Track, edition
from program.editions.edition_2021 import STATED
from program.rules.rule import Note, StatedRule
from program.rules.whole import Edition

DIGESTS = {
    "2021": "a890d758656d010d1d8fb77b20b92bdc58955be46a0a10a77e4c1e06e2e2dc22",
    "2022": "63979af6bbb6732c32fa1a5c064d585de70327fb23eafe75351a9fa0a717bbf4",
}

EVERY_EDITION = pytest.mark.parametrize("name", EDITIONS)


def rules_of(name: str) -> dict[str, StatedRule]:
    return {rule.path: rule for rule in edition(name).rules()}


def test_editions_are_found_by_name() -> None:
    assert list(EDITIONS) == ["2021", "2022"]
    assert edition("2021").name == "2021"
    assert LATEST is edition("2022")
    assert edition("2021").in_force_from == date(2021, 1, 1)
    assert edition("2022").in_force_from == date(2022, 1, 1)
    with pytest.raises(ValueError, match="There is no edition '2020'; the editions are 2021, 2022"):
        edition("2020")


@EVERY_EDITION
def test_a_released_edition_never_changes(name: str) -> None:
    assert edition(name).digest() == DIGESTS.get(name), (
        f"The values of edition {name} are not the ones that were released. Leads, requests and nominations "
        "live under them for life, so a changed rule is a new edition: put this one back as it was, and add "
        "a module to program/editions that says what differs. Only a new edition gets a new digest here."
    )


@EVERY_EDITION
def test_every_value_says_what_it_is_and_where_it_comes_from(name: str) -> None:
    rules = list(edition(name).rules())
    assert len({rule.path for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.says, rule.path
        assert rule.source, rule.path


@EVERY_EDITION
def test_every_note_is_about_a_value(name: str) -> None:
    known = edition(name)
    for note in known.notes:
        alone = known.except_that(notes=(note.except_that(source="met"),))
        assert any(rule.source == "met" for rule in alone.rules()), note.path


@EVERY_EDITION
def test_an_edition_survives_the_trip_through_json(name: str) -> None:
    known = edition(name)
    again = Edition.model_validate_json(known.model_dump_json())
    assert again == known
    assert again.digest() == known.digest()


def parts_of(value: object) -> Iterator[object]:
    yield value
    if isinstance(value, BaseModel):
        for field in type(value).model_fields:
            yield from parts_of(getattr(value, field))
    elif isinstance(value, tuple):
        for item in value:
            yield from parts_of(item)


@EVERY_EDITION
def test_an_edition_is_frozen_all_the_way_down(name: str) -> None:
    for part in parts_of(edition(name)):
        assert not isinstance(part, list | dict | set), part
        if isinstance(part, BaseModel):
            field: Any = next(iter(type(part).model_fields))
            with pytest.raises(ValidationError, match="frozen"):
                setattr(part, field, None)
    hash(edition(name))


def test_the_list_of_editions_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        EDITIONS["2023"] = LATEST  # type: ignore[index]


def test_a_digest_sees_values_and_no_words_about_their_source() -> None:
    other = LATEST.except_that(leads=LATEST.leads.except_that(window_days=91))
    assert other.digest() != LATEST.digest()
    remark = Note(path="leads.window_days", source="somewhere else", choice=True)
    assert LATEST.except_that(notes=(*LATEST.notes, remark)).digest() == LATEST.digest()


def test_a_part_accepts_neither_unknown_names_nor_lookalike_values() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        LATEST.leads.except_that(windows_days=90)
    with pytest.raises(ValidationError, match="valid integer"):
        LATEST.leads.except_that(window_days="90")


def test_standings_that_do_not_exist_are_refused_in_a_sentence() -> None:
    sentence = "Edition 2022 has no standing advisor elite; it has advisor partner, advisor silver"
    for ask in (LATEST.referred_terms, LATEST.managed_percent, LATEST.requirements):
        with pytest.raises(ValueError, match=sentence):
            ask(Track.ADVISOR, Tier.ELITE)


CHOICES_2022 = {
    "in_force_from": True,
    "days.time_zone": True,
    "tiers.order": True,
    "tiers.requirements.master gold.visible_on_website": True,
    "tiers.requirements.master platinum.visible_on_website": False,
    "tiers.requirements.advisor silver.certifications": True,
    "tiers.requirements.advisor gold.referred_mrr": False,
    "tiers.requirements.master gold.services_acknowledged": False,
    "tiers.master_moves_to_advisor": True,
    "tiers.sms_sold_in": True,
    "tiers.sms_needed_to_move_up_from": False,
    "moves.halves.H1.cut_off": False,
    "moves.facts_count_when": True,
    "leads.window_days": False,
    "leads.renewal_allowed": False,
    "leads.renewal_days": True,
    "leads.late_acceptance_days": True,
    "leads.reminder_hour": True,
    "leads.affiliate_window_days": False,
    "accounts.reminder_days": True,
    "accounts.confirmed_for_share": False,
    "elite.sms_accounts_percent": False,
    "elite.sms_accounts_counted_by": True,
    "elite.phases.nominations.h1_month": False,
    "elite.phases.nominations.h2_month": True,
    "elite.rubric.quorum": True,
    "elite.rubric.areas.leadership.questions": False,
    "joining.review_deadline_business_days": False,
    "joining.information_days": True,
    "money.payout_days": False,
    "money.referred_minimum": False,
    "money.managed_percent_basis": True,
    "money.rounding": True,
    "benefits.mdf.funds.advisor platinum.up_to": False,
    "benefits.mdf.funds.master elite.up_to": True,
    "benefits.benefits.co_marketing.grants.advisor gold.level": False,
    "benefits.benefits.co_marketing.grants.master gold.level": True,
    "dashboards.client_lines": True,
}


@pytest.mark.parametrize("path", CHOICES_2022)
def test_choices_are_told_from_the_guide(path: str) -> None:
    assert rules_of("2022")[path].choice is CHOICES_2022[path]


def test_2021_differs_exactly_here() -> None:
    old, new = rules_of("2021"), rules_of("2022")
    assert old.keys() == new.keys()
    assert {path: old[path].value for path in old if old[path].value != new[path].value} == {
        "in_force_from": date(2021, 1, 1),
        "tiers.certification_before": ("product", "partner"),
        "leads.working_opportunity_counts": False,
        "leads.renewal_allowed": False,
        "accounts.client_confirms": "We receive e-mail marketing services from {partner}.",
        "joining.prospect_until_webinar": True,
        "money.referred_minimum": None,
    }


def test_what_2021_does_not_say_is_taken_from_2022_by_choice() -> None:
    for path, rule in rules_of("2021").items():
        assert rule.choice is (path not in STATED), path
    assert rules_of("2021")["leads.renewal_allowed"].source == "2021 page"
    assert edition("2021").referred_terms(Track.MASTER, Tier.GOLD) == (Decimal(15), 16)
