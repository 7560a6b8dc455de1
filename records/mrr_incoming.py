"""The lines of one MRR file laid beside the tables, so that the database compares them.

They lie in a temporary table, are put in the order of accounts, and go into the tables some accounts at a time:
neighbours there lie together, and what does not change is not written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Table,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.schema import CreateIndex, CreateTable

from records.mrr_lines import BadLine, MrrLine
from records.tables import client_accounts, mrr, mrr_corrections
from records.upsert import chosen, insert_if_new

AT_ONCE = 5_000

_BESIDE = MetaData()
_incoming = Table(
    "incoming_mrr",
    _BESIDE,
    Column("line", Integer, nullable=False),
    Column("account", mrr.c.account.type, nullable=False),
    Column("month", mrr.c.month.type, nullable=False),
    Column("email_cents", BigInteger, nullable=False),
    Column("sms_cents", BigInteger, nullable=False),
    Column("marked", Boolean, nullable=False),
    prefixes=["TEMPORARY"],
)
_ORDER = Index("ix_incoming_mrr", _incoming.c.account, _incoming.c.month, _incoming.c.line)

# As the drivers take it, without SQLAlchemy between: this is done for every line.
_LAY = {
    "sqlite": "INSERT INTO incoming_mrr VALUES (?, ?, ?, ?, ?, ?)",
    "postgresql": "INSERT INTO incoming_mrr VALUES (%s, %s, %s, %s, %s, %s)",
}
_several = (
    select(_incoming.c.account, _incoming.c.month, func.min(_incoming.c.line).label("first"))
    .group_by(_incoming.c.account, _incoming.c.month)
    .having(func.count() > 1)
    .subquery()
)
_SAID_BEFORE = and_(
    _incoming.c.account == _several.c.account,
    _incoming.c.month == _several.c.month,
    _incoming.c.line > _several.c.first,
)
_REPEATED = select(_incoming.c.line, _incoming.c.account, _incoming.c.month, _several.c.first).where(_SAID_BEFORE)
_DROP_REPEATED = delete(_incoming).where(_incoming.c.line.in_(select(_incoming.c.line).where(_SAID_BEFORE)))

_AFTER = bindparam("after", type_=_incoming.c.account.type)
_IN_STRIP = and_(_incoming.c.account > _AFTER, _incoming.c.account <= bindparam("until"))
_FAR = (
    select(_incoming.c.account)
    .where(_incoming.c.account > _AFTER)
    .order_by(_incoming.c.account)
    .offset(AT_ONCE - 1)
    .limit(1)
)
_FARTHEST = select(func.max(_incoming.c.account)).where(_incoming.c.account > _AFTER)

_KNOWN = and_(client_accounts.c.account == _incoming.c.account, client_accounts.c.known_until.is_(None))
_STRANGERS = select(_incoming.c.line, _incoming.c.account).where(_IN_STRIP, ~exists().where(_KNOWN))
_DROP_STRANGERS = delete(_incoming).where(_IN_STRIP, ~exists().where(_KNOWN))

_AT = bindparam("at", type_=mrr.c.loaded_at.type)
_BY = bindparam("by", type_=mrr.c.import_id.type)
# Of two imports at once the later one may be first; what was known when is one line of time all the same.
_FROM_NOW_ON = case((mrr.c.loaded_at > _AT, mrr.c.loaded_at), else_=_AT)
_OTHERWISE = and_(
    _IN_STRIP,
    mrr.c.account == _incoming.c.account,
    mrr.c.month == _incoming.c.month,
    or_(mrr.c.email_cents != _incoming.c.email_cents, mrr.c.sms_cents != _incoming.c.sms_cents),
)
_CORRECTION = {
    "account": mrr.c.account,
    "month": mrr.c.month,
    "import_id": _BY,
    "replaced_at": _FROM_NOW_ON,
    "new_email_cents": _incoming.c.email_cents,
    "new_sms_cents": _incoming.c.sms_cents,
    "old_email_cents": mrr.c.email_cents,
    "old_sms_cents": mrr.c.sms_cents,
    "old_loaded_at": mrr.c.loaded_at,
    "old_import_id": mrr.c.import_id,
    "marked": _incoming.c.marked,
}
_CORRECT = (
    insert(mrr_corrections)
    .from_select(list(_CORRECTION), select(*_CORRECTION.values()).where(_OTHERWISE))
    .execution_options(preserve_rowcount=True)
)
_REPLACE = (
    update(mrr)
    .where(_OTHERWISE)
    .values(email_cents=_incoming.c.email_cents, sms_cents=_incoming.c.sms_cents, loaded_at=_FROM_NOW_ON, import_id=_BY)
)
_MONTH = {
    "account": _incoming.c.account,
    "month": _incoming.c.month,
    "email_cents": _incoming.c.email_cents,
    "sms_cents": _incoming.c.sms_cents,
    "first_loaded_at": _AT,
    "loaded_at": _AT,
    "import_id": _BY,
}
_TAKE = {
    dialect: new.from_select(list(_MONTH), select(*_MONTH.values()).where(_IN_STRIP))
    for dialect, new in insert_if_new(mrr).items()
}

# Of a client with several accounts no line says by itself that it is small. Which clients those are is asked once.
_one_of_several = Table(
    "one_of_several", _BESIDE, Column("account", mrr.c.account.type, nullable=False), prefixes=["TEMPORARY"]
)
_shared = (
    select(client_accounts.c.domain)
    .group_by(client_accounts.c.domain)
    .having(func.min(client_accounts.c.account) < func.max(client_accounts.c.account))
)
_NOTE_SEVERAL = insert(_one_of_several).from_select(
    ["account"], select(client_accounts.c.account).distinct().where(client_accounts.c.domain.in_(_shared))
)
_LARGE = (
    select(_incoming.c.account, client_accounts.c.domain)
    .join(client_accounts, _KNOWN)
    .where(
        _IN_STRIP,
        or_(
            12 * (_incoming.c.email_cents + _incoming.c.sms_cents) >= bindparam("yearly_cents"),
            _incoming.c.account.in_(select(_one_of_several.c.account)),
        ),
    )
)


class Strip(NamedTuple):
    """Some accounts: those after one, until another."""

    after: str
    until: str


class Incoming:
    """One file's lines on one connection, inside whatever transactions its user begins."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        for table in (_incoming, _one_of_several):
            connection.execute(CreateTable(table))

    def lay(self, lines: Sequence[MrrLine]) -> None:
        """Lay out some lines."""
        self._connection.exec_driver_sql(_LAY[self._connection.dialect.name], list(lines))

    def put_in_order(self) -> list[BadLine]:
        """When all lines are there: put them in order. Those that repeat an earlier one are dropped, and returned."""
        self._connection.execute(CreateIndex(_ORDER))
        self._connection.execute(_NOTE_SEVERAL)
        repeated = self._connection.execute(_REPEATED).all()
        if repeated:
            self._connection.execute(_DROP_REPEATED)
        return [
            BadLine(row.line, f"{row.account} in {row.month} stands in line {row.first} already.") for row in repeated
        ]

    def strips(self) -> Iterator[Strip]:
        """All accounts, some at a time."""
        after = ""
        while until := self._until(after):
            yield Strip(after, until)
            after = until

    def _until(self, after: str) -> str | None:
        until: str | None = self._connection.execute(_FAR, {"after": after}).scalar()
        return until or self._connection.execute(_FARTHEST, {"after": after}).scalar()

    def drop_strangers(self, strip: Strip) -> list[BadLine]:
        """Drop the lines of accounts of which nobody has heard, and return them."""
        strangers = self._connection.execute(_STRANGERS, strip._asdict()).all()
        if strangers:
            self._connection.execute(_DROP_STRANGERS, strip._asdict())
        return [
            BadLine(row.line, f"The account {row.account} is unknown; PUT /v1/client-accounts/{row.account} enters it.")
            for row in strangers
        ]

    def write(self, strip: Strip, *, at: datetime, by: str) -> tuple[int, int]:
        """Write a strip: how many months were new, and how many replaced what was known of them."""
        asked = {**strip._asdict(), "at": at, "by": by}
        corrected = self._connection.execute(_CORRECT, asked).rowcount
        if corrected:
            self._connection.execute(_REPLACE, asked)
        return self._connection.execute(chosen(_TAKE, self._connection), asked).rowcount, corrected

    def may_be_above(self, strip: Strip, yearly_cents: int) -> dict[str, str | None]:
        """The accounts, with their domains, whose clients may be above a yearly sum by what they pay now."""
        found = self._connection.execute(_LARGE, {**strip._asdict(), "yearly_cents": yearly_cents})
        return {row.account: row.domain for row in found}
