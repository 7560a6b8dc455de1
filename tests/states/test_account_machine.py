"""Whatever is said about a client's account, by whomever and whenever: what must hold, holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from program.calendar import program_date
from states.account import ACCOUNT
from states.staff import Role
from tests.states.account_situations import SITUATIONS
from tests.states.accounts import ACCOUNTS, AccountTrial, submit
from tests.states.simulate import DAY, SECOND
from tests.states.two_worlds import TwoWorlds

SAID = [action.name for action in ACCOUNT.actions.values() if Role.SYSTEM not in action.who]
ENDING = ("void", "client_denies", "client_revokes", "end_management")
OUTCOMES = {"received": "", "waiting": "", "active": ""}
OUTCOMES |= {state: state for state in ("lapsed", "voided", "denied", "revoked", "superseded")}
# Only these lead to a management, and only while the client's word stands.
TO_ACTIVE = {"client_confirms", "reinstate"}


class Accounts(TwoWorlds):
    """One client's account under up to three partners, in two worlds: in the second, data are JSON in between."""

    kind = ACCOUNTS

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    @initialize(situation=st.sampled_from([name for name in SITUATIONS if name != "received"]))
    def begin(self, situation: str) -> None:
        """Rare states are rare: so each is where one begins."""
        self.worlds = (SITUATIONS[situation]().world, SITUATIONS[situation]().world)
        self.worlds[1].continues = True

    @property
    def accounts(self) -> list[AccountTrial]:
        return self.trials()

    @precondition(lambda self: len(self.world.processes) < 3)
    @rule(edition=st.sampled_from(["2022", "2022", "2021"]), earlier=st.integers(0, 90))
    def another_partner_submits(self, edition: str, earlier: int) -> None:
        partner = f"partner-{len(self.world.processes)}"
        for world in self.worlds:
            submit(world, partner, at=world.now - timedelta(seconds=earlier), edition=edition)

    @rule(
        data=st.data(),
        what=st.sampled_from(["what goes on", "what goes on", "what goes on", "anything"]),
        ago=st.sampled_from([0 * DAY, 0 * DAY, SECOND, DAY, 20 * DAY]),
        repeated=st.booleans(),
    )
    def say(self, data: st.DataObject, what: str, ago: timedelta, repeated: bool) -> None:
        account = data.draw(st.sampled_from(self.accounts))
        possible = [name for name in account.possible() if name in SAID]
        going_on = [name for name in possible if name not in ENDING]
        action = data.draw(st.sampled_from(going_on if what == "what goes on" and going_on else SAID))
        at = None
        if not ACCOUNT.actions[action].by_staff:
            dues = [due.at for due in ACCOUNT.deadlines(account.data)]
            at = min(self.world.now, data.draw(st.sampled_from([self.world.now, account.data.since, *dues])) - ago)
        self.number += 1
        fields: dict[str, Any] = {"id": f"message-{self.number}"}
        if action == "submit_again":
            fields |= {"request": account.data.request + 1, "contact": account.data.contact + 1}
        if action == "contact_corrected":
            fields["contact"] = account.data.contact + 1
        self.told(account, action, at, repeated=repeated, **fields)

    @rule(span=st.sampled_from([SECOND, timedelta(hours=7), DAY, 12 * DAY, 40 * DAY, 370 * DAY]))
    def let_time_pass(self, span: timedelta) -> None:
        self.pass_time(span)

    # -- what must hold ----------------------------------------------------------------------------------------------

    @invariant()
    def the_data_are_sound(self) -> None:
        for account in self.accounts:
            data = account.data
            assert data.outcome in (OUTCOMES.get(data.state, data.outcome), "ended" if data.state == "ended" else "")
            if ACCOUNT.is_final(data):
                assert ACCOUNT.next_deadline(data) is None
            assert (data.undo_until is not None) == (data.state in ("lapsed", "voided")) or data.state == "ended"
            assert (data.vendor == "undecided") == (data.vendor_at is None)
            assert data.vendor != "declined" or data.rules.vendor_may_decline_and_reverse
            assert not data.overdue or (data.state == "active" and data.consent_asked_at is not None)
            assert data.requested_at < data.lapses_at
            assert list(data.reminders) == sorted(data.reminders)
            assert len(data.links_at) <= data.rules.new_links_a_day
            assert len({program_date(sent) for sent in data.links_at}) <= 1
            if data.state == "waiting":
                assert data.client_confirmed_at is None
                assert data.superseded_by == ""

    @invariant()
    def consent_comes_from_the_client_alone(self) -> None:
        for account in self.accounts:
            data = account.data
            begun = [step for step in account.steps if step.source != step.dest]
            asked = [step for step in begun if step.trigger in ("begin", "submit_again")][-1]
            since = account.steps[account.steps.index(asked) :]
            words = [step.at for step in since if step.trigger == "client_confirms" and step.dest == "active"]
            if data.client_confirmed_at is not None:
                assert data.client_confirmed_at in words, "nobody but the client confirms"
                assert data.requested_at <= data.client_confirmed_at <= data.lapses_at
            for step in account.steps:
                if step.dest == "active" and step.source != "active":
                    assert step.trigger in TO_ACTIVE
            if data.state == "active":
                assert data.client_confirmed_at is not None
                assert (data.consent_ages_at is None) == (data.consent_asked_at is not None)

    @invariant()
    def only_the_client_ends_what_the_client_has_said(self) -> None:
        """Neither silence nor the clock takes a confirmed account from its partner."""
        for account in self.accounts:
            for step in account.steps:
                if step.source == "active" and step.dest != "active":
                    assert step.trigger not in self.deadlines

    @invariant()
    def one_partner_manages_an_account_at_a_time(self) -> None:
        never = datetime.max.replace(tzinfo=UTC)
        managed = [
            (each.since, each.ended or never, process)
            for (process, _), each in self.world.register.managements.items()
            if each.since != each.ended
        ]
        assert all(since < ended for since, ended, _ in managed)
        for (_, ended, first), (since, _, second) in pairwise(sorted(managed)):
            assert ended <= since or first == second, "two manage it"
        assert sum(row.held for row in self.world.register.rows.get("Ab12Cd", [])) <= 1
        if self.world.database_away:
            return
        managing = [process for (process, _), each in self.world.register.managements.items() if each.ended is None]
        assert managing == [account.process for account in self.accounts if account.state == "active"]

    @invariant()
    def deadlines_are_recorded_when_they_were_due_and_in_order(self) -> None:
        for account in self.accounts:
            self.heard_anew(account)

    def teardown(self) -> None:
        if hasattr(self, "worlds"):
            self.long_afterwards()
            self.the_data_are_sound()
            self.consent_comes_from_the_client_alone()
            self.one_partner_manages_an_account_at_a_time()


Accounts.TestCase.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
TestAccounts = Accounts.TestCase
