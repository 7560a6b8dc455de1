"""Some of an edition's rules are in the shape of the lead's table; an edition that says otherwise needs another one."""

import pytest

from program.edition import EDITIONS

BY_SHAPE = {
    "review_stops_the_window": False,
    "opportunity_bound_to_window": False,
    "affiliate_is_reviewed": False,
    "affiliate_renewal_allowed": False,
    "affiliate_terms_fixed_at": "account_opened",
    "holders_per_prospect": 1,
    "prospect_is": "registrable_domain",
    "precedence": "earlier_registration",
    "line_window_runs_from": "own_registration",
    "referred_terms_fixed_at": "acceptance",
    "next_in_line_is_reviewed_when": "the holder's claim ends without credit and its own window is open",
    "line_ends_when": "the holder is credited",
    "same_partner_again_gets": "its existing lead",
    "won_means": "the client has signed",
}


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("rule", BY_SHAPE)
def test_the_table_is_right_for(edition: str, rule: str) -> None:
    assert getattr(EDITIONS[edition].leads, rule) == BY_SHAPE[rule], (
        f"Edition {edition} changes {rule}, which states/lead.py does not read: it needs moves of its own for it."
    )
