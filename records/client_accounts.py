"""Clients' accounts: which we have heard of, and to which web domain each belongs.

An account is named by its public API key. A domain may have several accounts, which are one client; an account has one
domain at a time. MRR is reported by account and referrals are credited by domain: here the two meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, Engine, bindparam, func, insert, null, select, update

from records.claims import serialise
from records.database import reading, writing
from records.tables import client_accounts

_KIND = "client_account"
_OPEN = (client_accounts.c.account == bindparam("of_account")) & client_accounts.c.known_until.is_(null())
_HELD = select(client_accounts).where(_OPEN)
_FIRST_SEEN = select(func.min(client_accounts.c.known_from)).where(client_accounts.c.account == bindparam("of_account"))
_END = update(client_accounts).where(_OPEN).values(known_until=bindparam("until"))
_MEND = update(client_accounts).where(_OPEN)

Met = Literal["new", "known", "completed", "corrected", "elsewhere"]


@dataclass(frozen=True, slots=True)
class ClientAccount:
    """An account as it is known now; `source` is who said so last. `first_seen` is in UTC."""

    account: str
    domain: str | None
    source: str
    first_seen: datetime


def meet_account(
    engine: Engine, account: str, *, domain: str | None = None, source: str, at: datetime, corrects: bool = False
) -> Met:
    """Hear of an account, in a transaction of its own; see `note_account`."""
    with writing(engine) as connection:
        return note_account(connection, account, domain=domain, source=source, at=at, corrects=corrects)


def note_account(
    connection: Connection,
    account: str,
    *,
    domain: str | None = None,
    source: str,
    at: datetime,
    corrects: bool = False,
) -> Met:
    """Hear of an account at an instant (program time), and say what that changed.

    Without a `domain` nothing is said of it; one that was missing is filled in (`completed`). Where another is known
    that one stays (`elsewhere`), because money follows it: only who `corrects` replaces it, also by none.
    """
    serialise(connection, [(_KIND, account)])
    held = connection.execute(_HELD, {"of_account": account}).first()
    if held is None:
        connection.execute(insert(client_accounts), _row(account, domain, source, at))
        return "new"
    if held.domain == domain or (domain is None and not corrects):
        return "known"
    if held.domain is not None and not corrects:
        return "elsewhere"
    if at <= held.known_from:
        connection.execute(_MEND.values(domain=domain, source=source), {"of_account": account})
    else:
        connection.execute(_END, {"of_account": account, "until": at})
        connection.execute(insert(client_accounts), _row(account, domain, source, at))
    return "completed" if held.domain is None else "corrected"


def client_account(engine: Engine, account: str) -> ClientAccount | None:
    """The account of that public API key, as it is known now."""
    with reading(engine) as connection:
        held = connection.execute(_HELD, {"of_account": account}).first()
        if held is None:
            return None
        seen: datetime = connection.execute(_FIRST_SEEN, {"of_account": account}).scalar_one()
    return ClientAccount(account, held.domain, held.source, seen)


def _row(account: str, domain: str | None, source: str, at: datetime) -> dict[str, object]:
    return {"account": account, "known_from": at, "known_until": None, "domain": domain, "source": source}
