"""What became of a rehearsal: how its processes ended, who moved, what was mailed, and a digest of all steps."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, Engine, func, select

from program.edition import Tier, edition
from records.database import reading
from records.tables import audit, outbox, processes, tier_intervals
from rehearsal.dates import Dates, check_dates
from rehearsal.run import Script

_A_LEAD = re.compile(r"lead:[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Summary:
    """A rehearsal in figures.

    `ends` counts by kind the outcomes of processes, or the states of those that are open; `moves` counts the moves
    between tiers, "up" and "down"; `digest` is the same for every run of a seed.
    """

    ends: dict[str, Counter[str]]
    moves: Counter[str]
    mails: Counter[str]
    dates: Dates
    steps: int
    digest: str

    @property
    def processes(self) -> int:
        """How many processes there were."""
        return sum(sum(ends.values()) for ends in self.ends.values())


def summary_of(engine: Engine, script: Script) -> Summary:
    """What the records of a rehearsal say."""
    with reading(engine) as connection:
        steps = connection.execute(select(func.count()).select_from(audit)).scalar_one()
        by_status = select(outbox.c.status, func.count()).where(outbox.c.kind == "mail").group_by(outbox.c.status)
        mails = Counter({row[0]: row[1] for row in connection.execute(by_status)})
        ends, moves, digest = _ends(connection), _moves(connection, script), _digest(connection)
    return Summary(ends, moves, mails, check_dates(engine, until=script.ends), steps, digest)


def _ends(connection: Connection) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    ended = func.coalesce(func.nullif(processes.c.outcome, ""), processes.c.state)
    wanted = select(processes.c.kind, ended, func.count()).group_by(processes.c.kind, ended)
    for kind, end, many in connection.execute(wanted.order_by(processes.c.kind, ended)):
        found.setdefault(kind, Counter())[end] = many
    return found


def _moves(connection: Connection, script: Script) -> Counter[str]:
    """Moves between tiers since the beginning; one between tracks at the same rank is neither up nor down."""
    rules, found, held = edition(script.edition), Counter[str](), dict[str, Tier]()
    for row in connection.execute(select(tier_intervals).order_by(tier_intervals.c["from"])).mappings():
        tier, before = Tier(row["tier"]), held.get(row["partner_id"])
        held[row["partner_id"]] = tier
        if before is not None and row["from"] > script.starts:
            change = rules.rank(tier) - rules.rank(before)
            found["up" if change > 0 else "down" if change < 0 else "to the other track"] += 1
    return found


def _digest(connection: Connection) -> str:
    """Over every step on record, to the hour: what people say counts from when it is handled, give or take seconds.

    Steps within one hour have no order here, and leads, whose ids are chance, are named by partner and prospect.
    """
    subject = (processes.c.partner_id, processes.c.subject)
    named = {
        row.process: f"lead:{row.partner_id}:{row.subject}"
        for row in connection.execute(select(processes.c.process, *subject).where(processes.c.kind == "lead"))
    }

    def name(text: str) -> str:
        return _A_LEAD.sub(lambda found: named.get(found[0], "lead:?"), text)

    columns = (audit.c.process, audit.c.at, audit.c.trigger, audit.c.source, audit.c.dest, audit.c.by, audit.c.reason)
    lines = [
        name("|".join((row.process, _hour(row.at), *row[2:7], _in_order(row.details))))
        for row in connection.execute(select(*columns, audit.c.details))
    ]
    return sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _hour(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H}"


def _in_order(details: dict[str, object]) -> str:
    return json.dumps(details, sort_keys=True, ensure_ascii=False)
