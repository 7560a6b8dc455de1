"""Writing a process's commits. The same function serves as local and as regular activity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from temporalio import activity
from temporalio.common import MetricMeter
from temporalio.exceptions import ApplicationError

from activities import metrics
from activities.breaker import Breaker, Open
from activities.names import AWAY, COMMIT, PARK, REFUSED
from records.benefits import NO_LINKS, BenefitLinks
from records.commits import write_commit
from records.database import WritersBusy
from records.parked import park
from records.refusal import NeverHappened, Refused
from states.effects import Commit, Receipt


@contextmanager
def _as_failures(breaker: Breaker, *, may_probe: bool = True) -> Iterator[None]:
    """Turn what the database says into failures that tell Temporal whether to try again.

    The texts are our own: a driver's message may quote the parameters, which may be personal.
    """
    try:
        with breaker.attempt(may_probe=may_probe):
            yield
    except NeverHappened as refusal:
        raise ApplicationError(str(refusal), refusal.done, type=REFUSED, non_retryable=True) from None
    except Refused as refusal:
        raise ApplicationError(str(refusal), type=REFUSED, non_retryable=True) from None
    except Open:
        raise ApplicationError("The database was away a moment ago; it is tried again soon.", type=AWAY) from None
    except SQLAlchemyError as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        raise ApplicationError(
            f"The database did not take it ({type(cause).__name__}); it is tried again.", type=AWAY
        ) from None


class CommitActivities:
    """The activities that write. `now` is program time.

    `posted` is called, from a worker thread, after a commit that may have written outbox rows. `links` are those that
    this installation has for benefits: they are read here, once for each commit, and never by a process.
    """

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime],
        *,
        posted: Callable[[], None] = lambda: None,
        meter: MetricMeter = MetricMeter.noop,
        links: BenefitLinks = NO_LINKS,
    ) -> None:
        self._engine = engine
        self._links = links
        self._meter = meter
        self._now = now
        self._posted = posted
        self._breaker = Breaker((SQLAlchemyError,), says_nothing=(WritersBusy,))

    @property
    def database_is_there(self) -> bool:
        """Whether the last attempt reached the database."""
        return self._breaker.closed

    # A thread is never interrupted: it would leave the turn of SQLite's writers with nobody.
    @activity.defn(name=COMMIT, no_thread_cancel_exception=True)
    def commit(self, commit: Commit) -> Receipt:
        """Write a commit and say what was decided.

        Fails with `REFUSED`, never to be tried again, or with `AWAY`, to be tried until it works.
        """
        try:
            # Inside a workflow task nobody waits to see whether a hanging database is back: the task's updates would.
            with _as_failures(self._breaker, may_probe=_way() == "fallback"):
                receipt = write_commit(self._engine, commit, now=self._now(), links=self._links)
        except ApplicationError as failure:
            metrics.FAILED_COMMITS.add(self._meter, why="refused" if failure.type == REFUSED else "away")
            raise
        metrics.COMMITS.add(self._meter, way=_way())
        if any(step.effects for step in commit.steps):
            self._posted()
        return receipt

    @activity.defn(name=PARK, no_thread_cancel_exception=True)
    def park(self, commit: Commit, why: str) -> None:
        """Put aside a commit that was refused, for people to look at; fails with `AWAY` only."""
        with _as_failures(self._breaker):
            park(self._engine, commit, why, now=self._now())


def _way() -> str:
    """Which of a commit's attempts this is, in the words of the metric."""
    if not activity.in_activity() or not activity.info().is_local:
        return "fallback"
    return "first_try" if activity.info().attempt == 1 else "second_try"
