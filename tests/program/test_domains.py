"""What partners write, and the prospect it names."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.domains import FREE_MAIL_HOSTS, SHARED_PAGES, registrable_domain

SPELLINGS = [
    ("example.com", "example.com"),
    ("EXAMPLE.Com", "example.com"),
    ("www.example.com", "example.com"),
    ("https://www.example.com/de/shop?utm=1#top", "example.com"),
    ("HTTP://Example.com", "example.com"),
    ("http:/example.com", "example.com"),
    ("//example.com/x", "example.com"),
    ("example.com:8443", "example.com"),
    ("https://example.com:443/x", "example.com"),
    ("https://user:secret@example.com/", "example.com"),
    ("example.com.", "example.com"),
    ("example.com/", "example.com"),
    ("example.com\\shop", "example.com"),
    ("  example.com \n", "example.com"),
    ("example . com", "example.com"),
    ("<https://example.com>", "example.com"),
    ('"example.com",', "example.com"),
    ("\u201cexample.com\u201d", "example.com"),
    ("example\u200b.com", "example.com"),
    ("\ufeffexample.com", "example.com"),
    ("example\u3002com", "example.com"),
    ("\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45.com", "example.com"),
    ("info@example.com", "example.com"),
    ("mailto:info@shop.example.com", "example.com"),
    ("a.b.c.example.co.uk", "example.co.uk"),
    ("my_shop.example.com", "example.com"),
    ("3m.example.com:80", "example.com"),
    ("1and1.example", "1and1.example"),
    ("m\u00fcnchen.example", "xn--mnchen-3ya.example"),
    ("M\u00dcNCHEN.example", "xn--mnchen-3ya.example"),
    ("mu\u0308nchen.example", "xn--mnchen-3ya.example"),
    ("XN--MNCHEN-3YA.example", "xn--mnchen-3ya.example"),
    ("www.stra\u00dfe.example", "xn--strae-oqa.example"),
    ("\u4f8b\u3048.jp", "xn--r8jz45g.jp"),
    ("shop.example", "shop.example"),
    ("www.shop.example", "shop.example"),
    ("first.myshopify.com", "first.myshopify.com"),
    ("www.second.myshopify.com/products", "second.myshopify.com"),
]


@pytest.mark.parametrize(("written", "domain"), SPELLINGS)
def test_every_spelling_names_one_prospect(written: str, domain: str) -> None:
    assert registrable_domain(written) == domain


@pytest.mark.parametrize("domain", sorted({domain for _, domain in SPELLINGS}))
def test_a_normal_form_is_its_own(domain: str) -> None:
    assert registrable_domain(domain) == domain


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("", "holds no web domain"),
        ("   ", "holds no web domain"),
        ("https://", "holds no web domain"),
        ("192.168.0.1", "is an IP address"),
        ("http://192.168.0.1:8080/x", "is an IP address"),
        ("[::1]:80", "is an IP address"),
        ("http://[2001:db8::1]/", "is an IP address"),
        ("2001:db8::1", "is an IP address"),
        ("localhost", "with its ending, like example.com"),
        ("http://localhost:3000", "with its ending, like example.com"),
        ("acme", "with its ending, like example.com"),
        ("com", "with its ending, like example.com"),
        ("www.", "with its ending, like example.com"),
        ("example,com", "with its ending, like example.com"),
        ("co.uk", "is only an ending that many share"),
        ("myshopify.com", "is only an ending that many share"),
        ("acme.local", "no known ending"),
        ("999.999.999.999", "no known ending"),
        ("acme example.com", "more than one word"),
        ("example.com, example.org", "more than one word"),
        ("-acme.com", "not spelled like a web domain"),
        ("ac_me.com", "not spelled like a web domain"),
        ("xn--a.com", "not spelled like a web domain"),
        (f"{'a' * 64}.com", "not spelled like a web domain"),
        ("a" * 3_000, "3000 characters are too many"),
        ("gmail.com", "gmail.com gives mailboxes to everybody"),
        ("somebody@GMAIL.com", "gmail.com gives mailboxes to everybody"),
        ("https://www.instagram.com/acme", "instagram.com is shared by many businesses"),
    ],
)
def test_what_names_no_single_business_is_refused_in_a_sentence(written: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        registrable_domain(written)


@pytest.mark.parametrize("host", sorted(FREE_MAIL_HOSTS | SHARED_PAGES))
def test_the_lists_hold_registrable_domains(host: str) -> None:
    # An entry that is not in its normal form would never be met.
    with pytest.raises(ValueError, match=f"^{host} (gives|is shared)"):
        registrable_domain(f"www.{host}")


@given(st.text(max_size=60) | st.from_regex(r"\A(https?://)?[a-z0-9.\-ü@:/ ]{1,40}(com|co\.uk|example)\Z"))
def test_any_text_is_normalised_for_good_or_refused(text: str) -> None:
    try:
        domain = registrable_domain(text)
    except ValueError:
        return
    assert registrable_domain(domain) == domain
    assert domain.isascii()
    assert domain == domain.lower()
    assert registrable_domain(f"https://www.{domain}./path") == domain


def test_the_network_is_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert registrable_domain("www.example.co.jp") == "example.co.jp"
