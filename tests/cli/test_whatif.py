"""`partnerflow whatif` and `partnerflow report` as people call them, and what is said of a wrong file."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.edition_file import read_edition
from cli.report import season
from cli.sentences import CannotGoOn
from cli.whatif import whatif
from records.database import open_database
from records.migrate import migrate
from tests.records.test_adjusting import members
from tests.records.test_whatif import complete

EXAMPLE = Path(__file__).parents[2] / "examples" / "edition-2028.yaml"
HEAD = 'name: draft\nbased_on: "2022"\nchanges:\n'


def wrong(folder: Path, text: str) -> str:
    file = folder / "edition.yaml"
    file.write_text(text)
    with pytest.raises(CannotGoOn) as raised:
        read_edition(file)
    return str(raised.value).removeprefix(f"{file}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ", line 1: an edition file has the lines name, based_on and changes."),
        ("name: [\n", ", line 2: this is no YAML: "),
        ("name: draft\nchanges: {}\n", ", line 1: «based_on» is missing."),
        ("name: draft\nbased_on: '1999'\nchanges: {}\n", ", line 2: there is no edition 1999; the editions are "),
        ("name: '2022'\nbased_on: '2022'\nchanges: {}\n", ", line 1: there is an edition 2022 already"),
        ("name: draft\nwhat: 1\nbased_on: '2022'\nchanges: {}\n", ", line 2: there is no «what» in an edition file"),
        (HEAD + "  tiers.certified_employees: 2\n  tiers.certified: 2\n", ", line 5: There is no value "),
        (HEAD + "\n\n  tiers.certified_employees: many\n", ", line 6: Input should be a valid integer"),
        (HEAD + "  days: 2\n  days: 3\n", ", line 5: «days» stands twice"),
        (HEAD + "  tiers.requirements.master.bronze.referred_mrr: 2\n", ", line 4: There is no value "),
        (HEAD + "  tiers.requirements.master.gold.tier: silver\n", ", line 4: There is no value "),
        (HEAD + "  tiers: 1\n", ", line 4: tiers is a whole table"),
        (HEAD + "  name: 1\n", ", line 4: There is no value name"),
        (HEAD + "  money.shares.advisor.gold.referred_percent: 500\n", ", line 4: Input should be less than"),
        (HEAD + "  money.shares.master.gold.managed_percent: -50\n", ", line 4: Input should be greater than"),
        (HEAD + "  money.shares.advisor.gold.referred_percent: 1e400\n", ", line 4: Input should be less than"),
        (HEAD + "  money.referred_minimum: -1\n", ", line 4: Input should be greater than or equal to 0"),
        (HEAD + "  tiers.requirements.advisor.gold.referred_mrr: -1\n", ", line 4: Input should be greater than"),
        (HEAD + "  tiers.requirements.advisor.gold.referred_mrr: 1e400\n", ", line 4: Input should be less than"),
        (HEAD + "  tiers.referred_months: -3\n", ", line 4: Input should be greater than or equal to 0"),
        (HEAD + "  tiers.certification_pass_percent: 101\n", ", line 4: Input should be less than or equal to 100"),
        (HEAD + "  tiers.referred_mrr_includes_sms: false\n", ", line 4: tiers.referred_mrr_includes_sms changes"),
        (HEAD + "  leads.window_days: 120\n", ", line 4: leads.window_days changes neither where partners stand"),
        (HEAD + "  money.shares.advisor.gold.referred_months: 9\n", ", line 4: money.shares.advisor.gold."),
        (HEAD + "  tiers.order: [gold]\n", ", line 4: The order has each of partner"),
        (HEAD.replace("draft", ""), ", line 1: the name is a text, such as «2028-draft»"),
        (HEAD.replace("draft", "'  '"), ", line 1: the name is a text, such as «2028-draft»"),
        (HEAD.replace("draft", "2028"), ", line 1: the name is a text, such as «2028-draft»; a number"),
        ("[" * 3_000 + "]" * 3_000, " can't be read: there are too many brackets within brackets in it."),
        (HEAD + "  days: " + "[" * 3_000 + "]" * 3_000 + "\n", " can't be read: there are too many brackets within"),
        ("name: draft\nbased_on: '2022'\nchanges: 7\n", ", line 3: changes are lines like path: value."),
    ],
)  # fmt: skip
def test_a_wrong_file_gets_a_sentence_with_the_line(tmp_path: Path, text: str, says: str) -> None:
    assert wrong(tmp_path, text).startswith(says)


def test_the_example_is_an_edition() -> None:
    rules = read_edition(EXAMPLE)
    assert rules.based_on == "2022"
    assert rules.digest() != read_edition(EXAMPLE).model_copy(update={"name": "other"}).digest()


def test_both_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    monkeypatch.setenv("PARTNERFLOW_DATABASE_URL", url)
    migrate(url)
    engine = open_database(url)
    members(engine, 2)
    # The command's clock is the real one: what it is to know has been told long ago.
    told = datetime(2024, 1, 15, tzinfo=UTC)
    complete(engine, "p-00000", 2_600, at=told)
    complete(engine, "p-00001", 3_600, at=told)
    engine.dispose()
    whatif(EXAMPLE, as_of="2024-03-01", html=tmp_path / "whatif.html")
    said = capsys.readouterr().out
    assert "Of 2 partners, on the facts of 2024-03-01, 0 would stand higher or as a master and 1 lower" in said
    assert "advisor gold misses $400 MRR referred" in said
    assert "p-00000" in (tmp_path / "whatif.html").read_text()
    season("2027-H1", output=tmp_path / "season.html")
    assert "The report of 2027-H1 is in" in capsys.readouterr().out
    assert "Partner program, 2027-H1" in (tmp_path / "season.html").read_text()


def test_what_cannot_be_asked_gets_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTNERFLOW_DATABASE_URL", f"sqlite:///{tmp_path / 'records.db'}")
    with pytest.raises(CannotGoOn, match="--as-of is «March», but a day is written like 2027-03-25"):
        whatif(EXAMPLE, as_of="March")
    with pytest.raises(CannotGoOn, match=r"The edition can't be read from .*none.yaml: No such file"):
        whatif(tmp_path / "none.yaml")
    with pytest.raises(CannotGoOn, match=r"'2027-H3' is not a half|H3 does not exist"):
        season("2027-H3")


@pytest.mark.parametrize("year", ["0001", "1999", "2200", "9999"])
def test_years_that_the_calendar_is_not_used_for(year: str) -> None:
    with pytest.raises(CannotGoOn, match=f"{year}-H2 can't be reported: its year can be 2000 to 2199"):
        season(f"{year}-H2")
    with pytest.raises(CannotGoOn, match=f"--as-of is «{year}-12-31», but its year can be 2000 to 2199"):
        whatif(EXAMPLE, as_of=f"{year}-12-31")


@pytest.mark.parametrize(("half", "day"), [("2000-H1", "2000-01-01"), ("2199-H2", "2199-12-31")])
def test_the_first_and_the_last_year(half: str, day: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    monkeypatch.setenv("PARTNERFLOW_DATABASE_URL", url)
    monkeypatch.setenv("PARTNERFLOW_CLOCK", "2026-01-05T09:00:00Z x1 from 2199-12-31T09:00:00Z")
    migrate(url)
    engine = open_database(url)
    members(engine, 1)
    complete(engine, "p-00000", 2_600, at=datetime(2022, 1, 1, 5, tzinfo=UTC))
    engine.dispose()
    whatif(EXAMPLE, as_of=day)
    season(half, output=tmp_path / "season.html")
    assert f"Partner program, {half}" in (tmp_path / "season.html").read_text()
