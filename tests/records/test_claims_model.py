"""Any play of claims, releases and credits against a model so simple that it is right by looking at it."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, Table, delete

from records.commits import write_commit
from records.database import writing
from records.tables import audit, claims, commits, outbox, processes, referrals, terms
from states.effects import Effect, Receipt
from tests.records.making import DOMAIN, NOW, a_partner, claim, commit, credit, day, pin, release, rows, step

PLAYED: tuple[Table, ...] = (audit, claims, commits, outbox, processes, referrals, terms)


@dataclass
class Model:
    """The line of one prospect: processes in it by registration, and which of them holds it."""

    since: dict[str, int] = field(default_factory=dict)
    holder: str = ""
    firm: bool = False
    credited: str = ""
    told: list[tuple[str, str]] = field(default_factory=list)

    def claim(self, who: str, since: int, *, firm: bool, net_new: bool) -> Receipt:
        if self.credited:
            return _held() if self.credited == who else Receipt(claim="taken", claimed_by=self.credited)
        if self.holder == who:
            self.firm = self.firm or firm
            return _held()
        if net_new and self.holder:
            return Receipt(claim="taken", claimed_by=self.holder)
        since = self.since.get(who, since)
        if self.holder and (self.firm or self.since[self.holder] <= since):
            self.since[who] = since
            return Receipt(claim="behind", claimed_by=self.holder)
        if self.holder:
            self.told.append((self.holder, "stand_in_line"))
        self.since[who], self.holder, self.firm = since, who, firm
        return _held()

    def release(self, who: str) -> None:
        self.since.pop(who, None)
        if self.holder == who:
            self.holder, self.firm = (
                min(self.since, key=lambda each: (self.since[each], each), default=""),
                False,
            )
            if self.holder:
                self.told.append((self.holder, "come_up"))

    def credit(self, who: str) -> Receipt:
        if self.credited:
            return _held() if self.credited == who else Receipt(claim="taken", claimed_by=self.credited)
        if self.holder != who:
            return Receipt(claim="behind", claimed_by=self.holder)
        self.credited, self.holder, line = (
            who,
            "",
            sorted(self.since, key=lambda each: (self.since[each], each)),
        )
        self.told += [(other, "close_line") for other in line if other != who]
        self.since.clear()
        return _held()


def _held() -> Receipt:
    return Receipt(claim="held")


WHO = st.sampled_from(["lead:a", "lead:b", "lead:c", "lead:d"])
MOVES = st.lists(
    st.tuples(
        WHO,
        st.sampled_from(["claim", "claim", "claim", "release", "credit"]),
        st.integers(0, 3),
        st.booleans(),
        st.integers(0, 9).map(lambda number: number == 0),
        st.integers(1, 2),
    ),
    max_size=14,
)


@pytest.mark.timeout(300)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(moves=MOVES)
def test_every_play_ends_as_in_the_model(engine: Engine, moves: list[tuple[str, str, int, bool, bool, int]]) -> None:
    with writing(engine) as connection:
        for table in PLAYED:
            connection.execute(delete(table))
    a_partner(engine)
    model = Model()
    for number, (who, what, since, firm, net_new, times) in enumerate(moves, start=1):
        effect: Effect
        if what == "claim":
            effect = claim(day(since), firm=firm, net_new=net_new)
            expected = model.claim(who, since, firm=firm, net_new=net_new)
        elif what == "release":
            effect, expected = release(), Receipt()
            model.release(who)
        else:
            effect, expected = credit(), model.credit(who)
        # The terms are pinned before, in the same step, so that a credit never fails for the lack of them.
        sent = commit(who, number, step(pin(), effect))
        for _ in range(times):
            receipt = write_commit(engine, sent, now=NOW)
        assert receipt.model_copy(update={"terms": None}) == expected

    held = {row["process"]: row["status"] for row in rows(engine, claims)}
    assert held == {who: "held" if who == model.holder else "in_line" for who in model.since}
    assert [(row["target"], row["signal"]) for row in rows(engine, outbox)] == model.told
    assert [(row["process"], row["subject"]) for row in rows(engine, referrals)] == (
        [(model.credited, DOMAIN)] if model.credited else []
    )
