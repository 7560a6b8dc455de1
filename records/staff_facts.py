"""Facts that staff say: what they correct counts like any other fact, and names them as its source."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from program.fact_kinds import in_one_word
from records.partner_facts import PartnerFact, take_fact
from states.effects import CorrectFact

SOURCE = "staff"


def correct_fact(connection: Connection, partner_id: str, said: CorrectFact, *, now: datetime) -> None:
    """Take a fact that staff have said; the same again is the same fact."""
    content = f"{partner_id}\n{said.kind}\n{said.value}"
    fact = PartnerFact(SOURCE, said.fact_id, partner_id, said.kind, in_one_word(said.kind, said.value), said.at, now)
    take_fact(connection, fact, sha256(content.encode()).hexdigest())
