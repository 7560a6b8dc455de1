"""The way to the next tier as a picture: an inline SVG without styles or scripts, readable in light and dark."""

from __future__ import annotations

from html import escape

from portal.standing_shown import RequirementShown, TierShown

_WIDTH, _BAR, _ROW, _TOP = 340, 300, 44, 26
_GREEN, _GREY, _AMBER = "#2e7d32", "#8888", "#b26a00"


def picture(next_tier: TierShown) -> str:
    """Every requirement of a tier as a bar: filled as far as it is met, full and green where it is."""
    height = _TOP + _ROW * len(next_tier.requirements)
    title = escape(f"The way to {next_tier.tier.value}: {next_tier.checklist}", quote=True)
    rows = "".join(_row(index, each) for index, each in enumerate(next_tier.requirements))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="100%" role="img" '
        f'aria-label="{title}"><title>{title}</title>'
        f'<text x="0" y="16" font-size="14" font-weight="600" fill="currentColor">'
        f"{escape(next_tier.tier.value.capitalize())}</text>{rows}</svg>"
    )


def share(requirement: RequirementShown) -> float:
    """How much of a requirement is there, from 0 to 1."""
    if requirement.met:
        return 1.0
    if not requirement.needed or requirement.found is None:
        return 0.0
    return min(1.0, float(requirement.found / requirement.needed))


def _row(index: int, requirement: RequirementShown) -> str:
    y = _TOP + _ROW * index
    filled = round(_BAR * share(requirement), 1)
    mark, colour = ("✓", _GREEN) if requirement.met else ("○", _AMBER)
    return (
        f'<text x="0" y="{y + 13}" font-size="12" fill="currentColor">{escape(requirement.says)}</text>'
        f'<rect x="0" y="{y + 20}" width="{_BAR}" height="10" rx="5" fill="{_GREY}"/>'
        f'<rect x="0" y="{y + 20}" width="{filled}" height="10" rx="5" fill="{colour}"/>'
        f'<text x="{_BAR + 12}" y="{y + 30}" font-size="14" fill="currentColor">{mark}</text>'
    )
