"""How a partner's data change when something happens to its standing. Each deed is done before the state changes."""

from __future__ import annotations

from datetime import datetime

from program.calendar import end_of_day, window_end
from program.edition import Tier, Track, edition
from program.evaluation import Standing
from states.lifecycle import Event
from states.messages import Refusal
from states.partner_data import Partner
from states.partner_messages import (
    Adjusted,
    AdoptEdition,
    ByHand,
    Entered,
    GrantElite,
    MergeInto,
    MergerOver,
    ProposedMerger,
    Risk,
    Stand,
    TakeOver,
)


def forget_change(partner: Partner, event: Event) -> None:  # noqa: ARG001
    """The day has come on which a fact changes by itself; the evaluation that follows finds the next one."""
    partner.changes_at = None


def take_standing(partner: Partner, event: Event) -> None:
    """The partner stands at another track or tier from now on, or from the instant that the message names."""
    message = event.message
    if not isinstance(message, Stand):
        raise AssertionError("a standing is taken only by a message that names it")
    _stand(partner, Standing(message.track, message.tier), message.since or event.at, message.why)


def enter(partner: Partner, event: Event) -> None:
    """Administration has entered a standing; the same again changes nothing."""
    message = event.message
    if not isinstance(message, Entered):
        raise AssertionError("only administration enters a partner")
    _stand(partner, Standing(message.track, message.tier), event.at, "entered by administration")


def be_at_risk(partner: Partner, event: Event) -> None:
    """The facts give less than what is held: it would go at the next adjustment."""
    message = event.message
    if isinstance(message, Risk):
        partner.falls_to, partner.at_risk = message.falls_to, message.missing


def be_safe(partner: Partner, event: Event) -> None:  # noqa: ARG001
    """The facts give again what is held."""
    partner.falls_to = partner.at_risk = ""


# -- staff -------------------------------------------------------------------------------------------------------------


def set_by_hand(partner: Partner, event: Event) -> None:
    """Staff set a tier until the end of a day; until then nothing moves it."""
    message = event.message
    if not isinstance(message, ByHand):
        raise AssertionError("a tier is set by hand only by staff who sign for it")
    standing, until = Standing(Track(message.track), Tier(message.tier)), end_of_day(message.until)
    rows = edition(partner.edition).tiers.requirements
    if standing not in [Standing(row.track, row.tier) for row in rows]:
        known = ", ".join(str(Standing(row.track, row.tier)) for row in rows if row.tier is not Tier.ELITE)
        raise _not_now(event, f"there is no standing {standing}; there are {known}.")
    if until <= event.at:
        raise _not_now(
            event, f"«until» has passed, {message.until.isoformat()}: it is the last day on which the tier holds."
        )
    _stand(partner, standing, event.at, f"set by hand until {message.until.isoformat()}: {message.reason}")
    partner.hand_until = until


def end_hand(partner: Partner, event: Event) -> None:
    """What was set by hand is over: the evaluation that follows says where the partner stands."""
    partner.hand_until = None
    partner.settles_since = event.at


def hold_downtier(partner: Partner, event: Event) -> None:
    """At the next adjustment the partner keeps what it has, whatever its facts give."""
    partner.downtier_held = str(edition(partner.edition).moves.next_adjustment(event.at))


def release_downtier(partner: Partner, event: Event) -> None:  # noqa: ARG001
    """The next adjustment decides as always."""
    partner.downtier_held = ""


# -- track -------------------------------------------------------------------------------------------------------------


def ask_to_be_master(partner: Partner, event: Event) -> None:
    """An advisor takes the master tier that its facts give, although it ranks below the one it holds."""
    partner.asked_to_be_master = True
    _stand(partner, Standing.named(partner.as_master), event.at, "asked to move to the master track")


def stay_master(partner: Partner, event: Event) -> None:  # noqa: ARG001
    """A master asks not to be moved to the advisor track for a higher tier there."""
    partner.asked_to_be_master = True


def leave_track_open(partner: Partner, event: Event) -> None:  # noqa: ARG001
    """The track may follow from the facts again."""
    partner.asked_to_be_master = False


# -- the half-year -----------------------------------------------------------------------------------------------------


def adjust(partner: Partner, event: Event) -> None:
    """The half-year's adjustment moves the partner; not one that has moved since, or whose downtier staff hold."""
    message = event.message
    if not isinstance(message, Adjusted):
        raise AssertionError("an adjustment says what it found")
    if message.half in partner.adjusted:
        raise _not_now(event, f"the partner was adjusted for {message.half} already.")
    if partner.downtier_held == message.half:
        raise _not_now(event, f"staff hold the downtier of {message.half}.")
    if partner.hand_until is not None:
        raise _not_now(event, "staff have set its tier, which is looked at again when its suspension is lifted.")
    if message.judged != str(partner.standing):
        raise _not_now(event, f"the adjustment judged {message.judged}, but the partner is {partner.standing} by now.")
    partner.adjusted = (*partner.adjusted, message.half)[-4:]
    partner.edition = message.edition
    partner.downtier_held = ""
    _stand(partner, Standing(message.track, message.tier), message.since or event.at, message.why)
    be_safe(partner, event)


def adopt_edition(partner: Partner, event: Event) -> None:
    """The newer edition holds from now on; what it gives, the evaluation that follows says."""
    message = event.message
    if not isinstance(message, AdoptEdition):
        raise AssertionError("an edition is adopted by a message that names it")
    partner.edition = edition(message.edition).name


def grant_elite(partner: Partner, event: Event) -> None:
    """The season has granted elite, or another year of it."""
    message = event.message
    if not isinstance(message, GrantElite):
        raise AssertionError("elite is granted by a message that says until when")
    _stand(partner, Standing(Track.MASTER, Tier.ELITE), message.since or event.at, message.why or "granted elite")
    partner.elite_until, partner.hand_until = message.until, None
    forget_grant(partner, event)
    be_safe(partner, event)


def end_elite(partner: Partner, event: Event) -> None:
    """The season has not confirmed elite: the evaluation that follows says where the partner stands."""
    partner.settles_since = event.at


def keep_grant(partner: Partner, event: Event) -> None:
    """A suspended partner earns no new tier: what the season has granted waits until staff lift that."""
    message = event.message
    if not isinstance(message, GrantElite):
        raise AssertionError("elite is granted by a message that says until when")
    partner.granted_until, partner.granted_why = message.until, message.why or "granted elite"


def forget_grant(partner: Partner, event: Event) -> None:  # noqa: ARG001
    """No grant waits any more."""
    partner.granted_until, partner.granted_why = None, ""


def retention_ends(partner: Partner, event: Event) -> None:  # noqa: ARG001
    """Nobody has decided yet: elite lasts until the season does."""
    partner.elite_until = None


# -- leaving -----------------------------------------------------------------------------------------------------------


def suspend(partner: Partner, event: Event) -> None:
    """No new tier and no new lead until staff lift it."""
    partner.suspended_at = event.at


def lift_suspension(partner: Partner, event: Event) -> None:
    """As before; what was set by hand may have ended meanwhile, and so may the year of an elite that was granted."""
    partner.suspended_at = None
    if partner.hand_until is not None and partner.hand_until <= event.at:
        end_hand(partner, event)
    if partner.granted_until is not None and event.at >= partner.granted_until:
        forget_grant(partner, event)


def leave(partner: Partner, event: Event) -> None:
    """The partner has left the program; its history stays. Nobody leaves before what it holds began."""
    partner.left_at = max(event.at, partner.held_since)
    partner.outcome = "left"
    partner.why_ended = event.message.reason if event.message else ""
    partner.suspended_at = partner.hand_until = partner.elite_until = partner.changes_at = None
    partner.settles_since = None
    partner.downtier_held, partner.asked_to_be_master = "", False
    forget_grant(partner, event)
    partner.checklist = partner.next_tier = partner.as_master = ""
    partner.way = ()
    partner.forget_merger()
    be_safe(partner, event)


def rejoin(partner: Partner, event: Event) -> None:
    """A partner again, at the standing at which members join; its facts say the rest."""
    rules, message = edition(partner.edition).joining, event.message
    partner.outcome = partner.why_ended = partner.came_from = ""
    partner.track, partner.tier = rules.joins_track, rules.joins_tier
    if isinstance(message, Entered):
        partner.track, partner.tier = message.track, message.tier
    # What was sent before it left may arrive after it: what it holds now begins when nothing was held any more.
    partner.held_since, partner.held_why = max(event.at, partner.left_at or event.at), "joined again"
    partner.left_at = None


# -- merging -----------------------------------------------------------------------------------------------------------


def propose_merger(partner: Partner, event: Event) -> None:
    """Both partners are asked whether this one shall be merged into the other."""
    message = event.message
    if not isinstance(message, ProposedMerger):
        raise AssertionError("a merger is proposed only by staff who sign for it")
    if message.into == partner.id:
        raise _not_now(event, f"{partner.id} can't be merged into itself; «into» names another partner.")
    days = edition(partner.edition).mergers.proposal_days
    partner.merger_into, partner.merger_over = message.into, ""
    partner.merger_proposed_at, partner.merger_lapses_at = event.at, window_end(event.at, days)


def end_merger(partner: Partner, event: Event) -> None:
    """Nothing comes of the merger that was proposed."""
    message = event.message
    if message is None:
        partner.forget_merger("Not both partners confirmed it in time.")
    elif not isinstance(message, MergerOver):
        partner.forget_merger(f"Withdrawn: {message.reason}")
    elif message.proposed_at == partner.merger_proposed_at:  # and not one that was proposed since
        partner.forget_merger(message.reason)


def be_merged(partner: Partner, event: Event) -> None:
    """All that the partner has is another one's now."""
    left_at = partner.left_at
    leave(partner, event)
    partner.left_at = left_at or partner.left_at
    if isinstance(event.message, MergeInto):
        partner.merged_into = event.message.into
    partner.outcome = "merged"


def take_over(partner: Partner, event: Event) -> None:
    """Another partner has become a part of this one, which holds the higher of the two standings from now on.

    Only an adjustment takes a standing, so that it is kept until the next one; what was set by hand ends. Elite is the
    committee's to grant: it goes over for the rest of its year, and not where no year is running.
    """
    message = event.message
    if not isinstance(message, TakeOver):
        raise AssertionError("a partner takes over only by a message that says from whom")
    theirs, until = Standing(message.track, message.tier), message.until
    if theirs.tier is Tier.ELITE and until is None:
        theirs = Standing(Track.MASTER, Tier.PLATINUM)
    partner.hand_until = None
    rank = edition(partner.edition).rank
    if rank(theirs.tier) > rank(partner.tier):
        _stand(partner, theirs, event.at, f"{message.merged} held it, and was merged into {partner.id}")
        if theirs.tier is Tier.ELITE:
            partner.elite_until = until
        be_safe(partner, event)
        return
    partner.came_from = ""
    if theirs.tier is Tier.ELITE and partner.elite_until and until:
        partner.elite_until = max(partner.elite_until, until)


def _stand(partner: Partner, standing: Standing, since: datetime, why: str) -> None:
    """Take a standing, never from before the one that is held began; the same standing again keeps its beginning."""
    partner.settles_since = None
    if standing == partner.standing:
        partner.came_from = ""
        return
    partner.came_from = str(partner.standing)
    partner.track, partner.tier = standing
    partner.held_since, partner.held_why = max(since, partner.held_since), why
    partner.asked_to_be_master = partner.asked_to_be_master and standing.track is Track.MASTER
    if standing.tier is not Tier.ELITE:
        partner.elite_until = None


def _not_now(event: Event, why: str) -> Refusal:
    return Refusal(f"«{event.trigger.replace('_', ' ')}» can't be done now: {why}")
