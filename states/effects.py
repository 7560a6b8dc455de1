"""What a process asks of the world: plain data that one database transaction carries out.

A transition produces a `Step` (what happened) and effects (what follows). The driver packs everything that waits
into one `Commit`; `activities/` hands it to `records/`, which writes all of it or nothing. The answers come back as a
`Receipt`, because some of them are decided by the database alone: who holds a claim, which terms are pinned.
All instants are aware and in UTC (program time).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from program.edition import Tier, Track


class Frozen(BaseModel):
    """Immutable data that travels through Temporal and the database; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Mail(Frozen):
    """Write one mail into the outbox.

    `template` names a file in `records/mail/`; `to` is a reference that is resolved to an address only when the
    mail is sent (`partner`, `manager`, `client`, `staff:<role>` …), so that no address enters a process. The mail
    leaves only while the subject's projected state is one of `only_while` (empty: always); one `about` a `link_number`,
    only while that link is the newest.
    """

    do: Literal["mail"] = "mail"
    template: str
    to: str
    only_while: tuple[str, ...] = ()
    about: dict[str, Any] = Field(default_factory=dict)


class Tell(Frozen):
    """Send a signal to another process, through the outbox, once the transaction has committed.

    `if_begun`: there is nobody to tell unless that process has begun, or is about to.
    """

    do: Literal["tell"] = "tell"
    process: str
    signal: str
    payload: dict[str, Any] = Field(default_factory=dict)
    if_begun: bool = False


class Begin(Frozen):
    """Start another process, through the outbox, once the transaction has committed; one with that id stays as it is.

    `kind` is the name of its lifecycle, `data` its data at the start as JSON values. What it is told later by `Tell`
    comes after its beginning.
    """

    do: Literal["begin"] = "begin"
    process: str
    kind: str
    data: dict[str, Any]


class GiveByLink(Frozen):
    """Give a benefit by the link that this installation has for it: a mail that carries it is all there is to do.

    Without one, what stands `otherwise` is carried out. The benefit's process, where it has begun, is told by `tell`;
    where it has not, it is not begun either.
    """

    do: Literal["give_by_link"] = "give_by_link"
    code: str
    mail: Mail
    tell: Tell | None = None
    otherwise: tuple[Mail | Begin | Tell, ...] = ()


class EndBenefit(Frozen):
    """A benefit ends that people have to take back: the benefit's process is told so by the last of `tells`.

    Where it has none, a link gave the benefit, or the partner was entered with it: then its process begins now, and is
    told all of them.
    """

    do: Literal["end_benefit"] = "end_benefit"
    begin: Begin
    tells: tuple[Tell, ...]


class Claim(Frozen):
    """Ask to hold a subject that only one process may hold (a prospect's web domain).

    Of two claims that are not firm, the one with the earlier `since` has precedence and displaces the other, which is
    told by a `stand_in_line` signal. A firm claim is never displaced. `net_new` asks more: the claim is refused unless
    nobody holds the subject and no payment of it is known from before `since` (affiliate sign-ups).

    Where the last word wins (a client that confirms another partner), a claim `takes_over`: it ends the one that is
    held, firm or not, unless that one is from a later `since`; the loser is told by a `superseded` signal.
    """

    do: Literal["claim"] = "claim"
    kind: str
    subject: str
    since: datetime
    firm: bool = False
    net_new: bool = False
    takes_over: bool = False


class Release(Frozen):
    """Give up a claim or the place in line. The next in line is told by a `come_up` signal."""

    do: Literal["release"] = "release"
    kind: str
    subject: str


class PinTerms(Frozen):
    """Fix the referral's percentage and months: those of the partner's track and tier at the instant `at`."""

    do: Literal["pin_terms"] = "pin_terms"
    at: datetime


class Credit(Frozen):
    """Write the referral with the pinned terms. Needs the held claim; everybody in line is told `close_line`."""

    do: Literal["credit"] = "credit"
    kind: str
    subject: str
    first_payment_at: datetime


class Manage(Frozen):
    """A client has confirmed the partner: it manages the account since then, and nobody else does any more.

    `request` is the number of the request that was confirmed. Asked for one that had ended, it goes on as it was. Where
    the client has confirmed another partner since, `found` names that one's process under `superseded_by`.
    """

    do: Literal["manage"] = "manage"
    account: str
    request: int
    since: datetime


class EndManagement(Frozen):
    """The management ended at an instant, `because` of an outcome; one that had not begun or had ended stays so."""

    do: Literal["end_management"] = "end_management"
    request: int
    at: datetime
    because: str


class VendorsWord(Frozen):
    """What the vendor says about an account, from an instant on: revenue share needs its word beside the client's."""

    do: Literal["vendors_word"] = "vendors_word"
    request: int
    at: datetime
    word: Literal["confirmed", "declined"]


class Evaluate(Frozen):
    """Hold the partner's facts of the day `on` against what it holds; `found` brings the answer under `standing`.

    The facts are read just before the transaction, or in it where it changes them. `settles`: the standing that they
    give is taken, up or down, `since` an instant (what was set by hand ends, a season has not confirmed elite).
    """

    do: Literal["evaluate"] = "evaluate"
    on: date
    held: str
    elite_until: date | None = None
    asked_to_be_master: bool = False
    settles: bool = False
    since: datetime | None = None


class TakeStanding(Frozen):
    """The partner holds a track and tier since an instant, and why; the same again changes nothing."""

    do: Literal["take_standing"] = "take_standing"
    track: str
    tier: str
    since: datetime
    why: str


class CorrectFact(Frozen):
    """Staff say what is so: a fact of its own, from `at` on, under the name of the message that said it."""

    do: Literal["correct_fact"] = "correct_fact"
    fact_id: str
    kind: str
    value: str
    at: datetime


class StrikeFact(Frozen):
    """A fact that was told, named source/fact_id, does not count any more."""

    do: Literal["strike_fact"] = "strike_fact"
    fact: str


class Suspend(Frozen):
    """The partner is suspended, or is not any more; its open leads and nominations are told."""

    do: Literal["suspend"] = "suspend"
    suspended: bool


class Leave(Frozen):
    """The partner has left at an instant: its standing ends, and its open leads and accounts are told so."""

    do: Literal["leave"] = "leave"
    at: datetime
    because: str


class ProposeMerger(Frozen):
    """Ask both partners by mail to confirm that this one is merged `into` another, until `lapses_at`.

    Not proposed where that can't be: `found` says why under `merger`, in a sentence.
    """

    do: Literal["propose_merger"] = "propose_merger"
    into: str
    lapses_at: datetime
    by: str
    reason: str


class AskForMergerAgain(Frozen):
    """Send each of the two that has not confirmed the proposed merger a new link; the one before is dead."""

    do: Literal["ask_for_merger_again"] = "ask_for_merger_again"


class EndMerger(Frozen):
    """The proposed merger comes to nothing, and both partners hear of it."""

    do: Literal["end_merger"] = "end_merger"
    how: Literal["withdrawn", "lapsed"]
    reason: str


class LookAtPartner(Frozen):
    """Hold the partner's facts of the day `on` against everything that elite asks; `found` answers under `partner`.

    The answer says as well who manages the partner, and what has become of it where it is no partner any more.
    """

    do: Literal["look_at_partner"] = "look_at_partner"
    on: date


class YearOfElite(Frozen):
    """A season has granted elite, or confirmed it, on its grant date; it is kept until the day `until`."""

    do: Literal["year_of_elite"] = "year_of_elite"
    season: str
    at: datetime
    until: date


class ReadList(Frozen):
    """Read who moves at a half-year's adjustment, or moved: `found` brings the first of them under `list`.

    Of the partners about whom staff have `decided` it names as well those whom nobody knows.
    """

    do: Literal["read_list"] = "read_list"
    half: str
    decided: tuple[str, ...] = ()


class StartJob(Frozen):
    """Have something done that goes through many rows, page by page, outside of the process.

    `kind` names what is done, `args` with what. Its end is told to the process by `signal`, with what it counted.
    """

    do: Literal["start_job"] = "start_job"
    kind: str
    args: dict[str, Any]
    signal: str


Purpose = Literal["confirm", "reconfirm", "revoke", "merge_from", "merge_into"]
"""What a link is for: a client answers for the first time, answers once more, or takes the answer back; a partner says
whether it is merged into another one, or another one into it."""


class Link(Frozen):
    """Make a link with which the client answers, and the code that is typed beside it; the one before is dead.

    Links to confirm and to reconfirm replace each other, one to revoke replaces the one before it. `request` and
    `number` name it; asked for again, it is the same link. `dies_at` None means never, `anew` that the client or its
    partner needed a new one, which so many a day may be. The mail that carries it is `about` the same three.
    """

    do: Literal["link"] = "link"
    request: int
    purpose: Purpose
    number: int
    dies_at: datetime | None = None
    anew: bool = False


class Enrol(Frozen):
    """The company that made an application is a partner at an instant: with its id, its people, its first standing."""

    do: Literal["enrol"] = "enrol"
    application: str
    track: Track
    tier: Tier
    at: datetime


Effect = Annotated[
    Mail
    | Tell
    | Begin
    | GiveByLink
    | EndBenefit
    | Claim
    | Release
    | PinTerms
    | Credit
    | Manage
    | EndManagement
    | VendorsWord
    | Evaluate
    | TakeStanding
    | CorrectFact
    | StrikeFact
    | Suspend
    | Leave
    | ProposeMerger
    | AskForMergerAgain
    | EndMerger
    | Link
    | LookAtPartner
    | YearOfElite
    | ReadList
    | StartJob
    | Enrol,
    Field(discriminator="do"),
]


class Step(Frozen):
    """One transition as the audit keeps it: who, what, when acted (`at`), when handled, from, to, why."""

    trigger: str
    source: str
    dest: str
    at: datetime
    handled_at: datetime
    by: str
    reason: str = ""
    message_id: str = ""
    details: dict[str, Any] = Field(default_factory=dict)
    effects: tuple[Effect, ...] = ()


class Projection(Frozen):
    """The row that lists and dashboards read. Never read back to decide what the process itself decides.

    `waits_for` is a role or empty; `due_at` and `due_summary` the next deadline that a person should know of;
    `facts` what is particular to the kind of process, without anything personal.
    """

    kind: str
    state: str
    outcome: str = ""
    final: bool = False
    partner_id: str
    subject: str
    edition: str
    lifecycle_version: int
    since: datetime
    waits_for: str = ""
    overdue: bool = False
    due_at: datetime | None = None
    due_summary: str = ""
    facts: dict[str, Any] = Field(default_factory=dict)


class Commit(Frozen):
    """Everything one transaction writes for a process.

    Its key is (process, chain, number), `chain` being the id of the first run; the same key with the same content is
    written once, the same key with other content is refused for good and rings an alarm.
    """

    process: str
    chain: str
    number: int
    steps: tuple[Step, ...]
    projection: Projection


ClaimAnswer = Literal["held", "behind", "taken"]


class Receipt(Frozen):
    """What the transaction decided.

    `claim`: `held`, `behind` (another process holds it: `claimed_by`) or `taken` (credited to another, or not net-new:
    no place in line). When a step's claim or credit was not granted, that step's other effects and those of all
    later steps of the commit were not carried out. `terms` are those that were pinned now: percent (as text), months,
    track, tier.
    `found` is what other effects asked the database for, by the effect's name.
    """

    claim: ClaimAnswer | None = None
    claimed_by: str = ""
    terms: dict[str, Any] | None = None
    found: dict[str, Any] = Field(default_factory=dict)
