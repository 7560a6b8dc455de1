"""Managed accounts over HTTP: submit, list, read, and what their partner can say about them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from portal.account_answers import AccountInFull, AccountPage, AccountTaken, Submitted, in_full, submitted, summary
from portal.answering_once import Answer, IdempotencyKey
from portal.callers import ByKey, Caller, KeyedRoute, Scope, needs
from portal.environment import Here, Portal, Stamp
from portal.problems import Problem, responses, wrong
from portal.requests import AccountSubmission, ClientContact, Remark
from portal.submitting import NewAccount, submit
from portal.telling import Addressee, Kept, noted, say
from portal.temporal import Received
from portal.words import ApiKey, PartnerId
from program.calendar import program_date, start_of_day
from program.edition import edition
from records.accounts import Account, account_of, corrections_since, drop_contact, list_accounts, name_contact
from records.history import history_of
from records.notes import notes_on
from records.refusal import Refused
from states.account import ACCOUNT

router = APIRouter(prefix="/v1/accounts", route_class=KeyedRoute, tags=["accounts"])

AccountState = StrEnum("AccountState", [(name.upper(), name) for name in ACCOUNT.phases])  # type: ignore[misc]
KeyInPath = Annotated[ApiKey, Path(description="the account's public API key")]
PartnerInPath = Annotated[PartnerId, Path(description="the partner's id")]


@router.post(
    "",
    status_code=202,
    response_model=Submitted,
    summary="Submit a managed account",
    responses={
        200: {"model": Submitted, "description": "The request that this partner has for the account already"},
        **responses(400, 401, 403, 409, 413, 422, 503),
    },
    openapi_extra=needs(Scope.PARTNER),
)
async def submit_account(
    submission: AccountSubmission,
    request: Request,
    received: Stamp,
    portal: Here,
    caller: ByKey,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Submit an account that the partner manages. Its client is asked by mail, and only the client can confirm.

    202 with the account's address, or 200 when it is active for this partner or waits for its client already. A
    request that is over may be made again.
    """
    caller.acts_for(submission.partner_id)

    async def act(_request_id: str) -> Answer:
        new = NewAccount(
            api_key=submission.api_key,
            partner_id=submission.partner_id,
            contact_name=submission.contact_name,
            contact_email=submission.contact_email,
        )
        made = await submit(portal, received, new)
        where = f"/v1/accounts/{new.api_key}/{new.partner_id}"
        return Answer(200 if made.existing else 202, submitted(new.api_key, new.partner_id, made), location=where)

    return await portal.once.answer(request, caller.id, idempotency_key, submission, act)


@router.get(
    "",
    summary="List managed accounts",
    responses=responses(401, 403, 422, 503),
    openapi_extra=needs(Scope.PARTNER, Scope.READ),
)
def list_of_accounts(
    portal: Here,
    caller: ByKey,
    partner_id: Annotated[PartnerId | None, Query(description="only this partner's")] = None,
    state: Annotated[AccountState | None, Query(description="only those in this state")] = None,
    api_key: Annotated[ApiKey | None, Query(description="only this account, under each of its partners")] = None,
    page: Annotated[str, Query(max_length=400, description="the next_page of the page before")] = "",
) -> AccountPage:
    """Accounts, those submitted last first, fifty at a time. A key that is bound to a partner sees that partner's."""
    if partner_id is not None and not caller.knows(partner_id):
        return AccountPage(accounts=[], next_page="")
    whose = partner_id or caller.only_partner
    in_state = state.value if state else None
    try:
        found = list_accounts(portal.engine, partner_id=whose, state=in_state, api_key=api_key, page=page)
    except Refused as refused:
        raise wrong("page", str(refused)) from None
    return AccountPage(accounts=[summary(each) for each in found.found], next_page=found.next)


@router.get(
    "/{api_key}/{partner_id}",
    summary="Read a managed account",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=needs(Scope.PARTNER, Scope.READ),
)
def read_account(api_key: KeyInPath, partner_id: PartnerInPath, portal: Here, caller: ByKey) -> AccountInFull:
    """An account under a partner, with its deadline, its history, and what the partner wrote."""
    found = visible_account(portal, caller, api_key, partner_id)
    return in_full(found, history_of(portal.engine, found.process), notes_on(portal.engine, found.process))


@router.post(
    "/{api_key}/{partner_id}/contact",
    status_code=202,
    response_model=AccountTaken,
    summary="Correct the client's contact",
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
    openapi_extra=needs(Scope.PARTNER),
)
async def correct_contact(
    api_key: KeyInPath,
    partner_id: PartnerInPath,
    contact: ClientContact,
    request: Request,
    received: Stamp,
    portal: Here,
    caller: ByKey,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Correct the contact while the client is waited for. It gets a new link, the old one is dead; the days go on."""
    found = await run_in_threadpool(visible_account, portal, caller, api_key, partner_id)

    def keep(message_id: str) -> dict[str, Any]:
        most = edition(portal.edition).accounts.new_links_a_day
        today = start_of_day(program_date(received.at))
        if corrections_since(portal.engine, found.process, today, besides=message_id) >= most:
            raise Problem(
                "too-many",
                f"The contact of {api_key} was corrected {most} times today, which is as often as a client gets a new "
                "link in a day. What was sent last stands; correct it again tomorrow.",
            )
        named = {"name": contact.contact_name, "email": contact.contact_email}
        number = name_contact(portal.engine, found.process, **named, at=received.at, message_id=message_id)
        return {"contact": number}

    kept = Kept(keep, lambda message_id: drop_contact(portal.engine, message_id))
    act = _telling(portal, received, found, "contact_corrected", kept, "correction")
    return await portal.once.answer(request, caller.id, idempotency_key, contact, act)


@router.post(
    "/{api_key}/{partner_id}/end",
    status_code=202,
    response_model=AccountTaken,
    summary="End the management",
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra=needs(Scope.PARTNER),
)
async def end_management(
    api_key: KeyInPath,
    partner_id: PartnerInPath,
    request: Request,
    received: Stamp,
    portal: Here,
    caller: ByKey,
    remark: Remark | None = None,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """End the management, or withdraw the request while the client is waited for."""
    said = remark or Remark()
    found = await run_in_threadpool(visible_account, portal, caller, api_key, partner_id)
    kept = noted(portal, found.process, partner_id, "end_management", received, said.text)
    act = _telling(portal, received, found, "end_management", kept, "end of the management")
    return await portal.once.answer(request, caller.id, idempotency_key, said, act)


def visible_account(portal: Portal, caller: Caller, api_key: str, partner_id: str) -> Account:
    """The account under that partner, or under the one into which it was merged, if the caller may know of it."""
    found = account_of(portal.engine, api_key, partner_id)
    if found is None or not caller.knows(found.partner_id):
        raise Problem("not-found", f"There is no account {api_key} of {partner_id}.")
    return found


def _telling(portal: Portal, received: Received, found: Account, action: str, kept: Kept, name: str) -> Any:
    to = Addressee(found.process, ACCOUNT, found.state, f"The account {found.api_key} of {found.partner_id}")

    async def act(request_id: str) -> Answer:
        says = await say(portal, received, to, action, request_id, kept, name)
        body = AccountTaken(api_key=found.api_key, partner_id=found.partner_id, received_at=received.at, says=says)
        return Answer(202, body, location=f"/v1/accounts/{found.api_key}/{found.partner_id}")

    return act
