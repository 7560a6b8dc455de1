"""Managed accounts: submission, the client's word, the vendor's word."""

from typing import Annotated, Literal

from program.rules.rule import UNCLEAR, Part, chosen, guide

Confirmation = Literal["client", "vendor"]


class AccountRules(Part):
    """How an account comes under a partner's management and out of it."""

    api_key_pattern: Annotated[
        str,
        guide("What a public API key looks like, as a regular expression over all of it", "managed accounts"),
    ]
    client_confirms: Annotated[str, guide("What the client confirms, with {partner} for its name", "managed accounts")]
    confirmed_for_dashboard: Annotated[
        tuple[Confirmation, ...],
        guide("Who must confirm before an account is active and counts toward managed MRR", "managed accounts"),
    ]
    confirmed_for_share: Annotated[
        tuple[Confirmation, ...],
        guide("Who must confirm before an account earns its share", "managed accounts"),
    ]
    reminder_days: Annotated[tuple[int, ...], chosen("Days after the request on which the client is reminded")]
    reminder_hour: Annotated[int, chosen("The hour at which reminders go out, in the program's time zone")]
    request_lapses_days: Annotated[int, chosen("Days after which an unanswered request lapses")]
    may_submit_again: Annotated[bool, chosen("After a request lapsed the partner may submit the account again")]
    correction_restarts_request: Annotated[bool, chosen("Correcting the contact starts the request's days anew")]
    vendor_may_decline_and_reverse: Annotated[
        bool, chosen("Staff may decline an account's share with a reason, and reverse that")
    ]
    confirming_link_ends_with_request: Annotated[bool, chosen("The link to confirm dies with its request")]
    revoking_link_ends: Annotated[bool, chosen("The link to revoke, in the client's receipt, dies some day")]
    new_links_a_day: Annotated[int, chosen("New links a client can ask for in a day")]
    wrong_codes_lock_link: Annotated[
        int, chosen("Wrong codes after which a client's link is locked and a new one is sent")
    ]
    client_may_revoke: Annotated[bool, chosen("The client may revoke at any time after confirming")]
    partner_may_end: Annotated[bool, chosen("The partner may end the management itself")]
    managing_partners: Annotated[
        int,
        chosen("Partners that manage an account at one time; confirming another one ends the first", UNCLEAR),
    ]
    consent_ages_months: Annotated[
        int, chosen("Months after which the client is asked to confirm once more; silence changes nothing")
    ]
    reconfirm_answer_days: Annotated[
        int, chosen("Days after which staff see that the client has not confirmed once more")
    ]
