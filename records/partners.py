"""Partners: who they are, and which track and tier they held when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, null, select, update

from program.addresses import DELIVERABLE
from program.calendar import written
from program.countries import CountryCode
from program.edition import Tier, Track
from records.csv_lines import Cells, read_lines
from records.database import reading, writing
from records.people import CONTACT, Person, write_person
from records.refusal import Refused
from records.tables import partners, tier_intervals
from records.upsert import chosen, insert_or_replace

# What its process says of a partner stays, whoever corrects the rest.
_PUT = insert_or_replace(partners, fixed=("suspended", "left_at", "merged_into"))


class Partner(BaseModel):
    """A partner as the program knows it. `country` is an ISO 3166 code; `manager_address` is empty for many."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    id: str = Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    name: str = Field(min_length=1)
    contact_name: str = Field(min_length=1)
    contact_email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    manager_address: str | None = Field(default=None, pattern=r"^[^@\s]+@[^@\s]+$")
    country: str = Field(default="US", pattern=r"^[A-Z]{2}$")
    track: Track = Track.ADVISOR
    tier: Tier = Tier.PARTNER
    joined_at: AwareDatetime
    active: bool = True


class _Entered(Partner):
    """What is asked of a partner that is entered now, and was not always."""

    contact_email: str = Field(pattern=DELIVERABLE)
    manager_address: str | None = Field(default=None, pattern=DELIVERABLE)
    country: CountryCode = "US"


HEADING = f"The first line names the columns, with commas between them: {', '.join(Partner.model_fields)}."
_WANTED = select(*[partners.c[name] for name in Partner.model_fields])


def put_partner(engine: Engine, partner: Partner, *, now: datetime) -> None:
    """Add a partner, or correct one. A track or tier that differs from the one held counts from `now` on."""
    with writing(engine) as connection:
        put_in(connection, partner, now=now)


def put_in(connection: Connection, each: Partner, *, now: datetime) -> None:
    """The same inside somebody's transaction."""
    row = {**each.model_dump(), "track": each.track.value, "tier": each.tier.value}
    known = connection.execute(select(partners.c.id).where(partners.c.id == each.id)).first() is not None
    connection.execute(chosen(_PUT, connection), row)
    write_person(connection, each.id, Person(CONTACT, each.contact_name, each.contact_email))
    _set_tier(
        connection,
        each.id,
        each.track,
        each.tier,
        now if known else each.joined_at,
        "entered" if known else "joined",
    )


def partner(engine: Engine, partner_id: str) -> Partner | None:
    """The partner of that id."""
    with reading(engine) as connection:
        row = connection.execute(_WANTED.where(partners.c.id == partner_id)).mappings().first()
    return None if row is None else Partner.model_validate(dict(row))


def is_suspended(engine: Engine, partner_id: str) -> bool:
    """Whether a partner is suspended now."""
    with reading(engine) as connection:
        return bool(connection.execute(select(partners.c.suspended).where(partners.c.id == partner_id)).scalar())


def list_partners(engine: Engine, *, active_only: bool = False) -> list[Partner]:
    """All partners, by name."""
    wanted = _WANTED.order_by(partners.c.name, partners.c.id)
    if active_only:
        wanted = wanted.where(partners.c.active)
    with reading(engine) as connection:
        return [Partner.model_validate(dict(row)) for row in connection.execute(wanted).mappings()]


def join(connection: Connection, each: Partner) -> None:
    """Add a partner inside a transaction; one that is there already stays as it is."""
    if connection.execute(select(partners.c.id).where(partners.c.id == each.id)).first() is None:
        put_in(connection, each, now=each.joined_at)


def set_tier(engine: Engine, partner_id: str, track: Track, tier: Tier, *, at: datetime, why: str) -> None:
    """Move a partner to a track and tier from an instant on; the same standing again changes nothing.

    Raises `Refused` for an unknown partner, and for an instant before the standing it holds began.
    """
    with writing(engine) as connection:
        _set_tier(connection, partner_id, track, tier, at, why)


def take_standing(connection: Connection, partner_id: str, track: str, tier: str, *, since: datetime, why: str) -> bool:
    """Let a partner hold a track and tier since an instant, or since the one it holds began; False if unknown.

    One that had left holds it as a partner again; one that was merged into another holds nothing.
    """
    its_own = (partners.c.id == partner_id) & partners.c.merged_into.is_(null())
    known = update(partners).where(its_own).values(active=True, left_at=None)
    if connection.execute(known).rowcount != 1:
        return False
    # Read only now that nobody else changes what the partner holds.
    held = connection.execute(select(tier_intervals.c["from"]).where(_is_open(partner_id))).scalar()
    _set_tier(connection, partner_id, Track(track), Tier(tier), since if held is None else max(since, held), why)
    return True


def end_standing(connection: Connection, partner_id: str, *, at: datetime) -> None:
    """The partner has left: it holds nothing since then, and is no partner any more."""
    connection.execute(
        update(partners).where(partners.c.id == partner_id).values(active=False, suspended=False, left_at=at)
    )
    began = tier_intervals.c["from"] <= at
    connection.execute(update(tier_intervals).where(_is_open(partner_id), began).values(to=at))


def suspend(connection: Connection, partner_id: str, *, suspended: bool) -> None:
    """Note that a partner is suspended, or is not any more."""
    its_own = (partners.c.id == partner_id) & partners.c.merged_into.is_(null())
    connection.execute(update(partners).where(its_own).values(suspended=suspended))


def read_partners(lines: Iterable[str]) -> list[Partner]:
    """Partners from CSV lines with a heading.

    The columns are the fields of `Partner`; empty cells count as left out, `joined_at` may be a date.
    Raises `Refused` with the line's number and what is wrong in it.
    """
    read: list[Partner] = []
    for number, cells in read_lines(lines):
        try:
            read.append(_from_cells(cells))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            if first["type"] == "missing":
                raise Refused(f"Line {number} has nothing under «{field}». {HEADING}") from None
            raise Refused(f"Line {number}, column «{field}»: {_says(first)}.") from None
        except ValueError as error:
            raise Refused(f"Line {number}: {error}") from None
    return read


def _says(detail: ErrorDetails) -> str:
    if detail["type"] == "string_pattern_mismatch" and "@" in detail["ctx"]["pattern"]:
        return f"«{str(detail['input'])[:60]}» is no mail address, such as desk@agency.example"
    return str(detail.get("ctx", {}).get("error") or detail["msg"]).rstrip(".")


def _from_cells(cells: Cells | ValueError) -> Partner:
    if isinstance(cells, ValueError):
        raise cells
    given: dict[str, Any] = dict(cells)
    if "joined_at" in given:
        given["joined_at"] = _joined(given["joined_at"])
    _Entered.model_validate(given)
    return Partner.model_validate(given)


def _joined(cell: str) -> datetime:
    try:
        return written(cell)
    except ValueError as error:
        raise ValueError(f"«joined_at» can't be «{cell[:40]}»: {error}") from None


def _set_tier(connection: Connection, partner_id: str, track: Track, tier: Tier, at: datetime, why: str) -> None:
    if (
        connection.execute(
            update(partners).where(partners.c.id == partner_id).values(track=track.value, tier=tier.value)
        ).rowcount
        != 1
    ):
        raise Refused(f"There is no partner {partner_id}.")
    is_open = _is_open(partner_id)
    held = connection.execute(select(tier_intervals).where(is_open)).mappings().first()
    if held is not None:
        if (held["track"], held["tier"]) == (track.value, tier.value):
            return
        if at < held["from"]:
            raise Refused(
                f"{partner_id} holds {held['track']} {held['tier']} since {held['from']:%Y-%m-%d}; a move can't be "
                f"dated before that, on {at:%Y-%m-%d}."
            )
        if at == held["from"]:
            connection.execute(delete(tier_intervals).where(is_open))
        else:
            connection.execute(update(tier_intervals).where(is_open).values(to=at))
    connection.execute(
        insert(tier_intervals).values(
            {
                "partner_id": partner_id,
                "from": at,
                "to": None,
                "track": track.value,
                "tier": tier.value,
                "why": why,
            }
        )
    )


def _is_open(partner_id: str) -> ColumnElement[bool]:
    return (tier_intervals.c.partner_id == partner_id) & tier_intervals.c.to.is_(null())
