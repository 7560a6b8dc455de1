"""A released table never changes: a process that began with it ends with it, and replays as it was."""

import importlib
import inspect
from types import ModuleType
from typing import Any

import pytest

from states import (
    account,
    adjustment,
    application,
    benefit,
    lead,
    lead_data,
    lead_deeds,
    lead_guards,
    nomination,
    partner,
    season,
)
from states.fingerprint import fingerprint
from states.lifecycle import Lifecycle

# Each released version of a lifecycle and its fingerprint. Lines are added, never changed.
PINNED = {
    ("lead", 1): "465620768b93db16",
    ("account", 1): "f04a20b66f51f9bd",
    ("application", 1): "26047b5b62c885fc",
    ("benefit", 1): "31ca7134ed5e2652",
    ("adjustment", 1): "45903086f539304e",
    ("partner", 1): "dc53470acb23e091",
    ("nomination", 1): "c1837b4757aa9e65",
    ("season", 1): "7a9dcb32ab0f526b",
}
# Versions that no release contains yet: their pin follows the table, and leaves this set with the release.
UNRELEASED = {
    (name, 1) for name in ("lead", "account", "application", "benefit", "partner", "adjustment", "nomination", "season")
}
TABLES: dict[tuple[str, int], Lifecycle[Any]] = {
    (table.name, table.version): table
    for table in (
        lead.LEAD,
        account.ACCOUNT,
        application.APPLICATION,
        benefit.BENEFIT,
        partner.PARTNER,
        adjustment.ADJUSTMENT,
        nomination.NOMINATION,
        season.SEASON,
    )
}


@pytest.mark.parametrize("version", PINNED)
def test_a_version_is_what_it_was(version: tuple[str, int]) -> None:
    found = fingerprint(TABLES[version])
    name, number = version
    todo = (
        f"write {found} into PINNED"
        if version in UNRELEASED
        else f"copy the table as it was into a module of its own, keep it as version {number} in the workflow's "
        f"`lifecycles`, and give the new one version={number + 1} and a pin"
    )
    assert found == PINNED[version], f"Version {number} of the lifecycle of a {name} has changed: {todo}."


def test_every_table_is_pinned_under_its_own_number() -> None:
    assert TABLES.keys() == PINNED.keys()
    for (name, number), table in TABLES.items():
        assert (table.name, table.version) == (name, number)


# -- what counts, tried on changed copies of the lead's modules


MODULES = (lead_data, lead_deeds, lead_guards, lead)


def changed(module: ModuleType, old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The lead's fingerprint with one piece of source text replaced."""
    sources = {each: inspect.getsource(each) for each in MODULES}
    assert old in sources[module], f"{old!r} is not in {module.__name__}"
    sources[module] = sources[module].replace(old, new)
    return _fingerprint_of(sources, monkeypatch)


def _fingerprint_of(sources: dict[ModuleType, str], monkeypatch: pytest.MonkeyPatch) -> str:
    package = importlib.import_module("states")
    texts: dict[str, str] = {}
    real = inspect.getsource

    def getsource(thing: Any) -> str:
        text = texts.get(thing.__code__.co_filename) if inspect.isfunction(thing) else None
        if text is None:
            return real(thing)
        lines = text.splitlines(keepends=True)
        return "".join(inspect.getblock(lines[thing.__code__.co_firstlineno - 1 :]))

    monkeypatch.setattr(inspect, "getsource", getsource)
    for original, source in sources.items():
        name = original.__name__
        module = ModuleType(name)
        module.__file__ = f"<changed {name}>"
        texts[f"<changed {name}>"] = source
        monkeypatch.setitem(importlib.sys.modules, name, module)  # type: ignore[attr-defined]
        monkeypatch.setattr(package, name.rpartition(".")[2], module)
        exec(compile(source, f"<changed {name}>", "exec"), module.__dict__)
    return fingerprint(importlib.sys.modules["states.lead"].LEAD)  # type: ignore[attr-defined]


def test_an_unchanged_copy_has_the_same_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    assert changed(lead, '"""', '"""', monkeypatch) == fingerprint(lead.LEAD)


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        (lead, 'Move("renew", "renewal_asked", "accepted"', 'Move("renew", "renewal_asked", "opportunity"'),
        (lead, "when=(window_open,), do=what.go_on),", "when=(no_notice,), do=what.go_on),"),
        (lead, '"the lead expires", costs_a_right=True', '"the lead expires", costs_a_right=False'),
        (lead, "due.window_end_in_line", "due.window_end"),
        (lead, 'Action("void", Reasoned, REVIEWERS,', 'Action("void", StaffMessage, REVIEWERS,'),
        (lead, 'Action("void", Reasoned, REVIEWERS,', 'Action("void", Reasoned, REVIEWERS_AND_MANAGERS,'),
        (lead, 'on_cancel="void"', "on_cancel=None"),
        (lead_guards, "return at <= lead.valid_until", "return at < lead.valid_until"),
        (lead_guards, "return max(lead.valid_until, lead.answer_by or lead.valid_until)", "return lead.valid_until"),
        (lead_deeds, "lead.renewals += 1", "lead.renewals += 2"),
        (lead_deeds, 'lead.outcome, lead.why_ended, lead.undo_until = "", "", None', "lead.undo_until = None"),
        (lead_deeds, "if at > event.at)", "if at >= event.at)"),
        (lead_data, "return edition(self.edition).leads", 'return edition("2021").leads'),
        (lead_data, "renewals: int = 0", "renewals: int = 1"),
        (lead_data, "lead.terms = receipt.terms", "pass"),
    ],
)
def test_what_decides_changes_it(module: ModuleType, old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(lead.LEAD)
    assert changed(module, old, new, monkeypatch) != before


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        (lead, "# The window, and its renewal.", "# Something else."),
        (lead, '"Valid: until the window ends it must', '"While the window is open it must'),
        (lead, '"Renew the lead: a new window', '"Renew it: a new window'),
        (lead, '"the review is overdue"', '"late"'),
        (lead_guards, '"the window has ended."', '"too late."'),
        (lead_guards, '"""The window\'s end."""', '"""The end of the window in force."""'),
        (lead_deeds, '"""The new window starts where the old one ends."""', "# Another comment."),
        (lead_deeds, "    lead.renewals += 1\n", "    lead.renewals   +=   1  # one more\n\n"),
        (lead_data, '"""The rules on leads of the edition', '"""The edition\'s rules on leads, the edition'),
        (lead_data, '"notice of renewal": self.notice_at', '"notice": self.notice_at'),
    ],
)
def test_wording_does_not(module: ModuleType, old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(lead.LEAD)
    assert changed(module, old, new, monkeypatch) == before
