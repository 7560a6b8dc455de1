"""A partner's managed customers, as its dashboard shows them: where each stands, what comes next, and its MRR."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from portal.account_answers import AccountSummary, summary
from portal.accounts import AccountState
from portal.callers import ByKey, KeyedRoute, Scope, needs
from portal.environment import Here, Portal
from portal.problems import Problem, responses, wrong
from portal.words import PartnerId
from records.accounts import Account, list_accounts
from records.mrr import AccountMrr, mrr_of_accounts
from records.partners import partner
from records.refusal import Refused

router = APIRouter(prefix="/v1/partners", route_class=KeyedRoute, tags=["accounts"])

_NEXT = {
    "received": "The client is about to be asked.",
    "waiting": "The client has to answer.",
    "active": "The management goes on.",
    "lapsed": "The client did not answer in time; you may submit the account again.",
    "denied": "The client said no; you may submit the account again.",
    "revoked": "The client took its confirmation back; you may submit the account again.",
    "superseded": "The client has confirmed another partner; you may submit the account again.",
    "ended": "It is over; you may submit the account again.",
    "voided": "Our staff took it out.",
}


class Mrr(BaseModel):
    """The latest monthly recurring revenue that is known, in US dollars."""

    month: str = Field(description="the month that it is of, such as 2027-01")
    email: Decimal
    sms: Decimal
    total: Decimal


class Customer(AccountSummary):
    """A managed account on its partner's dashboard."""

    since: datetime = Field(description="since when it is in its state, UTC")
    next: str = Field(description="what happens next, in a sentence")
    mrr: Mrr | None = Field(description="of an active account; nobody's business before the client has confirmed")


class CustomerPage(BaseModel):
    """Some managed accounts, those submitted last first."""

    accounts: list[Customer]
    next_page: str = Field(description="the value of `page` for the accounts after these; empty on the last page")


@router.get(
    "/{partner_id}/accounts",
    summary="List a partner's managed customers",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=needs(Scope.PARTNER, Scope.READ),
)
def list_customers(
    partner_id: Annotated[PartnerId, Path(description="the partner's id")],
    portal: Here,
    caller: ByKey,
    state: Annotated[AccountState | None, Query(description="only those in this state")] = None,
    page: Annotated[str, Query(max_length=400, description="the next_page of the page before")] = "",
) -> CustomerPage:
    """A partner's dashboard: each account with its state, since when, what happens next, and its MRR."""
    if not caller.knows(partner_id) or partner(portal.engine, partner_id) is None:
        raise Problem("not-found", f"There is no partner {partner_id}.")
    try:
        found = list_accounts(portal.engine, partner_id=partner_id, state=state.value if state else None, page=page)
    except Refused as refused:
        raise wrong("page", str(refused)) from None
    return CustomerPage(accounts=customers(portal, found.found), next_page=found.next)


def customers(portal: Portal, accounts: tuple[Account, ...]) -> list[Customer]:
    """These accounts as their partner sees them."""
    now = portal.now()
    active = [each.api_key for each in accounts if each.state == "active"]
    known = mrr_of_accounts(portal.engine, active, as_of=now, known_by=now) if active else {}
    return [_customer(each, known.get(each.api_key) if each.state == "active" else None) for each in accounts]


def _customer(account: Account, mrr: AccountMrr | None) -> Customer:
    shown = Mrr(month=mrr.month, email=mrr.email, sms=mrr.sms, total=mrr.email + mrr.sms) if mrr else None
    says = _NEXT.get(account.state, "")
    return Customer(**summary(account).model_dump(), since=account.since, next=says, mrr=shown)
