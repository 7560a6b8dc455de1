"""Who takes part: the vendor's staff, and partners where there are not enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from program.calendar import Half, at_hour
from program.edition import Edition, Tier, Track
from records.partners import Partner
from rehearsal.chance import dice
from states.staff import Member, Role, StaffList

MANAGERS = tuple(f"manager{number}@vendor.example" for number in range(1, 6))
REVIEWERS = tuple(f"reviewer{number}@vendor.example" for number in range(1, 4))
MEMBERS = tuple(f"member{number}@vendor.example" for number in range(1, 6))
CHAIR, LEAD, ADMIN = "chair@vendor.example", "lead@vendor.example", "admin@vendor.example"

# Of fifty partners that are drawn, so many stand here; mixed, so that a few of them are a small program as well.
_OF_FIFTY = (
    (Track.ADVISOR, Tier.PARTNER, 12),
    (Track.ADVISOR, Tier.SILVER, 11),
    (Track.ADVISOR, Tier.GOLD, 6),
    (Track.ADVISOR, Tier.PLATINUM, 2),
    (Track.MASTER, Tier.SILVER, 5),
    (Track.MASTER, Tier.GOLD, 5),
    (Track.MASTER, Tier.PLATINUM, 7),
    (Track.MASTER, Tier.ELITE, 2),
)
_STANDINGS = [(track, tier) for track, tier, many in _OF_FIFTY for _ in range(many)]
# A step that is no divisor of fifty visits every line of the table once before it comes back.
_STEP = 13
_COUNTRIES = ("US", "US", "US", "US", "US", "CA", "GB", "DE", "FR")


def staff_of(partners: Iterable[Partner]) -> StaffList:
    """The staff list of a rehearsal: the managers that partners have, and simulated people in every other role."""
    managers = dict.fromkeys((*(each.manager_address for each in partners if each.manager_address), *MANAGERS))
    return StaffList(
        staff=(
            *(Member(address=who, roles=(Role.MANAGER,), lead=LEAD) for who in managers),
            *(Member(address=who, roles=(Role.REVIEWER,), lead=LEAD) for who in REVIEWERS),
            *(Member(address=who, roles=(Role.COMMITTEE,), lead=LEAD) for who in MEMBERS),
            Member(address=CHAIR, roles=(Role.CHAIR,), lead=LEAD),
            Member(address=LEAD, roles=(Role.TEAM_LEAD,)),
            Member(address=ADMIN, roles=(Role.ADMIN,)),
        )
    )


def filled_up(given: Sequence[Partner], many: int, seed: int, half: Half, rules: Edition) -> list[Partner]:
    """The given partners, and drawn ones until there are so many."""
    known = {each.id for each in given}
    drawn = (_drawn(number, seed, half, rules) for number in range(1, many + 1))
    fresh = [each for each in drawn if each.id not in known]
    return [*given, *fresh[: max(0, many - len(given))]]


def _drawn(number: int, seed: int, half: Half, rules: Edition) -> Partner:
    chance = dice(seed, "partner", number)
    track, tier = _STANDINGS[number * _STEP % len(_STANDINGS)]
    name = f"partner-{number:04}"
    with_manager = rules.rank(tier) >= rules.rank(Tier.GOLD) or chance.random() < 0.3
    return Partner(
        id=name,
        name=f"Partner {number}",
        contact_name="Partner desk",
        contact_email=f"desk@{name}.example",
        manager_address=chance.choice(MANAGERS) if with_manager else None,
        country=chance.choice(_COUNTRIES),
        track=track,
        tier=tier,
        joined_at=at_hour(_since(number, tier, half, rules, chance.randrange(120, 900)), 0),
    )


def _since(number: int, tier: Tier, half: Half, rules: Edition, days: int) -> date:
    """When it came to stand where it stands; elite begins on grant dates alone, and half of it is evaluated again."""
    if tier is not Tier.ELITE:
        return half.first_day - timedelta(days=days)
    before = half.previous()
    granted = before.previous() if number % 2 else before
    return rules.moves.adjustment_date(granted)
