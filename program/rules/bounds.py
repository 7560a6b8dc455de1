"""Numbers that a rule can have: bounds against slips of the pen, and no rules themselves."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

Percent = Annotated[Decimal, Field(ge=0, le=100)]
WholePercent = Annotated[int, Field(ge=0, le=100)]
Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000_000)]
Days = Annotated[int, Field(ge=0, le=3_660)]
Months = Annotated[int, Field(ge=0, le=1_200)]
Employees = Annotated[int, Field(ge=0, le=1_000_000)]
