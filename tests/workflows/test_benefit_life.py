"""Benefits on a real server: a partner's move begins their processes, and each knows what it is told."""

import asyncio
import uuid
from datetime import timedelta

from sqlalchemy import select
from temporalio.testing import WorkflowEnvironment

from activities.commit import CommitActivities
from program.edition import Tier, Track
from program.evaluation import Standing
from records.benefits import NO_LINKS, BenefitLinks, benefits_of
from records.commits import write_commit
from records.entering import enter_partner
from records.mailbox import delivered_mails
from records.partners import Partner
from records.tables import audit, outbox
from rehearsal.clock import skip
from states.granting import benefit_effects
from tests.records.making import commit, step
from tests.workflows.conftest import Desk, eventually
from tests.workflows.partners import entered

PARTNER = Standing(Track.ADVISOR, Tier.PARTNER)
SILVER = Standing(Track.ADVISOR, Tier.SILVER)
GOLD = Standing(Track.ADVISOR, Tier.GOLD)
MANAGER = "manager@vendor.example"


LINKS = BenefitLinks(affiliate="https://signup.vendor.example/{partner}", slack="https://slack.example/invite")


def move(
    desk: Desk,
    number: int,
    before: Standing | None,
    after: Standing | None,
    partner: str,
    links: BenefitLinks = NO_LINKS,
) -> None:
    """A partner's process moves it, and carries out what follows for its benefits."""
    effects = benefit_effects(before, after, partner, desk.now(), edition_name="2022")
    moved = commit(f"partner:{partner}", number, step(*effects), partner_id=partner)
    write_commit(desk.engine, moved, now=desk.now(), links=links)


async def stands(desk: Desk, partner: str, expected: dict[str, str]) -> None:
    """Wait until the partner's benefits are recorded in these states, and nothing that they are told waits to leave.

    One that has just begun is not given either, until it hears what it was begun for.
    """

    def ask() -> bool:
        found = {code: each.state for code, each in benefits_of(desk.engine, partner).items()}
        waiting = select(outbox.c.id).where(outbox.c.status == "waiting", outbox.c.kind == "signal")
        with desk.engine.connect() as database:
            return database.execute(waiting).first() is None and found == expected

    await eventually(lambda: asyncio.to_thread(ask))


async def test_up_down_and_up_again(desk: Desk) -> None:
    partner = f"acme-{uuid.uuid4().hex[:8]}"
    async with desk.working():
        move(desk, 1, None, PARTNER, partner)
        await stands(desk, partner, {"slack_community": "to_do"})
        move(desk, 2, PARTNER, SILVER, partner)
        await stands(desk, partner, {"slack_community": "to_do", "directory_listing": "to_do"})
        listing = desk.client.get_workflow_handle(f"benefit:{partner}:directory_listing")
        answer = await listing.execute_update("carry_out", f"{MANAGER}: listed in the directory")
        assert answer.startswith("Done: given.")
        move(desk, 3, SILVER, GOLD, partner)
        move(desk, 4, GOLD, PARTNER, partner)
        gone = {"leadership_access": "not_given", "developer_support": "not_given", "partner_manager": "not_given",
                "development_funds": "not_given"}  # fmt: skip
        await stands(desk, partner, {"slack_community": "to_do", "directory_listing": "to_take_back", **gone})
        # Said twice, as by a worker that died after its transaction: nothing happens twice.
        move(desk, 4, GOLD, PARTNER, partner)
        move(desk, 5, PARTNER, SILVER, partner)
        await stands(desk, partner, {"slack_community": "to_do", "directory_listing": "given", **gone})

    with desk.engine.connect() as database:
        heard = database.execute(
            select(audit.c.trigger)
            .where(audit.c.process == listing.id)
            .order_by(audit.c.number, audit.c.index)
        ).scalars()  # fmt: skip
        assert list(heard) == ["begin", "grant", "carry_out", "withdraw", "grant"]
        kits = database.execute(select(outbox.c.template).where(outbox.c.template == "logo_kit")).all()
        assert len(kits) == 4
        left = database.execute(select(outbox.c.status).where(outbox.c.kind == "signal").distinct()).scalars()
        assert list(left) == ["sent"]


async def test_of_a_partner_that_is_entered_only_choices_are_open_and_benefits_follow_corrections(desk: Desk) -> None:
    name = f"acme-{uuid.uuid4().hex[:8]}"

    def enter(tier: Tier) -> None:
        partner = Partner(
            id=name, name="Acme Commerce", contact_name="Partner desk", contact_email=f"desk@{name}.example",
            track=Track.ADVISOR, tier=tier, joined_at=desk.now() - timedelta(days=400),
        )  # fmt: skip
        enter_partner(desk.engine, partner, edition="2022", now=desk.now())

    async with desk.working():
        enter(Tier.GOLD)
        chosen = {"partner_manager": "offered", "development_funds": "offered"}
        await stands(desk, name, chosen)
        funds = desk.client.get_workflow_handle(f"benefit:{name}:development_funds")
        answer = await funds.execute_update("choose", f"{MANAGER}: their fair in May")
        assert answer.startswith("Done:")
        enter(Tier.GOLD)
        enter(Tier.PLATINUM)
        has = {"leadership_access": "to_do", "partner_manager": "to_do", "development_funds": "given"}
        await stands(desk, name, has)
        enter(Tier.SILVER)
        # What it had before it was entered is taken back like anything else.
        await stands(desk, name, {**dict.fromkeys(has, "not_given"), "developer_support": "to_take_back"})

    with desk.engine.connect() as database:
        told = select(outbox.c.to, outbox.c.about).where(outbox.c.template == "standing_changed")
        heard = [(row.to, row.about["standing"]) for row in database.execute(told.order_by(outbox.c.id))]
    ups_and_downs = ("advisor platinum", "advisor silver")
    assert heard == [(to, standing) for standing in ups_and_downs for to in ("partner", "manager")]


async def test_with_a_link_a_mail_gives_it_and_people_only_take_it_back(desk: Desk) -> None:
    partner = entered(desk)
    slack = desk.client.get_workflow_handle(f"benefit:{partner}:slack_community")
    async with desk.working():
        move(desk, 1, None, PARTNER, partner, LINKS)

        async def written() -> str:
            texts = [mail.text for mail in await asyncio.to_thread(delivered_mails, desk.engine)]
            return "".join(texts) if len(texts) == 3 else ""

        texts = await eventually(written)
        assert f"https://signup.vendor.example/{partner}" in texts
        assert "https://slack.example/invite" in texts
        assert benefits_of(desk.engine, partner) == {}
        move(desk, 2, PARTNER, None, partner, LINKS)
        await stands(desk, partner, {"slack_community": "to_take_back"})
        await slack.execute_update("take_back", f"{MANAGER}: removed from the workspace")
        await stands(desk, partner, {"slack_community": "not_given"})
        move(desk, 3, None, PARTNER, partner, LINKS)
        await stands(desk, partner, {"slack_community": "given"})


async def test_a_task_from_before_there_was_a_link_sends_it_when_it_is_carried_out(desk: Desk) -> None:
    partner = entered(desk)
    async with desk.working():
        move(desk, 1, None, PARTNER, partner)
        await stands(desk, partner, {"slack_community": "to_do"})
    desk.commits = CommitActivities(desk.engine, desk.now, links=LINKS)
    async with desk.working():
        slack = desk.client.get_workflow_handle(f"benefit:{partner}:slack_community")
        await slack.execute_update("carry_out", f"{MANAGER}: invited")
        await stands(desk, partner, {"slack_community": "given"})
    with desk.engine.connect() as database:
        (about,) = database.execute(select(outbox.c.about).where(outbox.c.process == slack.id)).scalars()
    assert about["benefit_link"] == LINKS.slack


async def test_staff_are_reminded_and_then_late(seasons: tuple[Desk, WorkflowEnvironment]) -> None:
    desk, environment = seasons
    async with desk.working():
        move(desk, 1, None, PARTNER, "alster")
        await stands(desk, "alster", {"slack_community": "to_do"})
        await skip(environment, timedelta(days=20))
        slack = desk.client.get_workflow_handle("benefit:alster:slack_community")
        late = await desk.until(slack, lambda now: now.projection.overdue and not now.waiting)
        assert late.projection.waits_for == "manager"
        card = await desk.card(slack)
        assert "**Waits for: manager, overdue**" in card
        assert "**carry_out** (manager): It is done: say what was done." in card
        found = benefits_of(desk.engine, "alster")["slack_community"]
        assert (found.overdue, found.facts["benefit"]) == (True, "Slack community")
    with desk.engine.connect() as database:
        mails = select(outbox.c.template, outbox.c.to).where(outbox.c.process == slack.id, outbox.c.kind == "mail")
        assert [tuple(row) for row in database.execute(mails.order_by(outbox.c.id))] == [
            ("benefit_reminder", "manager"), ("benefit_overdue", "manager"), ("benefit_overdue", "staff:manager"),
        ]  # fmt: skip
