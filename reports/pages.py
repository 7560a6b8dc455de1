"""How reports are written: a template with its style inside, which loads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent / "templates"
_pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


@dataclass(frozen=True, slots=True)
class Section:
    """One question: a sentence that answers it, a picture (empty where there is nothing to draw), and its numbers."""

    id: str
    title: str
    says: str
    picture: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def render(template: str, **known: Any) -> str:
    """The page that a template makes of what is known."""
    return _pages.get_template(template).render(known)
