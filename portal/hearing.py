"""Hearing of clients' accounts: whoever names one to the portal adds it to those of which MRR can be loaded."""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool

from portal.environment import Portal
from portal.problems import wrong
from portal.temporal import Received
from program.edition import edition
from records.client_accounts import client_account, meet_account

_LETTERS_AND_DIGITS = re.compile(r"\[A-Za-z0-9\]\{(\d+)\}")


def insist_on_key(portal: Portal, field: str, key: str) -> None:
    """Refuse what can't be an account's public API key."""
    if not _is_key(portal, key):
        pattern = edition(portal.edition).accounts.api_key_pattern
        of_length = _LETTERS_AND_DIGITS.fullmatch(pattern)
        looks = f"has {of_length[1]} letters and digits, such as Ab12Cd" if of_length else f"looks like {pattern}"
        raise wrong(field, f"«{field}» can't be {key}: an account's public API key {looks}.")


async def hear_of(portal: Portal, received: Received, key: str, *, source: str, domain: str | None = None) -> str:
    """Note an account, and say what is in the way: a domain that is not the one known stays out. "" if nothing is.

    What is no public API key, but a CRM's own id, is nobody's account to whom MRR could belong.
    """
    if not _is_key(portal, key):
        return ""

    def note() -> str:
        if meet_account(portal.engine, key, domain=domain, source=source, at=received.at) != "elsewhere":
            return ""
        known = client_account(portal.engine, key)
        belongs = known.domain if known else None
        return f" The account {key} stays with {belongs}: PUT /v1/client-accounts/{key} moves it to {domain}."

    return await run_in_threadpool(note)


def _is_key(portal: Portal, key: str) -> bool:
    return re.fullmatch(edition(portal.edition).accounts.api_key_pattern, key) is not None
