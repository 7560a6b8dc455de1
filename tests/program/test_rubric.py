"""The rubric's arithmetic and its short form, as properties and by example."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.edition import LATEST
from program.rubric import Sheet, appraise, checked_sheet, read_sheet, shown

RUBRIC = LATEST.elite.rubric
EXAMPLE = "L43 O43344 P44332 C4 M3433 R4"
SCORES = st.integers(RUBRIC.lowest_score, RUBRIC.highest_score)

sheets: st.SearchStrategy[Sheet] = st.fixed_dictionaries(
    {area.area: st.tuples(*[SCORES] * len(area.questions)) for area in RUBRIC.areas}
)
several = st.lists(sheets, min_size=1, max_size=7)


def flat(score: int) -> Sheet:
    return {area.area: (score,) * len(area.questions) for area in RUBRIC.areas}


# -- the short form


@given(sheets)
def test_what_is_written_is_read_back(sheet: Sheet) -> None:
    written = " ".join(area.letter + "".join(map(str, sheet[area.area])) for area in RUBRIC.areas)
    assert read_sheet(RUBRIC, written) == sheet
    assert checked_sheet(RUBRIC, sheet) == sheet


def test_letters_may_be_small_and_in_any_order() -> None:
    assert read_sheet(RUBRIC, "r4 m3433, c4 ; p44332 o43344 l43") == read_sheet(RUBRIC, EXAMPLE)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Leadership is missing: write L and a score for each of its 2 questions."),
        (EXAMPLE.replace("L43", "L4"), "«L4» has 1 score; Leadership has 2 questions."),
        (EXAMPLE.replace("L43", "L"), "«L» has 0 scores; Leadership has 2 questions."),
        (EXAMPLE.replace("C4", "C44"), "«C44» has 2 scores; Client account health has 1 question."),
        (EXAMPLE.replace("R4", "R5"), "«5» in «R5» can't be a score; a score is a whole number from 0 to 4."),
        (EXAMPLE.replace("R4", "R-"), "«-» in «R-» can't be a score; a score is a whole number from 0 to 4."),
        (EXAMPLE.replace("R4", "R٣"), "«٣» in «R٣» can't be a score; a score is a whole number from 0 to 4."),
        (EXAMPLE + " M1111", "Marketing and advocacy (M) stands there twice; keep one."),
        (EXAMPLE + " X4", "«X4» names no area; an area is L (Leadership), O (Operations and communications),"),
        (EXAMPLE.replace(" M3433", ""), "Marketing and advocacy is missing: write M and a score for each of its 4"),
        ("?", "3 more mistakes."),
    ],
)
def test_every_mistake_gets_a_sentence(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as refused:
        read_sheet(RUBRIC, text)
    assert says in str(refused.value)


@given(st.text(max_size=60))
def test_whatever_is_typed_that_is_no_sheet_is_answered_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        read_sheet(RUBRIC, f"{text} L4")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"leadership": [4]}, "«leadership» has 1 score; Leadership has 2 questions."),
        ({"community": [7]}, "7 in «community» can't be a score; a score is a whole number from 0 to 4."),
        ({"charm": [4]}, "«charm» is no area; an area is leadership, operations, product,"),
    ],
)
def test_scores_by_area_are_checked_alike(changed: dict[str, list[int]], says: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as refused:
        checked_sheet(RUBRIC, {**flat(3), **changed})
    assert says in str(refused.value)
    with pytest.raises(ValueError, match="Leadership is missing"):
        checked_sheet(RUBRIC, {name: scores for name, scores in flat(3).items() if name != "leadership"})


# -- the arithmetic


@given(several)
def test_averages_lie_between_the_scores_and_are_exact(given_sheets: list[Sheet]) -> None:
    found = appraise(RUBRIC, given_sheets)
    for marks in found.marks:
        scores = [score for sheet in given_sheets for score in sheet[marks.area]]
        assert min(scores) <= marks.average <= max(scores)
        assert marks.average == Fraction(sum(scores), len(scores))
        assert 0 <= marks.spread <= RUBRIC.highest_score - RUBRIC.lowest_score
    assert found.average == sum((marks.average for marks in found.marks), Fraction(0)) / len(RUBRIC.areas)


@given(several)
def test_it_passes_exactly_when_the_rule_says_so(given_sheets: list[Sheet]) -> None:
    found = appraise(RUBRIC, given_sheets)
    assert found.average is not None
    assert found.weak == tuple(marks.area for marks in found.marks if marks.average < 2)
    assert found.passes == (found.average >= 3 and not found.weak)
    assert found.has_quorum == (len(given_sheets) >= 3)


@given(several, st.randoms())
def test_the_order_of_members_changes_nothing(given_sheets: list[Sheet], chance: object) -> None:
    mixed = list(given_sheets)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert appraise(RUBRIC, mixed) == appraise(RUBRIC, given_sheets)


@given(several, st.data())
def test_a_better_score_never_makes_it_fail(given_sheets: list[Sheet], data: st.DataObject) -> None:
    area = data.draw(st.sampled_from([each.area for each in RUBRIC.areas]))
    better = {**given_sheets[0], area: tuple(min(score + 1, 4) for score in given_sheets[0][area])}
    before, after = appraise(RUBRIC, given_sheets), appraise(RUBRIC, [better, *given_sheets[1:]])
    assert after.average is not None
    assert before.average is not None
    assert after.average >= before.average
    assert after.passes or not before.passes


def test_areas_weigh_the_same_however_many_questions_they_have() -> None:
    strong = {**flat(4), "client_health": (0,)}
    found = appraise(RUBRIC, [strong] * 3)
    assert found.average == Fraction(20, 6)
    assert (found.weak, found.passes) == (("client_health",), False), "one area below 2.0 fails alone"
    assert appraise(RUBRIC, [{**strong, "client_health": (2,)}] * 3).passes, "an area of exactly 2.0 does not"


def test_an_average_of_exactly_three_passes_and_a_hair_less_does_not_and_reads_so() -> None:
    assert appraise(RUBRIC, [flat(3)] * 3).passes
    nearly = appraise(RUBRIC, [flat(3), flat(3), {**flat(3), "operations": (3, 3, 3, 3, 2)}])
    assert nearly.average is not None
    assert not nearly.passes
    assert shown(nearly.average) == "2.98"
    assert shown(Fraction(2999, 1000)) == "2.99", "cut, never rounded up to what would have passed"
    assert shown(Fraction(3)) == "3.00"


def test_without_any_sheet_nothing_passes() -> None:
    found = appraise(RUBRIC, [])
    assert (found.members, found.average, found.marks, found.passes, found.has_quorum) == (0, None, (), False, False)


def test_the_spread_is_between_members_and_not_between_questions() -> None:
    leaders = appraise(RUBRIC, [{**flat(3), "leadership": (4, 0)}, {**flat(3), "leadership": (2, 2)}])
    assert leaders.marks[0].spread == 0
    apart = appraise(RUBRIC, [{**flat(3), "leadership": (4, 4)}, {**flat(3), "leadership": (1, 2)}])
    assert apart.marks[0].spread == Fraction(5, 2)
