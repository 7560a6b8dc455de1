"""Every kind of life that is told with faults. Leads go by themselves, so that not too many lives go at once."""

from tests.faults.lives import Life
from tests.faults.lives_of_accounts import Denied, Revoked, TakenOver
from tests.faults.lives_of_leads import TwoLeads
from tests.faults.lives_of_members import Joined
from tests.faults.lives_of_standings import Stood

LEADS: tuple[type[Life], ...] = (TwoLeads,)
OTHERS: tuple[type[Life], ...] = (TakenOver, Denied, Revoked, Joined, Stood)
KINDS = (*LEADS, *OTHERS)
