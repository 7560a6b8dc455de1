"""What an applicant can say about its application, from the vendor's website or from its own page."""

from __future__ import annotations

from typing import Any

from portal.environment import Portal
from portal.telling import Addressee, Kept, noted, say
from portal.temporal import Received
from records.applications import Application, drop_acknowledgement, keep_acknowledgement
from states.application import APPLICATION

NAMES = {
    "give_information": "information",
    "appeal": "appeal",
    "withdraw": "withdrawal",
    "acknowledge_agreement": "acknowledgement",
}


async def say_for_applicant(
    portal: Portal, received: Received, to: Application, action: str, request_id: str, kept: Kept
) -> str:
    """Tell the application's process, and say in a sentence what was taken in."""
    called = f"The application {to.application_id}"
    addressee = Addressee(to.process, APPLICATION, to.state, called)
    return await say(portal, received, addressee, action, request_id, _by_applicant(kept), NAMES[action])


def words(portal: Portal, to: Application, action: str, received: Received, text: str) -> Kept:
    """What the applicant writes, for staff."""
    return noted(portal, to.process, "applicant", action, received, text)


def acknowledgement(portal: Portal, to: Application, received: Received, version: str, name: str) -> Kept:
    """Who acknowledges which version; the process hears the version only."""

    def keep(message_id: str) -> dict[str, Any]:
        keep_acknowledgement(
            portal.engine, to.application_id, version=version, name=name, at=received.at, message_id=message_id
        )
        return {"version": version}

    def drop(message_id: str) -> None:
        drop_acknowledgement(portal.engine, message_id)

    return Kept(keep, drop)


def _by_applicant(kept: Kept) -> Kept:
    return Kept(lambda message_id: {**kept.keep(message_id), "by": "applicant"}, kept.drop)
