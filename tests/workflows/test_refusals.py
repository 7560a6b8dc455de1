"""What staff read when a message of theirs can't be followed: one or two sentences, never a stack trace."""

from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from states.staff import Member, Role, StaffList
from tests.workflows.conftest import ACCEPT, Desk
from tests.workflows.test_life import refusal


@pytest.fixture
def staff() -> StaffList:
    """A reviewer, and a finance member who reviews nothing."""
    return StaffList(
        staff=(
            Member(address="reviewer@vendor.example", roles=(Role.REVIEWER,)),
            Member(address="finance@vendor.example", roles=(Role.FINANCE,)),
        )
    )


UNREADABLE = RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"{by: me"))


@pytest.mark.parametrize(
    ("update", "payload", "says"),
    [
        (
            "accept",
            {**ACCEPT, "timely": "perhaps"},
            "«timely» can't be «perhaps»: possible are 'yes', 'no' or 'unclear'.",
        ),
        ("accept", {**ACCEPT, "colour": "red"}, "«colour» is unknown here. Fields: "),
        ("accept", {"by": "reviewer@vendor.example"}, "«timely» is missing."),
        ("accept", {**ACCEPT, "by": ""}, "«by» is empty"),
        ("accept", {**ACCEPT, "at": "2026-01-05T09:00:00Z"}, "«at» can't be given"),
        ("accept", {**ACCEPT, "reason": "x" * 3_000}, "«reason» is too long: at most 2000 characters."),
        ("accept", {**ACCEPT, "by": "guest@vendor.example"}, "«guest@vendor.example» is not on the staff list"),
        ("accept", {**ACCEPT, "by": "finance@vendor.example"}, "takes the role reviewer"),
        ("accept", "fits well", "Begin with who you are and a colon"),
        ("accept", 7, "A message is an object or a line of text, not a number."),
        ("accept", [ACCEPT], "A message is an object or a line of text, not a list."),
        ("accept", None, "«by» is missing."),
        ("accept", b"\x00\xff", "A message is an object or a line of text"),
        ("accept", UNREADABLE, "A message is an object or a line of text"),
        ("renew", {"by": "reviewer@vendor.example"}, "«renew» can't be done now"),
        ("client_paid", {"at": "2899-12-31T23:59:59Z"}, "«at» lies in the future"),
        ("client_paid", {"at": "0001-01-01T00:00:00Z"}, "«at» can't be «0001-01-01T00:00:00Z»"),
        ("client_paid", {"at": "2026-01-05T09:00:00"}, "«at» needs a time zone"),
        ("come_up", {}, "«come_up» is no message of this process."),
        ("acept", ACCEPT, "«acept» is no message of this process. Possible now: "),
    ],
)
async def test_an_update_is_answered_with_a_sentence(desk: Desk, update: str, payload: Any, says: str) -> None:
    async with desk.working():
        lead = await desk.register()
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        failure = await refusal(lead, update, payload)
        assert says in failure.message
        assert "Traceback" not in failure.message
        assert "\n" not in failure.message
        now = await desk.snapshot(lead)
        assert now.notices == [], "who asked has been answered, so the card needs no notice"
        assert now.data["state"] == "in_review"


async def test_two_payloads_are_refused_too(desk: Desk) -> None:
    async with desk.working():
        lead = await desk.register()
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        assert "not a list" in (await refusal(lead, "accept", ACCEPT, ACCEPT)).message


@pytest.mark.parametrize(
    ("by", "says"),
    [
        ("guest@vendor.example", "«guest@vendor.example» is not on the staff list"),
        ("finance@vendor.example", "takes the role reviewer"),
    ],
)
async def test_a_signal_of_a_stranger_is_shown_and_not_followed(desk: Desk, by: str, says: str) -> None:
    async with desk.working():
        lead = await desk.register()
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        await lead.signal("accept", {**ACCEPT, "by": by})
        now = await desk.until(lead, lambda now: bool(now.notices))
        assert says in now.notices[0].text
        assert now.data["state"] == "in_review"
        assert by in (await desk.card(lead)).replace("&#95;", "_")
        await lead.signal("accept", ACCEPT)
        await desk.until(lead, lambda now: now.data["state"] == "accepted")


async def test_an_update_without_a_payload_or_by_a_wrong_name_leaves_no_trace(desk: Desk) -> None:
    async with desk.working():
        lead = await desk.register()
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        events = len((await lead.fetch_history()).events)
        for update, payload in (("accept", None), ("acept", ACCEPT), ("accept", UNREADABLE)):
            await refusal(lead, update, payload)
        assert len((await lead.fetch_history()).events) == events
