"""What a mail about a process may mention, as it stands at the moment of sending."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, select
from sqlalchemy.engine import RowMapping

from program.edition import edition
from records.accounts import contact_of
from records.applicant_links import ApplicantLinks
from records.applications import PREFIX as APPLICATION_PREFIX
from records.database import reading
from records.digest import waiting_for
from records.leads import PREFIX
from records.links import ClientLink, link_of_mail
from records.managements import PREFIX as ACCOUNT_PREFIX
from records.managements import manager_of
from records.mergers import merger_of
from records.merging import what_moves
from records.outbox import MailRow
from records.posting import MANAGER_OF
from records.rendering import Known
from records.season_list import Entry, entries
from records.sign_ins import PREFIX as SIGN_IN_PREFIX
from records.sign_ins import addressee
from records.standing import PREFIX as PARTNER_PREFIX
from records.tables import application_details, lead_details, notes, partners, processes
from records.terms import pinned_terms

_PROCESS = select(processes).where(processes.c.process == bindparam("of"))
_STATE = select(processes.c.state, processes.c.facts).where(processes.c.process == bindparam("of"))
_PARTNER = select(partners).where(partners.c.id == bindparam("of"))
_NOTE = select(notes.c.text).where(notes.c.id == bindparam("of"))
_APPLICATION = select(application_details).where(application_details.c.application_id == bindparam("of"))
_LEAD = select(lead_details).where(lead_details.c.lead_id == bindparam("of"))

# Labels on cards are worded for people; these are the ones that mails call differently.
_ALSO_CALLED = {
    "can_be_appealed_until": "appeal_until",
    "client_paid": "paid_at",
    "next": "checklist",
    "to_decide": "decide",
    "why": "reason",
    "won": "won_at",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a mail is about: the projected `state` of its process ("" where there is none) and the words' context.

    `link` is the number of the newest link that was sent to whoever is asked, if one opens. Addresses are empty where
    none is known.
    """

    state: str
    link: int | None
    partner_name: str
    partner_address: str
    manager_address: str
    client_address: str
    person_address: str
    applicant_address: str
    context: dict[str, Any]


def subject_of(
    engine: Engine,
    mail: MailRow,
    *,
    now: datetime,
    link: str,
    client_page: Callable[[ClientLink], str],
    applicant_links: ApplicantLinks | None = None,
) -> Subject:
    """Everything that the mail may mention; `link` leads staff to the process, `now` is program time.

    `client_page` gives the address of the page that a client's link opens, `applicant_links` those of applicants.
    """
    with reading(engine) as connection:
        process = _one(connection, _PROCESS, mail.process)
        lead = _lead(connection, mail.process)
        partner_id = _about_whom(mail, process or lead)
        partner = _one(connection, _PARTNER, partner_id)
        facts = process["facts"] if process else {}
        known = Known({**_named(facts), **mail.about})
        applicant = _applicant(connection, mail, applicant_links or ApplicantLinks())
        person, signing_in = addressee(connection, mail.process)
        client = _client(connection, mail, process, partner["name"] if partner else partner_id, client_page)
        newest_link = _newest_link(connection, mail, facts)
        context: dict[str, Any] = {
            "process": mail.process,
            "to_staff": mail.to not in ("partner", "client", "person", "applicant"),
            "state": process["state"] if process else signing_in,
            "partner": {
                "id": partner_id,
                "name": partner["name"] if partner else partner_id,
                "contact_name": partner["contact_name"] if partner else partner_id,
                "former_name": _name(connection, str(known["merged"] or "")),
            },
            "lead": {
                "company": lead["company"] if lead else (process["subject"] if process else mail.process),
                "domain": lead["domain"] if lead else (process["subject"] if process else ""),
                "contact_name": lead["contact_name"] if lead else "",
            },
            "account": client,
            "application": applicant,
            "merger": _merger(connection, mail, client_page),
            "known": known,
            "terms": pinned_terms(connection, mail.process),
            "note": connection.execute(_NOTE, {"of": str(mail.about.get("message", ""))}).scalar() or "",
            "first": _first_in_line(connection, str(known["behind"] or "")),
            "link": mail.about.get("link", link),
            "sign_in_link": link if mail.process.startswith(SIGN_IN_PREFIX) else "",
            "now": now,
            "listed": _listed(connection, mail, partner),
        }
    if mail.template == "digest":
        waiting = waiting_for(engine, str(known["role"] or ""))
        context.update(waiting=waiting, overdue=sum(each.overdue for each in waiting))
    return Subject(
        state=context["state"],
        link=newest_link,
        partner_name=context["partner"]["name"],
        partner_address=partner["contact_email"] if partner else "",
        manager_address=(partner["manager_address"] or "") if partner else "",
        client_address=client["contact_email"],
        person_address=person,
        applicant_address=applicant["contact_email"],
        context=context,
    )


def state_of(engine: Engine, mail: MailRow) -> tuple[str, int | None]:
    """The state that the projection of a mail's subject shows now ("" where there is none), and its newest link."""
    with reading(engine) as connection:
        if mail.process.startswith(SIGN_IN_PREFIX):
            return addressee(connection, mail.process)[1], None
        row = connection.execute(_STATE, {"of": mail.process}).first()
        return ("" if row is None else row.state), _newest_link(connection, mail, row.facts if row else {})


def _newest_link(connection: Connection, mail: MailRow, facts: Mapping[str, Any]) -> int | None:
    """The number of the newest link that was sent to whom the mail is for; None where none opens."""
    if "merger" not in mail.about:
        found: int | None = facts.get("link")
        return found
    opens = link_of_mail(connection, mail.about["merger"], mail.about)
    return None if opens is None or opens.dead else opens.number


def _about_whom(mail: MailRow, belongs: RowMapping | None) -> str:
    """The partner that a mail speaks of: the one whose manager it is for, or the one to whom its subject belongs."""
    if mail.to.startswith(MANAGER_OF):
        return mail.to.removeprefix(MANAGER_OF)
    return str(belongs["partner_id"] if belongs else mail.about.get("partner_id", ""))


def _listed(connection: Connection, mail: MailRow, partner: RowMapping | None) -> list[Entry]:
    """The partners of a manager whom a look through all partners has found for a season's list."""
    if mail.template != "season_list" or not isinstance(mail.about.get("look"), int):
        return []
    manager = (partner["manager_address"] or "") if partner else ""
    return entries(connection, str(mail.about["season"]), look=mail.about["look"], manager=manager)


def _named(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts by the names that mails use: a label such as "valid until" becomes `valid_until`."""
    names = {label: label.replace(" ", "_").replace("-", "_") for label in facts}
    return {_ALSO_CALLED.get(name, name): facts[label] for label, name in names.items()}


def _name(connection: Connection, partner_id: str) -> str:
    row = _one(connection, _PARTNER, partner_id)
    return row["name"] if row else partner_id


def _first_in_line(connection: Connection, process: str) -> dict[str, Any] | None:
    """The registration that holds what the subject of a mail stands in line for."""
    shown = _one(connection, _PROCESS, process)
    if shown is None:
        return None
    lead = _lead(connection, process)
    partner = _one(connection, _PARTNER, shown["partner_id"])
    return {
        "process": process,
        "state": shown["state"],
        "company": lead["company"] if lead else shown["subject"],
        "partner_name": partner["name"] if partner else shown["partner_id"],
        "received_at": lead["received_at"] if lead else None,
    }


def _client(
    connection: Connection,
    mail: MailRow,
    process: RowMapping | None,
    partner_name: str,
    client_page: Callable[[ClientLink], str],
) -> dict[str, str]:
    """What a mail about a managed account says; the contact is the one for whom the mail was written."""
    known = {"contact_name": "", "contact_email": "", "managed_by": "", "statement": "", "link": "", "code": ""}
    known["api_key"] = process["subject"] if process else mail.process
    if process is None or not mail.process.startswith(ACCOUNT_PREFIX):
        return known
    contact = contact_of(connection, mail.process, int(mail.about.get("contact", 0)))
    managing = manager_of(connection, process["subject"])
    other = _one(connection, _PARTNER, managing.partner_id) if managing and managing.process != mail.process else None
    opens = link_of_mail(connection, mail.process, mail.about)
    if opens is not None:
        known |= {"link": client_page(opens), "code": opens.code}
    return known | {
        "contact_name": contact.name if contact else "",
        "contact_email": contact.email if contact else "",
        "managed_by": other["name"] if other else "",
        "statement": edition(process["edition"]).accounts.client_confirms.format(partner=partner_name),
    }


def _merger(connection: Connection, mail: MailRow, client_page: Callable[[ClientLink], str]) -> dict[str, Any] | None:
    """What a mail about a merger says: whose it is, what would move, and the link of the partner that is asked."""
    found = merger_of(connection, mail.about["merger"], mail.about["request"]) if "merger" in mail.about else None
    if found is None:
        return None
    opens = link_of_mail(connection, found.process, mail.about)
    return {
        "name": _name(connection, found.partner_id),
        "into": _name(connection, found.into),
        "goes_on": mail.process == f"{PARTNER_PREFIX}{found.into}",
        "moves": what_moves(connection, found.partner_id) if found.state == "proposed" else [],
        "lapses_at": found.lapses_at,
        "link": client_page(opens) if opens else "",
        "code": opens.code if opens else "",
    }


def _applicant(connection: Connection, mail: MailRow, links: ApplicantLinks) -> dict[str, str]:
    """What a mail about an application says; the link is for the applicant alone."""
    application_id = mail.process.removeprefix(APPLICATION_PREFIX)
    ours = mail.process.startswith(APPLICATION_PREFIX)
    row = _one(connection, _APPLICATION, application_id) if ours else None
    return {
        "company": row["company"] if row else application_id,
        "domain": row["domain"] if row else "",
        "contact_name": row["contact_name"] if row else "",
        "contact_email": row["contact_email"] if row else "",
        "link": links.of_application(application_id) if ours and mail.to == "applicant" else "",
        "sign_in": links.sign_in if ours and mail.to == "applicant" else "",
    }


def _lead(connection: Connection, process: str) -> RowMapping | None:
    return _one(connection, _LEAD, process.removeprefix(PREFIX)) if process.startswith(PREFIX) else None


def _one(connection: Connection, statement: Any, of: str) -> RowMapping | None:
    found: RowMapping | None = connection.execute(statement, {"of": of}).mappings().first()
    return found
