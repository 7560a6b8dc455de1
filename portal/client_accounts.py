"""Clients' accounts over HTTP: which web domain each belongs to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from portal.answers import ClientAccountShown
from portal.callers import ByKey, KeyedRoute, Scope, needs
from portal.environment import Here, Stamp
from portal.hearing import insist_on_key
from portal.problems import Problem, responses
from portal.requests import ClientAccountEntry
from portal.words import ApiKey
from records.client_accounts import ClientAccount, client_account, meet_account

router = APIRouter(prefix="/v1/client-accounts", route_class=KeyedRoute, tags=["MRR"])

SOURCE = "crm"

KeyInPath = Annotated[ApiKey, Path(description="the account's public API key")]


@router.put(
    "/{account}",
    summary="Say which client an account belongs to",
    responses={
        201: {"model": ClientAccountShown, "description": "Added"},
        **responses(400, 401, 403, 413, 422, 503),
    },
    openapi_extra=needs(Scope.CRM),
)
def enter(
    account: KeyInPath, entry: ClientAccountEntry, received: Stamp, portal: Here, caller: ByKey, response: Response
) -> ClientAccountShown:
    """Enter an account with its client's web domain, or correct that. A domain may have several accounts.

    A correction counts from now on: what was asked as of an earlier day stays as it was known then.
    """
    caller.acts_for_all()
    insist_on_key(portal, "account", account)
    met = meet_account(portal.engine, account, domain=entry.domain, source=SOURCE, at=received.at, corrects=True)
    if met == "new":
        response.status_code = 201
    found = client_account(portal.engine, account)
    return _shown(found or ClientAccount(account, entry.domain, SOURCE, received.at))


@router.get(
    "/{account}",
    summary="Read what is known of an account",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=needs(Scope.CRM, Scope.ADMIN),
)
def read(account: KeyInPath, portal: Here, caller: ByKey) -> ClientAccountShown:
    """An account, the domain it belongs to, and who said so last."""
    caller.acts_for_all()
    found = client_account(portal.engine, account)
    if found is None:
        raise Problem("not-found", f"Nobody has named the account {account}.")
    return _shown(found)


def _shown(found: ClientAccount) -> ClientAccountShown:
    return ClientAccountShown(
        account=found.account, domain=found.domain, source=found.source, first_seen=found.first_seen
    )
