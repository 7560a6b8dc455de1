"""What the record of a half-year says of leads, of lines for a prospect, and of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

# What a timeline shows, and what a reader calls it: by kind of process and what happened.
EVENTS = {
    ("application", "begin"): "applications received",
    ("application", "approve"): "applications approved",
    ("application", "deny"): "applications denied",
    ("lead", "begin"): "leads registered",
    ("lead", "accept"): "leads accepted",
    ("lead", "reject"): "leads rejected",
    ("lead", "expire"): "leads expired",
    ("lead", "client_paid"): "clients of leads paid",
    ("account", "begin"): "accounts submitted",
    ("account", "client_confirms"): "accounts confirmed",
    ("account", "lapse"): "accounts lapsed",
    ("account", "client_revokes"): "accounts revoked",
    ("partner", "rise"): "partners moved up",
    ("partner", "adjust"): "partners adjusted",
    ("partner", "grant_elite"): "elite granted",
    ("partner", "leave"): "partners left",
    ("partner", "end_partnership"): "partners left",
    ("partner", "merge"): "partners merged",
    ("nomination", "begin"): "nominations opened",
    ("nomination", "score"): "nominations scored",
    ("adjustment", "warn"): "adjustment: warnings",
    ("adjustment", "freeze"): "adjustment: cut-off",
    ("adjustment", "release"): "adjustment: released",
    ("adjustment", "run"): "adjustment: run",
}

ACCEPTED = {"accepted", "opportunity", "won", "credited"}
OPPORTUNITY = {"opportunity", "won"}


class Happening(NamedTuple):
    """One step of one process."""

    kind: str
    process: str
    trigger: str
    source: str
    dest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Leads:
    """The leads that were registered in the half-year: how far they came, and how long a decision took."""

    registered: int
    accepted: int
    opportunity: int
    credited: int
    rejected: int
    decided_after: tuple[timedelta, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Registrations that stood in line behind another partner's, and what became of them; `waiting` is today."""

    stood: int
    came_up: int
    closed: int
    expired: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Accounts:
    """Clients that were asked in the half-year, what they answered, and how long a confirmation took."""

    asked: int
    confirmed: int
    denied: int
    lapsed: int
    revoked: int
    superseded: int
    confirmed_after: tuple[timedelta, ...]


def leads(happened: Sequence[Happening]) -> Leads:
    """The funnel of the leads whose registration is among what happened."""
    registered: dict[str, datetime] = {}
    reached: dict[str, set[str]] = {}
    decided: dict[str, timedelta] = {}
    rejected = set()
    for each in happened:
        if each.kind != "lead":
            continue
        if each.trigger == "begin":
            registered[each.process] = each.at
            reached[each.process] = {each.dest}
        elif each.process in registered:
            reached[each.process].add(each.dest)
            if each.trigger in ("accept", "reject"):
                decided.setdefault(each.process, each.at - registered[each.process])
            if each.trigger == "reject":
                rejected.add(each.process)
    return Leads(
        len(registered),
        sum(bool(states & ACCEPTED) for states in reached.values()),
        sum(bool(states & OPPORTUNITY) for states in reached.values()),
        sum("credited" in states for states in reached.values()),
        len(rejected),
        tuple(decided.values()),
    )


def lines(happened: Sequence[Happening], waiting: int) -> Lines:
    """What became of registrations that stood in line."""
    mine = [each for each in happened if each.kind == "lead" and each.dest != each.source]
    left = [each for each in mine if each.source == "in_line"]
    return Lines(
        sum(each.dest == "in_line" for each in mine),
        sum(each.trigger == "come_up" for each in left),
        sum(each.trigger == "close_line" for each in left),
        sum(each.trigger == "expire" for each in left),
        waiting,
    )


def accounts(happened: Sequence[Happening]) -> Accounts:
    """What clients answered that were asked for their confirmation."""
    mine = [each for each in happened if each.kind == "account"]
    asked: dict[str, datetime] = {}
    after = []
    for each in mine:
        if each.trigger in ("begin", "submit_again"):
            asked[each.process] = each.at
        elif each.trigger == "client_confirms" and each.dest == "active" and each.process in asked:
            after.append(each.at - asked[each.process])
    return Accounts(
        sum(each.trigger in ("begin", "submit_again") for each in mine),
        sum(each.trigger == "client_confirms" and each.dest == "active" for each in mine),
        sum(each.dest == "denied" for each in mine),
        sum(each.dest == "lapsed" for each in mine),
        sum(each.dest == "revoked" for each in mine),
        sum(each.dest == "superseded" for each in mine),
        tuple(after),
    )
