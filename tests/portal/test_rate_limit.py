"""How often one visitor may send a form."""

from portal import rate_limit
from portal.rate_limit import RateLimit


class Clock:
    """A clock that is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_so_often_and_then_not_until_time_has_passed() -> None:
    clock = Clock()
    limit = RateLimit(at_most=2, seconds=60, clock=clock)
    assert [limit.wait("192.0.2.1"), limit.wait("192.0.2.1")] == [0, 0]
    clock.now = 20
    assert limit.wait("192.0.2.1") == 41
    assert limit.wait("192.0.2.2") == 0, "others are not held up"
    clock.now = 60
    assert limit.wait("192.0.2.1") == 0


def test_a_household_with_ipv6_is_one_visitor() -> None:
    limit = RateLimit(at_most=1)
    assert limit.wait("2001:db8:0:1::1") == 0
    assert limit.wait("2001:db8:0:1::2") > 0
    assert limit.wait("2001:db8:0:2::1") == 0
    assert limit.wait("") == 0


def test_it_remembers_a_limited_number_of_visitors() -> None:
    limit = RateLimit(at_most=1)
    for number in range(rate_limit.MOST_VISITORS + 5):
        limit.wait(f"visitor-{number}")
    assert len(limit._times) == rate_limit.MOST_VISITORS
    assert limit.wait("visitor-0") == 0, "the oldest one is forgotten"
