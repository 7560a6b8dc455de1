"""Prospects are told apart by their registrable web domain: this reads it from whatever a partner wrote.

Private suffixes count as suffixes: on a shop platform every shop's address, such as shop.myshopify.com, is a
business of its own. Were the platform's domain taken instead, the first partner to register one shop would
hold all of them.
"""

import ipaddress
import re
import unicodedata

import idna
import tldextract

# Only the snapshot inside the installed package, read once here: two workers must never disagree.
# ".example" is reserved and belongs to nobody, so demonstrations can use it without naming a real business.
_split = tldextract.TLDExtract(
    cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True, extra_suffixes=("example",)
)
_split("shop.example")

FREE_MAIL_HOSTS = frozenset(
    {
        "163.com", "aol.com", "fastmail.com", "gmail.com", "gmx.at", "gmx.ch", "gmx.com",
        "gmx.de", "gmx.net", "googlemail.com", "hey.com", "hotmail.co.uk", "hotmail.com",
        "hotmail.de", "hotmail.fr", "icloud.com", "live.com", "mac.com", "mail.com", "mail.ru",
        "me.com", "msn.com", "outlook.com", "outlook.de", "pm.me", "proton.me",
        "protonmail.com", "qq.com", "t-online.de", "web.de", "yahoo.ca", "yahoo.co.jp",
        "yahoo.co.uk", "yahoo.com", "yahoo.de", "yahoo.fr", "yandex.com", "yandex.ru",
        "ymail.com", "zoho.com",
    }
)  # fmt: skip
"""Hosts at which anybody has a mailbox: an address there says nothing about the business."""

SHARED_PAGES = frozenset(
    {
        "amazon.co.uk", "amazon.com", "amazon.de", "ebay.com", "etsy.com", "facebook.com",
        "instagram.com", "linkedin.com", "linktr.ee", "pinterest.com", "tiktok.com",
        "twitter.com", "x.com", "youtube.com",
    }
)  # fmt: skip
"""Sites on which the path, not the domain, names the business: one lead would hold every other one's."""

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:/*(?=[^0-9]|[0-9]+[^0-9/])|//", re.IGNORECASE)
_PORT = re.compile(r":\d*$")
_WRAPPING = " \t\r\n<>()[]{}\"'`,;" + "\u2018\u2019\u201c\u201d\u00ab\u00bb"
_LONGEST_INPUT = 2_048


def registrable_domain(text: str) -> str:
    """The registrable web domain in a text, in lower-case ASCII: "example.com" for "https://www.Example.com/de".

    Accepts addresses with scheme, user, port, path, a trailing dot, spaces around separators, mail addresses,
    and domains in any script (returned as IDNA punycode). ValueError, with a sentence for the partner, for
    what names no single business: IP addresses, bare words, endings alone, free mail, shared pages.
    """
    host = _host(text)
    if _is_ip_address(host):
        raise ValueError(f"{host} is an IP address, not a web domain; write the domain, like example.com.")
    host = host.strip(".")
    if "." not in host:
        raise ValueError(f"{_shown(text)} is not a web domain; write it with its ending, like example.com.")
    parts = _split(host)
    if not parts.suffix:
        raise ValueError(f"{_shown(text)} ends in no known ending of the web; write the domain like example.com.")
    if not parts.domain:
        raise ValueError(f"{_shown(text)} is only an ending that many share; write the domain before it too.")
    domain = _in_ascii(f"{parts.domain}.{parts.suffix}", text)
    if domain in FREE_MAIL_HOSTS:
        raise ValueError(f"{domain} gives mailboxes to everybody; write the prospect's own web domain.")
    if domain in SHARED_PAGES:
        raise ValueError(f"{domain} is shared by many businesses; write the prospect's own web domain.")
    return domain


def _host(text: str) -> str:
    if len(text) > _LONGEST_INPUT:
        raise ValueError(f"{len(text)} characters are too many for a web domain; write only it, like example.com.")
    plain = unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).strip(_WRAPPING).lower()
    plain = re.sub(r"\s*([.:/@。])\s*", r"\1", plain).replace("。", ".")
    scheme = _SCHEME.match(plain)
    rest = plain[scheme.end() :] if scheme else plain
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2]
    if not authority:
        raise ValueError(f"{_shown(text)} holds no web domain; write it like example.com.")
    if re.search(r"\s", authority):
        raise ValueError(f"{_shown(text)} is more than one word; write only the domain, like example.com.")
    return authority if _is_ip_address(authority) else _PORT.sub("", authority).strip(_WRAPPING)


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]."))
    except ValueError:
        return False
    return True


def _in_ascii(domain: str, text: str) -> str:
    try:
        # UTS 46 without transition, as browsers do: an eszett stays one instead of becoming "ss".
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise ValueError(f"{_shown(text)} is not spelled like a web domain ({error}).") from error


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:79]}…")
