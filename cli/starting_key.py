"""The keys of a new embedded stack: made once, kept in files that only their owner can read.

The API key is printed once; the signing key, which signs the links in mails, nobody needs to see.
"""

from __future__ import annotations

import os
import secrets
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from portal.callers import Scope
from records.keys import create_key, list_keys

SCOPES = tuple(scope.value for scope in Scope)
"""What a key may do; this one may do all of it."""


def starting_key(engine: Engine, file: Path, now: datetime) -> str:
    """Make the key when there is none at all; its text then, and otherwise "".

    The database has its hash only. In the file it can be read again: who can read that can read the database as well.
    """
    if list_keys(engine):
        return ""
    _, text = create_key(engine, "made by partnerflow up", SCOPES, now=now)
    _keep(file, text)
    return text


def signing_key(file: Path) -> str:
    """The key in a file, which is made when it is not there. Without it the links in earlier mails do not open."""
    # One that was begun and not written to its end is none.
    if not file.exists() or not file.read_text().strip():
        _keep(file, secrets.token_hex(32))
    return file.read_text().strip()


def _keep(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as keys:
        keys.write(f"{text}\n")
