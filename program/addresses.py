"""Mail addresses: which can stand in a mail, and which are the same one."""

from __future__ import annotations

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
# Letters of any script, digits and dashes; the rest of ASCII stands in no name of a host.
_LABEL = r"[^\x00-,./:-@\[-`{-\x7f\s]+"
DELIVERABLE = rf"^{_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})*$"
"""A pattern of addresses that mail servers without extensions of their own take. Source: RFC 5322, dot-atom."""


def address_key(address: str) -> str:
    """An address as it is compared with others: in small letters.

    Unicode's rules of comparing would make one of two: ß is ss to them, and the sign for kelvin a k, but straße.example
    and strasse.example belong to different people.
    """
    return "".join(_small(letter) for letter in address.strip())


def _small(letter: str) -> str:
    small = letter.lower()
    return letter if small.isascii() and not letter.isascii() else small
