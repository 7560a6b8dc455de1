"""The doors through which the people of an elite season come: the portal's API, its pages, its mailbox, the Web UI.

Every call may be repeated: what has been said already is answered again, and changes nothing.
"""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import httpx
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError

from cli.sentences import CannotGoOn
from cli.staff_updates import update_as_staff
from states.lead import LEAD

_HIDDEN = re.compile(r'name="(csrf|once)" value="([^"]*)"')
_CONFIRMS = re.compile(r'href="(/mailbox/[^"]+)">Please confirm')
_PAGE, _CODE = re.compile(r"https?://\S+/client/\S+"), re.compile(r"answer for you: (\w+)")
_PATIENCE = 60.0
REVIEWER = "reviewer@vendor.example"


@dataclass(slots=True)
class Doors:
    """`api` carries a key, `pages` none; `client` sends updates as the Web UI does; `now` is program time."""

    api: httpx.AsyncClient
    pages: httpx.AsyncClient
    client: Client
    now: Callable[[], datetime]

    async def enter(self, partner: str, **entry: Any) -> None:
        """A program of the vendor enters a partner."""
        _insist(await self.api.put(f"/v1/partners/{partner}", json=entry))

    async def fact(self, partner: str, number: int, fact: dict[str, Any]) -> None:
        """Another system reports a fact of a partner."""
        report = {
            "source": "demo",
            "fact_id": f"{partner}-{number}",
            "occurred_at": self.now().isoformat(),
            "fact": fact,
        }
        _insist(await self.api.post(f"/v1/partners/{partner}/facts", json=report))

    async def mrr(self, month: date, *lines: tuple[str, int, int]) -> None:
        """The billing system loads what accounts pay in a month: by e-mail, by SMS."""
        rows = "".join(f"{account},{month:%Y-%m},{email},{sms}\n" for account, email, sms in lines)
        text = f"account,month,email_mrr,sms_mrr\n{rows}"
        _insist(await self.api.post("/v1/mrr", content=text, headers={"Content-Type": "text/csv"}))

    async def refer(self, partner: str, account: str) -> None:
        """The partner registers a lead, a reviewer accepts it, and its account pays."""
        domain = f"shop-of-{partner}.example"
        lead = {
            "partner_id": partner, "company": f"Shop of {partner}", "website": f"https://{domain}",
            "contact_name": "Head of Marketing", "contact_email": f"contact@{domain}",
        }  # fmt: skip
        lead_id = _insist(await self.api.post("/v1/leads", json=lead)).json()["lead_id"]
        await self.staff(f"lead:{lead_id}", "accept", {**LEAD.actions["accept"].example, "by": REVIEWER})
        paid = {
            "source": "demo", "fact_id": f"{partner}-pays", "kind": "client_paid", "domain": domain,
            "account": account, "occurred_at": self.now().isoformat(),
        }  # fmt: skip
        _insist(await self.api.post("/v1/facts", json=paid))

    async def manage(self, partner: str, account: str) -> None:
        """The partner registers an account, and the client confirms it with the code from its mail."""
        contact = f"owner@client-of-{partner}.example"
        submitted = {
            "partner_id": partner, "api_key": account, "contact_name": "Head of Marketing", "contact_email": contact,
        }  # fmt: skip
        _insist(await self.api.post("/v1/accounts", json=submitted))
        async with asyncio.timeout(_PATIENCE):
            inbox = httpx.URL("/mailbox", params={"to": contact})
            while (mail := _CONFIRMS.search((await self.pages.get(inbox)).text)) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        text = html.unescape(re.sub(r"<[^>]*>", "", (await self.pages.get(mail[1])).text))
        page, code = _PAGE.search(text), _CODE.search(text)
        if page is None or code is None:
            raise CannotGoOn(f"The mail to {contact} has no link and no code.")
        answer = await self.pages.post(page[0], data={"answer": "confirm", "code": code[1]})
        _insist(answer, 303)

    async def staff(self, process: str, action: str, said: Any) -> str:
        """Somebody of the vendor sends an update in the Web UI."""
        try:
            return await update_as_staff(self.client, process, action, said, patience=_PATIENCE)
        except WorkflowUpdateFailedError as refused:
            why = str(refused.cause)
        except RPCError as error:
            why = error.message
        raise CannotGoOn(f"«{action}» of {process} was not followed: {why}")

    async def form(self, nomination: str, action: str, **fields: str) -> None:
        """Somebody of the vendor fills in a form on a nomination's page, and again while it is not open yet."""
        path = f"/nominations/{nomination}"
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE
        while True:
            page = await self.pages.get(path)
            form = re.search(rf'action="[^"]*/{action}">(.*?)</form>', page.text, re.DOTALL)
            if form is not None:
                hidden = dict(_HIDDEN.findall(form[1]))
                page = await self.pages.post(f"{path}/{action}", data={**hidden, **fields})
                if page.status_code == 303:
                    return
            if loop.time() > until:
                raise CannotGoOn(f"The form «{action}» of {nomination} was not taken (HTTP {page.status_code}).")
            await asyncio.sleep(0.1)


def _insist(answer: httpx.Response, *also: int) -> httpx.Response:
    if not answer.is_success and answer.status_code not in also:
        raise CannotGoOn(f"{answer.request.url} answered {answer.status_code}: {answer.text[:300]}")
    return answer
