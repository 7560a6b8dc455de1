"""What the portal's endpoints are handed by the composition root, and the stamp that every request gets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from portal.answering_once import Once
from portal.metrics import Metrics
from portal.rate_limit import RateLimit
from portal.temporal import Received, Temporal
from program.clock import ProgramClock
from records.applicant_links import ApplicantLinks
from records.benefits import BenefitLinks
from records.signing import Signer
from states.staff import StaffList


@dataclass(frozen=True, slots=True)
class Portal:
    """Everything that a request may need. Addresses come without a slash at their end; `real` is real time (UTC)."""

    engine: Engine
    temporal: Temporal
    once: Once
    clock: ProgramClock
    edition: str
    ui_url: str
    portal_url: str
    namespace: str
    mailbox: bool
    metrics: Metrics
    staff: StaffList
    signer: Signer
    real: Callable[[], datetime]
    forms_of_visitors: RateLimit
    benefit_links: BenefitLinks

    @property
    def links(self) -> ApplicantLinks:
        """The addresses that mails lead to."""
        return ApplicantLinks(self.portal_url, self.signer)

    @property
    def with_tls(self) -> bool:
        """Whether people reach the portal through TLS."""
        return self.portal_url.startswith("https://")

    def now(self) -> datetime:
        """The present instant in program time (UTC)."""
        return self.clock.program(datetime.now(UTC))

    def receive(self) -> Received:
        """Stamp a request that has just arrived."""
        return Received(at=self.now(), heard=asyncio.get_running_loop().time())


def _portal(request: Request) -> Portal:
    portal: Portal = request.app.state.portal
    return portal


def _received(request: Request) -> Received:
    received: Received = request.state.received
    return received


Here = Annotated[Portal, Depends(_portal)]
Stamp = Annotated[Received, Depends(_received)]
