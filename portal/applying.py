"""How an application begins, by API or by the public form: kept in SQL, started in Temporal, and only then answered.

A company that has an open application is answered with that one; staff are told, and see who it was.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool

from portal.environment import Portal
from portal.temporal import Received
from records import applications
from records.applications import PREFIX, Form, Submission
from states.application import APPLICATION
from states.application_data import Application


async def apply(portal: Portal, received: Received, form: Form) -> Submission:
    """The application that the form makes, or the one that the company has. Raises `TemporalAway`."""
    made = await run_in_threadpool(_keep, portal, received, form)
    process = PREFIX + made.application_id
    if not made.existing:
        data = Application.submit(
            made.application_id,
            form.domain,
            received.at,
            edition_name=portal.edition,
            lifecycle_version=APPLICATION.version,
        )
        started = await portal.temporal.start(received, APPLICATION, data, process)
        stamp = received.at if started else None
        await run_in_threadpool(applications.acknowledge, portal.engine, made.application_id, received_at=stamp)
    elif made.further:
        # Of a company that is a partner already nobody is told: its process is over. Its page shows who it was.
        told = {"id": made.further, "at": received.at.isoformat()}
        await portal.temporal.tell(received, process, "apply_again", told)
    result = "again" if made.further else "existing" if made.existing else "new"
    portal.metrics.applications.labels(result).inc()
    return made


def _keep(portal: Portal, received: Received, form: Form) -> Submission:
    return applications.submit(portal.engine, form, received_at=received.at)
