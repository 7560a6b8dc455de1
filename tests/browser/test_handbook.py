"""The staff handbook says what is: its pictures exist, its actions are the processes', its texts can be pasted."""

import json
import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from portal.queues import queues
from states.account import ACCOUNT
from states.adjustment import ADJUSTMENT
from states.application import APPLICATION
from states.benefit import BENEFIT
from states.lead import LEAD
from states.lifecycle import Lifecycle
from states.nomination import NOMINATION
from states.partner import PARTNER
from states.season import SEASON
from states.staff import Role

DOCS = Path(__file__).resolve().parents[2] / "docs"
HANDBOOK = (DOCS / "staff-handbook.md").read_text("utf-8")
PICTURES = re.findall(r"!\[[^\]]+\]\((\S+)\)", HANDBOOK)
# A block names its process and action: ```json benefit carry_out. Without a process it is about a lead.
TEXTS = [
    (process or LEAD.name, action, text)
    for process, action, text in re.findall(r"^```json (?:(\w+) )?(\w+)\n(.*?)\n```$", HANDBOOK, re.M | re.S)
]
LIFECYCLES: tuple[Lifecycle[Any], ...] = (LEAD, ACCOUNT, APPLICATION, BENEFIT, PARTNER, ADJUSTMENT, NOMINATION, SEASON)
STAFF_ACTIONS = {
    (lifecycle.name, name): action
    for lifecycle in LIFECYCLES
    for name, action in lifecycle.actions.items()
    if action.by_staff
}
WORDS = {
    word
    for action in STAFF_ACTIONS.values()
    for name, field in action.message.model_fields.items()
    for word in (name, *(get_args(field.annotation) if get_origin(field.annotation) is Literal else ()))
}


@pytest.mark.parametrize("picture", PICTURES)
def test_a_picture_is_there_and_small(picture: str) -> None:
    assert (DOCS / picture).stat().st_size < 200_000


def test_no_picture_is_left_over() -> None:
    shown = {
        name for page in DOCS.glob("*.md") for name in re.findall(r"\((screenshots/\S+)\)", page.read_text("utf-8"))
    }
    assert {f"screenshots/{file.name}" for file in (DOCS / "screenshots").glob("*.png")} == shown


@pytest.mark.parametrize(("process", "action"), STAFF_ACTIONS)
def test_every_action_of_staff_is_explained_with_a_text(process: str, action: str) -> None:
    assert f"**`{action}`**" in HANDBOOK, f"explain what «{action}» does"
    assert (process, action) in [text[:2] for text in TEXTS], f"give a text to paste for «{action}» of a {process}"


@pytest.mark.parametrize(("process", "action", "text"), TEXTS)
def test_a_text_can_be_pasted(process: str, action: str, text: str) -> None:
    assert (process, action) in STAFF_ACTIONS, "begin the block with ```json, the process, and the action"
    message = STAFF_ACTIONS[process, action].message.parse(json.loads(text))
    # A score sheet has no place for it: remarks are kept where they can be deleted.
    assert message.reason or action == "score", "show that people say why"


def test_every_word_in_code_is_an_action_or_part_of_a_message() -> None:
    prose = re.sub(r"^```.*?^```$", "", HANDBOOK, flags=re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"`([a-z_]+)`", prose))
    assert named <= {name for lifecycle in LIFECYCLES for name in lifecycle.actions} | WORDS | set(Role)
    # A reviewer has to know all reasons, and all words for the factors.
    assert named >= {word for name in ("accept", "reject") for word in _words(LEAD.name, name)}


def _words(process: str, action: str) -> set[str]:
    fields = STAFF_ACTIONS[process, action].message.model_fields.items()
    literals = {name: get_args(field.annotation) for name, field in fields if get_origin(field.annotation) is Literal}
    return {word for name, words in literals.items() for word in (name, *words)}


def test_every_role_of_staff_is_explained() -> None:
    for role in (role for role in Role if role.is_staff):
        assert f"| `{role}` |" in HANDBOOK, "say what the role is for"
        assert role in (DOCS.parent / "deploy" / "staff.example.toml").read_text("utf-8")


def test_every_queue_is_explained() -> None:
    for queue in queues("http://127.0.0.1", "default"):
        assert f"| {queue.name} |" in HANDBOOK


def test_every_state_is_named() -> None:
    shown = {
        name.replace("_", " ")
        for lifecycle in LIFECYCLES
        for name, phase in lifecycle.phases.items()
        if phase.deadlines
    }
    told = HANDBOOK[HANDBOOK.index("## While you do nothing") :]
    rows = re.findall(r"^\| ([a-z ,]+?) \|", told, re.MULTILINE)
    assert {state for row in rows for state in row.split(", ")} - {"state"} == shown
