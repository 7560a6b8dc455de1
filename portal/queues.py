"""The staff's queues: lists in the Temporal Web UI, one link each. The Web UI can filter and not sort."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from states.staff import Role
from workflows.search_attributes import OVERDUE, STAGE, WAITS_FOR


@dataclass(frozen=True, slots=True)
class Queue:
    """A list that somebody works through. `role` is empty for what is only to be looked at."""

    name: str
    role: str
    says: str
    link: str


_REVIEWER, _MANAGER = f'{WAITS_FOR.name}="{Role.REVIEWER}"', f'{WAITS_FOR.name}="{Role.MANAGER}"'
_LEAD, _BENEFIT = 'WorkflowType="lead"', 'WorkflowType="benefit"'
_COMMITTEE, _CHAIR = f'{WAITS_FOR.name}="{Role.COMMITTEE}"', f'{WAITS_FOR.name}="{Role.CHAIR}"'
_NOMINATION, _SEASON = 'WorkflowType="nomination"', 'WorkflowType="season"'
_PARTNER, _ADJUSTMENT = 'WorkflowType="partner"', 'WorkflowType="adjustment"'
_AT_RISK = f'{STAGE.name}="at_risk"'
_APPLICATION, _ACCOUNT = 'WorkflowType="application"', 'WorkflowType="account"'
_IN_REVIEW, _OTHER = f'{STAGE.name}="in_review"', f'{STAGE.name}!="in_review"'
_LATE = f"{OVERDUE.name}=true"

_QUEUES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("Reviews", Role.REVIEWER, "Leads to accept or reject.", (_LEAD, _REVIEWER, _IN_REVIEW)),
    ("Overdue reviews", Role.REVIEWER, "Reviews that are late.", (_LEAD, _REVIEWER, _IN_REVIEW, _LATE)),
    ("Applications", Role.REVIEWER, "Companies that want to join.", (_APPLICATION, _REVIEWER)),
    ("Overdue applications", Role.REVIEWER, "Applications that are late.", (_APPLICATION, _REVIEWER, _LATE)),
    ("Onboarding", Role.MANAGER, "Approved applicants on their way to membership.", (_APPLICATION, _MANAGER)),
    (
        "Decisions",
        Role.REVIEWER,
        "What else only a reviewer can decide; the card says what.",
        (_LEAD, _REVIEWER, _OTHER),
    ),
    ("Accounts to confirm", Role.REVIEWER, "Managed accounts that wait for the vendor's word.", (_ACCOUNT, _REVIEWER)),
    ("Aged consents", Role.MANAGER, "Accounts whose clients did not confirm once more.", (_ACCOUNT, _MANAGER)),
    ("Renewals", Role.MANAGER, "Partners that gave notice and wait for an answer.", (_LEAD, _MANAGER)),
    ("Benefit tasks", Role.MANAGER, "Benefits to agree on, to carry out, or to take back.", (_BENEFIT, _MANAGER)),
    (
        "Adjustments",
        Role.MANAGER,
        "Half-yearly adjustments whose list is to be released.",
        (_ADJUSTMENT, _MANAGER),
    ),
    ("Suspended partners", Role.MANAGER, "Partners whose suspension is to be lifted or ended.", (_PARTNER, _MANAGER)),
    ("Partners at risk", "", "Partners that would move down at the next adjustment.", (_PARTNER, _AT_RISK)),
    ("Offered benefits", "", "Benefits for partners that managers choose.", (_BENEFIT, f'{STAGE.name}="offered"')),
    ("Nominations", Role.MANAGER, "Partners to nominate for elite, or to decline.", (_NOMINATION, _MANAGER)),
    ("To score", Role.COMMITTEE, "Nominations that the committee scores.", (_NOMINATION, _COMMITTEE)),
    ("To confirm", Role.CHAIR, "Elite seasons whose selection waits for the chair.", (_SEASON, _CHAIR)),
    ("Elite season", "", "The season in course; its card has dates, committee and selection.", (_SEASON,)),
    ("Leads in line", "", "Leads behind another partner's.", (_LEAD, f'{STAGE.name}="in_line"')),
    ("All open leads", "", "Everything that is not over.", (_LEAD,)),
)


def queues(ui_url: str, namespace: str) -> list[Queue]:
    """All queues, with links into the Web UI at `ui_url`."""
    return [
        Queue(name, role, says, workflows_link(ui_url, namespace, *conditions))
        for name, role, says, conditions in _QUEUES
    ]


def process_link(ui_url: str, namespace: str, process: str) -> str:
    """The list that holds one process: its own page has an address only together with a run's id."""
    return _link(ui_url, namespace, f'WorkflowId="{process}"')


def workflows_link(ui_url: str, namespace: str, *conditions: str) -> str:
    """The list of running processes for which all conditions hold."""
    return _link(ui_url, namespace, " AND ".join(('ExecutionStatus="Running"', *conditions)))


def _link(ui_url: str, namespace: str, query: str) -> str:
    return f"{ui_url.rstrip('/')}/namespaces/{quote(namespace, safe='')}/workflows?query={quote(query, safe='')}"
