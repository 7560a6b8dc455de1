"""Partners and their tiers, leads as people see them, keys, facts, and answers that are given again."""

import re
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import Engine

from program.calendar import start_of_day
from program.edition import Tier, Track
from records.commits import write_commit
from records.database import reading
from records.digest import how_many_wait, waiting_for
from records.entering import enter_partner, import_partners
from records.facts import paid_before, record_fact
from records.idempotency import Answered, forget_before, recall, remember
from records.keys import create_key, list_keys, revoke_key, verify_key
from records.leads import (
    lead,
    lead_with_history,
    list_leads,
    open_processes_for,
    submit,
)
from records.mailbox import Delivered, deliver, delivered_mails
from records.parked import park, parked_commits, resolve
from records.partners import Partner, list_partners, partner, put_partner, set_tier
from records.refusal import Refused
from records.tables import api_keys, tier_intervals
from tests.records.making import DOMAIN, NOW, a_partner, claim, commit, day, release, rows, step


def submission(partner_id: str = "p-1", domain: str = DOMAIN, **fields: Any) -> dict[str, Any]:
    given = {
        "company": "Client",
        "contact_name": "A buyer",
        "contact_email": "buyer@client.example",
        "note": "met at a fair",
        "received_at": NOW,
    }
    return {"partner_id": partner_id, "domain": domain, **given, **fields}


# -- partners ----------------------------------------------------------------------------------------------------------


def test_a_tier_is_held_until_the_next_one(engine: Engine) -> None:
    made = a_partner(engine)
    assert partner(engine, "p-1") == made
    set_tier(engine, "p-1", Track.ADVISOR, Tier.SILVER, at=day(1), why="met")
    set_tier(engine, "p-1", Track.ADVISOR, Tier.SILVER, at=day(2), why="met again")
    set_tier(engine, "p-1", Track.MASTER, Tier.GOLD, at=day(3), why="moved")
    kept = [(row["from"], row["to"], row["track"], row["tier"]) for row in rows(engine, tier_intervals)]
    assert kept == [
        (made.joined_at, day(1), "advisor", "partner"),
        (day(1), day(3), "advisor", "silver"),
        (day(3), None, "master", "gold"),
    ]
    moved = partner(engine, "p-1")
    assert moved is not None
    assert (moved.track, moved.tier) == (Track.MASTER, Tier.GOLD)
    with pytest.raises(Refused, match="can't be dated before that"):
        set_tier(engine, "p-1", Track.ADVISOR, Tier.SILVER, at=day(2), why="late")
    with pytest.raises(Refused, match="no partner p-2"):
        set_tier(engine, "p-2", Track.ADVISOR, Tier.SILVER, at=day(2), why="")


def test_correcting_a_partner_keeps_its_intervals(engine: Engine) -> None:
    made = a_partner(engine)
    put_partner(engine, made.model_copy(update={"name": "New name", "tier": Tier.GOLD}), now=day(5))
    assert [each.name for each in list_partners(engine)] == ["New name"]
    assert [row["from"] for row in rows(engine, tier_intervals)] == [made.joined_at, day(5)]


def test_partners_come_from_a_table(engine: Engine) -> None:
    lines = [
        "id,name,contact_name,contact_email,manager_address,country,track,tier,joined_at",
        "p-1,Agency One,The owner,owner@one.example,,US,advisor,silver,2025-03-01",
        "p-2,Agency Two,The owner,owner@two.example,manager@vendor.example,DE,,,2025-03-01T12:00:00Z",
    ]
    assert import_partners(engine, lines, edition="2022", now=NOW) == 2
    assert import_partners(engine, lines, edition="2022", now=day(1)) == 2
    first, second = list_partners(engine)
    assert (first.tier, first.manager_address) == (Tier.SILVER, None)
    assert (second.country, second.manager_address) == ("DE", "manager@vendor.example")
    without = [line.replace(",advisor,silver,", ",,,").replace("One", "Uno") for line in lines]
    assert import_partners(engine, without, edition="2022", now=day(2)) == 2
    assert [(each.name, each.tier) for each in list_partners(engine)] == [
        ("Agency Two", Tier.PARTNER), ("Agency Uno", Tier.SILVER),
    ], "what a line leaves out stays as it is"  # fmt: skip
    wrong = [lines[0], lines[1], "p-3,Agency,The owner,nonsense,,US,advisor,silver,2025-03-01"]
    with pytest.raises(Refused, match="Line 3, column «contact_email»"):
        import_partners(engine, wrong, edition="2022", now=NOW)
    with pytest.raises(Refused, match="Line 2: There are more cells than columns"):
        import_partners(engine, [lines[0], lines[1] + ",x"], edition="2022", now=NOW)
    assert len(list_partners(engine)) == 2


def test_what_an_entry_leaves_out_is_what_the_partner_holds_by_then(engine: Engine) -> None:
    entry = Partner(
        id="p-1", name="One", contact_name="The owner", contact_email="owner@one.example", track=Track.MASTER,
        tier=Tier.GOLD, joined_at=NOW,
    )  # fmt: skip
    left_out = ("track", "tier", "joined_at")
    entered, new = enter_partner(engine, entry, edition="2022", now=NOW, left_out=left_out)
    assert (entered.track, entered.tier, entered.joined_at, new) == (Track.ADVISOR, Tier.PARTNER, NOW, True)
    # Whatever the caller had read before: it has risen since.
    set_tier(engine, "p-1", Track.MASTER, Tier.PLATINUM, at=day(1), why="rose")
    again = entry.model_copy(update={"name": "Uno", "joined_at": day(2)})
    entered, new = enter_partner(engine, again, edition="2022", now=day(2), left_out=left_out)
    assert (entered.track, entered.tier, entered.joined_at, new) == (Track.MASTER, Tier.PLATINUM, NOW, False)
    assert list_partners(engine) == [entered]
    assert [row["why"] for row in rows(engine, tier_intervals)] == ["joined", "rose"]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (
            {"track": "master"},
            "«tier» of p-1 can't be partner on the master track; there are silver, gold,",
        ),
        ({"track": "advisor", "tier": "elite"}, "«tier» of p-1 can't be elite on the advisor track"),
        ({"joined_at": "9999-12-31"}, "p-1 can't have joined on 9999-12-31, which lies in the future"),
        ({"joined_at": "1999-12-31"}, "Line 2: «joined_at» can't be «1999-12-31»: it lies before the year 2000"),
        ({"joined_at": "soon"}, "Line 2: «joined_at» can't be «soon»"),
        ({"contact_name": '"Desk\r\nBcc: x"'}, "Line 3: «contact_name» may hold no line breaks"),
        ({"name": "Agency\0"}, "Line 2: «name» may hold no line breaks and no control characters"),
        ({"name": "A" * 200_000}, "After line 1 the file can't be read: field larger"),
    ],
    ids=["no such tier", "no elite advisor", "later", "before 2000", "no date", "two lines", "NUL", "too long"],
)
def test_a_line_that_can_not_be_is_refused_with_a_sentence(engine: Engine, cells: dict[str, str], why: str) -> None:
    line = {
        "id": "p-1", "name": "One", "contact_name": "Desk", "contact_email": "desk@one.example", "track": "",
        "tier": "", "joined_at": "2025-03-01", **cells,
    }  # fmt: skip
    text = f"{','.join(line)}\r\n{','.join(line.values())}\r\n"
    with pytest.raises(Refused, match=re.escape(why)):
        import_partners(engine, StringIO(text, newline=""), edition="2022", now=NOW)
    assert list_partners(engine) == []


def test_a_name_may_hold_what_people_write(engine: Engine) -> None:
    lines = ["id,name,contact_name,contact_email,joined_at", "p-1,Müller\u00a0GmbH,Desk,desk@one.example,2025-03-01"]
    assert import_partners(engine, lines, edition="2022", now=NOW) == 1
    assert list_partners(engine)[0].name == "Müller\u00a0GmbH"


def test_a_date_in_a_table_begins_at_midnight_of_the_program(engine: Engine) -> None:
    lines = ["id,name,contact_name,contact_email,joined_at", "p-1,One,Desk,desk@one.example,2025-03-01"]
    import_partners(engine, lines, edition="2022", now=NOW)
    assert list_partners(engine)[0].joined_at == start_of_day(date(2025, 3, 1))


# -- leads -------------------------------------------------------------------------------------------------------------


def test_a_lead_is_received_before_its_process_has_written(engine: Engine) -> None:
    lead_id, existing = submit(engine, **submission())
    found = lead(engine, lead_id)
    assert found is not None
    assert not existing
    assert (found.state, found.since, found.company) == ("received", NOW, "Client")
    assert found.process == f"lead:{lead_id}"
    assert submit(engine, **submission()) == (lead_id, True)
    assert submit(engine, **submission("p-2"))[1] is False
    assert lead(engine, "unknown") is None
    assert lead_with_history(engine, "unknown") is None


def test_a_lead_with_its_history(engine: Engine) -> None:
    lead_id, _ = submit(engine, **submission())
    write_commit(engine, commit(f"lead:{lead_id}", 1, step(), step(trigger="accept", by="r@v.example")), now=NOW)
    found = lead_with_history(engine, lead_id)
    assert found is not None
    assert found[0].state == "in_review"
    assert [(each.trigger, each.by) for each in found[1]] == [("begin", "partnerflow"), ("accept", "r@v.example")]


def test_leads_come_page_by_page(engine: Engine) -> None:
    ids = []
    for number in range(7):
        at = NOW + timedelta(days=number // 2)
        ids.append(submit(engine, **submission(domain=f"c{number}.example", received_at=at))[0])
    submit(engine, **submission("p-2"))
    write_commit(engine, commit(f"lead:{ids[0]}", 1, step(), state="accepted"), now=NOW)

    seen, page = [], ""
    while True:
        got = list_leads(engine, partner_id="p-1", page=page, at_most=3)
        seen += [each.lead_id for each in got.found]
        page = got.next
        if not page:
            break
    assert sorted(seen) == sorted(ids)
    assert len(seen) == 7
    assert [each.lead_id for each in list_leads(engine, state="accepted").found] == [ids[0]]
    assert len(list_leads(engine, state="received").found) == 7
    with pytest.raises(Refused, match="page token"):
        list_leads(engine, page="nonsense")


def test_a_fact_about_a_domain_concerns_all_its_open_processes(engine: Engine) -> None:
    fresh, _ = submit(engine, **submission("p-1"))
    over, _ = submit(engine, **submission("p-2"))
    write_commit(engine, commit(f"lead:{over}", 1, step(), final=True), now=NOW)
    write_commit(engine, commit("lead:claiming", 1, step(claim())), now=NOW)
    submit(engine, **submission("p-3", domain="other.example"))
    assert open_processes_for(engine, DOMAIN) == sorted([f"lead:{fresh}", "lead:claiming"])


def test_what_waits_for_a_role_is_ordered_by_due(engine: Engine) -> None:
    for name, due in (("a", None), ("b", day(9)), ("c", day(2))):
        write_commit(engine, commit(f"lead:{name}", 1, step(), waits_for="reviewer", due_at=due), now=NOW)
    write_commit(engine, commit("lead:d", 1, step(), waits_for="manager"), now=NOW)
    assert [each.process for each in waiting_for(engine, "reviewer")] == ["lead:c", "lead:b", "lead:a"]
    assert how_many_wait(engine) == {"reviewer": 3, "manager": 1}


# -- facts, keys, answers ----------------------------------------------------------------------------------------------


def test_a_fact_is_taken_once(engine: Engine) -> None:
    fact = {"source": "crm", "fact_id": "1", "kind": "client_paid", "subject": DOMAIN, "occurred_at": day(1)}
    assert record_fact(engine, **fact, received_at=NOW, digest="x") == "new"  # type: ignore[arg-type]
    assert record_fact(engine, **fact, received_at=day(3), digest="x") == "same"  # type: ignore[arg-type]
    assert record_fact(engine, **fact, received_at=NOW, digest="y") == "conflict"  # type: ignore[arg-type]
    with reading(engine) as connection:
        assert paid_before(connection, DOMAIN, day(2))
        assert not paid_before(connection, DOMAIN, day(1))
        assert not paid_before(connection, "other.example", day(2))


def test_a_key_works_until_it_is_revoked(engine: Engine) -> None:
    key, text = create_key(engine, "CRM", ["facts"], now=NOW, partner_id="p-1")
    assert verify_key(engine, text) == key
    for wrong in ("", "nonsense", text + "x", f"pf_{key.id}_", f"pf_unknown_{text.rpartition('_')[2]}"):
        assert verify_key(engine, wrong) is None
    assert text.split("_", 2)[2] not in str(rows(engine, api_keys))
    assert revoke_key(engine, key.id, now=day(1))
    assert not revoke_key(engine, key.id, now=day(1))
    assert verify_key(engine, text) is None
    assert [each.revoked_at for each in list_keys(engine)] == [day(1)]


def test_the_first_answer_counts(engine: Engine) -> None:
    answer = Answered("digest", 202, {"lead_id": "1"})
    assert recall(engine, "key-1", "k") is None
    assert remember(engine, "key-1", "k", answer, now=NOW) == answer
    assert remember(engine, "key-1", "k", Answered("other", 409, None), now=NOW) == answer
    assert recall(engine, "key-1", "k") == answer
    assert recall(engine, "key-2", "k") is None
    assert forget_before(engine, day(1)) == 1
    assert recall(engine, "key-1", "k") is None


def test_parked_commits_wait_for_a_person(engine: Engine) -> None:
    sent = commit("lead:a", 3, step(claim()))
    park(engine, sent, "It was refused.", now=NOW)
    park(engine, sent, "It was refused again.", now=day(1))
    [kept] = parked_commits(engine)
    assert (kept.commit, kept.why, kept.parked_at) == (sent, "It was refused.", NOW)
    assert resolve(engine, "lead:a", "run-1", 3, now=day(2))
    assert not resolve(engine, "lead:a", "run-1", 3, now=day(2))
    assert parked_commits(engine) == []


def test_the_same_mail_is_kept_once(engine: Engine) -> None:
    mail = Delivered("id@x", "owner@p-1.example", "Subject", "text", "<p>html</p>", NOW)
    deliver(engine, mail)
    deliver(engine, mail)
    assert delivered_mails(engine) == [mail]
    assert delivered_mails(engine, to="owner@p-1.example") == [mail]
    assert delivered_mails(engine, to="owner@p-2.example") == []


def test_a_lead_that_ended_does_not_keep_its_partner_from_registering_again(engine: Engine) -> None:
    a_partner(engine)
    first, _ = submit(engine, **submission())
    write_commit(engine, commit(f"lead:{first}", 1, step(claim())), now=NOW)
    write_commit(engine, commit(f"lead:{first}", 2, step(release(), trigger="expire"), state="expired"), now=NOW)
    second, existing = submit(engine, **submission())
    assert (second != first, existing) == (True, False)
    # The first is reinstated: the second is the one that the partner gets back, and nothing breaks.
    write_commit(engine, commit(f"lead:{first}", 3, step(claim(), trigger="reinstate"), state="in_review"), now=NOW)
    assert submit(engine, **submission()) == (second, True)


def test_a_reinstated_lead_is_the_one_that_its_partner_gets_back(engine: Engine) -> None:
    a_partner(engine)
    first, _ = submit(engine, **submission())
    write_commit(engine, commit(f"lead:{first}", 1, step(claim())), now=NOW)
    write_commit(engine, commit(f"lead:{first}", 2, step(release(), trigger="expire"), state="expired"), now=NOW)
    write_commit(engine, commit(f"lead:{first}", 3, step(claim(), trigger="reinstate"), state="in_review"), now=NOW)
    assert submit(engine, **submission()) == (first, True)
