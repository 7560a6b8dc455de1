"""How pages are written: one set of templates, no script, nothing loaded from elsewhere, nothing kept by caches."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal.words import in_words, moment

TEMPLATES = Path(__file__).parent / "templates"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # A form's own origin is sent with it, and nothing to anybody else.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_words = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)


def _shown(value: object) -> str:
    """A fact as people read it; instants in the program's time zone."""
    if isinstance(value, datetime):
        return moment(value)
    try:
        return moment(datetime.fromisoformat(str(value))) if "T" in str(value) else str(value)
    except ValueError:
        return str(value)


_words.filters.update(
    shown=_shown,
    moment=moment,
    in_words=in_words,
    dollars=lambda amount: f"${amount:,.2f}",
    words=lambda name: str(name).replace("_", " "),
    in_path=lambda text: quote(text, safe=""),
)


def page(template: str, *, status: int = 200, **known: Any) -> HTMLResponse:
    """The page that a template makes of what is known."""
    return HTMLResponse(_words.get_template(template).render(known), status_code=status, headers=HEADERS)
