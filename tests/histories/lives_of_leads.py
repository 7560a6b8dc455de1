"""Lives of leads: every kind of end, long ones, and those in which something went wrong on the way."""

from __future__ import annotations

from datetime import timedelta

from tests.histories.life import Life, Stage
from tests.workflows.conftest import ACCEPT, REJECT, database_held

REVIEWER = "reviewer@vendor.example"


async def open_in_review(on: Stage) -> None:
    await on.lead()


async def open_accepted(on: Stage) -> None:
    lead = await on.lead()
    await lead.execute_update("accept", ACCEPT)
    await on.until(lead, state="accepted")


async def credited(on: Stage) -> None:
    lead = await on.lead()
    await lead.execute_update("accept", ACCEPT)
    await on.fact(lead, "client_paid")
    await lead.result()


async def withdrawn(on: Stage) -> None:
    lead = await on.lead()
    await on.fact(lead, "withdraw", by="partner")
    await lead.result()


async def accepted_by_signal(on: Stage) -> None:
    lead = await on.lead()
    await lead.signal("accept", "nobody")
    await lead.signal("accept", ACCEPT)
    await on.until(lead, state="accepted")
    await on.fact(lead, "client_paid")
    await lead.result()


async def refused_signals(on: Stage) -> None:
    lead = await on.lead()
    for name, payload in (("accept", 7), ("no_such_action", None), ("renew", {"by": REVIEWER}), ("client_paid", {})):
        await lead.signal(name, payload)
    await lead.signal("accept", args=[ACCEPT, ACCEPT])
    await on.desk.until(lead, lambda now: len(now.notices) == 3)
    await lead.execute_update("accept", ACCEPT)
    await on.until(lead, state="accepted")


async def cancelled_and_reinstated(on: Stage) -> None:
    lead = await on.lead()
    await lead.cancel()
    await on.until(lead, state="voided")
    await lead.execute_update("reinstate", {"by": REVIEWER, "reason": "it was no test"})
    await on.until(lead, state="in_review")


async def cancel_refused(on: Stage) -> None:
    lead = await on.lead()
    await lead.execute_update("void", {"by": REVIEWER, "reason": "a test"})
    await lead.cancel()
    await on.desk.until(lead, lambda now: bool(now.notices))


async def continued(on: Stage) -> None:
    lead = await on.lead(continue_after=2)
    await lead.signal("nonsense")
    await lead.execute_update("accept", ACCEPT)
    await lead.signal("accept", ACCEPT)
    await on.fact(lead, "opportunity_opened")
    await on.until(lead, state="opportunity")
    await on.fact(lead, "client_paid")
    await lead.result()


async def database_away(on: Stage) -> None:
    lead = await on.lead()
    with database_held(on.desk.engine):
        await lead.execute_update("accept", ACCEPT)
        await on.fact(lead, "opportunity_opened")
        await on.desk.until(lead, lambda now: now.data["state"] == "opportunity" and now.waiting)
    await on.until(lead, state="opportunity")
    await on.fact(lead, "client_paid")
    await lead.result()


async def database_away_and_continued(on: Stage) -> None:
    lead = await on.lead(continue_after=2)
    with database_held(on.desk.engine):
        await lead.execute_update("accept", ACCEPT)
        await lead.signal("void", {"by": REVIEWER, "reason": "entered twice"})
        await on.desk.until(lead, lambda now: now.data["state"] == "voided" and now.waiting)
    await on.until(lead, state="voided")


async def in_line_and_up(on: Stage) -> None:
    holder = await on.lead("holder", domain="prospect.example")
    lead = await on.lead(domain="prospect.example", partner="isar")
    await on.until(lead, state="in_line")
    await holder.execute_update("reject", REJECT)
    await on.until(lead, state="in_review", claim="held")
    await lead.execute_update("accept", ACCEPT)
    await on.until(lead, state="accepted")


async def line_closed(on: Stage) -> None:
    holder = await on.lead("holder", domain="prospect.example")
    lead = await on.lead(domain="prospect.example", partner="isar")
    await on.until(lead, state="in_line")
    await holder.execute_update("accept", ACCEPT)
    await on.fact(holder, "client_paid")
    await holder.result()
    await lead.result()


async def affiliate_credited(on: Stage) -> None:
    lead = await on.lead(origin="affiliate")
    await on.fact(lead, "client_paid")
    await lead.result()


async def affiliate_expired(on: Stage) -> None:
    lead = await on.lead(origin="affiliate")
    await on.days(92)
    await on.until(lead, state="expired")
    await on.days(15)
    await lead.result()


async def expired(on: Stage) -> None:
    lead = await on.lead()
    await lead.execute_update("accept", ACCEPT)
    await on.days(92)
    await on.until(lead, state="expired")
    await on.days(15)
    await lead.result()


async def expired_and_paid_in_time(on: Stage) -> None:
    lead = await on.lead()
    await lead.execute_update("accept", ACCEPT)
    in_time = await on.desk.server_now() + timedelta(days=30)
    await on.days(92)
    await on.until(lead, state="expired")
    await on.fact(lead, "client_paid", at=in_time)
    await lead.result()


async def rejected_and_reinstated(on: Stage) -> None:
    lead = await on.lead()
    await lead.execute_update("reject", REJECT)
    await on.until(lead, state="rejected")
    await lead.execute_update("reinstate", {"by": REVIEWER, "reason": "rejected by mistake"})
    await on.until(lead, state="in_review")
    await lead.execute_update("accept", ACCEPT)
    await on.fact(lead, "client_paid")
    await lead.result()


async def rejected(on: Stage) -> None:
    lead = await on.lead()
    await lead.execute_update("reject", REJECT)
    await on.days(16)
    await lead.result()


async def reviewed_late(on: Stage) -> None:
    lead = await on.lead()
    await on.days(92)
    await on.until(lead, state="in_review", outlasted=True)
    await lead.execute_update("accept", ACCEPT)
    await on.days(16)
    await on.until(lead, state="expired")
    await on.days(15)
    await lead.result()


async def renewed(on: Stage) -> None:
    lead = await on.lead()
    await lead.execute_update("accept", ACCEPT)
    await on.days(80)
    await on.fact(lead, "give_notice", by="partner")
    await on.until(lead, state="renewal_asked")
    await lead.execute_update("renew", f"{REVIEWER}: talks go on")
    await on.until(lead, state="accepted", renewals=1)
    await on.days(90)
    await on.fact(lead, "client_paid")
    await lead.result()


async def renewal_unanswered(on: Stage) -> None:
    lead = await on.lead()
    await lead.execute_update("accept", ACCEPT)
    await on.days(85)
    await on.fact(lead, "give_notice", by="partner")
    await on.days(30)
    await on.until(lead, state="expired")


async def silent_and_credit_lost(on: Stage) -> None:
    lead = await on.lead(self_closed=True)
    await lead.execute_update("accept", ACCEPT)
    await on.days(20)
    await on.fact(lead, "report_progress", by="partner")
    await on.days(35)
    await on.until(lead, progress_asked=1)
    await on.days(25)
    await on.until(lead, state="credit_in_question")
    await lead.execute_update("take_credit", {"by": REVIEWER, "reason": "no answer to two requests"})
    await on.days(16)
    await lead.result()


async def opportunity_won(on: Stage) -> None:
    lead = await on.lead()
    await lead.execute_update("accept", ACCEPT)
    await on.fact(lead, "opportunity_opened")
    await on.until(lead, state="opportunity")
    await on.days(181)
    await lead.execute_update("wait_longer", f"{REVIEWER}: the client asked for time")
    await on.fact(lead, "opportunity_won")
    await on.until(lead, state="won")
    await on.days(61)
    await on.fact(lead, "client_paid")
    await lead.result()


async def opportunity_lost(on: Stage) -> None:
    lead = await on.lead()
    await lead.execute_update("accept", ACCEPT)
    await on.fact(lead, "opportunity_opened")
    await on.until(lead, state="opportunity")
    await on.fact(lead, "opportunity_lost")
    await on.days(16)
    await lead.result()


LIVES = (
    *map(Life, (
        open_in_review, open_accepted, credited, withdrawn, accepted_by_signal, refused_signals,
        cancelled_and_reinstated, cancel_refused, continued, database_away, database_away_and_continued,
        in_line_and_up, line_closed, affiliate_credited, rejected_and_reinstated,
    )),
    *(Life(live, needs_time=True) for live in (
        affiliate_expired, expired, expired_and_paid_in_time, rejected, reviewed_late, renewed, renewal_unanswered,
        silent_and_credit_lost, opportunity_won, opportunity_lost,
    )),
)  # fmt: skip
