"""Benefits that a link gives: what a transaction makes of a partner's joining and leaving, with a link and without."""

from datetime import timedelta

from sqlalchemy import Engine, select

from program.edition import Tier, Track
from program.evaluation import Standing
from records.benefits import NO_LINKS, BenefitLinks
from records.commits import write_commit
from records.tables import outbox
from states.granting import benefit_effects
from tests.records.making import NOW, a_partner, commit, step

PARTNER = Standing(Track.ADVISOR, Tier.PARTNER)
SLACK = "https://slack.example/shared_invite/zt-1"
LINKS = BenefitLinks(affiliate="https://signup.vendor.example/?partner={partner}", slack=SLACK)
PROCESS = "benefit:p-1:slack_community"


def joins(engine: Engine, number: int, links: BenefitLinks) -> None:
    _moves(engine, number, None, PARTNER, links)


def leaves(engine: Engine, number: int, links: BenefitLinks) -> None:
    _moves(engine, number, PARTNER, None, links)


def _moves(engine: Engine, number: int, before: Standing | None, after: Standing | None, links: BenefitLinks) -> None:
    effects = benefit_effects(before, after, "p-1", NOW, edition_name="2022")
    moved = commit("partner:p-1", number, step(*effects), partner_id="p-1")
    for _ in range(2):  # a worker that died after its transaction writes it again
        write_commit(engine, moved, now=NOW + timedelta(days=number), links=links)


def told(engine: Engine) -> list[str]:
    """What the benefit's process was told, in order."""
    with engine.connect() as database:
        wanted = select(outbox.c.signal).where(outbox.c.target == PROCESS).order_by(outbox.c.id)
        return list(database.execute(wanted).scalars())


def mailed(engine: Engine) -> list[tuple[str, str | None]]:
    """The mails that give a benefit: which, and with which link."""
    with engine.connect() as database:
        wanted = select(outbox.c.about).where(outbox.c.template == "benefit_given").order_by(outbox.c.id)
        return [(about["benefit"], about.get("benefit_link")) for about in database.execute(wanted).scalars()]


OWN = ("affiliate link", "https://signup.vendor.example/?partner=p-1")


def test_with_links_two_mails_are_all_there_is(engine: Engine) -> None:
    a_partner(engine)
    joins(engine, 1, LINKS)
    assert mailed(engine) == [OWN, ("Slack community", SLACK)]
    assert told(engine) == []


def test_without_links_slack_is_a_task_and_nobody_is_written_to(engine: Engine) -> None:
    a_partner(engine)
    joins(engine, 1, NO_LINKS)
    assert mailed(engine) == []
    assert told(engine) == ["begin", "grant"]


def test_what_a_link_gave_people_take_back_and_a_new_link_gives_again(engine: Engine) -> None:
    a_partner(engine)
    joins(engine, 1, LINKS)
    leaves(engine, 2, LINKS)
    assert told(engine) == ["begin", "given_already", "withdraw"]
    joins(engine, 3, LINKS)
    assert told(engine)[3:] == ["given_already"], "its process has begun, and knows what became of it"
    assert mailed(engine) == 2 * [OWN, ("Slack community", SLACK)]
    leaves(engine, 4, LINKS)
    assert told(engine)[4:] == ["withdraw"]


def test_a_link_that_is_taken_out_is_not_forgotten(engine: Engine) -> None:
    a_partner(engine)
    joins(engine, 1, LINKS)
    leaves(engine, 2, NO_LINKS)
    assert told(engine) == ["begin", "given_already", "withdraw"]
    joins(engine, 3, NO_LINKS)
    assert told(engine)[3:] == ["begin", "grant"]


def test_a_task_that_was_begun_stays_one_when_a_link_is_set(engine: Engine) -> None:
    a_partner(engine)
    joins(engine, 1, NO_LINKS)
    leaves(engine, 2, LINKS)
    assert told(engine) == ["begin", "grant", "withdraw"]


def test_what_a_partner_was_entered_with_people_take_back_as_well(engine: Engine) -> None:
    a_partner(engine)
    leaves(engine, 1, NO_LINKS)
    assert told(engine) == ["begin", "given_already", "withdraw"]
