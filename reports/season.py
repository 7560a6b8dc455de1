"""The report of a half-year: one HTML page with a plot and a table for each thing that a program manager asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import Engine

from program.calendar import ZONE, Half
from program.edition import Edition
from records.season_figures import SeasonFigures, season_figures
from reports import plots
from reports.pages import Section, render

_DAYS = ((1, "within a day"), (2, "within 2 days"), (5, "within 5 days"), (7, "within a week"), (14, "within 2 weeks"),
         (30, "within 30 days"))  # fmt: skip
LATER = "later"


def write(engine: Engine, half: Half, path: Path, *, now: datetime, rules: Edition) -> Path:
    """Write the report of a half-year into a file, as of its end, or as of `now` while it runs; returns the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(engine, half, now=now, rules=rules), encoding="utf-8")
    return path


def page(engine: Engine, half: Half, *, now: datetime, rules: Edition) -> str:
    """The report as one HTML page that needs nothing else."""
    figures = season_figures(engine, half, now=now, rules=rules)
    as_of = figures.until.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
    return render(
        "sections.html",
        title=f"Partner program, {half}",
        says=f"As of {as_of}, New York.",
        sections=tuple(sections(figures)),
    )


def sections(figures: SeasonFigures) -> Iterator[Section]:
    """Everything on the page, in its order."""
    yield _tiers(figures)
    yield _movements(figures)
    yield _mrr(figures)
    yield _funnel(figures)
    yield _decisions(figures)
    yield _lines(figures)
    yield _accounts(figures)
    yield _confirmations(figures)
    yield _overdue(figures)
    yield _nominations(figures)
    yield _timeline(figures)


def _tiers(figures: SeasonFigures) -> Section:
    days = [f"{day:%b} {day.day}" for day, _ in figures.tiers]
    if days[-1] in days[:-1]:
        # A report that is made on the first of a month.
        days[-1] = figures.until.astimezone(ZONE).strftime(f"{days[-1]}, %H:%M")
    series = [(name, [held.get(name, 0) for _, held in figures.tiers]) for name in figures.standings]
    first, last = (sum(figures.tiers[end][1].values()) for end in (0, -1))
    return Section(
        "tiers",
        "Partners by tier over time",
        f"{first} partners at the beginning, {last} at the end.",
        plots.stacked(days, series, "partners") if series else "",
        ("standing", *days),
        tuple((name, *map(str, values)) for name, values in series),
    )


def _movements(figures: SeasonFigures) -> Section:
    moves = [each for each in figures.movements if each.before]
    reasons = Counter(each.because for each in moves)
    counted = Counter((each.before, each.after, each.because) for each in moves)
    joined = len(figures.movements) - len(moves)
    return Section(
        "movements",
        "Movements and their reasons",
        f"{_many(len(moves), 'movement')}; {_many(joined, 'partner')} joined or came back.",
        plots.bars(reasons.most_common(), "movements") if reasons else "",
        ("from", "to", "because", "partners"),
        tuple((*key, str(many)) for key, many in sorted(counted.items(), key=lambda each: (-each[1], each[0]))),
    )


def _mrr(figures: SeasonFigures) -> Section:
    names = [name for name in figures.standings if name in figures.mrr]
    found = [figures.mrr[name] for name in names]
    referred, managed = (
        sum(values) for values in ([each.referred for each in found], [each.managed for each in found])
    )
    series = [
        ("referred", [float(each.referred) for each in found]),
        ("managed", [float(each.managed) for each in found]),
    ]
    return Section(
        "mrr",
        "MRR referred and managed by tier",
        f"${referred:,.2f} referred and ${managed:,.2f} managed, a month.",
        plots.grouped(names, series, "$ a month") if names else "",
        ("standing", "partners", "MRR referred", "of it SMS", "MRR managed"),
        tuple(
            (name, str(each.partners), f"${each.referred:,.2f}", f"${each.referred_sms:,.2f}", f"${each.managed:,.2f}")
            for name, each in zip(names, found, strict=True)
        ),
    )


def _funnel(figures: SeasonFigures) -> Section:
    leads = figures.leads
    rows = [("registered", leads.registered), ("accepted", leads.accepted), ("working opportunity", leads.opportunity),
            ("credited", leads.credited), ("rejected", leads.rejected)]  # fmt: skip
    return Section(
        "leads",
        "Leads: from registration to credit",
        f"Of {_many(leads.registered, 'lead')} registered in the half-year, {leads.credited} "
        f"{'is' if leads.credited == 1 else 'are'} credited ({_share(leads.credited, leads.registered)}).",
        plots.bars(rows, "leads", labels=[f"{many} ({_share(many, leads.registered)})" for _, many in rows])
        if leads.registered
        else "",
        ("stage", "leads", "of those registered"),
        tuple((name, str(many), _share(many, leads.registered)) for name, many in rows),
    )


def _decisions(figures: SeasonFigures) -> Section:
    return _times("decisions", "Leads: time to decision", "decided", "leads", figures.leads.decided_after)


def _confirmations(figures: SeasonFigures) -> Section:
    return _times(
        "confirmations", "Accounts: time to confirm", "confirmed", "accounts", figures.accounts.confirmed_after
    )


def _lines(figures: SeasonFigures) -> Section:
    lines = figures.lines
    rows = [
        ("stood in line", lines.stood),
        ("came up for review", lines.came_up),
        ("closed: the holder was credited", lines.closed),
        ("ran out in line", lines.expired),
        ("in line at the time of this report", lines.waiting),
    ]
    return Section(
        "lines",
        "Claims in line",
        f"{_many(lines.stood, 'registration')} stood in line behind another partner's.",
        plots.bars(rows, "registrations") if lines.stood or lines.waiting else "",
        ("what", "registrations"),
        tuple((name, str(many)) for name, many in rows),
    )


def _accounts(figures: SeasonFigures) -> Section:
    accounts = figures.accounts
    rows = [("clients asked", accounts.asked), ("confirmed", accounts.confirmed), ("denied", accounts.denied),
            ("lapsed", accounts.lapsed), ("revoked later", accounts.revoked),
            ("taken over by another partner", accounts.superseded)]  # fmt: skip
    return Section(
        "accounts",
        "Accounts confirmed and lapsed",
        f"{_many(accounts.asked, 'client')} asked, {accounts.confirmed} confirmed, {accounts.lapsed} lapsed.",
        plots.bars(rows, "accounts") if any(many for _, many in rows) else "",
        ("what", "accounts"),
        tuple((name, str(many)) for name, many in rows),
    )


def _overdue(figures: SeasonFigures) -> Section:
    names = [each.role for each in figures.waiting]
    series = [
        ("in time", [each.waiting - each.overdue for each in figures.waiting]),
        ("overdue", [each.overdue for each in figures.waiting]),
    ]
    became = "; ".join(f"{kind}: {many}" for kind, many in figures.became_overdue.items()) or "none"
    return Section(
        "overdue",
        "Work that waits, and what of it is overdue",
        "At the time of this report, by role. What became overdue in the half-year, by kind of process: "
        + became
        + ".",
        plots.grouped(names, series, "processes") if names else "",
        ("role", "waiting", "overdue"),
        tuple((each.role, str(each.waiting), str(each.overdue)) for each in figures.waiting),
    )


def _nominations(figures: SeasonFigures) -> Section:
    rubric = figures.rules.elite.rubric
    scored = [each for each in figures.nominations if each.areas]
    rows = [(area.title, [_number(each.areas.get(area.area)) for each in scored]) for area in rubric.areas]
    granted = sum(each.became == "granted" for each in figures.nominations)
    return Section(
        "nominations",
        "Elite nominations compared",
        f"{_many(len(figures.nominations), 'nomination')}, {granted} granted; an average of "
        f"{rubric.passing_average} passes, with no area below {rubric.lowest_area_average}.",
        plots.scores([each.partner_id for each in scored], rows, rubric.lowest_score, rubric.highest_score)
        if scored
        else "",
        ("partner", "became", "average", *(area.title for area in rubric.areas)),
        tuple(
            (
                each.partner_id,
                each.became,
                "" if each.average is None else str(each.average),
                *(str(each.areas.get(area.area, "")) for area in rubric.areas),
            )
            for each in figures.nominations
        ),
    )


def _timeline(figures: SeasonFigures) -> Section:
    names = list(dict.fromkeys(name for _, counted in figures.days for name in counted))
    drawn = [(name, [(day, counted[name]) for day, counted in figures.days if name in counted]) for name in names]
    return Section(
        "timeline",
        "What happened on which day",
        f"{_many(len(figures.days), 'day')} on which something happened. The larger a dot, the more of it.",
        plots.timeline(drawn, figures.half.first_day, figures.half.last_day) if drawn else "",
        ("day", "what happened"),
        tuple(
            (day.isoformat(), "; ".join(f"{name}: {many}" for name, many in counted.items()))
            for day, counted in figures.days
        ),
    )


def _times(name: str, title: str, done: str, what: str, spans: Sequence[timedelta]) -> Section:
    counted = Counter(_bucket(span) for span in spans)
    rows = [(words, counted[words]) for _, words in _DAYS] + [(LATER, counted[LATER])]
    middle = f", half of them within {median(span / timedelta(days=1) for span in spans):.1f} days" if spans else ""
    return Section(
        name,
        title,
        f"{len(spans)} {what} {done}{middle}.",
        plots.bars(rows, what) if spans else "",
        ("time", what),
        tuple((words, str(many)) for words, many in rows),
    )


def _bucket(span: timedelta) -> str:
    return next((words for days, words in _DAYS if span <= timedelta(days=days)), LATER)


def _share(many: int, of: int) -> str:
    return f"{100 * many / of:.0f}%" if of else "none"


def _many(many: int, what: str) -> str:
    return f"{many} {what}" if many == 1 else f"{many} {what}s"


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
