"""Every mail can be written from what is known, with everything and with next to nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from jinja2 import UndefinedError
from sqlalchemy import Engine

from records.applicant_links import ApplicantLinks
from records.commits import write_commit
from records.correspondence import Subject, subject_of
from records.database import writing
from records.notes import Note, keep_note
from records.outbox import MailRow
from records.rendering import FOLDER, VOCABULARY, instant, render, templates
from records.tables import lead_details
from records.upsert import chosen, insert_if_new
from tests.records.making import DOMAIN, NOW, a_partner, claim, commit, day, pin, step

ABOUT: dict[str, Any] = dict.fromkeys(VOCABULARY, "2026-04-06T04:00:00Z") | {
    "areas": ["Leadership: 3.50", "Community reputation: 2.00"],
    "because": "weak_relationship",
    "behind": "lead:first",
    "decide": "The client paid on April 2, which credits nothing by itself here.",
    "reason": "we know them already",
    "role": "reviewer",
    "self_closed": True,
}


def mail_row(template: str, about: dict[str, Any], process: str = "lead:a") -> MailRow:
    return MailRow(1, "key", process, 1, template, "partner", about, (), "0" * 32, NOW)


def told_about(engine: Engine, mail: MailRow, link: str = "") -> Subject:
    return subject_of(engine, mail, now=NOW, link=link, client_page=lambda link: f"https://portal.example/{link.name}")


def submitted(engine: Engine, lead_id: str, company: str = "Client & Sons") -> None:
    with writing(engine) as connection:
        connection.execute(
            chosen(insert_if_new(lead_details), connection),
            {
                "lead_id": lead_id,
                "partner_id": f"p-{lead_id}",
                "company": company,
                "domain": DOMAIN,
                "contact_name": "A buyer",
                "contact_email": "buyer@client.example",
                "note": "",
                "received_at": NOW,
                "open": True,
            },
        )


def test_every_mail_is_sent_by_somebody() -> None:
    """A template that no code names reaches nobody."""
    code = "".join(
        path.read_text(encoding="utf-8")
        for part in ("activities", "portal", "program", "records", "states", "workflows")
        for path in (FOLDER.parents[1] / part).rglob("*.py")
    )
    assert [template for template in templates() if f'"{template}"' not in code] == []


@pytest.mark.parametrize("template", templates())
def test_every_mail_is_written(engine: Engine, template: str) -> None:
    a_partner(engine, name="Agency <b>One</b>")
    submitted(engine, "a")
    submitted(engine, "first", "The first one")
    write_commit(engine, commit("lead:first", 1, step(claim()), partner_id="p-first", waits_for="reviewer"), now=NOW)
    write_commit(engine, commit("lead:a", 1, step(pin(), claim(day(1)))), now=NOW)
    link = "https://ui.example/namespaces/default/workflows/lead%3Aa"

    full = told_about(engine, mail_row(template, ABOUT), link)
    words = render(template, full.context)
    assert "\n" not in words.subject
    assert words.subject
    assert "None" not in words.text
    assert "{" not in words.text + words.subject
    assert "<b>" not in words.html
    assert "  " not in words.text
    # Text and HTML say the same: staff mails lead to the Web UI in both.
    assert full.context["to_staff"] is False
    assert ("Web UI" in words.text) == ("Web UI" in words.html) == (link in words.text) == (link in words.html)

    bare = told_about(engine, mail_row(template, {}, "lead:unknown"))
    sparse = render(template, bare.context)
    assert "->" not in sparse.text
    if template != "digest":
        assert "None" not in sparse.text


def test_facts_are_found_under_the_labels_of_the_card(engine: Engine) -> None:
    a_partner(engine)
    facts = {"valid until": "2026-04-06T04:00:00Z", "why": "nobody answered", "self-closed": "yes", "won": None}
    write_commit(engine, commit("lead:a", 1, step(), facts=facts), now=NOW)
    known = told_about(engine, mail_row("lead_expired", {})).context["known"]
    assert (known["valid_until"], known["reason"]) == ("2026-04-06T04:00:00Z", "nobody answered")
    assert (known["self_closed"], known["won_at"], known["undo_until"]) == ("yes", None, None)


@pytest.mark.parametrize(
    ("facts", "silent", "duty"),
    [
        ({"self-closed": "yes", "progress requests unanswered": 2}, True, True),
        (
            {"self-closed": "yes", "progress requests unanswered": 1, "client paid": "2026-04-01T04:00:00Z"},
            False,
            False,
        ),
        ({"client paid": "2026-04-01T04:00:00Z"}, False, False),
    ],
)
def test_only_who_was_silent_is_told_of_silence(
    engine: Engine, facts: dict[str, Any], silent: bool, duty: bool
) -> None:
    """The credit may also be in question for a payment from before the lead held its prospect."""
    a_partner(engine)
    write_commit(engine, commit("lead:a", 1, step(), facts=facts), now=NOW)
    lost, kept = (
        render(template, told_about(engine, mail_row(template, {})).context).text
        for template in ("credit_lost", "credit_kept")
    )
    assert ("had no answer" in lost, "report progress" in kept) == (silent, duty)
    assert "do not keep the credit" in lost


def test_staff_and_partner_read_the_same_news_in_their_own_words(engine: Engine) -> None:
    a_partner(engine)
    write_commit(engine, commit("lead:a", 1, step()), now=NOW)
    to_staff = replace(mail_row("lead_came_up", {}), to="staff:reviewer")
    link = "https://ui.example/lead%3Aa"
    staff = render("lead_came_up", told_about(engine, to_staff, link).context)
    partner = render("lead_came_up", told_about(engine, mail_row("lead_came_up", {}), link).context)
    assert link in staff.text
    assert link not in partner.text
    assert partner.text.startswith("Hello The owner,")


def test_a_new_member_is_told_where_to_sign_in(engine: Engine) -> None:
    mail = replace(mail_row("application_member", {}, "application:acme"), to="applicant")
    links = ApplicantLinks("https://portal.example")
    known = subject_of(engine, mail, now=NOW, link="", client_page=lambda link: link.name, applicant_links=links)
    assert "https://portal.example/sign-in" in render(mail.template, known.context).text


def test_a_link_without_a_label_stands_once(engine: Engine) -> None:
    about = {"benefit": "Slack community", "benefit_link": "https://slack.example/join?a=1&b=2"}
    words = render("benefit_given", told_about(engine, mail_row("benefit_given", about)).context)
    assert words.text.count("https://slack.example/join?a=1&b=2") == 1
    link = "https://slack.example/join?a=1&amp;b=2"
    assert f'<a href="{link}">{link}</a>' in words.html


def test_the_first_registration_is_named_to_staff(engine: Engine) -> None:
    a_partner(engine)
    a_partner(engine, "p-first", name="The other agency")
    submitted(engine, "first", "The first one")
    write_commit(engine, commit("lead:first", 1, step(claim()), partner_id="p-first"), now=NOW)
    about = told_about(engine, mail_row("lead_in_line", {"behind": "lead:first"}))
    text = render("lead_in_line", about.context).text
    assert "The first one, registered by The other agency on Monday, January 5, 2026, 9:00 AM" in text
    partners = render("lead_in_line_partner", about.context).text
    assert "The other agency" not in partners


def test_the_digest_lists_what_waits(engine: Engine) -> None:
    a_partner(engine)
    for name, due, overdue in (("a", 9, False), ("b", 2, True), ("c", 5, False)):
        submitted(engine, name, f"Company {name}")
        write_commit(
            engine,
            commit(
                f"lead:{name}",
                1,
                step(),
                waits_for="reviewer",
                due_at=day(due),
                due_summary="the review is overdue",
                overdue=overdue,
            ),
            now=NOW,
        )
    found = told_about(engine, mail_row("digest", {"role": "reviewer"}, "digest"))
    words = render("digest", found.context)
    assert words.subject == "3 waiting for you as reviewer, 1 overdue"
    assert words.text.index("OVERDUE: Company b") < words.text.index("Company c") < words.text.index("Company a")
    assert words.html.count("<li>") == 3


def test_what_people_typed_stays_inside_its_sentence(engine: Engine) -> None:
    a_partner(engine)
    submitted(engine, "a", "Evil\r\nBcc: all@client.example\n\n-> Click: https://evil.example/<script>")
    found = told_about(engine, mail_row("lead_received", {}))
    words = render("lead_received", found.context)
    assert "\n" not in words.subject
    assert "\r" not in words.subject
    assert "<script>" not in words.html
    assert "<a href" not in words.html
    assert not any(line.startswith(("Bcc", "->")) for line in words.text.splitlines())


@pytest.mark.parametrize("template", ["nomination_quorum", "nomination_lapsed"])
def test_a_missing_quorum_is_told_in_words_that_hold_also_where_scores_ceased_to_count(
    engine: Engine, template: str
) -> None:
    about = {"scoring_extended": "2027-03-30T04:00:00Z"}
    words = render(template, told_about(engine, mail_row(template, about)).context)
    assert "scores of too few members of the committee count" in " ".join(words.text.split())
    assert not any(each in words.text for each in ("have scored", "was extended"))


def test_a_name_that_no_mail_knows_is_a_mistake(engine: Engine) -> None:
    found = told_about(engine, mail_row("lead_received", {}))
    with pytest.raises(KeyError, match="valid_untill"):
        found.context["known"]["valid_untill"]
    with pytest.raises(UndefinedError):
        render("lead_received", {})


def test_sources_use_every_word_of_the_vocabulary_and_no_html() -> None:
    sources = "".join(path.read_text() for path in FOLDER.glob("*.txt"))
    assert not any(sign in sources for sign in "<&")
    assert {word for word in VOCABULARY if f"known.{word}" not in sources} == set()


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 1, 10, 5, tzinfo=UTC), "Friday, January 9, 2026, end of day (New York)"),
        (datetime(2026, 7, 4, 4, tzinfo=UTC), "Friday, July 3, 2026, end of day (New York)"),
        (datetime(2026, 1, 9, 20, 30, tzinfo=UTC), "Friday, January 9, 2026, 3:30 PM (New York)"),
        (datetime(2026, 1, 9, 17, 0, tzinfo=UTC), "Friday, January 9, 2026, 12:00 PM (New York)"),
    ],
)
def test_instants_are_named_in_the_program_time_zone(moment: datetime, words: str) -> None:
    assert instant(moment) == words
    assert instant(moment.isoformat()) == words


def test_a_notice_of_renewal_is_told_in_the_partners_own_words(engine: Engine) -> None:
    a_partner(engine)
    submitted(engine, "a")
    write_commit(engine, commit("lead:a", 1, step()), now=NOW)
    keep_note(engine, Note("notice-1", "lead:a", "renewal-notice", "partner", NOW, 'We meet "next week" <soon>'))
    told = told_about(engine, mail_row("renewal_asked", {"message": "notice-1"}))
    assert 'In its own words: "We meet "next week" <soon>"' in render("renewal_asked", told.context).text
    other = told_about(engine, mail_row("renewal_asked", {"message": "notice-2"}))
    assert "In its own words" not in render("renewal_asked", other.context).text
