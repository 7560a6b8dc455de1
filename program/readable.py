"""What a text may hold that people write and others read; no-break spaces, accents and emoji are all welcome."""

from unicodedata import category

_BREAKS_A_LINE = ("Zl", "Zp")
_UNREADABLE = ("Cc", "Cs")
# They turn the direction of what is written, so that it reads as something else.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_readable(text: str) -> bool:
    """Whether a text of several lines holds no control characters, which databases and mails can't keep."""
    return not any(category(letter) in _UNREADABLE or letter in _TURNING for letter in text if letter not in "\n\r\t")


def is_one_line(text: str) -> bool:
    """Whether a text is readable and stands on one line."""
    return is_readable(text) and not any(letter in "\n\r\t" or category(letter) in _BREAKS_A_LINE for letter in text)
