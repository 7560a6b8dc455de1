"""What was accepted and never became a process is found, of every kind that there is."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine, update

from records import accounts, applications, leads
from records.checkup import accepted_without_process, take_back, tell_of_merger, unaware_of_merger
from records.commits import write_commit
from records.database import writing
from records.outbox import lease_signals
from records.posting import Postings
from records.tables import outbox
from tests.records.making import NOW, commit, day, rows, step
from tests.records.merging_two import ELBE, both_confirm, proposed, two_partners
from tests.records.test_applications import FORM
from worker import WORKFLOWS

KINDS = sorted({table.name for process in WORKFLOWS for table in process.lifecycles.values()})


def a_lead(engine: Engine) -> str:
    lead_id, _ = leads.submit(
        engine, partner_id="p-1", company="Lost", domain="lost.example", contact_name="", contact_email="", note="",
        received_at=NOW,
    )  # fmt: skip
    return f"lead:{lead_id}"


def an_account(engine: Engine) -> str:
    made = accounts.submit(
        engine, api_key="LOST01", partner_id="p-1", contact_name="", contact_email="x@y.example", received_at=NOW
    )
    accounts.acknowledge(engine, made.process, made.number)
    return made.process


def an_application(engine: Engine) -> str:
    made = applications.submit(engine, replace(FORM, domain="lost.example"), received_at=NOW)
    applications.acknowledge(engine, made.application_id)
    return f"application:{made.application_id}"


def begun(kind: str) -> Callable[[Engine], str]:
    """One that another process, the calendar or an entry has begun through the outbox."""

    def begin(engine: Engine) -> str:
        postings = Postings("somebody", NOW)
        postings.begin(f"{kind}/begin", f"{kind}:lost", kind, {})
        with writing(engine) as connection:
            postings.write(connection)
            connection.execute(update(outbox).values(status="sent", sent_at=NOW))
        return f"{kind}:lost"

    return begin


SUBMITTED: dict[str, Callable[[Engine], str]] = {"lead": a_lead, "account": an_account, "application": an_application}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_found_until_its_process_speaks(engine: Engine, kind: str) -> None:
    process = SUBMITTED.get(kind, begun(kind))(engine)
    assert [each.process for each in accepted_without_process(engine, before=day(1))] == [process]
    assert accepted_without_process(engine, before=NOW) == []
    spoken = commit(process, 1, step(), kind=kind, facts={"request": 1})
    write_commit(engine, spoken, now=NOW)
    assert accepted_without_process(engine, before=day(1)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_taken_back_it_waits_to_be_sent_again(engine: Engine, kind: str) -> None:
    process = SUBMITTED.get(kind, begun(kind))(engine)
    [lost] = accepted_without_process(engine, before=day(1))
    take_back(engine, lost, now=day(2))
    assert accepted_without_process(engine, before=day(1)) == []
    if kind in SUBMITTED:
        assert accounts.account(engine, process) is None
        assert leads.lead(engine, process.removeprefix("lead:")) is None
        assert applications.application(engine, process.removeprefix("application:")) is None
    else:
        [row] = rows(engine, outbox)
        assert (row["status"], row["created_at"]) == ("waiting", day(2))
        [taken] = lease_signals(engine, real=NOW, lease=day(1) - NOW, at_most=1)
        assert taken.target == process


def test_a_merged_partner_whose_process_goes_on_is_found_and_told_again(engine: Engine) -> None:
    two_partners(engine)
    proposed(engine)
    assert unaware_of_merger(engine, before=day(9)) == []
    both_confirm(engine, at=day(1))
    assert unaware_of_merger(engine, before=day(9)) == [], "it is about to hear of it"
    with writing(engine) as connection:
        connection.execute(update(outbox).values(status="sent"))
    assert unaware_of_merger(engine, before=day(1)) == []
    [found] = unaware_of_merger(engine, before=day(2))
    assert (found.process, found.into, found.at) == (ELBE, "isar", day(1))
    tell_of_merger(engine, found, now=day(3))
    assert unaware_of_merger(engine, before=day(9)) == []
    said = rows(engine, outbox)[-1]
    assert (said["target"], said["signal"], said["payload"]["into"]) == (ELBE, "merge", "isar")
    over = {"kind": "partner", "partner_id": "elbe", "subject": "elbe", "state": "merged"}
    write_commit(engine, commit(ELBE, 3, step(trigger="merge"), final=True, **over), now=day(3))
    with writing(engine) as connection:
        connection.execute(update(outbox).values(status="sent"))
    assert unaware_of_merger(engine, before=day(9)) == []


def test_a_request_that_follows_one_that_is_over_is_found_by_itself(engine: Engine) -> None:
    process = an_account(engine)
    over = commit(process, 1, step(), kind="account", state="lapsed", facts={"request": 1})
    write_commit(engine, over, now=NOW)
    an_account(engine)
    assert [(each.process, each.number) for each in accepted_without_process(engine, before=day(1))] == [(process, 2)]
