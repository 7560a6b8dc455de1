"""Benefits by standing, and marketing development funds."""

from decimal import Decimal
from typing import Annotated, Literal

from program.rules.rule import NOT_A_RULE, Code, Part, Row, StandingRow, chosen, guide
from program.rules.standing import Tier, Track

Level = Literal[
    "yes",
    "limited",
    "prioritised",
    "quarterly",
    "yearly",
    "chosen partners",
    "eligible",
    "by invitation",
    "with a service level",
    "coming soon",
]


class Grant(StandingRow):
    """How far a benefit goes at one standing."""

    level: Level


class Benefit(Row):
    """A benefit and where it is given.

    `is_task`: somebody must carry it out when it begins; `agreed_beforehand`: only once the partner has agreed;
    `is_taken_back`: somebody must take it back when it ends.
    """

    code: Annotated[str, NOT_A_RULE]
    title: str
    is_task: bool
    agreed_beforehand: bool
    is_taken_back: bool
    grants: tuple[Grant, ...]

    @property
    def row(self) -> str:
        """The benefit's code."""
        return self.code

    def level(self, track: Track, tier: Tier) -> Level | None:
        """How far the benefit goes at a standing; None where it is not given."""
        return next((grant.level for grant in self.grants if (grant.track, grant.tier) == (track, tier)), None)


class FundsLine(StandingRow):
    """Marketing development funds at one standing: by invitation, or up to so many dollars for a request."""

    by_invitation: bool
    up_to: Decimal | None


class FundsRules(Part):
    """Marketing development funds (MDF): proposal, decision, proof, reimbursement; never guaranteed."""

    funds: Annotated[tuple[FundsLine, ...], guide("Funds by standing, in dollars", "MDF text")]
    proposal: Annotated[tuple[Code, ...], guide("What a proposal says", "MDF text")]
    activities: Annotated[tuple[Code, ...], guide("Activities that can be approved", "MDF text")]
    decided_by: Annotated[tuple[str, ...], chosen("Who decides a request")]
    guaranteed: Annotated[bool, guide("A standing gives a right to funds", "MDF text")]
    reimbursed: Annotated[
        Literal["after proof, up to the approved amount"],
        chosen("How approved funds are paid", "the guide calls the process coming soon"),
    ]


class BenefitRules(Part):
    """What a standing gives besides money."""

    benefits: Annotated[tuple[Benefit, ...], guide("Benefits by standing", "benefits")]
    withdrawn_when_moving_down: Annotated[
        bool, guide("A benefit ends when a partner moves below the standings that give it", "benefits")
    ]
    sent_at_every_uptier: Annotated[tuple[Code, ...], guide("What is sent at every move up", "benefits")]
    task_reminder_business_days: Annotated[
        int, chosen("Business days after which staff are reminded of a benefit that is to be carried out or taken back")
    ]
    task_due_business_days: Annotated[
        int, chosen("Business days by whose end a benefit is to be carried out or taken back")
    ]
    mdf: FundsRules


class DashboardRules(Part):
    """What partner managers are told of their partners' clients."""

    client_lines: Annotated[
        tuple[Decimal, ...],
        chosen("Yearly dollars of a partner's client at which its partner manager is told that day"),
    ]
