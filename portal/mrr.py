"""MRR over HTTP: whole files, line by line."""

from __future__ import annotations

import io
from tempfile import TemporaryFile
from typing import IO, Any

from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from portal.answers import MrrTaken
from portal.callers import ByKey, KeyedRoute, Scope, needs
from portal.environment import Here, Portal, Stamp
from portal.problems import Mistake, Problem, responses, wrong
from portal.refusals import RETRY_AFTER
from portal.temporal import Received
from program.calendar import program_date
from program.edition import edition
from records.database import is_away
from records.mrr_import import ImportReport, import_mrr
from records.mrr_lines import BadLine, read_csv, read_json_lines
from records.refusal import Refused

ADDRESS = "/v1/mrr"
LARGEST_FILE = 8 * 1024 * 1024
MOST_LINES = 50_000
READERS = {"text/csv": read_csv, "application/x-ndjson": read_json_lines}

router = APIRouter(route_class=KeyedRoute, tags=["MRR"])

_CSV = "account,month,email_mrr,sms_mrr,correction\nAb12Cd,2027-01,1200.00,80.50,\nXy98Zw,2027-01,-30.00,0,yes\n"
_LINES = '{"account": "Ab12Cd", "month": "2027-01", "email_mrr": 1200.00, "sms_mrr": 80.50}\n'
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string", "maxLength": LARGEST_FILE}, "example": _CSV},
            "application/x-ndjson": {"schema": {"type": "string", "maxLength": LARGEST_FILE}, "example": _LINES},
        },
    }
}


@router.post(
    ADDRESS,
    summary="Load what clients pay",
    responses=responses(400, 401, 403, 413, 415, 422, 503),
    openapi_extra=needs(Scope.CRM) | _BODY,
)
async def load(request: Request, received: Stamp, portal: Here, caller: ByKey) -> MrrTaken:
    """Load MRR by account and month, up to 50,000 lines: CSV with a heading, or one JSON object a line.

    Good lines are taken, also when others are refused (422): each of those comes back with its number and the reason.
    A month that is known already is replaced, and what was known before is kept. The same file again changes nothing.
    """
    caller.acts_for_all()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind not in READERS:
        raise Problem("wrong-media", f"Send MRR as {' or as '.join(READERS)}, not as {kind[:60] or 'nothing named'}.")
    with TemporaryFile() as file:
        await _receive(request, file)
        report, bad = await run_in_threadpool(_take, portal, received, caller.id, kind, file)
    if bad:
        raise Problem(
            "lines-refused",
            report.says(),
            errors=[Mistake(field=f"line {line.number}", detail=line.reason) for line in bad],
        )
    changed = report.taken + report.corrected > 0
    return MrrTaken(
        import_id=report.id if changed else "",
        taken=report.taken,
        corrected=report.corrected,
        unchanged=report.unchanged,
        says=report.says(),
    )


async def _receive(request: Request, file: IO[bytes]) -> None:
    """Write the body down piece by piece; nothing is taken of a file that is too long."""
    lines = 0
    async for piece in request.stream():
        lines += piece.count(b"\n")
        if lines > MOST_LINES + 1:
            raise Problem(
                "too-large",
                f"A file may have at most {MOST_LINES:,} lines here; this one has more. Send it in parts.",
                headers={"Connection": "close"},
            )
        file.write(piece)
    file.seek(0)


def _take(
    portal: Portal, received: Received, caller: str, kind: str, file: IO[bytes]
) -> tuple[ImportReport, list[BadLine]]:
    bad: list[BadLine] = []
    present_month = f"{program_date(received.at):%Y-%m}"
    # What is no UTF-8 is refused with the line in which it stands.
    text: Any = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    try:
        report = import_mrr(
            portal.engine,
            READERS[kind](text, present_month=present_month),
            by=caller,
            received_at=received.at,
            edition=edition(portal.edition),
            refuse=bad.append,
        )
    except Refused as refused:
        raise wrong("line 1", str(refused)) from None
    except SQLAlchemyError as error:
        if not is_away(error):
            raise
        raise Problem(
            "database-away",
            "The database went away while the file was being taken. Send the same file again: nothing is taken twice.",
            headers=RETRY_AFTER,
        ) from None
    finally:
        text.detach()
    return report, sorted(bad)
