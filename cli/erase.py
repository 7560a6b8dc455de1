"""`partnerflow erase`: remove a person, and say what was removed and what stays."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from cli.environment import Directory, open_records, settings_of
from cli.sentences import CannotGoOn, out, say
from records.erasing import Erased, erase_person
from settings import Settings

UNKNOWN = 1
"""The exit code for an address that is nowhere."""


def erase(
    contact: Annotated[str, typer.Argument(help="The mail address of the person.")],
    directory: Directory = None,
) -> None:
    """Remove a person from records, outbox and mailbox. It can't be undone; a second time changes nothing."""
    address = contact.strip()
    if "@" not in address:
        raise CannotGoOn(f"«{address}» is no mail address. People are found by theirs, such as contact@shop.example.")
    settings = settings_of(directory)
    _insist_on_no_staff(settings, address)
    with open_records(settings) as engine:
        erased = erase_person(engine, address, mail_folder=settings.mail_directory)
    if erased.nothing:
        say(
            f"Nobody with the address {address} is in the records, the outbox or the mailbox: it was never there, is "
            "written otherwise, or has been erased already. Nothing was changed."
        )
    else:
        out.print(_table(erased))
        say(_what_follows(erased))
    if erased.signed:
        say(
            f"{erased.signed} decisions and texts are signed with this address, as staff; they keep it, because the "
            "audit must say who decided."
        )
    if erased.nothing:
        raise typer.Exit(UNKNOWN)


def _insist_on_no_staff(settings: Settings, address: str) -> None:
    if roles := settings.staff().roles_of(address):
        raise CannotGoOn(
            f"{address} is on the staff list ({', '.join(sorted(roles))}). Staff are named in {settings.staff_file} "
            "and not in the records: take the person off that list, and run this again for what else is known of them."
        )


def _table(erased: Erased) -> Table:
    table = Table(title="Erased", title_justify="left", show_edge=False)
    table.add_column("what")
    table.add_column("how many", justify="right")
    for what, many in erased.done:
        table.add_row(what, str(many))
    return table


def _what_follows(erased: Erased) -> str:
    kept = (
        "What money and audit need stays without the person: companies, domains, accounts, instants, credits. Mails "
        "that were still to go to them are not sent any more. Copies of the database made before still hold the person."
    )
    orphaned = [
        f"Partner {each} has no contact now, so no mail reaches it: PUT /v1/partners/{each} names another."
        for each in erased.without_contact
    ]
    return "\n".join([kept, *orphaned])
