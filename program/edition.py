"""The editions of the program, by name: the one door through which everything else reads a rule."""

from collections.abc import Mapping
from types import MappingProxyType

from program.editions import edition_2021, edition_2022
from program.rules.standing import ReferredTerms, Tier, Track
from program.rules.whole import Edition

__all__ = ["EDITIONS", "LATEST", "Edition", "ReferredTerms", "Tier", "Track", "edition"]

EDITIONS: Mapping[str, Edition] = MappingProxyType(
    {known.name: known for known in (edition_2021.EDITION, edition_2022.EDITION)}
)

LATEST: Edition = max(EDITIONS.values(), key=lambda known: known.in_force_from)


def edition(name: str) -> Edition:
    """The edition of that name, such as "2022"; ValueError that lists the existing ones for any other."""
    try:
        return EDITIONS[name]
    except KeyError:
        raise ValueError(f"There is no edition {name!r}; the editions are {', '.join(EDITIONS)}.") from None
