"""What if: today's partners under a changed edition. It only reads, and no process hears of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Engine

from program.calendar import start_of_day
from program.edition import Edition, edition
from program.evaluation import Standing
from program.facts import Facts
from program.moves import Held, adjusted, upward
from program.standing_words import reasons, shortfall
from records.database import reading, take_time
from records.looking import members_after
from records.partner_facts import read_facts

CENT = Decimal("0.01")
LOOKS_AT = {
    "joining": ("joins_tier", "joins_track"),
    "money": ("shares",),
    "moves": ("halves", "retained_elite_is_adjusted"),
    "tiers": (
        "certification_before",
        "certification_pass_percent",
        "certified_employees",
        "master_services",
        "order",
        "referred_months",
        "requirements",
        "sms_can_move_down_from",
        "sms_exempt_where_not_sold",
        "sms_needed_to_move_up_from",
        "sms_sold_in",
        "website_evidence",
    ),
}
"""The values of an edition on which it depends where a partner stands and what share a month's MRR earns it."""


@dataclass(frozen=True, slots=True)
class Fate:
    """A partner under two editions: what it holds, what would become of it under each, and why under the changed one.

    The standings are those after moving up, or else after the next adjustment. Shares are dollars a month.
    """

    partner_id: str
    held: Standing
    as_it_is: Standing
    changed: Standing
    rank_by: int
    why: str
    shares_as_it_is: Shares
    shares_changed: Shares

    @property
    def differs(self) -> bool:
        """Whether the change makes a difference to where the partner stands."""
        return self.changed != self.as_it_is


@dataclass(frozen=True, slots=True)
class Shares:
    """A month's shares at a standing: of the MRR referred, were all of it accepted there, and of the MRR managed."""

    referred: Decimal
    managed: Decimal


def looks_at(path: str) -> bool:
    """Whether what a path of a changed edition leads to is looked at; how long a share is paid is not."""
    table, _, rest = path.partition(".")
    return rest.split(".")[0] in LOOKS_AT.get(table, ()) and not (table == "money" and path.endswith("_months"))


def what_if(engine: Engine, rules: Edition, on: date, *, now: datetime) -> Iterator[Fate]:
    """Every partner under its own edition and under a changed one, on the facts of a day as far as they are known."""
    cursor: str | None = ""
    while cursor is not None:
        with reading(engine) as connection:
            take_time(connection)
            members, cursor = members_after(connection, cursor)
            facts: dict[str, dict[str, Facts]] = {}
            months = {rules.tiers.referred_months, *(edition(each.edition).tiers.referred_months for each in members)}
            for many in months:
                ids = [each.id for each in members]
                facts[str(many)] = read_facts(connection, ids, on, referred_months=many, known_by=now)
        for member in members:
            own = edition(member.edition)
            if member.id not in facts[str(own.tiers.referred_months)]:
                continue
            before = facts[str(own.tiers.referred_months)][member.id]
            after = facts[str(rules.tiers.referred_months)][member.id]
            stays = member.state in ("by_hand", "suspended")
            as_it_is, _ = (member.held.standing, "") if stays else _becomes(own, before, on, member.held)
            changed, why = (member.held.standing, "") if stays else _becomes(rules, after, on, member.held)
            yield Fate(
                member.id, member.held.standing, as_it_is, changed,
                rules.rank(changed.tier) - rules.rank(as_it_is.tier), why,
                shares(own, before, as_it_is), shares(rules, after, changed),
            )  # fmt: skip


def shares(rules: Edition, facts: Facts, standing: Standing) -> Shares:
    """What a month's MRR would earn a partner at a standing."""
    percent = rules.referred_terms(*standing).percent
    managed = rules.managed_percent(*standing) or Decimal(0)
    return Shares(_part(facts.referred_mrr, percent), _part(facts.managed_mrr, managed))


def counted(fates: Sequence[Fate]) -> dict[tuple[Standing, Standing], int]:
    """How many partners the change takes from where to where."""
    found: dict[tuple[Standing, Standing], int] = defaultdict(int)
    for each in fates:
        if each.differs:
            found[each.as_it_is, each.changed] += 1
    return dict(found)


def _becomes(rules: Edition, facts: Facts, on: date, held: Held) -> tuple[Standing, str]:
    """Where a partner would stand, up at once or down at the next adjustment on the same facts, and why."""
    up = upward(rules, facts, on, held)
    if up.moves:
        return up.becomes, reasons(rules, up.evaluation, up.becomes)
    down = adjusted(rules, facts, on, rules.moves.adjustment_date(rules.moves.next_adjustment(start_of_day(on))), held)
    if down.moves:
        return down.becomes, f"{held.standing} misses {shortfall(down.evaluation.of(held.standing))}"
    above = [each for each in up.evaluation.appraisals
             if rules.rank(each.standing.tier) == rules.rank(held.standing.tier) + 1
             and each.standing.track == held.standing.track]  # fmt: skip
    return held.standing, "".join(f"{each.standing} misses {shortfall(each)}" for each in above if each.missing)


def _part(amount: Decimal, percent: Decimal) -> Decimal:
    return (amount * percent / 100).quantize(CENT)
