"""Whatever is said to leads, whenever it arrives: what must hold, holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from states.lead import LEAD, OPEN, UNDOABLE
from states.staff import Role
from tests.states.lead_situations import SITUATIONS
from tests.states.simulate import DAY, LEADS, SECOND, LeadTrial
from tests.states.two_worlds import TwoWorlds

OUTCOMES = {state: {state} for state in (*UNDOABLE, "credited", "withdrawn", "closed_out")}
OUTCOMES |= {state: {""} for state in (*OPEN, "received")} | {"ended": set(UNDOABLE)}
HOLDING = ("in_review", "accepted", "renewal_asked", "credit_in_question", "opportunity", "won", "signed_up")
SAID = [action.name for action in LEAD.actions.values() if Role.SYSTEM not in action.who]
ENDING = ("void", "withdraw", "reject", "give_up", "opportunity_lost")


class Leads(TwoWorlds):
    """Leads for one prospect, in two worlds: in the second, data go through JSON after every step."""

    kind = LEADS

    def __init__(self) -> None:
        super().__init__()
        self.windows: dict[str, datetime] = {}
        self.announced: dict[str, set[tuple[str, datetime]]] = {}

    @initialize(situation=st.sampled_from([name for name in SITUATIONS if name != "received"]))
    def begin(self, situation: str) -> None:
        """Rare states are rare: so each is where one begins."""
        self.worlds = (SITUATIONS[situation]().world, SITUATIONS[situation]().world)
        self.worlds[1].continues = True

    @property
    def leads(self) -> list[LeadTrial]:
        return self.trials()

    @precondition(lambda self: len(self.world.leads) < 3)
    @rule(
        edition=st.sampled_from(["2022", "2022", "2021"]),
        origin=st.sampled_from(["form", "form", "affiliate"]),
        self_closed=st.booleans(),
        earlier=st.integers(0, 90),
        accepted=st.sampled_from([True, True, False]),
    )
    def submit(self, edition: str, origin: Any, self_closed: bool, earlier: int, accepted: bool) -> None:
        number = f"number-{len(self.world.leads)}"
        for world in self.worlds:
            world.submit(
                number, partner=f"partner-of-{number}", at=world.now - timedelta(seconds=earlier),
                edition=edition, origin=origin, self_closed=self_closed,
            )  # fmt: skip
            if accepted and LEAD.can(world.leads[f"lead:{number}"].data, "accept", world.now):
                world.leads[f"lead:{number}"].say("accept")

    @precondition(lambda self: self.world.leads)
    @rule(
        data=st.data(),
        what=st.sampled_from(["what goes on", "what goes on", "what goes on", "anything"]),
        ago=st.sampled_from([0 * DAY, 0 * DAY, SECOND, DAY, 20 * DAY]),
        repeated=st.booleans(),
    )
    def say(self, data: st.DataObject, what: str, ago: timedelta, repeated: bool) -> None:
        lead = data.draw(st.sampled_from(self.leads))
        possible = [action.name for action in LEAD.possible(lead.data, self.world.now) if action.name in SAID]
        going_on = [action for action in possible if action not in ENDING]
        action = data.draw(st.sampled_from(going_on if what == "what goes on" and going_on else SAID))
        at = None
        if not LEAD.actions[action].by_staff:
            dues = [due.at for due in LEAD.deadlines(lead.data)]
            at = min(self.world.now, data.draw(st.sampled_from([self.world.now, lead.data.since, *dues])) - ago)
        name = f"message-{len(lead.steps)}-{action}-{at}"
        self.told(lead, action, at, repeated=repeated, id=name)

    @rule(span=st.sampled_from([SECOND, timedelta(hours=7), DAY, 3 * DAY, 12 * DAY, 40 * DAY]))
    def let_time_pass(self, span: timedelta) -> None:
        self.pass_time(span)

    # -- what must hold ----------------------------------------------------------------------------------------------

    @invariant()
    def the_data_are_sound(self) -> None:
        for lead in self.leads:
            assert lead.data.outcome in OUTCOMES[lead.state], f"{lead.state} with the outcome «{lead.data.outcome}»"
            if LEAD.is_final(lead.data):
                assert LEAD.next_deadline(lead.data) is None
            if lead.state in UNDOABLE:
                assert lead.data.undo_until is not None
            if lead.state == "credited":
                assert lead.data.paid_at is not None
            if lead.state in ("opportunity", "won"):
                assert lead.data.opportunity_at is not None
                assert lead.data.rules.working_opportunity_counts
            if lead.data.renewals:
                assert lead.data.rules.renewal_allowed
            if lead.state in ("accepted", "renewal_asked", "credit_in_question", "opportunity", "won"):
                assert lead.data.accepted_at is not None

    @invariant()
    def windows_never_shrink(self) -> None:
        for lead in self.leads:
            assert lead.data.valid_until >= self.windows.get(lead.process, lead.data.valid_until)
            self.windows[lead.process] = lead.data.valid_until

    @invariant()
    def deadlines_fire_when_they_were_due_and_in_order(self) -> None:
        for lead in self.leads:
            new, fired = self.heard_anew(lead)
            announced = self.announced.get(lead.process, set())
            if fired and new[0] is fired[0] and announced:
                assert (fired[0].trigger, fired[0].at) in announced, "it fired at another instant than it said"
            self.announced[lead.process] = {(due.trigger, due.at) for due in LEAD.deadlines(lead.data)}

    @invariant()
    def one_holder_and_one_credit(self) -> None:
        register = self.world.register
        for domain, rows in register.rows.items():
            assert sum(row.held for row in rows) <= 1
            assert not (rows and domain in register.credited)
        if self.world.database_away:
            return
        for lead in self.leads:
            domain = lead.data.domain
            if lead.state == "credited":
                assert register.credited[domain] == lead.process
                assert lead.data.terms is not None
            elif lead.state in HOLDING:
                holder = register.holder(domain)
                assert holder is not None
                assert holder.process == lead.process, f"{lead.process} is {lead.state} without holding the prospect"
                assert lead.data.claim == "held"

    def teardown(self) -> None:
        if hasattr(self, "worlds"):
            self.long_afterwards()
            self.the_data_are_sound()
            self.one_holder_and_one_credit()


Leads.TestCase.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
TestLeads = Leads.TestCase
