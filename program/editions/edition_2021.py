"""Edition 2021: what its page says differently, and the 2022 figures wherever its text gives none.

The page shows its tables as pictures, so every value not named here is that of the 2022 guide, by choice.
"""

from datetime import date

from program.editions import edition_2022
from program.rules.rule import Note

_BASE = edition_2022.EDITION

INHERITED = Note(path="*", source="2022 figure, because the 2021 page gives none in its text", choice=True)

BEGINS = Note(path="in_force_from", source="the page names its year, not its day", choice=True)

STATED = (
    "tiers.certification_before",
    "leads.window_days",
    "leads.working_opportunity_counts",
    "leads.renewal_allowed",
    "accounts.client_confirms",
    "joining.prospect_until_webinar",
    "money.referred_minimum",
)

EDITION = _BASE.except_that(
    name="2021",
    based_on=_BASE.name,
    notes=(INHERITED, BEGINS, *(Note(path=path, source="2021 page", choice=False) for path in STATED)),
    in_force_from=date(2021, 1, 1),
    tiers=_BASE.tiers.except_that(certification_before=("product", "partner")),
    leads=_BASE.leads.except_that(working_opportunity_counts=False, renewal_allowed=False),
    accounts=_BASE.accounts.except_that(client_confirms="We receive e-mail marketing services from {partner}."),
    joining=_BASE.joining.except_that(prospect_until_webinar=True),
    money=_BASE.money.except_that(referred_minimum=None),
)
