"""The links with which clients answer, and partners that are to be merged: each is locked by wrong codes, and replaced
by a newer one.

A link opens a page; whoever answers there retypes the code that stands in the same mail. Programs that look into mail
follow links and send forms, but do not read.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, bindparam, select, tuple_, update

from program.calendar import program_date
from records.database import reading, writing
from records.signing import Signer
from records.tables import client_links
from records.upsert import chosen, insert_if_new
from states.effects import Link, Purpose

CODE_LETTERS = "BCDFGHJKMNPQRSTVWXYZ23456789"
"""Without what looks like something else (I, L, O, 0, 1), and without vowels: no code is a word."""

CODE_LENGTH = 6
PURPOSES: tuple[Purpose, ...] = ("confirm", "reconfirm", "revoke")
"""What links of clients are for."""

# Links to confirm replace each other, whether for the first time or once more; the one to revoke stands beside them.
_REPLACES: dict[Purpose, tuple[Purpose, ...]] = {
    "confirm": ("confirm", "reconfirm"),
    "reconfirm": ("confirm", "reconfirm"),
    "revoke": ("revoke",),
    "merge_from": ("merge_from",),
    "merge_into": ("merge_into",),
}

_MAKE = insert_if_new(client_links)
_BEFORE = (
    update(client_links)
    .where(
        client_links.c.process == bindparam("of"),
        client_links.c.purpose.in_(bindparam("of_purposes", expanding=True)),
        tuple_(client_links.c.request, client_links.c.number) < tuple_(bindparam("in_request"), bindparam("newest")),
    )
    .values(dead=True)
)
_OF_MAIL = select(client_links).where(
    client_links.c.process == bindparam("of"),
    client_links.c.request == bindparam("in_request"),
    client_links.c.purpose == bindparam("for_purpose"),
    client_links.c.number == bindparam("with_number"),
)
_BY_NONCE = select(client_links).where(client_links.c.nonce == bindparam("with_nonce"))
_CHANGE = update(client_links).where(client_links.c.nonce == bindparam("with_nonce"))
_ANEW = select(client_links.c.created_at).where(client_links.c.process == bindparam("of"), client_links.c.anew)


@dataclass(frozen=True, slots=True)
class ClientLink:
    """One link. `dead`: a newer one has replaced it. `answer` is what was answered through it, and received by us.

    Instants are UTC, program time; `dies_at` None means never.
    """

    process: str
    request: int
    purpose: Purpose
    number: int
    nonce: str
    code: str
    anew: bool
    created_at: datetime
    dies_at: datetime | None
    dead: bool
    wrong_codes: int
    locked_at: datetime | None
    answer: str
    answered_at: datetime | None

    @property
    def name(self) -> str:
        """What tells this link from every other of its process, and opens nothing."""
        return f"{self.purpose}:{self.request}:{self.number}"

    def is_over(self, at: datetime) -> bool:
        """Whether its time had ended before an instant."""
        return self.dies_at is not None and self.dies_at < at


def make_link(connection: Connection, process: str, at: datetime, effect: Link) -> None:
    """Make a link, and let those die that it replaces; one that was made before stays as it is."""
    connection.execute(
        _BEFORE,
        {
            "of": process,
            "of_purposes": _REPLACES[effect.purpose],
            "in_request": effect.request,
            "newest": effect.number,
        },
    )
    row = {
        "process": process,
        "request": effect.request,
        "purpose": effect.purpose,
        "number": effect.number,
        "nonce": secrets.token_urlsafe(16),
        "code": "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH)),
        "anew": effect.anew,
        "created_at": at,
        "dies_at": effect.dies_at,
        "dead": False,
        "wrong_codes": 0,
        "answer": "",
    }
    connection.execute(chosen(_MAKE, connection), row)


def link_of_mail(connection: Connection, process: str, about: dict[str, Any]) -> ClientLink | None:
    """The link that a mail carries, by what the mail is about; None where it carries none."""
    if "link_number" not in about:
        return None
    asked = {"in_request": about["request"], "for_purpose": about["purpose"], "with_number": about["link_number"]}
    row = connection.execute(_OF_MAIL, {"of": process, **asked}).mappings().first()
    return None if row is None else ClientLink(**row)


def link_with(engine: Engine, nonce: str) -> ClientLink | None:
    """The link of that nonce."""
    with reading(engine) as connection:
        row = connection.execute(_BY_NONCE, {"with_nonce": nonce}).mappings().first()
    return None if row is None else ClientLink(**row)


def links_sent_anew_on(engine: Engine, process: str, day: date) -> int:
    """How many links were made on a day of the program because somebody needed a new one."""
    with reading(engine) as connection:
        made = connection.execute(_ANEW, {"of": process}).scalars().all()
    return sum(program_date(at) == day for at in made)


def written(code: str) -> str | None:
    """A code as it is kept, however it was typed; None for what can't be one."""
    letters = "".join(code.split()).replace("-", "").upper()
    return letters if len(letters) == CODE_LENGTH and set(letters) <= set(CODE_LETTERS) else None


def try_code(
    engine: Engine, nonce: str, code: str, *, at: datetime, wrong_codes_lock: int
) -> Literal["right", "wrong", "locked"]:
    """Try a code; so many wrong ones lock the link, also against the right one. Tries of one link are one at a time."""
    with writing(engine) as connection:
        link = connection.execute(_BY_NONCE.with_for_update(), {"with_nonce": nonce}).one()
        if link.locked_at is not None:
            return "locked"
        if hmac.compare_digest(link.code.encode(), code.encode()):
            return "right"
        wrong = link.wrong_codes + 1
        locked_at = at if wrong >= wrong_codes_lock else None
        connection.execute(_CHANGE.values(wrong_codes=wrong, locked_at=locked_at), {"with_nonce": nonce})
        return "locked" if locked_at else "wrong"


def note_answer(engine: Engine, nonce: str, answer: str, *, at: datetime) -> None:
    """Note what was answered through a link, once Temporal holds it."""
    with writing(engine) as connection:
        connection.execute(_CHANGE.values(answer=answer, answered_at=at), {"with_nonce": nonce})


def address_of(link: ClientLink, *, portal_url: str, signer: Signer) -> str:
    """The address of the page that a link opens."""
    page = "client" if link.purpose in PURPOSES else "merger"
    return f"{portal_url}/{page}/{link.purpose}/{signer.sign(link.purpose, link.nonce)}"
