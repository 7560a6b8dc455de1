"""What `partnerflow up` says when everything runs: where to look, and what to try first."""

from __future__ import annotations

import json
from collections.abc import Iterator

from cli.stack import Stack
from cli.temporal_server import NAMESPACE
from portal.queues import queues
from settings import Settings


def welcome(stack: Stack, settings: Settings) -> str:
    """All links, and a call to try. Plain lines: a frame would cut links and keys on a narrow terminal."""
    lines = [f"  {name:<17} {text}" for name, text in _links(stack, settings)]
    return "\n".join(
        [
            "",
            "partnerflow is up",
            *lines,
            "",
            "Register a lead:",
            "",
            _first_call(stack, settings),
            "",
            "Ctrl-C stops everything; the next partnerflow up goes on from there.",
        ]
    )


def _links(stack: Stack, settings: Settings) -> Iterator[tuple[str, str]]:
    yield "Web UI", f"{settings.ui_url}/namespaces/{NAMESPACE}/workflows"
    yield "Reviewers' queue", queues(settings.ui_url, NAMESPACE)[0].link
    yield "Portal", settings.portal_url
    yield "API", f"{settings.portal_url}/openapi.json"
    if not settings.smtp_host:
        yield "Mailbox", f"{settings.portal_url}/mailbox"
    yield "Data and logs", str(stack.directory.path)
    if settings.clock:
        yield "Program clock", f"{settings.clock}; it runs on while the stack is stopped"
    if stack.imported:
        yield "Partners", f"{stack.imported} examples imported; partnerflow partners import FILE adds yours"
    if stack.new_key:
        yield "API key", f"{stack.new_key} (kept in {stack.directory.keys})"
    else:
        yield "API key", f"in {stack.directory.keys}; partnerflow keys create makes more"


def _first_call(stack: Stack, settings: Settings) -> str:
    lead = {
        "partner_id": "nordlicht",
        "company": "Example Shop",
        "website": "https://www.shop.example",
        "contact_name": "Head of Marketing",
        "contact_email": "contact@shop.example",
    }
    return (
        f"curl {settings.portal_url}/v1/leads -H \"Authorization: Bearer $(cat '{stack.directory.keys}')\" \\\n"
        f"  -H 'Content-Type: application/json' -d '{json.dumps(lead)}'"
    )
