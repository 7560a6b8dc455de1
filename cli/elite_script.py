"""The elite season that `partnerflow demo elite` plays: who takes part, what people do, and how it should end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

HALF = "2027-H1"
MANAGER, CHAIR = "manager@vendor.example", "chair@vendor.example"
MEMBERS = tuple(f"member{number}@vendor.example" for number in range(1, 4))

# Score sheets, in the short form that people type.
HIGH, GOOD, WEAK = "L44 O43444 P44434 C4 M4443 R4", "L43 O43344 P44332 C4 M3433 R4", "L22 O32223 P22322 C1 M2232 R3"

COURSES = ("product", "partner", "sales", "sms", "sms_strategy")

# What happens when, in program time. What only has to happen some time before is done as soon as it can be.
SEASON_BEGINS = date(2026, 12, 30)
COMMITTEE_IS_SEATED = date(2027, 1, 4)
MRR_OF_DECEMBER = date(2027, 1, 12)
MANAGERS_ANSWER = date(2027, 2, 3)
NOMINATIONS_ARE_EXTENDED = date(2027, 2, 10)
A_PARTNER_LEAVES = date(2027, 2, 12)
MEMBERS_SCORE = date(2027, 3, 5)
CHAIR_CONFIRMS = date(2027, 3, 30)
ALL_IS_TOLD = date(2027, 4, 3)


@dataclass(frozen=True, slots=True)
class Part:
    """One partner's part in the season. `elite_since` marks one that is evaluated again.

    `answer` is what its manager does: nominates on the portal's page or in the Web UI, or says nothing. `sheets` are
    what the members score, in their order; "" for one that recuses itself. `exception` is the chair's reason to decide
    against the result. `expected` is how the nomination should end, `tier` what the partner should hold then.
    """

    id: str
    name: str
    why: str
    expected: Literal["granted", "not_granted", "declined", "not_reviewed", "taken_out"]
    tier: Literal["elite", "platinum", ""] = "platinum"
    elite_since: date | None = None
    meets_mrr: Literal["from the start", "in January"] = "from the start"
    has_case_study: bool = True
    answer: Literal["page", "web ui", "silence"] = "page"
    sheets: tuple[str, ...] = ()
    exception: str = ""
    leaves: bool = False


PARTS = (
    Part("fjord-and-co", "Fjord & Co", "meets everything, and the committee agrees", "granted", "elite",
         sheets=(HIGH, GOOD, HIGH)),
    Part("prairie-lab", "Prairie Lab", "meets the checklist, but the rubric's average is below 3", "not_granted",
         answer="web ui", sheets=(WEAK, GOOD, WEAK)),
    Part("lagoon-studio", "Lagoon Studio", "misses the case study; the chair makes an exception", "granted", "elite",
         has_case_study=False, sheets=(HIGH, HIGH, GOOD), exception="its case study is in print"),
    Part("summit-media", "Summit Media", "its manager says nothing until nominations close", "declined",
         answer="silence"),
    Part("canal-works", "Canal Works", "leaves the program in February", "taken_out", "", leaves=True),
    Part("harvest-digital", "Harvest Digital", "elite since April 2026; not confirmed any more", "not_granted",
         elite_since=date(2026, 4, 1), answer="silence", sheets=(WEAK, WEAK, WEAK)),
    Part("orchard-house", "Orchard House", "elite since April 2026; confirmed for another year", "granted", "elite",
         elite_since=date(2026, 4, 1), answer="web ui", sheets=(HIGH, GOOD, GOOD)),
    Part("delta-commerce", "Delta Commerce", "joins the list in January; one member recuses itself", "not_reviewed",
         meets_mrr="in January", answer="web ui", sheets=(HIGH, "", GOOD)),
)  # fmt: skip
