"""Every kind of life that is told with faults."""

from tests.faults.lives import Life
from tests.faults.lives_of_accounts import Denied, Revoked, TakenOver
from tests.faults.lives_of_leads import TwoLeads
from tests.faults.lives_of_members import Joined

KINDS: tuple[type[Life], ...] = (TwoLeads, TakenOver, Denied, Revoked, Joined)
