"""Playing a season: everything in its order, however the machine keeps time."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import httpx
from temporalio.client import Client

from cli.playing import Play
from cli.season import Registration
from program.clock import ProgramClock


def registration(day: int, company: str, website: str) -> Registration:
    return Registration.model_validate(
        {
            "day": day,
            "partner": "harbor-lane",
            "company": company,
            "website": website,
            "contact_name": "Owner",
            "contact_email": "owner@shop.example",
            "note": "",
            "self_closed": "",
            "via": "form",
            "opened": "",
            "then": "",
            "expected": "in_review",
            "why": "nothing happens to it",
        }
    )


@dataclass(slots=True)
class SlowPortal:
    """Takes a moment for the first registration, and another until it is in the records."""

    asked: list[str] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            company = json.loads(request.content)["company"]
            if company == "First":
                await asyncio.sleep(0.1)
            self.asked.append(f"registers {company}")
            return httpx.Response(202, json={"lead_id": company, "says": "It is registered."})
        lead = request.url.path.rpartition("/")[2]
        self.asked.append(f"looks at {lead}")
        state = "received" if self.asked.count(f"looks at {lead}") == 1 else "in_review"
        shown: dict[str, Any] = {"state": state, "outcome": "", "history": []}
        return httpx.Response(200, json=shown)


async def test_who_comes_second_to_a_prospect_waits_until_the_first_is_in_the_records() -> None:
    portal = SlowPortal()
    # So fast that all days have come when the first registration is answered.
    clock = ProgramClock(origin=datetime.now(UTC), speed=1e9, starts=datetime(2027, 1, 1, tzinfo=UTC))
    async with httpx.AsyncClient(base_url="http://portal.example", transport=httpx.MockTransport(portal)) as api:
        lines = [
            registration(0, "First", "https://www.kettle.example/shop"),
            registration(1, "Second", "KETTLE.example"),
            registration(1, "Other", "surf.example"),
        ]
        await Play(api, cast(Client, None), clock).season(lines, last=2)
    assert {*portal.asked[:2]} == {"registers Other", "registers First"}
    assert portal.asked[2:5] == ["looks at First", "looks at First", "registers Second"]
