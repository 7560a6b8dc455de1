"""`partnerflow keys`: the API keys of other systems and of partners' programs."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.environment import Directory, open_records, settings_of
from cli.sentences import CannotGoOn, out, say
from cli.starting_key import SCOPES
from records.keys import create_key, list_keys, revoke_key
from records.partners import partner as partner_of

app = typer.Typer(help="API keys: create, list, revoke.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Who uses it, such as «CRM» or a partner's name.")],
    scope: Annotated[list[str], typer.Option(help=f"What it may do; may be repeated: {', '.join(SCOPES)}.")],
    partner: Annotated[str, typer.Option(help="The only partner that it may speak for.")] = "",
    directory: Directory = None,
) -> None:
    """Create a key and print it. It is shown this once; only its hash is kept."""
    if not name.strip():
        raise CannotGoOn("A key needs a name, which says who uses it, such as «CRM».")
    settings = settings_of(directory)
    if unknown := sorted(set(scope) - set(SCOPES)):
        raise CannotGoOn(f"The scope {unknown[0]} is unknown; possible are {', '.join(SCOPES)}.")
    with open_records(settings) as engine:
        if partner and partner_of(engine, partner) is None:
            raise CannotGoOn(f"There is no partner {partner}; partnerflow partners import adds partners.")
        _, text = create_key(engine, name, scope, now=settings.now(), partner_id=partner or None)
    say(text)


@app.command("list")
def list_all(directory: Directory = None) -> None:
    """List all keys, without their secrets."""
    settings = settings_of(directory)
    with open_records(settings) as engine:
        keys = list_keys(engine)
    table = Table("id", "name", "may", "for partner", "created", "revoked")
    for key in keys:
        table.add_row(
            key.id,
            Text(key.name),
            ", ".join(sorted(key.scopes)),
            Text(key.partner_id or "any"),
            f"{key.created_at:%Y-%m-%d %H:%M}",
            f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "",
        )
    out.print(table)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `keys list` shows it.")], directory: Directory = None
) -> None:
    """End a key, from now on."""
    settings = settings_of(directory)
    with open_records(settings) as engine:
        ended = revoke_key(engine, key_id, now=settings.now())
    if not ended:
        raise CannotGoOn(f"There is no key {key_id} that could be revoked; partnerflow keys list shows all of them.")
    say(f"The key {key_id} is revoked.")
