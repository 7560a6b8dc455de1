"""Edition 2021: what its page's text says differently, and the 2022 figures where its text gives none."""

from datetime import date

from program.editions import edition_2022
from program.rules.whole import Edition

LEADS = edition_2022.LEADS.model_copy(update={"working_opportunity_counts": False, "renewal_allowed": False})
MONEY = edition_2022.MONEY.model_copy(update={"referred_minimum": None})

EDITION = Edition(
    name="2021",
    based_on="2022",
    in_force_from=date(2021, 1, 1),
    notes=(),
    leads=LEADS,
    money=MONEY,
)
