"""Telling a partner's manager that day when a client of the partner has grown across a yearly line, once per line.

A client is all accounts of its domain, or one account of which no domain is known; its year is twelve times its latest
monthly MRR. One that has crossed several lines at once is told of with the highest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, bindparam, func, select

from records.posting import Postings, post
from records.tables import client_accounts, client_lines, managements, mrr, referrals
from records.upsert import chosen, insert_if_new

_THESE: BindParameter[Any] = bindparam("these", expanding=True)
_OF_DOMAINS = select(client_accounts.c.account, client_accounts.c.domain).where(
    client_accounts.c.known_until.is_(None), client_accounts.c.domain.in_(_THESE)
)
_other = mrr.alias("other")
_LATEST = select(mrr.c.account, (mrr.c.email_cents + mrr.c.sms_cents).label("cents")).where(
    mrr.c.account.in_(_THESE),
    mrr.c.month == select(func.max(_other.c.month)).where(_other.c.account == mrr.c.account).scalar_subquery(),
)
_MANAGERS = select(managements.c.account, managements.c.partner_id).where(
    managements.c.ended_at.is_(None), managements.c.account.in_(_THESE)
)
_REFERRERS = select(referrals.c.subject, referrals.c.partner_id).where(referrals.c.subject.in_(_THESE))
_TOLD = select(client_lines.c.partner_id, client_lines.c.account, client_lines.c.line).where(
    client_lines.c.account.in_(_THESE)
)
_NOTE = insert_if_new(client_lines)


class _Client(NamedTuple):
    name: str
    accounts: tuple[str, ...]
    yearly_cents: int


def tell_of_lines(
    connection: Connection, accounts: Mapping[str, str | None], *, lines: Iterable[Decimal], now: datetime
) -> None:
    """Post the mails for accounts, with their domains, whose MRR has just been loaded.

    `lines` are yearly dollars, `now` is program time. Whoever calls it takes care that nobody else does meanwhile.
    """
    ordered = sorted(int(line) for line in lines)
    grown = _grown(connection, accounts, ordered[0] * 100)
    theirs = _of_partners(connection, grown)
    told = _told(connection, grown)
    notes: list[dict[str, Any]] = []
    mails: list[Postings] = []
    for partner_id, client in theirs:
        before = {line for account in client.accounts for line in told.get((partner_id, account), ())}
        reached = [line for line in ordered if client.yearly_cents >= line * 100]
        if new := [line for line in reached if line not in before]:
            # For every account of the client: one that moves to another domain does not make it news again.
            notes += [
                {"partner_id": partner_id, "account": account, "line": line, "told_at": now}
                for account in client.accounts
                for line in new
            ]
            mails.append(_mail(partner_id, client, new[-1], now))
    if notes:
        connection.execute(chosen(_NOTE, connection), notes)
        post(connection, mails)


def _grown(connection: Connection, accounts: Mapping[str, str | None], lowest_cents: int) -> list[_Client]:
    """The clients to which these accounts belong, as far as they are above the lowest line."""
    clients: dict[str, list[str]] = {account: [account] for account, domain in accounts.items() if domain is None}
    for row in connection.execute(_OF_DOMAINS, {"these": [domain for domain in accounts.values() if domain]}):
        clients.setdefault(row.domain, []).append(row.account)
    every = [account for of_client in clients.values() for account in of_client]
    latest = {row.account: row.cents for row in connection.execute(_LATEST, {"these": every})}
    yearly = {name: 12 * sum(latest.get(each, 0) for each in of_client) for name, of_client in clients.items()}
    return [
        _Client(name, tuple(sorted(clients[name])), cents) for name, cents in yearly.items() if cents >= lowest_cents
    ]


def _of_partners(connection: Connection, clients: Sequence[_Client]) -> list[tuple[str, _Client]]:
    """Each client with each partner that refers it or manages an account of it."""
    if not clients:
        return []
    by_name = {client.name: client for client in clients}
    by_account = {account: client for client in clients for account in client.accounts}
    found = {
        (row.partner_id, by_name[row.subject].name) for row in connection.execute(_REFERRERS, {"these": list(by_name)})
    }
    found |= {
        (row.partner_id, by_account[row.account].name)
        for row in connection.execute(_MANAGERS, {"these": list(by_account)})
    }
    return [(partner_id, by_name[name]) for partner_id, name in sorted(found)]


def _told(connection: Connection, clients: Sequence[_Client]) -> dict[tuple[str, str], set[int]]:
    """Of which lines partners were told before, by partner and account."""
    told: dict[tuple[str, str], set[int]] = {}
    every = [account for client in clients for account in client.accounts]
    for row in connection.execute(_TOLD, {"these": every}):
        told.setdefault((row.partner_id, row.account), set()).add(row.line)
    return told


def _mail(partner_id: str, client: _Client, line: int, now: datetime) -> Postings:
    posted = Postings(f"partner:{partner_id}", now)
    about = {
        "partner_id": partner_id,
        "client": client.name,
        "line": f"${line:,}",
        "yearly": f"${client.yearly_cents // 100:,}",
    }
    posted.mail(f"client-line/{partner_id}/{client.name}/{line}", "client_reached_line", "manager", about, ())
    return posted
