"""What reaches the program from outside, through the portal: partners, clients, and the CRM.

Partners register and submit as their plans say, answer questions about progress and give notice of renewal; clients
answer on their page; the CRM reports facts and, once a month, what clients pay.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx

from program.calendar import add_business_days, program_date
from rehearsal.chance import dice, happens
from rehearsal.clients import answer, letters_to
from rehearsal.past import Payer
from rehearsal.plans import AccountPlan, Answer, Fact, LeadPlan
from rehearsal.queue import Open, open_processes
from rehearsal.stage import Stage

Act = Callable[[], Awaitable[None]]

# Several at a time, as in life; more would only wait for the same two cores.
_AT_ONCE = 8
_PAGE_OF = {"confirm": "/client/confirm/", "deny": "/client/confirm/", "revoke": "/client/revoke/"}
_MRR_BUSINESS_DAY = 3


@dataclass(frozen=True, slots=True)
class Planned:
    """Something that happens on a day, or on the first one after it; about one subject in order of day and `key`."""

    on: date
    subject: str
    key: str
    act: Act


@dataclass(slots=True)
class Outside:
    """Everybody outside of the vendor. `refused` counts what the portal did not take, by what was asked."""

    stage: Stage
    seed: int
    payers: Sequence[Payer]
    first_month: date
    refused: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    _planned: list[Planned] = field(default_factory=list)
    _leads: dict[int, str] = field(default_factory=dict)
    _paying: dict[str, tuple[date, int, int]] = field(default_factory=dict)
    _loaded: set[date] = field(default_factory=set)

    def plan(self, leads: Sequence[LeadPlan], accounts: Sequence[AccountPlan]) -> None:
        """Take the plans up."""
        for lead in leads:
            self._planned.append(Planned(lead.on, lead.domain, f"0/{lead.number:05}", self._registering(lead)))
            for number, fact in enumerate(lead.facts, start=1):
                key = f"{number}/{lead.number:05}"
                self._planned.append(Planned(fact.on, lead.domain, key, self._reporting(lead, number, fact)))
        for account in accounts:
            on, named = account.on, account.api_key
            self._planned.append(Planned(on, named, f"0/{account.number:05}", self._submitting(account)))
            for number, said in enumerate(account.answers, start=1):
                key = f"{number}/{account.number:05}"
                self._planned.append(Planned(said.on, named, key, self._answering(account, said)))
            if account.ends_on:
                self._planned.append(Planned(account.ends_on, named, f"9/{account.number:05}", self._ending(account)))
        self._planned.sort(key=lambda each: (each.on, each.subject, each.key), reverse=True)

    async def act(self) -> int:
        """What has come until today, one thing a day about each subject; how much it was.

        What two processes about one prospect make of two things at once depends on which of them commits first. The
        second thing waits for the next day, and what clients pay until the rest has come to rest.
        """
        today = program_date(self.stage.now())
        acts: dict[str, Act] = {}
        waiting: list[Planned] = []
        while self._planned and self._planned[-1].on <= today:
            due = self._planned.pop()
            if due.subject in acts:
                waiting.append(due)
            acts.setdefault(due.subject, due.act)
        self._planned.extend(reversed(waiting))
        for subject, act in self._reactions(today):
            acts.setdefault(subject, act)
        await in_lines([[act] for act in acts.values()])
        if self._mrr_is_due(today):
            await self.stage.settle()
            await self._load_mrr(today)
            return len(acts) + 1
        return len(acts)

    # -- partners ----------------------------------------------------------------------------------------------------

    def _registering(self, plan: LeadPlan) -> Act:
        async def act() -> None:
            body: dict[str, Any] = {"partner_id": plan.partner, "company": f"Prospect {plan.number}"}
            if plan.affiliate:
                opened = self.stage.now() - timedelta(hours=2)
                body |= {"account": plan.account, "domain": plan.domain, "opened_at": opened.isoformat()}
                said = await self._post("/v1/affiliate-signups", body)
            else:
                body |= {
                    "website": plan.domain, "contact_name": "Head of Marketing", "self_closed": plan.self_closed,
                    "contact_email": f"contact@{plan.domain}",
                }  # fmt: skip
                said = await self._post("/v1/leads", body)
            if said:
                self._leads[plan.number] = said["lead_id"]

        return act

    def _submitting(self, plan: AccountPlan) -> Act:
        async def act() -> None:
            body = {"partner_id": plan.partner, "api_key": plan.api_key, "contact_email": plan.address}
            await self._post("/v1/accounts", {**body, "contact_name": "Head of Marketing"})

        return act

    def _ending(self, plan: AccountPlan) -> Act:
        async def act() -> None:
            await self._post(f"/v1/accounts/{plan.api_key}/{plan.partner}/end", {"text": "The client goes in-house."})

        return act

    def _reactions(self, today: date) -> Iterator[tuple[str, Act]]:
        """What partners do about their accepted leads: answer when asked, give notice before the window ends."""
        for each in open_processes(self.stage.engine, [("lead", "accepted")]):
            asked = int(each.facts.get("progress requests unanswered") or 0)
            if asked and happens(dice(self.seed, each.key, "report", asked, each.facts.get("valid until")), 0.6):
                yield each.subject, self._saying(each, "progress-reports")
            elif self._gives_notice(each, today):
                yield each.subject, self._saying(each, "renewal-notice")

    def _gives_notice(self, each: Open, today: date) -> bool:
        ends = each.instant("valid until")
        if ends is None or each.facts.get("client paid") or each.facts.get("by") == "affiliate link":
            return False
        chance = dice(self.seed, each.key, "notice", ends.date())
        left = (program_date(ends) - today).days
        return happens(chance, 0.35) and 1 < left <= chance.randint(2, 13)

    def _saying(self, each: Open, what: str) -> Act:
        async def act() -> None:
            await self._post(f"/v1/leads/{each.process.removeprefix('lead:')}/{what}", {"text": "We talk every week."})

        return act

    # -- clients -----------------------------------------------------------------------------------------------------

    def _answering(self, plan: AccountPlan, said: Answer) -> Act:
        async def act() -> None:
            letters = await asyncio.to_thread(letters_to, self.stage.engine, plan.address)
            letter = next((each for each in letters if each.path.startswith(_PAGE_OF[said.says])), None)
            if letter is None:
                self.refused[f"{said.says} (no mail)"] += 1
                return
            answered = await answer(self.stage.page, letter, said.says)
            if self._count(f"client: {said.says}", answered) and said.says == "confirm":
                self._paying.setdefault(plan.api_key, (program_date(self.stage.now()), *plan.pays))

        return act

    # -- the CRM -----------------------------------------------------------------------------------------------------

    def _reporting(self, plan: LeadPlan, number: int, fact: Fact) -> Act:
        async def act() -> None:
            if plan.number not in self._leads:
                return
            occurred = self.stage.now() - timedelta(days=fact.days_late)
            body = {
                "fact_id": f"{plan.number}-{number}", "kind": fact.kind, "domain": plan.domain,
                "occurred_at": occurred.isoformat(),
            }  # fmt: skip
            if fact.kind == "client_paid":
                body["account"] = plan.account
                self._paying.setdefault(plan.account, (program_date(occurred), plan.pays, 0))
            await self._post("/v1/facts", body)

        return act

    def _mrr_is_due(self, today: date) -> bool:
        month = today.replace(day=1)
        due = add_business_days(month - timedelta(days=1), _MRR_BUSINESS_DAY)
        return month > self.first_month and month not in self._loaded and today >= due

    async def _load_mrr(self, today: date) -> None:
        """What everybody paid last month."""
        month = today.replace(day=1)
        self._loaded.add(month)
        last = month - timedelta(days=1)
        months = (last.year - self.first_month.year) * 12 + last.month - self.first_month.month + 1
        lines = ["account,month,email_mrr,sms_mrr"]
        for payer in self.payers:
            email, sms = payer.amounts(months)
            lines.append(f"{payer.account},{last:%Y-%m},{email},{sms}")
        for account, (since, email, sms) in sorted(self._paying.items()):
            if since <= last:
                lines.append(f"{account},{last:%Y-%m},{email},{sms}")
        answered = await self.stage.api.post(
            "/v1/mrr", content="\n".join(lines) + "\n", headers={"Content-Type": "text/csv"}
        )
        self._count("/v1/mrr", answered)

    # -- both --------------------------------------------------------------------------------------------------------

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        answered = await self.stage.api.post(path, json=body)
        named = path if path.count("/") < 3 else f"{path[: path.index('/', 4)]}/…/{path.rpartition('/')[2]}"
        found: dict[str, Any] | None = answered.json() if self._count(named, answered) else None
        return found

    def _count(self, what: str, answered: httpx.Response) -> bool:
        if answered.is_success:
            self.taken[what] += 1
        else:
            self.refused[f"{what} ({answered.status_code})"] += 1
        return answered.is_success


async def in_lines(lines: Sequence[Sequence[Act]]) -> None:
    """Carry acts out, each line in its order and some lines at a time."""
    free = asyncio.Semaphore(_AT_ONCE)

    async def one(line: Sequence[Act]) -> None:
        async with free:
            for act in line:
                await act()

    await asyncio.gather(*(one(line) for line in lines))
