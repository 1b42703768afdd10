"""Whether and when to try again: a decision on the attempt and the error, made without waiting."""

from dataclasses import dataclass
from datetime import timedelta

from core.errors import ChaperoneError, Transient


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """``after`` says when to try again; None: give up."""

    after: timedelta | None


GIVE_UP = RetryDecision(None)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubling waits between ``first`` and ``longest``; ``attempts`` tries in all, None: for ever.

    What the other side asks for (``Transient.retry_after``) is obeyed. Errors of ours other than Transient are
    final; an unforeseen error (a lost database, a bug) is tried again, since giving up would lose the work.
    """

    first: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(minutes=5)
    attempts: int | None = None

    def decide(self, attempt: int, error: Exception) -> RetryDecision:
        """``attempt`` counts from 1: how often the work has been tried by now."""
        if isinstance(error, ChaperoneError) and not isinstance(error, Transient):
            return GIVE_UP
        if self.attempts is not None and attempt >= self.attempts:
            return GIVE_UP
        if isinstance(error, Transient) and error.retry_after is not None:
            return RetryDecision(timedelta(seconds=error.retry_after))
        return RetryDecision(min(self.first * 2 ** min(attempt - 1, 20), self.longest))
