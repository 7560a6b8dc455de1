"""A managed account's effects: what is sent to whom, and what the database is asked, on a trigger or in a new state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from temporalio import workflow

from states import account_data
from states.account import ACCOUNT
from states.account_data import ACCOUNT as CLAIMED
from states.account_data import Account
from states.effects import (
    Claim,
    Effect,
    EndManagement,
    Link,
    Mail,
    Manage,
    Purpose,
    Receipt,
    Release,
    Step,
    VendorsWord,
)
from states.messages import Message
from workflows.handlers import handlers
from workflows.process import Outcome, Process, Start

CLIENT, PARTNER, MANAGER, REVIEWERS = "client", "partner", "manager", "staff:reviewer"
ANY_STATE: tuple[str, ...] = ()

AccountEffects = Callable[[Account, Step], tuple[Effect, ...]]


def mail(template: str, to: str, only_while: tuple[str, ...] = ANY_STATE) -> AccountEffects:
    """One mail; a reminder names the states in which it is still worth sending."""

    def write(account: Account, step: Step) -> tuple[Effect, ...]:
        return (Mail(template=template, to=to, only_while=only_while, about=_about(account, step)),)

    return write


def with_link(template: str, purpose: Purpose, only_while: tuple[str, ...], *, anew: bool = False) -> AccountEffects:
    """A mail to the client with the newest link to the page on which it answers; it leaves while that is the newest."""

    def write(account: Account, step: Step) -> tuple[Effect, ...]:
        named = {"request": account.request, "purpose": purpose, "link_number": account.link}
        about = {**_about(account, step), **named}
        return (
            Link(
                request=account.request,
                purpose=purpose,
                number=account.link,
                dies_at=_dies_at(account, purpose),
                anew=anew,
            ),
            Mail(template=template, to=CLIENT, only_while=only_while, about=about),
        )

    return write


def _dies_at(account: Account, purpose: Purpose) -> datetime | None:
    """Until when a link opens; one to answer once more does until the next one is sent."""
    if purpose == "confirm" and account.rules.confirming_link_ends_with_request:
        return account.lapses_at
    if purpose == "revoke" and account.rules.revoking_link_ends:
        return account.consent_ages_at  # from then on the client is asked anew
    return None


def _about(account: Account, step: Step) -> dict[str, str | int]:
    """What a mail may mention beyond the facts in the database; `contact` is the number of the client's contact."""
    dates = {"lapses_at": account.lapses_at, "undo_until": account.undo_until}
    return {
        "at": step.at.isoformat(),
        "reason": step.reason,
        "contact": account.contact,
        **{name: date.isoformat() for name, date in dates.items() if date},
    }


def manage(account: Account, step: Step) -> tuple[Effect, ...]:  # noqa: ARG001
    """The client's last word counts: what it said to another partner ends in the same transaction."""
    since = account.client_confirmed_at
    if since is None:
        raise AssertionError("an account is managed only by the client's word")
    return (
        Claim(kind=CLAIMED, subject=account.api_key, since=since, firm=True, takes_over=True),
        Manage(account=account.api_key, request=account.request, since=since),
    )


def stop(account: Account, step: Step) -> tuple[Effect, ...]:
    """The management is over, for its partner and for its share. One that ended before it began has never been."""
    at = max(step.at, account.client_confirmed_at or step.at)
    return (EndManagement(request=account.request, at=at, because=step.dest),)


def release(account: Account, step: Step) -> tuple[Effect, ...]:  # noqa: ARG001
    """Nothing is held any more, and no answer is waited for."""
    return (Release(kind=CLAIMED, subject=account.api_key),)


def vendors_word(account: Account, step: Step) -> tuple[Effect, ...]:
    """The vendor's word counts from now on."""
    if account.vendor == "undecided":
        raise AssertionError("the vendor has said something")
    return (VendorsWord(request=account.request, at=step.at, word=account.vendor),)


def bounced(account: Account, step: Step) -> tuple[Effect, ...]:
    """The partner can correct the contact while it waits; later only the vendor's own people can help."""
    if account.bounced_at != step.at:
        return ()  # it went to a contact that has been corrected since
    waiting = account.state == "waiting"
    return mail("account_mail_back", PARTNER if waiting else MANAGER, (account.state,))(account, step)


def corrected(account: Account, step: Step) -> tuple[Effect, ...]:
    """A new link to the new contact, unless a later correction was here before."""
    return ASK_ANEW(account, step) if _is_newest(account, step) else ()


def _is_newest(account: Account, step: Step) -> bool:
    return bool(step.details.get("contact") == account.contact)


def submitted_again(account: Account, step: Step) -> tuple[Effect, ...]:
    """The client is asked anew. Where it is being asked already, only a new contact changes that."""
    if step.source == step.dest:
        return corrected(account, step) if account.state == "waiting" else ()
    # What is held by then was left behind by staff who took the account out.
    return tuple(effect for write in (release, *ASK) for effect in write(account, step))


def new_link(account: Account, step: Step) -> tuple[Effect, ...]:
    """The same mail as before, with a link that opens."""
    if account.state == "waiting":
        return ASK_ANEW(account, step)
    if step.details.get("purpose") == "revoke":
        return with_link("account_receipt", "revoke", ("active",), anew=True)(account, step)
    return with_link("account_asked_once_more", "reconfirm", ("active",), anew=True)(account, step)


def to_confirm(account: Account, step: Step) -> tuple[Effect, ...]:
    """Staff are asked for the vendor's word, unless they have said it before the client did."""
    if account.vendor != "undecided":
        return ()
    return mail("account_to_confirm", REVIEWERS, ("active",))(account, step)


def ended(account: Account, step: Step) -> tuple[Effect, ...]:
    """The client need not answer any more; the manager hears of it where revenue goes with it."""
    told = mail("account_ended", CLIENT)(account, step)
    return told if account.client_confirmed_at is None else told + mail("account_ended", MANAGER)(account, step)


def moved(account: Account, step: Step) -> tuple[Effect, ...]:
    """The client that has an answer to give, or has given it, hears who its partner is now."""
    if account.state not in ("waiting", "active"):
        return ()
    about = {**_about(account, step), "merged": str(step.details["merged"])}
    return (Mail(template="account_moved", to=CLIENT, only_while=("waiting", "active"), about=about),)


ASK: tuple[AccountEffects, ...] = (
    with_link("account_asked", "confirm", ("waiting",)),
    mail("account_received", PARTNER),
)
ASK_ANEW = with_link("account_asked", "confirm", ("waiting",), anew=True)
ASK_ONCE_MORE = with_link("account_asked_once_more", "reconfirm", ("active",))

# On a trigger, before what belongs to the state that it leads to.
ON_TRIGGER: dict[str, tuple[AccountEffects, ...]] = {
    "begin": ASK,
    "submit_again": (submitted_again,),
    "remind_client": (with_link("account_reminder", "confirm", ("waiting",)),),
    "contact_corrected": (corrected,),
    "mail_bounced": (bounced,),
    "new_link": (new_link,),
    "ask_once_more": (ASK_ONCE_MORE,),
    "remind_of_consent": (ASK_ONCE_MORE,),
    # The client had confirmed, or is asked to confirm, a partner of another name.
    "change_partner": (moved,),
    "consent_overdue": (mail("account_consent_overdue", MANAGER, ("active",)),),
    "confirm_for_vendor": (vendors_word, mail("account_share_confirmed", PARTNER)),
    "decline_for_vendor": (vendors_word, mail("account_share_declined", PARTNER)),
}

# On entering a state, whatever led there.
ON_ENTRY: dict[str, tuple[AccountEffects, ...]] = {
    "active": (manage,),
    "denied": (release, mail("account_denied", PARTNER)),
    "lapsed": (mail("account_lapsed", PARTNER, ("lapsed",)),),
    "revoked": (stop, release, mail("account_revoked", PARTNER), mail("account_revoked", MANAGER)),
    "superseded": (stop, release, mail("account_superseded", PARTNER), mail("account_superseded", MANAGER)),
    # Held for as long as it can be brought back: who is confirmed meanwhile takes it over, and this one learns of it.
    "voided": (stop, mail("account_voided", PARTNER)),
    "ended": (stop, release),
}

# On a trigger, once the state that it leads to has got what belongs to it.
AT_LAST: dict[str, tuple[AccountEffects, ...]] = {
    "client_confirms": (
        with_link("account_receipt", "revoke", ("active",)),
        mail("account_confirmed", PARTNER, ("active",)),
        to_confirm,
    ),
    "reinstate": (mail("account_reinstated", PARTNER),),
    "end_management": (ended,),
}


def effects_of(account: Account, step: Step) -> tuple[Effect, ...]:
    """Everything that follows from a step."""
    wanted = list(ON_TRIGGER.get(step.trigger, ()))
    if step.source != step.dest:
        wanted += (*ON_ENTRY.get(step.dest, ()), *AT_LAST.get(step.trigger, ()))
    return tuple(effect for write in wanted for effect in write(account, step))


@workflow.defn(name="account")
@handlers
class AccountWorkflow(Process[Account]):
    """One account under one partner, from submission to its end. The table is in `states/account.py`."""

    lifecycles: ClassVar = {1: ACCOUNT}

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Outcome:  # noqa: ARG002
        """Live through the account."""
        return await self.drive()

    def effects(self, data: Account, step: Step) -> tuple[Effect, ...]:
        """What the world must be told after `step`."""
        return effects_of(data, step)

    def learn(self, data: Account, receipt: Receipt) -> tuple[str, Message] | None:
        """Whether the client has confirmed another partner since."""
        return account_data.learn(data, receipt)
