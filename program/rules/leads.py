"""Leads, their windows, conflicts and affiliate links."""

from typing import Annotated, Literal

from program.rules.rule import SILENT, UNCLEAR, Code, Part, chosen, guide


class LeadRules(Part):
    """Deal registration: how a lead comes in, is reviewed, lives its window and becomes a referral."""

    sources: Annotated[tuple[Code, ...], guide("How a lead reaches the program", "deal registration")]
    review_factors: Annotated[
        tuple[Code, ...], guide("What a reviewer looks at; the list is not closed", "lead acceptance")
    ]
    rejection_reasons: Annotated[
        tuple[Code, ...], chosen("Why a lead is rejected", "the guide names factors, not reasons")
    ]
    review_reminder_business_days: Annotated[
        int, chosen("Business days after registration at which staff are reminded of the review")
    ]
    review_overdue_business_days: Annotated[
        int,
        chosen("Business days after registration at which the review is overdue and staff are told again"),
    ]

    window_days: Annotated[int, guide("Days from registration in which a lead must succeed", "lead validity")]
    working_opportunity_counts: Annotated[
        bool, guide("A lead converted to a working opportunity inside its window is safe", "lead validity")
    ]
    review_stops_the_window: Annotated[
        bool, guide("The window stands still while staff review", "lead validity: it runs from registration")
    ]
    late_acceptance_days: Annotated[
        int,
        chosen("Days from acceptance for a lead accepted after its window, when nothing came of it in time"),
    ]
    undo_days: Annotated[int, chosen("Days in which an ending can be taken back for late facts and mistakes")]
    expiry_reminder_days: Annotated[
        tuple[int, ...], chosen("Days before the window's last day on which the partner is reminded")
    ]
    reminder_hour: Annotated[int, chosen("Hour of the day, in the program's time zone, at which reminders go out")]

    renewal_allowed: Annotated[bool, guide("A lead can be renewed before its window ends", "lead renewal")]
    renewal_days: Annotated[int, chosen("Days that a renewal adds, from the end of the old window")]
    renewal_limit: Annotated[int | None, chosen("How often a lead can be renewed; none means without limit")]
    renewal_answer_business_days: Annotated[
        int, chosen("Business days that notice given in time keeps the window open for the answer")
    ]
    renewal_notice_without_partner_manager: Annotated[
        Literal["partner_team"],
        chosen("Who gets notice of a renewal when the partner has no partner manager"),
    ]

    progress_silence_days: Annotated[
        int, chosen("Days without a report on a self-closed deal before the partner is asked", UNCLEAR)
    ]
    progress_answer_days: Annotated[int, chosen("Days in which the partner can answer such a request", UNCLEAR)]
    progress_requests: Annotated[
        int,
        chosen("Requests without an answer before staff decide whether the lead keeps its credit", UNCLEAR),
    ]
    opportunity_bound_to_window: Annotated[bool, chosen("A working opportunity still ends with the window")]
    opportunity_stalled_days: Annotated[
        int, chosen("Days without movement before staff are asked about a working opportunity")
    ]
    won_unpaid_days: Annotated[int, chosen("Days without a payment before a won opportunity goes to staff")]

    affiliate_window_days: Annotated[
        int, guide("Days from opening the account in which an affiliate's client must pay", "affiliate link")
    ]
    affiliate_is_reviewed: Annotated[bool, guide("Staff review leads of the affiliate link", "affiliate link")]
    affiliate_renewal_allowed: Annotated[bool, chosen("A lead of the affiliate link can be renewed")]
    affiliate_net_new: Annotated[
        tuple[Code, ...], chosen("What makes a lead of the affiliate link net new; all of it", UNCLEAR)
    ]
    affiliate_terms_fixed_at: Annotated[
        Literal["account_opened"],
        chosen("The moment whose tier gives an affiliate's share and months", UNCLEAR),
    ]

    holders_per_prospect: Annotated[int, chosen("Partners that can hold one prospect at a time", UNCLEAR)]
    prospect_is: Annotated[Literal["registrable_domain"], chosen("What tells one prospect from another", SILENT)]
    precedence: Annotated[
        Literal["earlier_registration"], chosen("Which of two leads in review for one prospect comes first")
    ]
    line_window_runs_from: Annotated[
        Literal["own_registration"], chosen("From when the days of a lead that stands in line run")
    ]
    referred_terms_fixed_at: Annotated[
        Literal["acceptance"],
        guide("The moment whose tier gives the share and months of a referral", "revenue share"),
    ]
    next_in_line_is_reviewed_when: Annotated[
        Literal["the holder's claim ends without credit and its own window is open"],
        chosen("When the next lead in line for a prospect comes up for review"),
    ]
    line_ends_when: Annotated[
        Literal["the holder is credited"], chosen("When a line is closed, with that as the reason", UNCLEAR)
    ]
    same_partner_again_gets: Annotated[
        Literal["its existing lead"], chosen("What a partner gets that registers its own prospect again")
    ]
    won_means: Annotated[
        Literal["the client has signed"],
        chosen("What a won opportunity is; its referral begins with the first payment"),
    ]
