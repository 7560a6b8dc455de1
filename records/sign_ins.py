"""Links to sign in: asked for by anybody, mailed to people who are known, used once.

An address that nobody has is kept and posted in the same way as one that is known; only its mail never leaves. So
nobody learns from an answer, or from how long it takes, who is known here. All instants are real time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Engine, bindparam, delete, func, insert, null, select, update

from program.addresses import address_key
from records.database import reading, writing
from records.people import knows_address
from records.posting import Postings
from records.signing import Signer
from records.tables import sign_ins

PREFIX = "sign-in:"
"""What stands before the id of a sign-in where a mail names what it is about."""
OPEN = "open"
_PURPOSE = "sign-in"

LASTS = timedelta(minutes=15)
KEPT = timedelta(hours=1)
"""How long a link is remembered, for the limits: nothing of it is needed afterwards."""
OF_ONE_ADDRESS = 5
OF_ONE_CLIENT = 30
"""How many links may be asked for in that time, for one address and from one network."""

_FOR_MAIL = select(sign_ins.c.address, sign_ins.c.known, sign_ins.c.used_at).where(sign_ins.c.id == bindparam("of"))


@dataclass(frozen=True, slots=True)
class SignIn:
    """A link that was asked for, and what has become of it. `onward` is the page that the person wanted to see."""

    id: str
    address: str
    browser: str
    onward: str
    state: Literal["open", "used", "expired"]


def ask(
    engine: Engine,
    *,
    address: str,
    is_staff: bool,
    browser: str,
    client: str,
    onward: str,
    real: datetime,
    now: datetime,
) -> bool:
    """Keep the wish for a link and post its mail; False when too many were asked for within the hour.

    `browser` and `client` are secrets or addresses of whoever asks; only their digests are kept.
    """
    key, asked_from = address_key(address), digest(client)
    with writing(engine) as connection:
        if _asked(connection, sign_ins.c.address_key == key, real) >= OF_ONE_ADDRESS:
            return False
        if _asked(connection, sign_ins.c.client == asked_from, real) >= OF_ONE_CLIENT:
            return False
        known = knows_address(connection, key) or is_staff
        sign_in_id = token_hex(16)
        connection.execute(
            insert(sign_ins).values(
                id=sign_in_id,
                address=address.strip(),
                address_key=key,
                known=known,
                browser=digest(browser),
                client=asked_from,
                onward=onward,
                asked_at=real,
            )
        )
        process = f"{PREFIX}{sign_in_id}"
        postings = Postings(process, now)
        postings.mail(process, "sign_in", "person", {}, (OPEN,))
        postings.write(connection)
    return True


def address_of_sign_in(sign_in_id: str, *, portal_url: str, signer: Signer) -> str:
    """The address of the page that a link opens: the id of what was asked for, signed."""
    return f"{portal_url}/sign-in/{signer.sign(_PURPOSE, sign_in_id)}"


def signed_id(token: str, signer: Signer) -> str:
    """The id that a link names; "" for a link that is none of ours."""
    read = signer.read(_PURPOSE, token)
    return read if isinstance(read, str) else ""


def sign_in(engine: Engine, sign_in_id: str, *, real: datetime) -> SignIn | None:
    """The link of that id; None when it never was, is forgotten, or was never sent to anybody."""
    with reading(engine) as connection:
        row = connection.execute(select(sign_ins).where(sign_ins.c.id == sign_in_id, sign_ins.c.known)).first()
    if row is None:
        return None
    state: Literal["open", "used", "expired"] = "open"
    if row.used_at is not None:
        state = "used"
    elif row.asked_at + LASTS <= real:
        state = "expired"
    return SignIn(row.id, row.address, row.browser, row.onward, state)


def use(engine: Engine, sign_in_id: str, *, real: datetime) -> bool:
    """Use a link up; False when that has happened, or its time is over."""
    with writing(engine) as connection:
        used = connection.execute(
            update(sign_ins)
            .where(sign_ins.c.id == sign_in_id, sign_ins.c.known, sign_ins.c.used_at.is_(null()))
            .where(sign_ins.c.asked_at > real - LASTS)
            .values(used_at=real)
        )
    return used.rowcount == 1


def forget_sign_ins(engine: Engine, *, real: datetime) -> int:
    """Delete what no limit needs any more; how many. A mail that has not left by then stays behind."""
    with writing(engine) as connection:
        return connection.execute(delete(sign_ins).where(sign_ins.c.asked_at < real - KEPT)).rowcount


def addressee(connection: Connection, process: str) -> tuple[str, str]:
    """The address to which a link goes and the state in which it leaves; empty where it goes to nobody."""
    row = connection.execute(_FOR_MAIL, {"of": process.removeprefix(PREFIX)}).first()
    return ("", "") if row is None or not row.known or row.used_at is not None else (row.address, OPEN)


def digest(secret: str) -> str:
    """What is kept of a secret that holds chance enough, or of what need not be known in clear."""
    return sha256(secret.encode()).hexdigest()


def _asked(connection: Connection, whose: ColumnElement[bool], real: datetime) -> int:
    lately = sign_ins.c.asked_at > real - KEPT
    return connection.execute(select(func.count()).select_from(sign_ins).where(whose, lately)).scalar_one()
