"""The API key of a new embedded stack: made once, printed once, kept in a file that only its owner can read."""

from __future__ import annotations

import os
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
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as keys:
        keys.write(f"{text}\n")
    return text
