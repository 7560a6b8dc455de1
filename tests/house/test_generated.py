"""Generated files are committed, and say what the code says."""

import pytest

from docs.generate import GENERATORS, is_stale


@pytest.mark.parametrize("path", GENERATORS)
def test_a_generated_file_is_up_to_date(path: str) -> None:
    assert not is_stale(path), f"{path} is stale: run `make docs` and commit it."
