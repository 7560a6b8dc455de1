"""The page on the editions is the one the editions would write today."""

from program.edition import EDITIONS
from program.editions_page import COMMAND, MARK, PAGE, TITLES, render
from program.rules.rule import Part


def test_the_committed_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), f"docs/editions.md is stale; run `{COMMAND}` and commit it."


def test_every_part_has_a_title() -> None:
    for edition in EDITIONS.values():
        for name in type(edition).model_fields:
            if isinstance(getattr(edition, name), Part):
                assert f"### {TITLES[name]}\n" in render()


def test_the_page_shows_values_sources_and_choices() -> None:
    lines = render().splitlines()
    assert "| Days from registration in which a lead must succeed | 90 | 2022 guide, lead validity |" in lines
    assert f"| Committee members who must have scored a nomination | 3 | {MARK} the guides are silent |" in lines
    assert any(line.startswith("| master gold | 2,500 | 500 | 2,500 | yes ◆ |") for line in lines)
    assert "| advisor platinum | 20 | 24 | none |" in lines
    assert any(line.startswith("| H1 | March 25 | April 1 |") for line in lines)


def test_2021_shows_only_its_differences_and_a_link() -> None:
    page = render()
    differences = page[page.index("## Edition 2021") :]
    assert "[edition 2022](#edition-2022)" in differences
    assert "| Leads | A lead can be renewed before its window ends | yes | no | 2021 page |" in differences
    assert "Committee members" not in differences


def test_tables_are_well_formed() -> None:
    columns = 0
    for line in render().splitlines():
        here = line.count("|") if line.startswith("|") else 0
        assert not (columns and here and columns != here), line
        columns = here
