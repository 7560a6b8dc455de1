"""Elite: what it asks, its twice-yearly season, its rubric."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple

from program.calendar import Half
from program.rules.rule import NOT_A_RULE, SILENT, UNCLEAR, Code, Part, Row, chosen, guide

PhaseName = Literal["mrr_review", "nominations", "committee"]


class TeamCertification(Row):
    """A certification and the percent of the current team that must hold it."""

    certification: Annotated[str, NOT_A_RULE]
    team_percent: int
    only_where_it_applies: bool

    @property
    def row(self) -> str:
        """The certification."""
        return self.certification


class PhaseRow(Row):
    """A phase of the season and the month (1 to 12) that it fills in each half-year."""

    phase: Annotated[PhaseName, NOT_A_RULE]
    h1_month: int
    h2_month: int
    what_happens: str

    @property
    def row(self) -> str:
        """The phase."""
        return self.phase


class Area(Row):
    """An area of the rubric with its questions; every question is scored for itself."""

    area: Annotated[str, NOT_A_RULE]
    letter: Annotated[str, chosen("The letter by which a score sheet names the area")]
    title: str
    questions: tuple[str, ...]

    @property
    def row(self) -> str:
        """The area's code."""
        return self.area


class Rubric(Part):
    """How the committee scores a nomination."""

    areas: Annotated[tuple[Area, ...], guide("Areas and questions of the rubric", "elite rubric")]
    lowest_score: Annotated[int, chosen("The lowest score of a question")]
    highest_score: Annotated[int, chosen("The highest score of a question")]
    areas_weigh: Annotated[Literal["the same"], chosen("How areas weigh in the average")]
    passing_average: Annotated[Decimal, chosen("The average over all areas at which a nomination passes")]
    lowest_area_average: Annotated[Decimal, chosen("The average below which one area alone fails a nomination")]
    quorum: Annotated[int, chosen("Committee members who must have scored a nomination")]
    excluded_members: Annotated[tuple[Code, ...], chosen("Members who may not score a nomination")]


class EliteRules(Part):
    """The way into elite and out of it; MRR in dollars a month, judged on the half-year's cut-off."""

    judged_on: Annotated[Literal["cut-off"], chosen("The date whose facts count for elite", UNCLEAR)]
    referred_mrr: Annotated[Decimal, guide("Least referred MRR", "elite requirements")]
    managed_mrr: Annotated[Decimal, guide("Least managed MRR", "elite requirements")]
    sms_accounts_percent: Annotated[int, guide("Least percent of managed accounts that use SMS", "elite requirements")]
    sms_accounts_counted_by: Annotated[Literal["number"], chosen("How accounts with SMS are counted", UNCLEAR)]
    sms_without_any_account_passes: Annotated[bool, chosen("Without any managed account that is met", UNCLEAR)]
    sms_exemption_holds: Annotated[
        bool,
        guide("The exemption for countries without the SMS product holds here too", "elite requirements"),
    ]
    sms_phase_in_holds: Annotated[bool, guide("The phase-in of the SMS minimum holds here too", "elite requirements")]
    case_studies: Annotated[int, guide("Least number of case studies", "elite requirements")]
    case_study_months: Annotated[int, guide("Months back in which a case study counts", "elite requirements")]
    health_score: Annotated[Decimal, guide("Least average client health score", "elite requirements")]
    report_card_percent: Annotated[
        Decimal, guide("Least client report card, a percentage that staff record", "elite requirements")
    ]
    team_certifications: Annotated[
        tuple[TeamCertification, ...],
        guide("Least percent of the current team that holds a certification", "elite requirements"),
    ]
    team_certifications_count: Annotated[
        Literal["each for itself"], chosen("How the team's certifications are tested", UNCLEAR)
    ]
    other_requirements_of: Annotated[
        Literal["master platinum"], guide("Whose other requirements hold as well", "elite requirements")
    ]
    exception_needs_recorded_reason: Annotated[
        bool, chosen("The committee may make an exception as a recorded decision with a reason", SILENT)
    ]

    granted_on: Annotated[Literal["adjustment date"], guide("The day of the half-year that grants elite", "elite")]
    phases: Annotated[tuple[PhaseRow, ...], guide("Phases of a season by month", "elite process page")]
    list_looked_through_every_days: Annotated[
        int, chosen("Days after which a partner that has come to meet the MRR thresholds joins the list")
    ]
    nomination_reminder_days: Annotated[
        tuple[int, ...], chosen("Days before nominations close on which a partner manager is reminded")
    ]
    nomination_reminder_hour: Annotated[int, chosen("The hour of these reminders, in the program's time zone")]
    silence_at_the_close_is: Annotated[Literal["declined"], chosen("What a partner manager's silence stands for")]
    reevaluation_needs_nomination: Annotated[
        bool, chosen("A partner whose elite is evaluated again must be nominated for it", UNCLEAR)
    ]
    phase_fills: Annotated[Literal["its whole month"], chosen("When a phase starts and closes", UNCLEAR)]
    scoring_closes_business_days: Annotated[
        int, chosen("Business days before the grant date at whose end scoring closes")
    ]
    scoring_extended_business_days: Annotated[
        int, chosen("Business days before the grant date to which a missing quorum extends scoring, once")
    ]
    without_quorum: Annotated[str, chosen("What becomes of a nomination still without a quorum")]
    chair_confirms: Annotated[bool, chosen("Nobody new is elevated before the chair has confirmed the selection")]
    unconfirmed_reminder_days: Annotated[
        int, chosen("Days between reminders to the chair and the lead while nothing is confirmed")
    ]
    late_confirmation_is_dated: Annotated[
        Literal["grant date"], chosen("From when elite holds that was confirmed late")
    ]
    undecided_retention_is: Annotated[
        Literal["extended until decided"],
        chosen("A retention that ends while the season is called off or the re-evaluation open"),
    ]

    retention_years: Annotated[int, guide("Years for which elite is kept at least", "elite retention")]
    reevaluated_in: Annotated[
        Literal["the season whose grant date is the anniversary"],
        chosen("Which season evaluates an elite again", UNCLEAR),
    ]
    not_confirmed_becomes: Annotated[
        Literal["the tier its facts give, from the anniversary on"],
        guide("What an elite becomes that its re-evaluation does not confirm", "elite retention"),
    ]
    season_decides_before_adjustment: Annotated[
        bool, chosen("On a shared date the season's decision comes before the adjustment", UNCLEAR)
    ]
    rubric: Rubric
    extras: Annotated[tuple[Code, ...], guide("What elite partners get besides the benefit table", "elite")]


class Phase(NamedTuple):
    """When a phase is on: from `starts` up to, and without, `closes`; both UTC."""

    starts: datetime
    closes: datetime


class Season(NamedTuple):
    """The dates of one half-year's elite season; instants in UTC."""

    half: Half
    mrr_review: Phase
    nominations: Phase
    committee: Phase
    cut_off: datetime
    scoring_closes: datetime
    extended_scoring_closes: datetime
    grant_date: date
    grant: datetime
