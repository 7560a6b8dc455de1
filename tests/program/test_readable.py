"""What people write is kept; what nobody can keep, or what reads as something else, is not."""

import pytest

from program.readable import is_one_line, is_readable


@pytest.mark.parametrize(
    "text",
    ["Müller\u00a0GmbH", "50\u202f%", "Donau\u00addampf", "👨\u200d👩\u200d👧", "株式会社", "e\u0301", ""],
)
def test_what_word_processors_and_keyboards_give(text: str) -> None:
    assert (is_readable(text), is_one_line(text)) == (True, True)


@pytest.mark.parametrize("text", ["two\nlines", "two\r\nlines", "a\ttable", "two\u2028lines", "two\u2029parts"])
def test_more_than_a_line(text: str) -> None:
    assert (is_readable(text), is_one_line(text)) == (True, False)


@pytest.mark.parametrize("text", ["a\0b", "a\x1bb", "a\x7fb", "a\x85b", "half \ud83d", "exe.\u202egpj"])
def test_what_is_refused(text: str) -> None:
    assert (is_readable(text), is_one_line(text)) == (False, False)
