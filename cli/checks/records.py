"""Is the database in order, and does what it holds leave?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Engine

from cli.checks.finding import Finding
from cli.repair import told_again, written_again
from records.checkup import unaware_of_merger
from records.jobs import unfinished_jobs
from records.migrate import current_revision, newest_revision
from records.outbox import backlog
from records.parked import parked_commits
from records.partners import list_partners
from records.people import ERASED
from settings import Settings

# A mail that has waited longer than this has met more than a short outage of the mail server.
_PATIENCE = timedelta(minutes=15)
# A page of a job that failed more often has met more than a short outage: its pauses have grown to half a minute.
_TRIES = 5
# What was just told may not be recorded yet (real time).
_HEARING = timedelta(minutes=2)


def check_revision(engine: Engine) -> Iterator[Finding]:
    """Whether the tables are those of this version."""
    found, needed = current_revision(engine), newest_revision()
    if found != needed:
        yield Finding(
            f"The database is at revision {found or 'none'}, and this version needs {needed}. Run: partnerflow setup"
        )


def check_parked(engine: Engine, settings: Settings) -> Iterator[Finding]:
    """Changes that the database refused for good."""
    for each in parked_commits(engine):
        commit = each.commit
        yield Finding(
            f"{commit.process}: change {commit.number} of {each.parked_at:%Y-%m-%d %H:%M} UTC was refused: {each.why} "
            "Mend the reason, then run: partnerflow doctor --repair",
            repair=written_again(engine, each, settings.now, settings.benefit_links),
        )


def check_contacts(engine: Engine) -> Iterator[Finding]:
    """Partners whom no mail reaches, because their contact was erased."""
    for each in list_partners(engine, active_only=True):
        if each.contact_email == ERASED:
            yield Finding(
                f"Partner {each.id} has had no contact since the person was erased, so no mail reaches it: "
                f"PUT /v1/partners/{each.id} names another.",
                note=True,
            )


def check_mergers(engine: Engine, settings: Settings) -> Iterator[Finding]:
    """Partners that were merged and whose processes go on: somebody has set them back."""
    for each in unaware_of_merger(engine, before=settings.now() - _HEARING * settings.program_clock.speed):
        yield Finding(
            f"{each.process} was merged into {each.into} on {each.at:%Y-%m-%d %H:%M} UTC, and goes on as if it had not "
            "been: was it reset? partnerflow doctor --repair tells it once more.",
            repair=told_again(engine, each, settings.now),
        )


def check_outbox(engine: Engine, settings: Settings) -> Iterator[Finding]:
    """Mails and signals that do not leave."""
    waiting = backlog(engine)
    if waiting.oldest is None:
        return
    # Kept in program time; patience is real.
    age = (settings.now() - waiting.oldest) / settings.program_clock.speed
    why = f" The last errors: {'; '.join(waiting.errors)}." if waiting.errors else ""
    if age > _PATIENCE or waiting.errors:
        yield Finding(
            f"{waiting.mails} mails and {waiting.signals} signals wait to leave, the oldest for "
            f"{age // timedelta(minutes=1)} minutes.{why} Is a worker running, and does the mail server answer?"
        )


def check_jobs(engine: Engine) -> Iterator[Finding]:
    """Work that goes page by page, and whose present page fails again and again."""
    for job, failures, error in unfinished_jobs(engine):
        if failures >= _TRIES:
            yield Finding(
                f"The job {job} has failed {failures} times at the same page, at last with {error}. It is tried again, "
                "every 5 minutes at most; what it would tell partners waits. The worker's log says the same."
            )
