"""Signed links: nobody can make one up, and a key can be changed while links are on their way."""

from hypothesis import given
from hypothesis import strategies as st

from records.signing import Signer

OLD, NEW = "o" * 32, "n" * 32


def test_what_was_signed_is_read_again() -> None:
    signer = Signer([OLD])
    assert signer.read("sign-in", signer.sign("sign-in", ["a1", 7])) == ["a1", 7]


def test_a_token_serves_one_purpose_only() -> None:
    signer = Signer([OLD])
    assert signer.read("account", signer.sign("sign-in", "a1")) is None


def test_a_key_is_changed_by_adding_the_new_one_behind() -> None:
    on_its_way = Signer([OLD]).sign("sign-in", "a1")
    assert Signer([OLD, NEW]).read("sign-in", on_its_way) == "a1"
    assert Signer([NEW]).read("sign-in", on_its_way) is None
    assert Signer([NEW]).read("sign-in", Signer([OLD, NEW]).sign("sign-in", "a2")) == "a2"


@given(st.text(max_size=80), st.integers(0, 200), st.characters())
def test_what_is_damaged_or_made_up_is_nothing(made_up: str, place: int, letter: str) -> None:
    signer = Signer([OLD])
    token = signer.sign("sign-in", "a1")
    damaged = token[: place % len(token)] + letter + token[place % len(token) + 1 :]
    assert signer.read("sign-in", made_up) is None
    assert damaged == token or signer.read("sign-in", damaged) is None
