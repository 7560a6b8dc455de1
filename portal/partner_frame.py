"""What all pages of a partner have in common."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from portal.benefits import shown as benefits_shown
from portal.environment import Here, Portal
from portal.forms import says
from portal.problems import Problem
from portal.showing import page
from portal.standing_shown import shown
from portal.visitors import PartnerRoute, Visitor, Who
from portal.way import picture
from portal.words import PartnerId
from records.partners import partner
from records.standing import StandingInFull, standing_in_full
from states.lifecycle import Lifecycle

PartnerInPath = Annotated[PartnerId, Path()]

router = APIRouter(include_in_schema=False, route_class=PartnerRoute)


@router.get("/my/{partner_id}")
def start(partner_id: PartnerInPath) -> Response:
    """Where the people of a partner begin."""
    return RedirectResponse(f"{home_of(partner_id)}/leads", status_code=303, headers={"Cache-Control": "no-store"})


@router.get("/my/{partner_id}/standing")
def standing(partner_id: PartnerInPath, portal: Here, who: Who) -> Response:
    """Where the partner stands, and the way to its next tier."""
    found = standing_in_full(portal.engine, partner_id, now=portal.now(), otherwise=portal.edition)
    if found is None:
        raise Problem("not-found", "Your agency holds no tier yet.")
    return partner_page("partner_standing.html", portal, who, partner_id, "/standing", **standing_words(portal, found))


def standing_words(portal: Portal, found: StandingInFull) -> dict[str, Any]:
    """What the template of a standing is told; the picture is ours, and its words are escaped."""
    standing, known = shown(found), partner(portal.engine, found.partner_id)
    return {
        "standing": standing,
        "picture": Markup(picture(standing.next)) if standing.next else "",  # noqa: S704
        "benefits": benefits_shown(portal, known) if known else [],
    }


def home_of(partner_id: str) -> str:
    """The path under which a partner's pages stand."""
    return f"/my/{quote(partner_id, safe='')}"


def partner_page(
    template: str, portal: Portal, visitor: Visitor, partner_id: str, current: str, **known: Any
) -> Response:
    """A page of a partner; `current` is the entry of the navigation to which it belongs."""
    theirs = next(each for each in visitor.partners if each.partner_id == partner_id)
    home = home_of(partner_id)
    return page(template, visitor=visitor, partner=theirs, home=home, current=home + current, now=portal.now(), **known)


async def done(
    act: Awaitable[Response], portal: Portal, visitor: Visitor, partner_id: str, current: str, onward: str, name: str
) -> Response:
    """Carry out what an endpoint of the API does, and show the sentence that it answers."""
    sentence = says(await act)
    where = home_of(partner_id) + onward
    return partner_page(
        "done.html", portal, visitor, partner_id, current, says=sentence, onward=where, onward_name=name
    )


def possible(lifecycle: Lifecycle[Any], state: str) -> set[str]:
    """What has an effect in a state. The process decides; this only spares people what leads nowhere."""
    return {move.trigger for move in lifecycle.moves if state in move.sources}
