"""The small commands: keys, partners, queues."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli import main
from cli.examples import example
from records.database import open_database
from records.keys import verify_key
from tests.cli.running import COMMAND, called, environment, partnerflow
from tests.records.mrr_files import accounts

TOP = Path(__file__).parents[2]


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


def test_a_key_is_listed_with_the_name_that_it_has(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARTNERFLOW_DATABASE_URL", database_url)
    for name in ("[/red]", "CRM [north]", ":smile:"):
        assert called("keys", "create", name, "--scope", "partner") == 0
    assert called("keys", "list") == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in ("[/red]", "CRM [north]", ":smile:"))


@pytest.mark.parametrize("name", ["", "  "])
def test_a_key_without_a_name_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert called("keys", "create", name, "--scope", "crm") == 2
    assert "A key needs a name, which says who uses it" in capsys.readouterr().err


def test_partners_are_imported_all_or_none(database_url: str, tmp_path: Path) -> None:
    stack = {"PARTNERFLOW_DATABASE_URL": database_url}
    imported = partnerflow("partners", "import", example("partners.csv"), **stack)
    assert imported.stdout.strip() == "60 partners imported."
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("id,name,contact_name,contact_email,joined_at\na,A,Desk,desk.example,2026-01-01\n")
    run = partnerflow("partners", "import", wrong, **stack)
    assert (run.returncode, "Line 2, column «contact_email»" in run.stderr) == (2, True)
    for written, says in (("id;name\na;A\n", "Line 2 has nothing under «id»"), ("", "There is no partner in it")):
        wrong.write_text(written)
        run = partnerflow("partners", "import", wrong, **stack)
        assert (run.returncode, f"{says}. The first line names the columns" in run.stderr) == (2, True)


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


def test_mrr_comes_through_a_pipe(database_url: str, tmp_path: Path) -> None:
    engine = open_database(database_url)
    accounts(engine, Ab12Cd="shop.example")
    engine.dispose()
    run = subprocess.run(
        [*COMMAND, "import", "mrr", "/dev/stdin"],
        input="account,month,email_mrr,sms_mrr\nAb12Cd,2026-01,100.50,0\n",
        env=environment(PARTNERFLOW_DATABASE_URL=database_url),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "Of 1 lines 1 were taken" in run.stdout


def test_ctrl_c_ends_a_command_without_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ended: list[int] = []

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "run", interrupted)
    monkeypatch.setattr(os, "_exit", ended.append)
    monkeypatch.setattr(logging, "shutdown", lambda: None)
    main.main()
    assert ended == [130]
    assert capsys.readouterr() == ("", "")


def test_what_is_loaded_before_a_command_begins_is_little() -> None:
    # Ctrl-C meanwhile would end in a traceback.
    code = (
        "import sys, cli.main; print(*sorted({'sqlalchemy', 'pydantic', 'temporalio', 'settings'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == ""


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
