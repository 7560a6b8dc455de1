"""Whatever is said about a client's account, by whomever and whenever: what must hold, holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from program.calendar import program_date
from states.account import ACCOUNT
from states.lifecycle import GRACE
from states.messages import Refusal
from states.staff import Role
from tests.states.account_situations import SITUATIONS
from tests.states.accounts import AccountTrial, submit
from tests.states.simulate import DAY, SECOND, World

SAID = [action.name for action in ACCOUNT.actions.values() if Role.SYSTEM not in action.who]
ENDING = ("void", "client_denies", "client_revokes", "end_management")
DEADLINES = {deadline.trigger for phase in ACCOUNT.phases.values() for deadline in phase.deadlines}
OUTCOMES = {"received": "", "waiting": "", "active": ""}
OUTCOMES |= {state: state for state in ("lapsed", "voided", "denied", "revoked", "superseded")}
# Only these lead to a management, and only while the client's word stands.
TO_ACTIVE = {"client_confirms", "reinstate"}


class Accounts(RuleBasedStateMachine):
    """One client's account under up to three partners, in two worlds: in the second, data are JSON in between."""

    def __init__(self) -> None:
        super().__init__()
        self.worlds: tuple[World, World]
        self.seen: dict[str, int] = {}
        self.number = 0

    @initialize(situation=st.sampled_from([name for name in SITUATIONS if name != "received"]))
    def begin(self, situation: str) -> None:
        """Rare states are rare: so each is where one begins."""
        self.worlds = (SITUATIONS[situation]().world, SITUATIONS[situation]().world)
        self.worlds[1].continues = True

    @property
    def world(self) -> World:
        return self.worlds[0]

    @property
    def accounts(self) -> list[AccountTrial]:
        return list(self.world.processes.values())

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
        self.told(account, action, at, repeated)

    def told(self, account: AccountTrial, action: str, at: datetime | None, repeated: bool) -> None:
        """Say the same in both worlds, and hear the same from both."""
        self.number += 1
        fields: dict[str, Any] = {"id": f"message-{self.number}"}
        if action == "submit_again":
            fields |= {"request": account.data.request + 1, "contact": account.data.contact + 1}
        if action == "contact_corrected":
            fields["contact"] = account.data.contact + 1
        answers = []
        for world in self.worlds:
            trial = world.processes[account.process]
            try:
                answers.append(trial.say(action, at, **fields))
                steps = len(trial.steps)
                if repeated:
                    trial.say(action, at, **fields)
                    assert len(trial.steps) == steps, "a repeated message does nothing"
            except Refusal as refusal:
                answers.append(str(refusal))
        assert answers[0] == answers[1]

    @rule(span=st.sampled_from([SECOND, timedelta(hours=7), DAY, 12 * DAY, 40 * DAY, 370 * DAY]))
    def let_time_pass(self, span: timedelta) -> None:
        for world in self.worlds:
            world.until(world.now + span)

    @precondition(lambda self: any(ACCOUNT.next_deadline(account.data) for account in self.accounts))
    @rule(around=st.sampled_from([-SECOND, 0 * SECOND, SECOND, GRACE - SECOND, GRACE, GRACE + SECOND]))
    def let_time_pass_to_a_deadline(self, around: timedelta) -> None:
        due = min(due.at for account in self.accounts if (due := ACCOUNT.next_deadline(account.data)))
        for world in self.worlds:
            world.until(max(world.now, due + around))

    @rule()
    def the_database_goes_or_comes(self) -> None:
        for world in self.worlds:
            if world.database_away:
                world.database_returns()
            else:
                world.database_away = True

    # -- what must hold ----------------------------------------------------------------------------------------------

    @invariant()
    def both_worlds_are_the_same(self) -> None:
        for one, other in zip(self.accounts, self.worlds[1].processes.values(), strict=True):
            assert one.data == other.data
            assert one.steps == other.steps
            assert one.mails == other.mails

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
            asked = [step for step in account.steps if step.trigger in ("begin", "submit_again")][-1]
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
                    assert step.trigger not in DEADLINES

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
            new = account.steps[self.seen.get(account.process, 0) :]
            self.seen[account.process] = len(account.steps)
            fired = [step for step in new if step.trigger in DEADLINES]
            for step in fired:
                assert step.at <= step.handled_at
            for before, after in pairwise(new):
                if before in fired and after in fired:
                    assert before.at <= after.at

    def teardown(self) -> None:
        if hasattr(self, "worlds"):
            for world in self.worlds:
                world.database_returns()
                world.until(world.now + timedelta(days=2_000))
            self.both_worlds_are_the_same()
            self.the_data_are_sound()
            self.consent_comes_from_the_client_alone()
            self.one_partner_manages_an_account_at_a_time()


Accounts.TestCase.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
TestAccounts = Accounts.TestCase
