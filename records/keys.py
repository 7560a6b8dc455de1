"""Keys with which other systems and partners' programs use the API. Only their hashes are kept."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_hex, token_urlsafe

from sqlalchemy import Engine, insert, null, select, update
from sqlalchemy.engine import RowMapping

from records.database import reading, writing
from records.tables import api_keys, partners


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret: what it may do (`scopes`), and for which partner alone, if for one."""

    id: str
    name: str
    scopes: frozenset[str]
    partner_id: str | None
    created_at: datetime
    revoked_at: datetime | None


def create_key(
    engine: Engine, name: str, scopes: Iterable[str], *, now: datetime, partner_id: str | None = None
) -> tuple[Key, str]:
    """A new key, and its text, which can't be had again."""
    key = Key(token_hex(6), name, frozenset(scopes), partner_id, now, None)
    # 256 random bits need no salt and no slow hash: nobody can guess them.
    text = f"pf_{key.id}_{token_urlsafe(32)}"
    with writing(engine) as connection:
        connection.execute(
            insert(api_keys).values(
                id=key.id,
                name=name,
                hash=_hash(text),
                scopes=sorted(key.scopes),
                partner_id=partner_id,
                created_at=now,
            )
        )
    return key, text


def verify_key(engine: Engine, text: str) -> Key | None:
    """The key of that text, unless it is unknown or revoked."""
    match text.split("_", 2):
        case ["pf", key_id, _]:
            with reading(engine) as connection:
                row = connection.execute(select(api_keys).where(api_keys.c.id == key_id)).mappings().first()
        case _:
            return None
    if row is None or not hmac.compare_digest(row["hash"], _hash(text)) or row["revoked_at"] is not None:
        return None
    return _key(row)


def whose_merger_ended(engine: Engine, text: str) -> tuple[str, str] | None:
    """Of a key that ended because its partner was merged: that partner, and the one into which it was."""
    key_id = text.split("_", 2)[1] if text.count("_") >= 2 else ""
    wanted = (
        select(api_keys.c.hash, api_keys.c.revoked_at, partners.c.id, partners.c.merged_into)
        .join(partners, partners.c.id == api_keys.c.partner_id)
        .where(api_keys.c.id == key_id, partners.c.merged_into.is_not(null()))
    )
    with reading(engine) as connection:
        row = connection.execute(wanted).first()
    if row is None or not hmac.compare_digest(row.hash, _hash(text)):
        return None
    return row.id, row.merged_into


def revoke_key(engine: Engine, key_id: str, *, now: datetime) -> bool:
    """End a key from now on; False when there is none of that id, or it had ended."""
    with writing(engine) as connection:
        changed = connection.execute(
            update(api_keys).where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(null())).values(revoked_at=now)
        )
    return changed.rowcount == 1


def list_keys(engine: Engine) -> list[Key]:
    """All keys, revoked ones too, oldest first."""
    with reading(engine) as connection:
        rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)).mappings()
        return [_key(row) for row in rows]


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _key(row: RowMapping) -> Key:
    return Key(
        row["id"],
        row["name"],
        frozenset(row["scopes"]),
        row["partner_id"],
        row["created_at"],
        row["revoked_at"],
    )
