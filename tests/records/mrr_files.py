"""MRR files as tests want them."""

from __future__ import annotations

import io
from datetime import datetime

from sqlalchemy import Engine

from program.edition import edition
from records.client_accounts import meet_account
from records.mrr_import import ImportReport, import_mrr
from records.mrr_lines import BadLine, read_csv
from tests.records.making import NOW

HEADING = "account,month,email_mrr,sms_mrr"
PRESENT = "2026-03"


def load(engine: Engine, *lines: str, heading: str = HEADING, at: datetime = NOW) -> tuple[ImportReport, list[BadLine]]:
    """Import these lines below a heading; the report, and what was refused, by line."""
    refused: list[BadLine] = []
    text = io.StringIO("\n".join((heading, *lines)) + "\n", newline="")
    read = read_csv(text, present_month=PRESENT)
    report = import_mrr(engine, read, by="test", received_at=at, edition=edition("2022"), refuse=refused.append)
    return report, sorted(refused)


def accounts(engine: Engine, **domains: str | None) -> None:
    """These accounts are known, with their domains."""
    for account, domain in domains.items():
        meet_account(engine, account, domain=domain, source="test", at=NOW, corrects=True)
