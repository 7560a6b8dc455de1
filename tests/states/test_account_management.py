"""Who manages an account, and since when: the client's last word, the vendor's, the partner's."""

from datetime import timedelta

import pytest

from tests.states.accounts import AccountTrial, managing, submit
from tests.states.simulate import DAY, SECOND, World, ny

BEGUN = "2027-01-05 10:00"


def two_partners() -> tuple[World, AccountTrial, AccountTrial]:
    """North manages the account; the client has been asked about south."""
    world = World(ny(BEGUN))
    north = submit(world, "north")
    world.until(world.now + DAY)
    north.say("client_confirms")
    world.until(world.now + DAY)
    return world, north, submit(world, "south")


def intervals(world: World) -> list[tuple[str, object, object]]:
    return [(process, each.since, each.ended) for (process, _), each in world.register.managements.items()]


def test_another_partners_confirmation_ends_a_management_at_that_very_moment() -> None:
    world, north, south = two_partners()
    assert managing(world) == ["north"]
    world.until(world.now + timedelta(hours=1))
    south.say("client_confirms")
    assert managing(world) == ["south"]
    assert (north.state, north.data.superseded_by) == ("superseded", "account:Ab12Cd:south")
    assert intervals(world) == [
        ("account:Ab12Cd:north", ny("2027-01-06 10:00"), world.now),
        ("account:Ab12Cd:south", world.now, None),
    ]
    assert north.templates.count("account_superseded") == 2


def test_so_it_does_while_that_partners_process_is_stuck() -> None:
    world, north, south = two_partners()
    north.stuck = True
    south.say("client_confirms")
    switched = world.now
    assert managing(world) == ["south"]
    world.until(world.now + 5 * DAY)
    north.freed()
    assert north.state == "superseded"
    assert intervals(world)[0][2] == switched


def test_an_older_word_that_arrives_late_takes_nothing_from_a_newer_one() -> None:
    world = World(ny(BEGUN))
    north, south = submit(world, "north"), submit(world, "south")
    world.until(world.now + DAY)
    earlier = world.now - timedelta(hours=2)
    south.say("client_confirms")
    north.say("client_confirms", at=earlier)
    assert managing(world) == ["south"]
    assert (north.state, south.state) == ("superseded", "active")


def test_only_one_of_two_partners_ever_manages_while_the_client_goes_back_and_forth() -> None:
    world, north, south = two_partners()
    south.say("client_confirms")
    world.until(world.now + DAY)
    north.say("submit_again", request=2, contact=2)
    assert (north.state, managing(world)) == ("waiting", ["south"])
    world.until(world.now + DAY)
    north.say("client_confirms")
    assert (managing(world), south.state) == (["north"], "superseded")


@pytest.mark.parametrize("first", ["client_confirms", "confirm_for_vendor"])
def test_client_and_vendor_confirm_in_either_order_and_both_instants_are_kept(first: str) -> None:
    world = World(ny(BEGUN))
    account = submit(world)
    second = {"client_confirms": "confirm_for_vendor", "confirm_for_vendor": "client_confirms"}[first]
    account.say(first)
    at_first = world.now
    world.until(world.now + DAY)
    account.say(second)
    instants = {first: at_first, second: world.now}
    assert account.data.client_confirmed_at == instants["client_confirms"]
    assert account.data.vendor_at == instants["confirm_for_vendor"]
    assert world.register.words == [("account:Ab12Cd:north", 1, instants["confirm_for_vendor"], "confirmed")]
    # Reviewers are asked for the vendor's word only while it has not been said.
    assert account.templates.count("account_to_confirm") == (1 if first == "client_confirms" else 0)


def test_staff_may_decline_with_a_reason_and_reverse_it_and_the_management_stands() -> None:
    world = World(ny(BEGUN))
    account = submit(world)
    account.say("client_confirms")
    assert account.kind.lifecycle.waits_for(account.data) == "reviewer"
    account.say("decline_for_vendor", reason="managed by the client itself")
    assert (account.data.vendor, account.data.vendor_reason) == ("declined", "managed by the client itself")
    assert managing(world) == ["north"]
    world.until(world.now + DAY)
    account.say("confirm_for_vendor")
    assert [word for *_, word in world.register.words] == ["declined", "confirmed"]
    assert account.templates[-2:] == ["account_share_declined", "account_share_confirmed"]


@pytest.mark.parametrize(("action", "state"), [("client_revokes", "revoked"), ("end_management", "ended")])
def test_client_and_partner_may_end_it_at_any_time_and_the_partner_may_submit_again(action: str, state: str) -> None:
    world = World(ny(BEGUN))
    account = submit(world)
    account.say("client_confirms")
    world.until(world.now + 400 * DAY)
    assert account.say(action) == state
    assert (managing(world), intervals(world)[0][2]) == ([], world.now)
    account.say("submit_again", request=2, contact=2)
    assert (account.data.request, account.data.client_confirmed_at, account.data.vendor) == (2, None, "undecided")
    account.say("client_confirms")
    assert managing(world) == ["north"]


def test_what_staff_take_out_by_mistake_comes_back_with_its_old_dates() -> None:
    world = World(ny(BEGUN))
    account = submit(world)
    account.say("client_confirms")
    confirmed = world.now
    account.say("void")
    assert managing(world) == []
    world.until(world.now + 3 * DAY)
    account.say("reinstate")
    assert (account.state, account.data.client_confirmed_at) == ("active", confirmed)
    assert managing(world) == ["north"]


def test_a_client_that_confirms_another_while_an_account_is_taken_out_is_not_overruled() -> None:
    world, north, south = two_partners()
    north.say("void")
    world.until(world.now + SECOND)
    south.say("client_confirms")
    assert (north.state, managing(world)) == ("superseded", ["south"])
    assert "superseded" in north.refusal("reinstate")


def test_a_life_of_years_continues_as_new_without_a_seam() -> None:
    lives = []
    for continues in (False, True):
        world = World(ny(BEGUN), continues=continues)
        account = submit(world)
        account.say("client_confirms")
        for _ in range(5):
            world.until(world.now + 380 * DAY)
            account.say("client_confirms")
        account.say("client_revokes")
        lives.append(([(step.trigger, step.at) for step in account.steps], account.templates, intervals(world)))
    assert lives[0] == lives[1]


def test_submitted_when_it_was_out_an_account_that_staff_brought_back_asks_the_contact_that_was_named_last() -> None:
    world = World(ny(BEGUN))
    account = submit(world)
    account.say("confirm_for_vendor")
    account.say("void")
    account.say("reinstate")
    lapses_at = account.data.lapses_at
    assert account.say("submit_again", request=2, contact=2) == "waiting"
    assert (account.data.facts()["request"], account.data.facts()["last request"]) == (1, 2)
    assert (account.data.contact, account.data.lapses_at, account.data.vendor) == (2, lapses_at, "confirmed")
    asked = [mail.about for mail in account.mails if mail.template == "account_asked"]
    assert [(about["request"], about["contact"], about["link_number"]) for about in asked] == [(1, 1, 1), (1, 2, 2)]
    account.say("client_denies")
    account.say("submit_again", request=3, contact=3)
    assert (account.data.request, account.data.facts()["last request"]) == (3, None)


def test_a_management_that_staff_brought_back_goes_on_however_it_was_submitted_meanwhile() -> None:
    world = World(ny(BEGUN))
    account = submit(world)
    account.say("client_confirms")
    account.say("void")
    account.say("reinstate")
    before = list(account.templates)
    assert account.say("submit_again", request=2, contact=2) == "active"
    assert (account.data.request, account.data.last_request, account.data.contact) == (1, 2, 1)
    assert (managing(world), account.templates) == (["north"], before)
    account.say("client_revokes")
    assert managing(world) == []


def test_more_links_than_a_day_may_have_do_not_leave_for_another_submission() -> None:
    world = World(ny(BEGUN))
    account = submit(world)
    for _ in range(3):
        account.say("new_link")
    account.say("submit_again", request=2, contact=2)
    assert (account.data.last_request, account.data.contact, account.data.link) == (2, 1, 4)
    assert account.templates.count("account_asked") == 4
