"""Partners for tests on a server that many tests share: each with an id of its own."""

import uuid
from datetime import UTC, datetime
from typing import Any

from temporalio.client import WorkflowHandle

from program.edition import Tier, Track
from records.partners import Partner, put_partner
from states import partner_data
from states.partner import PARTNER
from tests.workflows.conftest import Desk
from workflows.doors import start_process, tell

JOINED = datetime(2020, 1, 1, tzinfo=UTC)


def entered(desk: Desk, track: str = "advisor", tier: str = "partner", country: str = "US", *, name: str = "") -> str:
    """A partner in the list of partners, whose process has not begun; its id."""
    name = name or f"p-{uuid.uuid4().hex[:10]}"
    partner = Partner(
        id=name, name="Acme Commerce", contact_name="Partner desk", contact_email=f"desk@{name}.example",
        manager_address="manager@vendor.example", country=country, track=Track(track), tier=Tier(tier),
        joined_at=JOINED,
    )  # fmt: skip
    put_partner(desk.engine, partner, now=JOINED)
    return name


async def standing_begins(
    desk: Desk, partner_id: str, track: str = "advisor", tier: str = "partner", *, continue_after: int | None = None
) -> WorkflowHandle[Any, Any]:
    """The process of a partner's standing."""
    data = partner_data.Partner.join(
        partner_id, JOINED, edition_name="2022", lifecycle_version=PARTNER.version, track=Track(track), tier=Tier(tier)
    )
    process = f"partner:{partner_id}"
    await start_process(
        desk.client, PARTNER, data, clock=desk.clock, workflow_id=process, task_queue=desk.queue,
        continue_after=continue_after,
    )  # fmt: skip
    return desk.client.get_workflow_handle(process)


async def say(desk: Desk, handle: WorkflowHandle[Any, Any], action: str = "facts_changed", **said: Any) -> None:
    """Tell a standing something, as the relay does."""
    await tell(desk.client, handle.id, action, {"id": uuid.uuid4().hex, "at": desk.now().isoformat(), **said})
