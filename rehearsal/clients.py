"""A client as demo and rehearsal play it: finds the newest mail, opens the link in it, retypes the code, answers."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx
from sqlalchemy import Engine

from records.mailbox import delivered_mails

_LINK = re.compile(r"^https?://\S+(?P<path>/client/\S+)$", re.MULTILINE)
_CODE = re.compile(r"so that no program can answer for you: (?P<code>\w+)")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in which the client is asked to answer: the path of the page, and the code that it asks for."""

    subject: str
    path: str
    code: str


def letters_to(engine: Engine, address: str) -> list[Letter]:
    """The mails with a link that were delivered to an address here, the newest first."""
    found = []
    for mail in delivered_mails(engine, to=address):
        link, code = _LINK.search(mail.text), _CODE.search(mail.text)
        if link and code:
            found.append(Letter(mail.subject, link["path"], code["code"]))
    return found


async def answer(portal: httpx.AsyncClient, letter: Letter, says: str) -> httpx.Response:
    """Answer `confirm`, `deny` or `revoke` on the page; the page as it is afterwards."""
    sent = await portal.post(letter.path, data={"answer": says, "code": letter.code})
    return await portal.get(letter.path) if sent.is_redirect else sent
