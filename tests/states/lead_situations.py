"""Where a lead can stand: each state as it is reached by itself, and with what makes a difference there.

`python -m tests.states.lead_situations` writes down, in `lead_matrix.txt`, what follows there from every action and
by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from states.lead import LEAD
from tests.states.matrix import described
from tests.states.simulate import DAY, LeadTrial, World, end_of, ny

MATRIX = Path(__file__).with_name("lead_matrix.txt")
WINDOW_END = end_of("2027-04-05")


def _form(*said: str, edition: str = "2022", self_closed: bool = False, until: str = "") -> Callable[[], LeadTrial]:
    def make() -> LeadTrial:
        world = World(ny("2027-01-05 10:00"))
        lead = world.submit(edition=edition, self_closed=self_closed)
        if until:
            world.until(ny(until))
        for action in said:
            lead.say(action)
        return lead

    return make


def _affiliate(*said: str, until: str = "2027-01-20 10:00") -> Callable[[], LeadTrial]:
    def make() -> LeadTrial:
        world = World(ny("2027-01-05 10:00"))
        lead = world.submit(origin="affiliate")
        world.until(ny(until))
        for action in said:
            lead.say(action)
        return lead

    return make


def _in_line(*said: str, until: str = "2027-01-20 10:00") -> Callable[[], LeadTrial]:
    def make() -> LeadTrial:
        world = World(ny("2027-01-05 10:00"))
        world.submit("first", partner="south").say("accept")
        world.until(ny("2027-01-06 10:00"))
        lead = world.submit()
        if until > "2027-04":
            world.leads["lead:first"].say("opportunity_opened")
        world.until(ny(until))
        for action in said:
            lead.say(action)
        return lead

    return make


def _received() -> LeadTrial:
    lead = _form()()
    lead.data.state = "received"
    return lead


def _database_away() -> LeadTrial:
    world = World(ny("2027-01-05 10:00"))
    world.database_away = True
    return world.submit()


def _accepted_until(
    until: str, *said: str, self_closed: bool = False, edition: str = "2022"
) -> Callable[[], LeadTrial]:
    def make() -> LeadTrial:
        lead = _form("accept", self_closed=self_closed, edition=edition)()
        lead.world.until(ny(until))
        for action in said:
            lead.say(action)
        return lead

    return make


def _closed_out() -> LeadTrial:
    lead = _in_line()()
    lead.world.leads["lead:first"].say("client_paid")
    return lead


def _paid_then_taken_over() -> LeadTrial:
    """Paid in time, heard of when another lead holds the prospect."""
    lead = _form("accept")()
    lead.world.until(ny("2027-01-20 10:00"))
    second = lead.world.submit("second", partner="south")
    lead.world.until(WINDOW_END + DAY)
    second.say("accept")
    lead.say("client_paid", at=WINDOW_END - DAY)
    return lead


def _taken_over_signed_up(*said: str) -> LeadTrial:
    """By the affiliate link, taken out by mistake; back when another lead holds the prospect."""
    lead = _affiliate("void")()
    lead.world.submit("second", partner="south").say("accept")
    for action in ("reinstate", *said):
        lead.say(action)
    return lead


def _ended() -> LeadTrial:
    lead = _form("reject")()
    lead.world.until(ny("2027-02-01 10:00"))
    return lead


IN_TIME, LATE = "2027-03-30 10:00", "2027-04-07 10:00"
SITUATIONS: dict[str, Callable[[], LeadTrial]] = {
    "received": _received,
    "in review": _form(until="2027-01-06 10:00"),
    "in review, the database has not answered": _database_away,
    "in review, edition 2021": _form(edition="2021", until="2027-01-06 10:00"),
    "in review, the window outlasted": _form(until=LATE),
    "in review, an opportunity is known": _form("opportunity_opened"),
    "in review, a win is known": _form("opportunity_won"),
    "in review, the client has paid": _form("client_paid"),
    "in line": _in_line(),
    "in line, the client has paid": _in_line("client_paid"),
    "in line, accepted and paid in time": _paid_then_taken_over,
    "in line, by the affiliate link": _taken_over_signed_up,
    "in line, by the affiliate link, the client has paid": lambda: _taken_over_signed_up("client_paid"),
    "signed up": _affiliate(),
    "accepted": _form("accept"),
    "accepted, edition 2021": _form("accept", edition="2021"),
    "accepted, self-closed": _form("accept", self_closed=True),
    "renewal asked": _accepted_until(IN_TIME, "give_notice"),
    "renewal asked, the window is over": _accepted_until(LATE, "reinstate"),
    "credit in question": _accepted_until(IN_TIME, self_closed=True),
    "credit in question, notice given": _accepted_until(IN_TIME, "give_notice", self_closed=True),
    "credit in question, an opportunity is known": _accepted_until(IN_TIME, "opportunity_opened", self_closed=True),
    "credit in question, a win is known": _accepted_until(IN_TIME, "opportunity_won", self_closed=True),
    "credit in question, the client has paid": _accepted_until(IN_TIME, "client_paid", self_closed=True),
    "opportunity": _form("accept", "opportunity_opened"),
    "won": _form("accept", "opportunity_won"),
    "rejected": _form("reject"),
    "rejected, the client has paid": _form("reject", "client_paid"),
    "expired": _accepted_until(LATE),
    "expired, edition 2021": _accepted_until(LATE, edition="2021"),
    "expired in line": _in_line(until="2027-04-08 10:00"),
    "expired in line, the client has paid": _in_line("client_paid", until="2027-04-08 10:00"),
    "expired, by the affiliate link": _affiliate(until=LATE),
    "expired, by the affiliate link, the client has paid": _affiliate("client_paid", until=LATE),
    "expired, its credit in question": _accepted_until(LATE, self_closed=True),
    "expired, the client has paid": _accepted_until(LATE, "client_paid"),
    "credit lost": _accepted_until(IN_TIME, "take_credit", self_closed=True),
    "lost": _form("accept", "opportunity_opened", "opportunity_lost"),
    "lost after it was won": _form("accept", "opportunity_won", "give_up"),
    "voided in review": _form("void"),
    "voided after it was accepted": _form("accept", "void"),
    "voided, by the affiliate link": _affiliate("void"),
    "credited": _form("accept", "client_paid"),
    "withdrawn": _form("withdraw"),
    "closed out": _closed_out,
    "ended": _ended,
}

if __name__ == "__main__":
    MATRIX.write_text(described(LEAD, SITUATIONS), encoding="utf-8")
