"""The small commands: keys, partners, queues."""

from __future__ import annotations

from pathlib import Path

from cli.examples import example
from records.database import open_database
from records.keys import verify_key
from tests.cli.running import partnerflow
from tests.records.mrr_files import accounts


def test_a_key_is_shown_once_and_ends_when_it_is_revoked(database_url: str) -> None:
    stack = {"PARTNERFLOW_DATABASE_URL": database_url}
    made = partnerflow("keys", "create", "CRM", "--scope", "crm", **stack)
    assert made.returncode == 0, made.stderr
    text = made.stdout.strip()
    engine = open_database(database_url)
    try:
        key = verify_key(engine, text)
        assert key is not None
        assert key.scopes == {"crm"}
        listed = partnerflow("keys", "list", **stack).stdout
        assert key.id in listed
        assert text not in listed
        assert partnerflow("keys", "revoke", key.id, **stack).returncode == 0
        assert verify_key(engine, text) is None
    finally:
        engine.dispose()
    again = partnerflow("keys", "revoke", key.id, **stack)
    assert again.returncode == 2
    assert "no key" in again.stderr


def test_a_key_of_an_unknown_scope_or_partner_is_refused(database_url: str) -> None:
    stack = {"PARTNERFLOW_DATABASE_URL": database_url}
    scope = partnerflow("keys", "create", "x", "--scope", "everything", **stack)
    assert (scope.returncode, "possible are partner, crm, read, admin" in scope.stderr) == (2, True)
    partner = partnerflow("keys", "create", "x", "--scope", "partner", "--partner", "nobody", **stack)
    assert (partner.returncode, "no partner nobody" in partner.stderr) == (2, True)


def test_partners_are_imported_all_or_none(database_url: str, tmp_path: Path) -> None:
    stack = {"PARTNERFLOW_DATABASE_URL": database_url}
    imported = partnerflow("partners", "import", example("partners.csv"), **stack)
    assert imported.stdout.strip() == "60 partners imported."
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("id,name,contact_name,contact_email,joined_at\na,A,Desk,desk.example,2026-01-01\n")
    run = partnerflow("partners", "import", wrong, **stack)
    assert (run.returncode, "Line 2, column «contact_email»" in run.stderr) == (2, True)


def test_mrr_is_imported_and_bad_lines_are_named(database_url: str, tmp_path: Path) -> None:
    stack = {"PARTNERFLOW_DATABASE_URL": database_url}
    engine = open_database(database_url)
    accounts(engine, Ab12Cd="shop.example")
    engine.dispose()
    file = tmp_path / "mrr.csv"
    file.write_text("account,month,email_mrr,sms_mrr\nAb12Cd,2026-01,100.50,0\nZz99Zz,2026-01,1,0\n")
    run = partnerflow("import", "mrr", file, **stack)
    assert run.returncode == 1, run.stderr
    assert "line 3: The account Zz99Zz is unknown" in run.stdout
    assert "Of 2 lines 1 were taken" in run.stdout
    again = partnerflow("import", "mrr", file, **stack)
    assert "0 were taken, 0 corrected what was there, 1 were there already, and 1 were refused." in again.stdout
    missing = partnerflow("import", "mrr", tmp_path / "none.csv", **stack)
    assert (missing.returncode, "can't be read" in missing.stderr) == (2, True)


def test_queues_are_links_into_the_web_ui(database_url: str) -> None:
    run = partnerflow(
        "queues",
        PARTNERFLOW_DATABASE_URL=database_url,
        PARTNERFLOW_UI_URL="https://ui.example",
        TEMPORAL_NAMESPACE="np",
    )
    assert run.returncode == 0, run.stderr
    assert "Reviewer: 0 waiting" in run.stdout
    assert "https://ui.example/namespaces/np/workflows?query=" in run.stdout
