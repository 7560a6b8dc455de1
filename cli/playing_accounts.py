"""Playing managed accounts into a running stack: partners over the API, clients on their page, staff by updates.

A client does what a person does: looks for the newest mail, opens the link in it, retypes the code.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
from sqlalchemy import Engine

from cli.accounts_script import BY_CLIENT, BY_STAFF, Happens, Submission
from cli.played import NotTaken, Played, insist_on_taken
from cli.playing import Play
from cli.script import REFUSED, SAME
from records.accounts import process_of
from records.links import CODE_LETTERS
from records.mailbox import delivered_mails
from rehearsal.clients import Letter, answer, letters_to
from states.account import ACCOUNT

# A mail that was just caused is on its way for a moment (real seconds).
_PATIENCE, _GLANCE = 10.0, 0.1


@dataclass(slots=True)
class PlayedAccount(Played[Submission]):
    """A submission, and whom its client's mails reach now."""

    contact: str = ""
    submitted: bool = False

    @property
    def where(self) -> str:
        """See base class."""
        return f"/v1/accounts/{self.line.account.strip()}/{self.line.partner}" if self.submitted else ""


@dataclass(slots=True)
class AccountsPlay:
    """One performance, at the time of `play`. `page` has the portal's address and no key; `engine` has the mails."""

    play: Play
    page: httpx.AsyncClient
    engine: Engine

    async def accounts(self, lines: list[Submission], last: float) -> list[PlayedAccount]:
        """Play everything, and look on the day `last` how it has ended."""
        played = [PlayedAccount(line, contact=line.contact_email) for line in lines]
        await asyncio.gather(*(self._line(each) for each in played))
        await self.play.until(last)
        await self.play.look(played)
        return played

    async def _line(self, played: PlayedAccount) -> None:
        line = played.line
        await self.play.until(line.day)
        await self._submit(played)
        await played.follow(self.play, partial(self._act, played))

    async def _submit(self, played: PlayedAccount) -> None:
        line = played.line
        body = {"partner_id": line.partner, "api_key": line.account, "contact_name": line.contact_name}
        answered = await self.play.api.post("/v1/accounts", json=body | {"contact_email": played.contact})
        said = answered.json()
        match answered.status_code:
            case 202 | 200:
                played.submitted, played.says = True, said["says"]
                played.end = SAME if answered.status_code == 200 else "waiting"
                self.play.moved(f"{line.partner} submits {line.account}")
            case 422:
                played.end, played.says = REFUSED, "; ".join(each["detail"] for each in said["errors"])
                self.play.moved(f"{line.account or line.partner} is refused: {played.says}")
            case code:
                played.end, played.says = f"answered {code}", said.get("detail", "")

    async def _act(self, played: PlayedAccount, step: Happens) -> None:
        if not played.submitted:
            raise NotTaken("there is no account")
        self.play.moved(f"{played.line.account}: {step.action.replace('_', ' ')}")
        match step.action:
            case says if says in BY_CLIENT:
                await self._answer(played, says)
            case action if action in BY_STAFF:
                process = process_of(played.line.account, played.line.partner)
                await self.play.decide(process, action, ACCOUNT.actions[action].example)
            case "submit":
                played.contact = step.address or played.contact
                await self._submit(played)
            case "correct":
                played.contact = step.address
                contact = {"contact_name": played.line.contact_name, "contact_email": step.address}
                await self._tell(f"{played.where}/contact", contact)
            case "end":
                await self._tell(f"{played.where}/end", {"text": "We part as friends."})
            case "bounce":
                await self._tell("/v1/bounces", await self._bounce(played))
            case "confirm_too_late":
                shown = await answer(self.page, await self._letter(played, "confirm"), "confirm")
                if shown.status_code != 409:
                    raise NotTaken(f"it was answered {shown.status_code}")
            case "scan":
                await self._scan(played)
            case "wrong_code":
                await self._mistype(played, 1)
            case "five_wrong_codes":
                await self._mistype(played, 5)

    async def _answer(self, played: PlayedAccount, says: str) -> None:
        """Answer with the newest letter; while a new one is on its way, the older one's link may be dead."""
        purpose = "revoke" if says == "revoke" else "confirm"
        said = ""

        async def answered() -> bool:
            nonlocal said
            letter = await self._letter(played, purpose)
            shown = await answer(self.page, letter, says)
            said = f"the page answered {shown.status_code}"
            return shown.status_code == 200

        await self._patiently(answered, lambda: said)

    async def _mistype(self, played: PlayedAccount, times: int) -> None:
        letter = await self._letter(played, "confirm")
        wrong = next(each for each in CODE_LETTERS if each != letter.code[0]) + letter.code[1:]
        for _ in range(times):
            shown = await self.page.post(letter.path, data={"answer": "confirm", "code": wrong})
            if shown.status_code != 422:
                raise NotTaken(f"a wrong code was answered {shown.status_code}")

    async def _scan(self, played: PlayedAccount) -> None:
        """As a mail scanner does it: opens the link, and sends the form as it stands there."""
        letter = await self._letter(played, "confirm")
        opened = await self.page.get(letter.path)
        sent = await self.page.post(letter.path, data={"answer": "confirm", "code": ""})
        if (opened.status_code, sent.status_code) != (200, 422):
            raise NotTaken(f"a scanner was answered {opened.status_code} and {sent.status_code}")

    async def _bounce(self, played: PlayedAccount) -> dict[str, str]:
        await self._letter(played, "confirm")
        mail = (await asyncio.to_thread(delivered_mails, self.engine, to=played.contact))[0]
        back = {"source": "mail", "fact_id": mail.message_id.partition("@")[0], "message_id": mail.message_id}
        return back | {"occurred_at": self.play.now().isoformat()}

    async def _letter(self, played: PlayedAccount, purpose: str) -> Letter:
        """The newest mail with a link for that, as soon as it is there."""
        found: list[Letter] = []

        async def arrived() -> bool:
            letters = await asyncio.to_thread(letters_to, self.engine, played.contact)
            found.extend(each for each in letters if each.path.startswith(f"/client/{purpose}/"))
            return bool(found)

        await self._patiently(arrived, lambda: f"no mail to {purpose} came to {played.contact}")
        return found[0]

    async def _tell(self, path: str, body: dict[str, Any]) -> None:
        insist_on_taken(await self.play.api.post(path, json=body))

    async def _patiently(self, holds: Callable[[], Any], otherwise: Callable[[], str]) -> None:
        until = time.monotonic() + _PATIENCE
        while not await holds():
            if time.monotonic() > until:
                raise NotTaken(otherwise())
            await asyncio.sleep(_GLANCE)
