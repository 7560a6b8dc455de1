"""How reports are written: a template with its style inside, which loads nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from program.calendar import ZONE

TEMPLATES = Path(__file__).parent / "templates"
_pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
_pages.filters["moment"] = lambda at: at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


def render(template: str, **known: Any) -> str:
    """The page that a template makes of what is known."""
    return _pages.get_template(template).render(known)
