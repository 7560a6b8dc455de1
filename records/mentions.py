"""Finding a person in texts, by the mail address and, where a text is about them, by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

from records.people import ERASED, NOBODY


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a person is called. `part` is a piece of the address that every database compares alike, in any case."""

    address: re.Pattern[str]
    names: re.Pattern[str] | None
    part: str

    @classmethod
    def of(cls, key: str, names: Iterable[str] = ()) -> Mentions:
        """Of the address whose key this is, and of people with these names."""
        # Longer names first, so that the whole of one goes and not the part that another is.
        either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name.strip())
        return cls(
            # "ann@shop.example" is neither "joann@shop.example" nor "ann@shop.example.org".
            address=re.compile(rf"(?<![\w.+-]){re.escape(key)}(?![\w-]|\.\w)", re.IGNORECASE),
            names=re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE) if either else None,
            part=max(re.findall(r"[!-~]+", key), key=len, default=key),
        )

    def may_be_in(self, column: ColumnElement[str]) -> ColumnElement[bool]:
        """A first look that the database takes; what it finds is to be looked at again."""
        return column.icontains(self.part, autoescape=True)

    def are_in(self, text: str, *, names: bool) -> bool:
        """Whether a text names the person, by address or (`names`) by name."""
        if self.address.search(text):
            return True
        return names and self.names is not None and self.names.search(text) is not None

    def without(self, value: Any, *, names: bool) -> Any:
        """A text, or a JSON value with all texts in it, without the person."""
        match value:
            case str():
                text = self.address.sub(ERASED, value)
                return self.names.sub(NOBODY, text) if names and self.names else text
            case dict():
                return {self.without(key, names=False): self.without(each, names=names) for key, each in value.items()}
            case list():
                return [self.without(each, names=names) for each in value]
        return value
