"""`partnerflow whatif` and `partnerflow report` as people call them, and what is said of a wrong file."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.edition_file import read_edition
from cli.sentences import CannotGoOn
from records.database import open_database
from records.migrate import migrate
from tests.cli.running import partnerflow
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
        ("name: draft\nbased_on: '2022'\nchanges: 7\n", ", line 3: changes are lines like path: value."),
    ],
)  # fmt: skip
def test_a_wrong_file_gets_a_sentence_with_the_line(tmp_path: Path, text: str, says: str) -> None:
    assert wrong(tmp_path, text).startswith(says)


def test_the_example_is_an_edition() -> None:
    rules = read_edition(EXAMPLE)
    assert rules.based_on == "2022"
    assert rules.digest() != read_edition(EXAMPLE).model_copy(update={"name": "other"}).digest()


def test_both_commands(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    migrate(url)
    engine = open_database(url)
    members(engine, 2)
    # The command's clock is the real one: what it is to know has been told long ago.
    told = datetime(2024, 1, 15, tzinfo=UTC)
    complete(engine, "p-00000", 2_600, at=told)
    complete(engine, "p-00001", 3_600, at=told)
    engine.dispose()
    settings = {"PARTNERFLOW_DATABASE_URL": url}
    plots = tmp_path / "whatif.html"
    ran = partnerflow("whatif", "--edition", EXAMPLE, "--as-of", "2024-03-01", "--html", plots, **settings)
    assert ran.returncode == 0, ran.stderr
    assert "Of 2 partners, on the facts of 2024-03-01, 0 would stand higher or as a master and 1 lower" in ran.stdout
    assert "advisor gold misses $400 MRR referred" in ran.stdout
    assert "p-00000" in plots.read_text()
    assert partnerflow("whatif", "--edition", EXAMPLE, "--as-of", "March", **settings).returncode == 2
    assert "can't be read" in partnerflow("whatif", "--edition", tmp_path / "none.yaml", **settings).stderr
    page = tmp_path / "season.html"
    ran = partnerflow("report", "season", "2027-H1", "--output", page, **settings)
    assert ran.returncode == 0, ran.stderr
    assert "Partner program, 2027-H1" in page.read_text()
    assert "not a half" in partnerflow("report", "season", "2027-H3", **settings).stderr
