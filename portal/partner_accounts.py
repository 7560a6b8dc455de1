"""A partner's managed accounts as pages: the dashboard, one account with its history, and what the partner can do."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from portal.account_answers import in_full
from portal.accounts import AccountState, KeyInPath, correct_contact, end_management, submit_account, visible_account
from portal.customers import customers, list_customers
from portal.environment import Here, Portal, Stamp
from portal.forms import AWAY, Mistaken, filled_in, in_words_of_page, new_once, once_of, read, text_of
from portal.partner_frame import PartnerInPath, done, partner_page, possible
from portal.problems import Mistake, Problem, wrong
from portal.requests import AccountSubmission, ClientContact, Remark
from portal.visitors import PartnerRoute, Visitor, Who
from records.accounts import GOING_ON
from records.history import history_of
from records.notes import notes_on
from states.account import ACCOUNT
from workflows.doors import TemporalAway

router = APIRouter(prefix="/my/{partner_id}", include_in_schema=False, route_class=PartnerRoute)

_CONTACT = {"contact_name": "Name", "contact_email": "E-mail address"}
_CALLED = {
    "api_key": "The account's public API key",
    "contact_name": "Whom we ask at the client",
    "contact_email": "That person's e-mail address",
}


@router.get("/accounts")
def accounts(
    partner_id: PartnerInPath,
    portal: Here,
    who: Who,
    state: Annotated[str, Query(max_length=60)] = "",
    page: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """The partner's managed accounts, those submitted last first, fifty at a time."""
    chosen = AccountState(state) if state in set(AccountState) else None
    found = list_customers(partner_id, portal, who.acting_for(partner_id), chosen, page)
    return partner_page(
        "partner_accounts.html", portal, who, partner_id, "/accounts",
        accounts=found.accounts, next=found.next_page, begun=page, states=list(AccountState), chosen=chosen or "",
    )  # fmt: skip


@router.get("/accounts/{api_key}")
def account(partner_id: PartnerInPath, api_key: KeyInPath, portal: Here, who: Who) -> Response:
    """One account: where it stands, what comes next, what the partner can do, what happened."""
    return _shown(portal, who, partner_id, api_key, new_once(), None, [])


@router.post("/accounts/{api_key}/contact")
async def correct(
    partner_id: PartnerInPath, api_key: KeyInPath, request: Request, received: Stamp, portal: Here, who: Who
) -> Response:
    """Correct the client's contact."""
    form = await request.form()
    once, values = once_of(form), filled_in(form, *_CONTACT)
    try:
        contact = read(ClientContact, values, _CONTACT)
    except Mistaken as mistaken:
        return _shown(portal, who, partner_id, api_key, once[:24], values, mistaken.mistakes, status=422)
    act = correct_contact(api_key, partner_id, contact, request, received, portal, who.acting_for(partner_id), once)
    try:
        return await done(act, portal, who, partner_id, "/accounts", f"/accounts/{api_key}", "To the account")
    except TemporalAway:
        return _shown(portal, who, partner_id, api_key, once[:24], values, [AWAY], status=503)


@router.post("/accounts/{api_key}/end")
async def end(
    partner_id: PartnerInPath, api_key: KeyInPath, request: Request, received: Stamp, portal: Here, who: Who
) -> Response:
    """End the management, or withdraw the request."""
    form = await request.form()
    try:
        remark = read(Remark, {"text": text_of(form, "text")}, {"text": "What our staff should know"})
    except Mistaken as mistaken:
        raise wrong("text", " ".join(each.detail for each in mistaken.mistakes)) from None
    caller = who.acting_for(partner_id)
    act = end_management(api_key, partner_id, request, received, portal, caller, remark, once_of(form))
    return await done(act, portal, who, partner_id, "/accounts", f"/accounts/{api_key}", "To the account")


@router.get("/new-account")
def new_account(
    partner_id: PartnerInPath, portal: Here, who: Who, api_key: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """The form with which an account is submitted."""
    return _form(portal, who, partner_id, new_once(), {"api_key": api_key}, [])


@router.post("/new-account")
async def submit(partner_id: PartnerInPath, request: Request, received: Stamp, portal: Here, who: Who) -> Response:
    """Submit an account."""
    form = await request.form()
    once, values = once_of(form), filled_in(form, *_CALLED)
    try:
        submission = read(AccountSubmission, {**values, "partner_id": partner_id}, _CALLED)
        act = submit_account(submission, request, received, portal, who.acting_for(partner_id), once)
        return await done(act, portal, who, partner_id, "/accounts", "/accounts", "To your accounts")
    except Mistaken as mistaken:
        return _form(portal, who, partner_id, once, values, mistaken.mistakes, status=422)
    except TemporalAway:
        return _form(portal, who, partner_id, once, values, [AWAY], status=503)
    except Problem as problem:
        if not problem.errors:
            raise
        mistakes = [in_words_of_page(each, _CALLED) for each in problem.errors]
        return _form(portal, who, partner_id, once, values, mistakes, status=problem.kind.status)


def _shown(
    portal: Portal, who: Visitor, partner_id: str, api_key: str, once: str, values: dict[str, str] | None,
    mistakes: list[Mistake], status: int = 200,
) -> Response:  # fmt: skip
    found = visible_account(portal, who.acting_for(partner_id), api_key, partner_id)
    shown = in_full(found, history_of(portal.engine, found.process), notes_on(portal.engine, found.process))
    return partner_page(
        "partner_account.html", portal, who, partner_id, "/accounts",
        status=status, account=shown, customer=customers(portal, (found,))[0], once=once, mistakes=mistakes,
        values=values or {"contact_name": shown.contact_name, "contact_email": shown.contact_email},
        possible=possible(ACCOUNT, found.state), may_submit=found.state not in (*GOING_ON, "voided"),
    )  # fmt: skip


def _form(
    portal: Portal, who: Visitor, partner_id: str, once: str, values: dict[str, str], mistakes: list[Mistake],
    status: int = 200,
) -> Response:  # fmt: skip
    return partner_page(
        "partner_new_account.html", portal, who, partner_id, "/accounts",
        status=status, once=once, values=values, mistakes=mistakes,
    )  # fmt: skip
