"""Who may act in which role."""

import pytest
from pydantic import ValidationError

from states.staff import Member, Role, StaffList

STAFF = StaffList(
    staff=(
        Member(address="Reviewer@vendor.example", roles=(Role.REVIEWER,)),
        Member(address="manager@vendor.example", roles=(Role.MANAGER, Role.COMMITTEE)),
        Member(address="admin@vendor.example", roles=(Role.ADMIN,)),
        Member(address="both@vendor.example", roles=(Role.REVIEWER,)),
        Member(address="both@vendor.example", roles=(Role.FINANCE,)),
    )
)


@pytest.mark.parametrize(
    ("address", "roles"),
    [
        ("reviewer@vendor.example", (Role.REVIEWER,)),
        ("REVIEWER@VENDOR.EXAMPLE", (Role.REVIEWER,)),
        ("manager@vendor.example", (Role.REVIEWER, Role.MANAGER)),
        ("admin@vendor.example", (Role.FINANCE,)),
        ("both@vendor.example", (Role.FINANCE,)),
        ("both@vendor.example", (Role.REVIEWER,)),
    ],
)
def test_who_may(address: str, roles: tuple[Role, ...]) -> None:
    assert STAFF.objection(address, roles) == ""


@pytest.mark.parametrize("address", ["stranger@vendor.example", "", "reviewer"])
def test_a_stranger_may_nothing(address: str) -> None:
    objection = STAFF.objection(address, (Role.REVIEWER,))
    assert f"«{address}» is not on the staff list" in objection
    assert "administrator can add" in objection


def test_another_role_may_not_and_the_sentence_names_both() -> None:
    assert STAFF.objection("manager@vendor.example", (Role.REVIEWER, Role.FINANCE)) == (
        "«manager@vendor.example» may not do this: it takes the role reviewer or finance, "
        "and the staff list gives committee, manager."
    )


def test_without_a_list_everybody_may_act() -> None:
    assert StaffList().open
    assert StaffList().objection("anybody", (Role.CHAIR,)) == ""
    assert not STAFF.open


def test_the_addresses_of_a_role() -> None:
    assert STAFF.in_role(Role.REVIEWER) == ("Reviewer@vendor.example", "both@vendor.example")
    assert STAFF.in_role(Role.CHAIR) == ()


def test_the_vendors_roles_are_staff_and_the_others_are_not() -> None:
    assert {role for role in Role if not role.is_staff} == {
        Role.PARTNER, Role.CLIENT, Role.APPLICANT, Role.CRM, Role.SYSTEM,
    }  # fmt: skip


@pytest.mark.parametrize("address", ["no address", "a@b@c", "@", "a b@c"])
def test_an_entry_without_an_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        Member(address=address, roles=(Role.REVIEWER,))


def test_who_is_told_where_somebody_did_not_act() -> None:
    led = StaffList(
        staff=(
            Member(address="Manager@vendor.example", roles=(Role.MANAGER,), lead="head@vendor.example"),
            Member(address="chair@vendor.example", roles=(Role.CHAIR,)),
            Member(address="admin@vendor.example", roles=(Role.ADMIN,)),
        )
    )
    assert led.leads_of(["manager@vendor.example"]) == ("head@vendor.example",)
    assert led.leads_of(led.in_role(Role.CHAIR)) == ("admin@vendor.example",), "nobody is named"
    assert led.leads_of(["stranger@vendor.example", ""]) == ("admin@vendor.example",)
