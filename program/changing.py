"""A changed edition: a known one with some of its values replaced, each named by its path.

A path goes from table to value with points between, and names a row of a table of standings by track and tier:
`tiers.certified_employees`, `tiers.requirements.master.gold.referred_mrr`,
`money.shares.advisor.silver.referred_percent`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from program.edition import Edition

FIXED = ("name", "based_on", "notes")
# What names a row is no value of it.
_NAMES = ("track", "tier")


def changed(base: Edition, name: str, changes: Mapping[str, Any]) -> Edition:
    """The edition that a base becomes; `ValueError` with a sentence for a path or a value that can't be."""
    values = base.model_dump(mode="json")
    for path, value in changes.items():
        _replace(values, path.split("."), value, path)
    values |= {"name": name, "based_on": base.name}
    try:
        return Edition.model_validate_json(json.dumps(values, default=str))
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{first['msg']}; it was given {first['input']!r}.") from None


def _replace(table: Any, path: list[str], value: Any, whole: str) -> None:
    """Put a value where a path leads, in nested tables; rows of standings are found by track and tier."""
    word, rest = path[0], path[1:]
    if _has_standings(table):
        row = next((each for each in table if [each["track"], each["tier"]] == path[:2]), None)
        if row is None or len(path) < 3:
            known = ", ".join(f"{each['track']}.{each['tier']}" for each in table)
            raise ValueError(f"There is no value {whole}: a row of it is one of {known}, and a value of that follows.")
        _replace(row, path[2:], value, whole)
    elif not isinstance(table, dict) or word not in table or word in (*FIXED, *_NAMES):
        known = ", ".join(name for name in table if name not in (*FIXED, *_NAMES)) if table else "nothing"
        raise ValueError(f"There is no value {whole}: instead of {word} there can be {known}.")
    elif rest and (isinstance(table[word], dict) or _has_standings(table[word])):
        _replace(table[word], rest, value, whole)
    elif rest:
        raise ValueError(f"There is no value {whole}: {word} has no parts that can be changed alone.")
    elif isinstance(table[word], dict) or _has_standings(table[word]):
        raise ValueError(f"{whole} is a whole table; name one value of it.")
    else:
        table[word] = value


def _has_standings(table: Any) -> bool:
    return isinstance(table, tuple | list) and bool(table) and isinstance(table[0], dict) and "tier" in table[0]
