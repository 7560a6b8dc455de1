"""The pages that show each lifecycle: its diagram, its actions, its deadlines. Written by `make diagrams`."""

from collections.abc import Iterable
from typing import Any

from transitions.extensions.diagrams import GraphMachine
from transitions.extensions.diagrams_mermaid import Graph

from states.account import ACCOUNT
from states.adjustment import ADJUSTMENT
from states.application import APPLICATION
from states.benefit import BENEFIT
from states.lead import LEAD
from states.lifecycle import GRACE, Lifecycle
from states.nomination import NOMINATION
from states.partner import PARTNER
from states.season import SEASON

CLOCK = "⏱"

# What can happen nearly everywhere would hide the rest of a drawing; the tables have it.
ASIDE = {
    "nomination": (
        "brief",
        "looked",
        "partner_gone",
        "facts_changed",
        "call_off",
        "take_out",
        "reinstate",
        "look_again",
    ),
    "season": ("call_off", "listed", "nomination_reported"),
    "partner": ("entered", "merge", "leave", "grant_elite"),
    "lead": ("withdraw", "void", "close_line", "stand_in_line", "reinstate"),
}


def lead() -> str:
    """The text of docs/lifecycles/lead.md."""
    return page(LEAD)


def account() -> str:
    """The text of docs/lifecycles/account.md."""
    return page(ACCOUNT)


def application() -> str:
    """The text of docs/lifecycles/application.md."""
    return page(APPLICATION)


def benefit() -> str:
    """The text of docs/lifecycles/benefit.md."""
    return page(BENEFIT)


def partner() -> str:
    """The text of docs/lifecycles/partner.md."""
    return page(PARTNER)


def nomination() -> str:
    """The text of docs/lifecycles/nomination.md."""
    return page(NOMINATION)


def season() -> str:
    """The text of docs/lifecycles/season.md."""
    return page(SEASON)


def adjustment() -> str:
    """The text of docs/lifecycles/adjustment.md."""
    return page(ADJUSTMENT)


def page(lifecycle: Lifecycle[Any]) -> str:
    """A lifecycle's page, in Markdown."""
    return "\n".join(
        [
            f"# {lifecycle.name.capitalize()}: lifecycle",
            "",
            f"Version {lifecycle.version}, made from `states/{lifecycle.name}.py` by `make diagrams`: change it there.",
            "",
            "## Diagram",
            "",
            f"What happens by itself, when its time has come, is marked {CLOCK}. {_left_out(lifecycle)}",
            "",
            "```mermaid",
            diagram(lifecycle),
            "```",
            "",
            "## States",
            "",
            *_table(("state", "what it means", "waits for"), _states(lifecycle)),
            "",
            "## Actions",
            "",
            "Each is a signal and, for people, an update of that name. Of several ways from a state, the first one "
            "whose conditions hold is taken.",
            "",
            *_table(("action", "who", "what it does", "from → to", "to paste"), _actions(lifecycle)),
            "",
            "## Deadlines",
            "",
            f"One that costs somebody a right is armed {GRACE.seconds // 60} minutes after its time, so that a message "
            "stamped in time is there first; what is recorded is the time itself.",
            "",
            *_table(("in the state", "deadline", "what happens", "leads to", "armed late"), _deadlines(lifecycle)),
        ]
    )


def diagram(lifecycle: Lifecycle[Any]) -> str:
    """The moves between states as a Mermaid state diagram, drawn by `transitions` itself."""
    machine: Any = lifecycle.machine_of(GraphMachine, graph_engine="mermaid")
    drawn = str(Graph(machine).get_graph(title=f"title: {lifecycle.name.capitalize()}").draw(None))
    lines = [line for line in drawn.splitlines() if line.strip() and not line.strip().startswith(("Class", "classDef"))]
    deadlines = {deadline.trigger for phase in lifecycle.phases.values() for deadline in phase.deadlines}
    arrows = [arrow for line in lines if " --> " in line and (arrow := _arrow(lifecycle, line, deadlines))]
    ends = {end for arrow in arrows for end in arrow.partition(": ")[0].split() if end != "-->"}
    others = [line for line in lines if " --> " not in line]
    states = [line for line in others if " as " not in line or line.split()[-1] in ends]
    return "\n".join([_words(line, inside='"') for line in states] + arrows)


def _arrow(lifecycle: Lifecycle[Any], line: str, deadlines: set[str]) -> str:
    """One arrow, each trigger once and without its conditions; "" when nothing is left of it."""
    edge, _, label = line.partition(": ")
    source, _, dest = edge.strip().partition(" --> ")
    if source == "[*]":
        return line
    triggers = dict.fromkeys(part.split(" [")[0].strip() for part in label.split(" | "))
    kept = [name for name in triggers if name not in ASIDE.get(lifecycle.name, ()) and source != dest]
    words = ", ".join(f"{CLOCK} {_words(name)}" if name in deadlines else _words(name) for name in kept)
    return f"{edge}: {words}" if kept else ""


def _left_out(lifecycle: Lifecycle[Any]) -> str:
    aside = ", ".join(f"*{_words(name)}*" for name in ASIDE.get(lifecycle.name, ()))
    also = f", and {aside}, which are possible nearly everywhere" if aside else ""
    return f"Left out is what leaves a state as it is{also}: the tables have all of it."


def _states(lifecycle: Lifecycle[Any]) -> Iterable[tuple[str, ...]]:
    for phase in lifecycle.phases.values():
        waits_for = "depends" if callable(phase.waits_for) else phase.waits_for.value if phase.waits_for else ""
        yield f"**{_words(phase.name)}**" if phase.final else _words(phase.name), phase.says, waits_for


def _actions(lifecycle: Lifecycle[Any]) -> Iterable[tuple[str, ...]]:
    for action in lifecycle.actions.values():
        example = f"`{action.short_example}`" if action.by_staff else ""
        ways = "<br>".join(_ways(lifecycle, action.name))
        yield f"`{action.name}`", ", ".join(action.who), action.help, ways, example.replace("|", "\\|")


def _ways(lifecycle: Lifecycle[Any], trigger: str, state: str = "") -> list[str]:
    """Where a trigger leads: "accepted, renewal asked → opportunity"; the sources with the same ends together."""
    ends: dict[str, list[str]] = {}
    for move in lifecycle.moves:
        for source in move.sources if move.trigger == trigger else ():
            dests = ends.setdefault(source, [])
            dest = "stays" if move.dest is None else _words(move.dest)
            if dest not in dests:
                dests.append(dest)
    if state:
        return [" or ".join(ends[state])]
    together: dict[str, list[str]] = {}
    for source, dests in ends.items():
        together.setdefault(" or ".join(dests), []).append(_words(source))
    return [f"{', '.join(sources)} → {dests}" for dests, sources in together.items()]


def _deadlines(lifecycle: Lifecycle[Any]) -> Iterable[tuple[str, ...]]:
    for phase in lifecycle.phases.values():
        for deadline in phase.deadlines:
            late = "yes" if deadline.costs_a_right else ""
            leads_to = _ways(lifecycle, deadline.trigger, phase.name)[0]
            yield _words(phase.name), f"{CLOCK} {_words(deadline.trigger)}", deadline.summary, leads_to, late


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterable[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _words(name: str, inside: str = "") -> str:
    """A name as people write it; with `inside`, only what stands between two of these characters."""
    if not inside or inside not in name:
        return name.replace("_", " ") if not inside else name
    before, within, after = name.split(inside)
    return inside.join((before, within.replace("_", " "), after))
