"""Which addresses can stand in a mail, and which are one."""

import re

import pytest

from program.addresses import DELIVERABLE, address_key


@pytest.mark.parametrize(
    "address",
    [
        "anna@shop.example",
        "a.b+c@shop.example",
        "o'neil@sub.shop.example",
        "anna@weiß.example",
        "x@localhost",
        "1@a-b.example",
    ],
)
def test_what_mails_can_be_sent_to(address: str) -> None:
    assert re.match(DELIVERABLE, address)


@pytest.mark.parametrize(
    "address",
    ["", "anna", "@shop.example", "anna@", "a b@shop.example", "a@b@c", "jürgen@shop.example", "<x>@a.example",
     "a..b@shop.example", ".a@shop.example", "a@shop..example", "a@shop.example.", '"a(b)@shop.example', "a@<b>",
     "a@b,c", "a\x00@shop.example", "a@shop.example\n"],
)  # fmt: skip
def test_what_mails_can_not_be_sent_to(address: str) -> None:
    assert not re.fullmatch(DELIVERABLE.strip("^$"), address)


def test_small_and_capital_letters_are_one_and_letters_that_look_alike_are_not() -> None:
    assert address_key(" Anna@Shop.example ") == "anna@shop.example"
    assert address_key("anna@MÜLLER.example") == "anna@müller.example"
    # Sharp s, long s and the sign for kelvin.
    for one, other in (("a@wei\u00df.example", "a@weiss.example"), ("bo\u017fs@a", "boss@a"), ("\u212a@a", "k@a")):
        assert address_key(one) != address_key(other)
