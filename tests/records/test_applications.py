"""Applications in the database: one open one of a company, what people wrote, and the partner that it becomes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from program.edition import Tier, Track
from records.applications import (
    Form,
    acknowledge,
    acknowledgements_of,
    application,
    drop_acknowledgement,
    further_of,
    keep_acknowledgement,
    list_applications,
    submit,
)
from records.commits import write_commit
from records.digest import waiting_for
from records.erasing import erase_person
from records.partners import partner, put_partner
from records.people import ERASED, NOBODY
from records.refusal import Refused
from records.tables import application_details, tier_intervals
from states.effects import Enrol
from tests.records.making import NOW, commit, day, rows, step

FORM = Form(
    company="Acme Agency",
    domain="acme.example",
    tax_number="DE123456789",
    country="DE",
    contact_name="A founder",
    contact_email="founder@acme.example",
    service_offerings="e-mail marketing",
    technology_partners="a shop system",
    client_profile="merchants",
)


def submitted(engine: Engine, **fields: Any) -> str:
    """A new application that Temporal holds."""
    made = submit(engine, replace(FORM, **fields), received_at=NOW)
    assert not made.existing
    acknowledge(engine, made.application_id)
    return made.application_id


def told(engine: Engine, application_id: str, number: int, *steps: Any, **projection: Any) -> None:
    """The application's process writes something."""
    shown = {"kind": "application", "partner_id": application_id, "subject": "acme.example", **projection}
    write_commit(engine, commit(f"application:{application_id}", number, *steps, **shown), now=NOW)


def test_what_is_pending_shows_nowhere_and_is_the_same_when_it_is_sent_again(engine: Engine) -> None:
    first = submit(engine, FORM, received_at=NOW)
    assert application(engine, first.application_id) is None
    again = submit(engine, replace(FORM, contact_name="Somebody"), received_at=day(1))
    assert (again.application_id, again.existing) == (first.application_id, False)
    acknowledge(engine, first.application_id, received_at=day(1))
    found = application(engine, first.application_id)
    assert found is not None
    assert (found.form.contact_name, found.received_at, found.state) == ("Somebody", day(1), "received")


@pytest.mark.parametrize(
    "other",
    [
        {"tax_number": ""},
        {"tax_number": "US987654"},
        {"domain": "other.example"},  # the tax number is the same
        {"domain": "other.example", "company": "Acme Holding", "contact_name": "Somebody else"},
    ],
)
def test_the_same_company_by_domain_or_tax_number_is_one_application(engine: Engine, other: dict[str, str]) -> None:
    first = submitted(engine)
    second = replace(FORM, contact_email="else@acme.example", **other)
    made = submit(engine, second, received_at=day(1))
    assert (made.application_id, made.existing) == (first, True)
    assert submit(engine, second, received_at=day(2)).further == made.further, "sent twice it is one"
    found = further_of(engine, first)
    assert [(each.contact_email, each.at) for each in found] == [("else@acme.example", day(1))]


def test_the_same_form_once_more_is_no_further_application(engine: Engine) -> None:
    first = submitted(engine)
    made = submit(engine, FORM, received_at=day(1))
    assert (made.application_id, made.existing, made.further) == (first, True, "")
    assert further_of(engine, first) == []


def test_companies_without_a_tax_number_are_told_apart_by_their_domains(engine: Engine) -> None:
    one = submitted(engine, tax_number="")
    assert submitted(engine, tax_number="", domain="other.example") != one


@pytest.mark.parametrize(("outcome", "may_apply_again"), [("denied", True), ("withdrawn", True), ("member", False)])
def test_once_it_is_over_a_company_may_apply_again_unless_it_is_a_partner(
    engine: Engine, outcome: str, may_apply_again: bool
) -> None:
    first = submitted(engine)
    told(engine, first, 1, step(), state="closed", outcome=outcome, final=True)
    made = submit(engine, FORM, received_at=day(1))
    assert (made.application_id != first) is may_apply_again


def test_a_partner_that_has_left_may_apply_again(engine: Engine) -> None:
    first = submitted(engine)
    told(engine, first, 1, enrolment(first), state="member", outcome="member", final=True)
    joined = partner(engine, first)
    assert joined is not None
    put_partner(engine, joined.model_copy(update={"active": False}), now=day(5))
    made = submit(engine, FORM, received_at=day(6))
    assert (made.existing, made.application_id == first) == (False, False)


def test_of_many_at_once_one_is_let_in(engine: Engine) -> None:
    def apply(number: int) -> str:
        return submit(engine, replace(FORM, contact_name=f"number {number}"), received_at=NOW).application_id

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(apply, range(16)))) == 1
    assert sum(row["open"] for row in rows(engine, application_details)) == 1


def enrolment(application_id: str) -> Any:
    return step(Enrol(application=application_id, track=Track.ADVISOR, tier=Tier.PARTNER, at=day(3)))


def test_a_member_is_a_partner_from_its_last_step_on(engine: Engine) -> None:
    made = submitted(engine)
    for _ in range(2):
        told(engine, made, 1, enrolment(made), state="member", outcome="member", final=True)
    told(engine, made, 2, enrolment(made), state="member", outcome="member", final=True)
    joined = partner(engine, made)
    assert joined is not None
    assert (joined.name, joined.contact_email, joined.country) == ("Acme Agency", "founder@acme.example", "DE")
    assert (joined.track, joined.tier, joined.joined_at) == (Track.ADVISOR, Tier.PARTNER, day(3))
    kept = [(row["from"], row["to"], row["why"]) for row in rows(engine, tier_intervals)]
    assert kept == [(day(3), None, "joined")]


def test_a_partner_that_is_there_already_stays_as_it_is(engine: Engine) -> None:
    made = submitted(engine)
    told(engine, made, 1, enrolment(made))
    joined = partner(engine, made)
    assert joined is not None
    put_partner(engine, joined.model_copy(update={"name": "Renamed"}), now=day(4))
    told(engine, made, 2, enrolment(made))
    renamed = partner(engine, made)
    assert renamed is not None
    assert renamed.name == "Renamed"


def test_applications_are_listed_by_state_the_newest_first(engine: Engine) -> None:
    ids = [submitted(engine, domain=f"d{number}.example", tax_number="") for number in range(3)]
    told(engine, ids[0], 1, step(), state="in_review", subject="d0.example")
    first = list_applications(engine, at_most=2)
    second = list_applications(engine, at_most=2, page=first.next)
    assert sorted(each.application_id for each in (*first.found, *second.found)) == sorted(ids)
    assert second.next == ""
    assert [each.application_id for each in list_applications(engine, state="in_review").found] == [ids[0]]
    with pytest.raises(Refused, match="page token is none of ours"):
        list_applications(engine, page="nonsense")


def test_the_digest_names_the_company(engine: Engine) -> None:
    made = submitted(engine)
    told(engine, made, 1, step(), state="in_review", waits_for="reviewer")
    assert [(each.title, each.partner_name) for each in waiting_for(engine, "reviewer")] == [
        ("acme.example", "Acme Agency")
    ]


def test_who_acknowledged_the_agreement_is_kept_once_and_dropped_where_it_was_not_heard(engine: Engine) -> None:
    made = submitted(engine)
    for _ in range(2):
        keep_acknowledgement(engine, made, version="1", name="A founder", at=NOW, message_id="m-1")
    keep_acknowledgement(engine, made, version="1", name="Another", at=day(1), message_id="m-2")
    drop_acknowledgement(engine, "m-2")
    assert [(each.version, each.name, each.at) for each in acknowledgements_of(engine, made)] == [
        ("1", "A founder", NOW)
    ]


def test_an_applicant_who_was_erased_still_becomes_a_partner_in_the_end(engine: Engine, tmp_path: Path) -> None:
    made = submitted(engine)
    erase_person(engine, FORM.contact_email, mail_folder=tmp_path)
    found = application(engine, made)
    assert found is not None
    assert (found.form.company, found.form.tax_number, found.form.client_profile) == ("Acme Agency", "", "")
    told(engine, made, 1, enrolment(made))
    joined = partner(engine, made)
    assert joined is not None
    assert (joined.contact_name, joined.contact_email) == (NOBODY, ERASED)
