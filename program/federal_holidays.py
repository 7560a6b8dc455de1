"""The US federal holidays, on the days on which offices are closed for them."""

from datetime import date
from functools import lru_cache

# The country's own module, not the package's lazy front door: nothing may be left to import in workflow code.
from holidays.countries.united_states import UnitedStates


@lru_cache(maxsize=256)
def days_off(year: int) -> frozenset[date]:
    """The dates in a year that are off for a holiday; some years have the next New Year's Day among them.

    A holiday on a Saturday is observed on the Friday before it, one on a Sunday on the Monday after it.
    Processes keep the deadlines that they have computed, so an upgrade of the package moves none of theirs.
    """
    return frozenset(UnitedStates(years=year, expand=False))  # type: ignore[no-untyped-call]


# The package looks for its translations on the disk whenever it is asked for a year, which workflow code must not do:
# the years that can matter are asked for here, once.
for _year in range(2000, 2100):
    days_off(_year)
