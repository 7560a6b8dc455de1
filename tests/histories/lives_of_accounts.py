"""Lives of managed accounts: every kind of end, years of them, and those in which something went wrong on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from tests.histories.life import Life, Stage
from tests.workflows.conftest import database_held

REVIEWER = "reviewer@vendor.example"
YEAR = 368


async def client(on: Stage, account: WorkflowHandle[Any, Any], says: str, **fields: Any) -> None:
    """The client has its say on its page."""
    await on.fact(account, says, by="client", **fields)


async def confirmed(on: Stage, called: str = "", **fields: Any) -> WorkflowHandle[Any, Any]:
    """An account that its client has confirmed."""
    account = await on.account(called, **fields)
    await client(on, account, "client_confirms")
    await on.until(account, state="active")
    return account


async def open_waiting(on: Stage) -> None:
    await on.account()


async def open_active(on: Stage) -> None:
    account = await confirmed(on)
    await account.execute_update("confirm_for_vendor", f"{REVIEWER}: checked")
    await on.until(account, vendor="confirmed")


async def denied(on: Stage) -> None:
    account = await on.account()
    await client(on, account, "client_denies")
    await account.result()


async def revoked(on: Stage) -> None:
    account = await confirmed(on)
    await client(on, account, "client_revokes")
    await account.result()


async def ended_by_partner(on: Stage) -> None:
    account = await confirmed(on)
    await on.fact(account, "end_management", by="partner")
    await account.result()


async def vendor_first(on: Stage) -> None:
    account = await on.account()
    await account.execute_update("confirm_for_vendor", f"{REVIEWER}: checked")
    await account.execute_update("decline_for_vendor", f"{REVIEWER}: managed by the client itself")
    await client(on, account, "client_confirms")
    await on.until(account, state="active")
    await account.execute_update("confirm_for_vendor", f"{REVIEWER}: it was a mistake")
    await on.until(account, vendor="confirmed")


async def bounced_and_corrected(on: Stage) -> None:
    account = await on.account()
    await on.fact(account, "mail_bounced", by="mail", contact=1)
    await on.fact(account, "contact_corrected", by="partner", contact=2)
    await client(on, account, "new_link")
    await client(on, account, "client_confirms")
    await on.until(account, state="active", contact=2, link=3)


async def superseded(on: Stage) -> None:
    first = await confirmed(on, "first", api_key="Sup3rs")
    await confirmed(on, api_key="Sup3rs", partner="isar")
    await first.result()


async def voided_and_reinstated(on: Stage) -> None:
    account = await confirmed(on)
    await account.cancel()
    await on.until(account, state="voided")
    await account.execute_update("reinstate", {"by": REVIEWER, "reason": "it was no test"})
    await on.until(account, state="active")


async def refused_signals(on: Stage) -> None:
    account = await on.account()
    for name, payload in (("client_confirms", 7), ("no_such_action", None), ("mail_bounced", {})):
        await account.signal(name, payload)
    await on.desk.until(account, lambda now: len(now.notices) == 3)
    await client(on, account, "client_denies")
    await account.result()


async def continued(on: Stage) -> None:
    account = await on.account(continue_after=2)
    await client(on, account, "client_confirms")
    await account.signal("nonsense")
    await account.execute_update("confirm_for_vendor", f"{REVIEWER}: checked")
    await client(on, account, "client_revokes")
    await account.result()


async def database_away(on: Stage) -> None:
    account = await on.account()
    with database_held(on.desk.engine):
        await client(on, account, "client_confirms")
        await account.execute_update("confirm_for_vendor", f"{REVIEWER}: checked")
        await on.desk.until(account, lambda now: now.data["vendor"] == "confirmed" and now.waiting)
    await on.until(account, state="active")


async def lapsed(on: Stage) -> None:
    account = await on.account()
    await on.days(32)
    await on.until(account, state="lapsed")
    await on.days(16)
    await account.result()


async def lapsed_and_confirmed_in_time(on: Stage) -> None:
    account = await on.account()
    in_time = await on.desk.server_now() + timedelta(days=20)
    await on.days(32)
    await on.until(account, state="lapsed")
    await client(on, account, "client_confirms", at=in_time)
    await on.until(account, state="active")


async def submitted_again(on: Stage) -> None:
    account = await on.account()
    await on.days(32)
    await on.until(account, state="lapsed")
    await on.fact(account, "submit_again", by="partner", request=2, contact=2, edition="2022")
    await client(on, account, "client_confirms")
    await on.until(account, state="active", request=2)


async def two_years(on: Stage) -> None:
    account = await confirmed(on, continue_after=3)
    await on.days(YEAR)
    await on.until(account, link=2)
    await on.desk.settle(account)
    await client(on, account, "client_confirms", id="a year later")
    await on.until(account, consent_asked_at=None)
    await on.desk.settle(account)
    await on.days(YEAR)
    await on.until(account, link=3)
    await on.days(32)
    await on.until(account, overdue=True)
    await on.desk.settle(account)
    await account.execute_update("remind_of_consent", f"{REVIEWER}: the mail may have been overlooked")
    await on.until(account, overdue=False)
    await on.desk.settle(account)
    await client(on, account, "client_confirms", id="two years later")
    await on.until(account, consent_asked_at=None)


LIVES = (
    *map(Life, (
        open_waiting, open_active, denied, revoked, ended_by_partner, vendor_first, bounced_and_corrected, superseded,
        voided_and_reinstated, refused_signals, continued, database_away,
    )),
    *(Life(live, needs_time=True) for live in (
        lapsed, lapsed_and_confirmed_in_time, submitted_again, two_years,
    )),
)  # fmt: skip
