"""What the processes' own tests have: a real server, here with its Web UI, a real worker and a real database."""

import pytest

from states.staff import Member, Role, StaffList
from tests.workflows.conftest import desk, engine, server

__all__ = ["desk", "engine", "server", "staff"]


@pytest.fixture
def staff() -> StaffList:
    """One reviewer and one partner manager: others are answered that they are not on the list."""
    return StaffList(
        staff=(
            Member(address="reviewer@vendor.example", roles=(Role.REVIEWER,)),
            Member(address="manager@vendor.example", roles=(Role.MANAGER,)),
        )
    )
