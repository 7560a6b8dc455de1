"""A partner's manager is told when a client crosses a yearly line: that day, and once for each line."""

from sqlalchemy import Engine

from records.correspondence import subject_of
from records.outbox import MailRow
from records.rendering import render
from records.tables import outbox
from tests.records.making import NOW, a_partner, day, rows
from tests.records.mrr_files import accounts, load
from tests.records.test_mrr import manage, refer


def told(engine: Engine) -> list[tuple[str, str, str]]:
    """Whose manager was told, of which client, and of which line."""
    mails = [row for row in rows(engine, outbox) if row["template"] == "client_reached_line"]
    return [(row["about"]["partner_id"], row["about"]["client"], row["about"]["line"]) for row in mails]


def test_each_line_is_told_once(engine: Engine) -> None:
    accounts(engine, a1="shop.example")
    manage(engine, "p-1", "a1", 0)
    load(engine, "a1,2026-01,4166.66,0")
    assert told(engine) == []
    load(engine, "a1,2026-02,4000,166.67", at=day(1))
    assert told(engine) == [("p-1", "shop.example", "$50,000")]
    load(engine, "a1,2026-02,10,0", at=day(2))
    load(engine, "a1,2026-02,5000,0", at=day(3))
    load(engine, "a1,2026-03,5000,0", at=day(4))
    assert len(told(engine)) == 1
    load(engine, "a1,2026-03,8333.34,0", at=day(5))
    assert told(engine)[1:] == [("p-1", "shop.example", "$100,000")]


def test_several_lines_at_once_are_one_mail_and_all_told(engine: Engine) -> None:
    accounts(engine, a1=None)
    manage(engine, "p-1", "a1", 0)
    load(engine, "a1,2026-01,25000,0")
    assert told(engine) == [("p-1", "a1", "$250,000")]
    load(engine, "a1,2026-02,9000,0", at=day(1))
    load(engine, "a1,2026-03,90000,0", at=day(2))
    assert told(engine)[1:] == [("p-1", "a1", "$1,000,000")]


def test_a_client_is_all_accounts_of_its_domain_and_every_partner_is_told(engine: Engine) -> None:
    accounts(engine, a1="shop.example", b2="shop.example", c3="other.example")
    manage(engine, "p-1", "b2", 0)
    manage(engine, "p-3", "c3", 0)
    refer(engine, "p-2", "shop.example", NOW)
    load(engine, "a1,2026-01,2500,0", "c3,2026-01,2500,0")
    load(engine, "b2,2026-01,2000,0")
    assert told(engine) == [("p-1", "shop.example", "$50,000"), ("p-2", "shop.example", "$50,000")]
    accounts(engine, b2=None)
    load(engine, "b2,2026-02,5000,0", at=day(1))
    assert len(told(engine)) == 2


def test_an_old_month_and_a_client_of_nobody_are_no_news(engine: Engine) -> None:
    accounts(engine, a1=None, b2="shop.example")
    manage(engine, "p-1", "a1", 0)
    load(engine, "a1,2026-02,100,0", "b2,2026-02,90000,0")
    load(engine, "a1,2026-01,90000,0", at=day(1))
    assert told(engine) == []


def test_the_mail_goes_to_the_manager_and_names_client_and_line(engine: Engine) -> None:
    a_partner(engine, manager_address="manager@vendor.example")
    accounts(engine, a1="shop.example")
    manage(engine, "p-1", "a1", 0)
    load(engine, "a1,2026-01,5000,0")
    (row,) = rows(engine, outbox)
    mail = MailRow(**{name: row[name] for name in MailRow.__dataclass_fields__ if name != "only_while"}, only_while=())
    subject = subject_of(engine, mail, now=NOW, link="", client_page=lambda link: link.name)
    words = render(mail.template, subject.context)
    assert (row["to"], subject.manager_address) == ("manager", "manager@vendor.example")
    assert words.subject == "shop.example is worth $50,000 a year"
    assert "a client of Agency p-1, has reached the line of $50,000 a year" in words.text
    assert "twelve times its latest monthly MRR is $60,000" in words.text
