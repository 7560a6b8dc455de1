"""The page of a what-if: who would rise and fall under a changed edition, why, and what it does to shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from program.edition import Edition
from records.whatif import Fate, counted
from reports import plots
from reports.pages import Section, render


def page(rules: Edition, on: date, fates: Sequence[Fate]) -> str:
    """The what-if as one HTML page that needs nothing else."""
    return render(
        "sections.html",
        title=f"What if: edition {rules.name}",
        says=f"Partners on the facts of {on.isoformat()}, each under its edition and under {rules.name}.",
        sections=(_moves(fates), _tiers(rules, fates), _shares(rules, fates), _partners(fates)),
    )


def rises_and_falls(fates: Sequence[Fate]) -> tuple[list[Fate], list[Fate]]:
    """Who stands higher for the change, and who lower; one that only changes track counts with those that rise."""
    differing = [each for each in fates if each.differs]
    return [each for each in differing if each.rank_by >= 0], [each for each in differing if each.rank_by < 0]


def shares_by_standing(rules: Edition, fates: Sequence[Fate]) -> list[tuple[str, Decimal, Decimal, Decimal, Decimal]]:
    """Of each standing under the changed edition or the present one: shares referred and managed, as is and changed."""
    found = []
    for row in rules.tiers.requirements:
        name = f"{row.track} {row.tier}"
        here = [each.shares_as_it_is for each in fates if str(each.as_it_is) == name]
        then = [each.shares_changed for each in fates if str(each.changed) == name]
        if here or then:
            sums = [sum((getattr(each, what) for each in group), Decimal(0))
                    for what in ("referred", "managed") for group in (here, then)]  # fmt: skip
            found.append((name, sums[0], sums[1], sums[2], sums[3]))
    return found


def _moves(fates: Sequence[Fate]) -> Section:
    up, down = rises_and_falls(fates)
    rows = [(f"{before} → {after}", many) for (before, after), many in
            sorted(counted(fates).items(), key=lambda each: -each[1])]  # fmt: skip
    return Section(
        "moves",
        "Who would rise and who would fall",
        f"Of {len(fates)} partners {len(up)} would stand higher or as a master, and {len(down)} lower.",
        plots.bars(rows, "partners") if rows else "",
        ("from → to", "partners"),
        tuple((name, str(many)) for name, many in rows),
    )


def _tiers(rules: Edition, fates: Sequence[Fate]) -> Section:
    here, then = Counter(str(each.as_it_is) for each in fates), Counter(str(each.changed) for each in fates)
    names = [name for row in rules.tiers.requirements if (name := f"{row.track} {row.tier}") in here | then]
    series = [("as it is", [here[name] for name in names]), ("changed", [then[name] for name in names])]
    return Section(
        "tiers",
        "Partners by tier",
        "Where everybody stands after moving up, and after the next adjustment on the same facts.",
        plots.grouped(names, series, "partners") if names else "",
        ("standing", "as it is", "changed"),
        tuple((name, str(here[name]), str(then[name])) for name in names),
    )


def _shares(rules: Edition, fates: Sequence[Fate]) -> Section:
    rows = shares_by_standing(rules, fates)
    before = sum((referred + managed for _, referred, _, managed, _ in rows), Decimal(0))
    after = sum((referred + managed for _, _, referred, _, managed in rows), Decimal(0))
    series = [
        ("as it is", [float(row[1] + row[3]) for row in rows]),
        ("changed", [float(row[2] + row[4]) for row in rows]),
    ]
    return Section(
        "shares",
        "Shares",
        f"${before:,.2f} a month as it is, ${after:,.2f} changed. The share of MRR referred is as if all of it had "
        "been accepted at that standing: what was accepted before keeps its terms.",
        plots.grouped([row[0] for row in rows], series, "$ a month") if rows else "",
        ("standing", "referred, as it is", "referred, changed", "managed, as it is", "managed, changed"),
        tuple((row[0], *(f"${amount:,.2f}" for amount in row[1:])) for row in rows),
    )


def _partners(fates: Sequence[Fate]) -> Section:
    return Section(
        "partners",
        "Each of them, and why",
        "Only partners to whom the change makes a difference.",
        "",
        ("partner", "holds", "as it is", "changed", "why"),
        tuple(
            (each.partner_id, str(each.held), str(each.as_it_is), str(each.changed), each.why)
            for each in fates
            if each.differs
        ),
    )
