"""Managed accounts for staff: all of them, and everything about one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from portal.accounts import AccountState, KeyInPath, PartnerInPath
from portal.answers import state_says
from portal.customers import customers
from portal.environment import Here
from portal.problems import Problem, wrong
from portal.queues import process_link
from portal.staff_frame import staff_page
from portal.visitors import Staff, StaffRoute
from records.accounts import account_of, list_accounts
from records.history import history_of
from records.notes import notes_on
from records.partners import partner
from records.refusal import Refused
from states.account import ACCOUNT

router = APIRouter(prefix="/accounts", include_in_schema=False, route_class=StaffRoute)


@router.get("")
def accounts(
    portal: Here,
    staff: Staff,
    state: Annotated[str, Query(max_length=60)] = "",
    page: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """All managed accounts, those submitted last first, fifty at a time."""
    chosen = state if state in set(AccountState) else ""
    try:
        found = list_accounts(portal.engine, state=chosen or None, page=page)
    except Refused as refused:
        raise wrong("page", str(refused)) from None
    return staff_page(
        "staff_accounts.html", staff, "/accounts", accounts=customers(portal, found.found), next=found.next,
        begun=page, states=list(AccountState), chosen=chosen, now=portal.now(),
    )  # fmt: skip


@router.get("/{api_key}:{partner_id}")
def account_page(api_key: KeyInPath, partner_id: PartnerInPath, portal: Here, staff: Staff) -> Response:
    """Everything about an account under its partner: the card in the Web UI leads here."""
    found = account_of(portal.engine, api_key, partner_id)
    if found is None:
        raise Problem("not-found", f"There is no account {api_key} of {partner_id}.")
    notes = notes_on(portal.engine, found.process)
    return staff_page(
        "account.html",
        staff,
        "/accounts",
        account=found,
        mrr=customers(portal, (found,))[0].mrr,
        partner=partner(portal.engine, found.partner_id),
        says=state_says(ACCOUNT, found.state),
        history=history_of(portal.engine, found.process),
        said={note.id: note.text for note in notes},
        link=process_link(portal.ui_url, portal.namespace, found.process),
        now=portal.now(),
    )
