"""Two partners that become one, as tests want them: elbe is merged into isar."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from program.edition import Tier, Track
from records import accounts, leads
from records.commits import write_commit
from records.database import reading
from records.mergers import Merger, Said, Side, merger_of, say
from states.effects import AskForMergerAgain, EndMerger, Manage, ProposeMerger, Receipt
from tests.records.making import NOW, a_partner, claim, commit, day, step

ELBE, ISAR = "partner:elbe", "partner:isar"
LAPSES = day(30)
MANAGER = "m@vendor.example"


def two_partners(engine: Engine, **fields: Any) -> None:
    """Both; `fields` are elbe's."""
    a_partner(engine, "elbe", **{"track": Track.MASTER, "tier": Tier.GOLD, "manager_address": MANAGER, **fields})
    a_partner(engine, "isar", track=Track.ADVISOR, tier=Tier.SILVER)
    for name in ("elbe", "isar"):
        written = commit(
            f"partner:{name}", 1, step(dest="member"), kind="partner", state="member", partner_id=name, subject=name,
            facts={"since": NOW.isoformat()},
        )  # fmt: skip
        write_commit(engine, written, now=NOW)


def proposed(
    engine: Engine,
    into: str = "isar",
    *,
    of: str = "elbe",
    at: datetime = NOW,
    number: int = 2,
    by: str = MANAGER,
    reason: str = "bought",
) -> Receipt:
    """Staff propose to merge one into another, in the commit `number` of its process."""
    effect = ProposeMerger(into=into, lapses_at=at + timedelta(days=30), by=by, reason=reason)
    return _by_staff(engine, of, number, effect, "propose_merger", at, by)


def asked_again(engine: Engine, *, at: datetime = NOW, number: int = 3) -> None:
    _by_staff(engine, "elbe", number, AskForMergerAgain(), "resend_merger", at)


def withdrawn(engine: Engine, *, at: datetime = NOW, number: int = 3) -> None:
    _by_staff(engine, "elbe", number, EndMerger(how="withdrawn", reason="called off"), "withdraw_merger", at)


def _by_staff(
    engine: Engine, of: str, number: int, effect: Any, trigger: str, at: datetime, by: str = MANAGER
) -> Receipt:
    said = step(effect, trigger=trigger, at=at, source="member", dest="member", by=by)
    written = commit(f"partner:{of}", number, said, kind="partner", state="member", partner_id=of, subject=of)
    return write_commit(engine, written, now=at)


def merger(engine: Engine, number: int = 1) -> Merger:
    with reading(engine) as connection:
        found = merger_of(connection, ELBE, number)
    assert found is not None
    return found


def said(engine: Engine, side: Side, answer: Said = "confirm", *, at: datetime = NOW) -> Merger:
    """A partner's word, as the page takes it in."""
    return say(engine, merger(engine), side, answer, at=at, now=at)


def both_confirm(engine: Engine, *, at: datetime = NOW) -> Merger:
    said(engine, "merge_from", at=at)
    return said(engine, "merge_into", at=at)


def a_lead(engine: Engine, partner: str, domain: str, *, since: datetime = NOW, state: str = "in_review") -> str:
    """A lead that holds its prospect, or stands in line; its process."""
    lead_id, _ = leads.submit(
        engine, partner_id=partner, company=domain, domain=domain, contact_name="Buyer",
        contact_email=f"buyer@{domain}", note="", received_at=since,
    )  # fmt: skip
    begun = step(claim(since, subject=domain), at=since)
    shown: dict[str, Any] = {"partner_id": partner, "subject": domain, "state": state, "facts": {"partner": partner}}
    write_commit(engine, commit(f"lead:{lead_id}", 1, begun, **shown), now=since)
    return f"lead:{lead_id}"


def an_account(engine: Engine, partner: str, api_key: str, state: str = "active") -> str:
    """An account under a partner, managed where it is active; its process."""
    made = accounts.submit(
        engine, api_key=api_key, partner_id=partner, contact_name="Client", contact_email="client@shop.example",
        received_at=NOW,
    )  # fmt: skip
    accounts.acknowledge(engine, made.process, made.number)
    effects = [Manage(account=api_key, request=made.number, since=NOW)] if state == "active" else []
    shown = {"kind": "account", "partner_id": partner, "subject": api_key, "state": state}
    facts = {"request": made.number, "contact": 1, "partner": partner}
    write_commit(engine, commit(made.process, 1, step(*effects), **shown, facts=facts), now=NOW)
    return made.process
