"""Which of the driver's errors may pass and which need a person."""

import psycopg
import pytest
from psycopg import errors

from core.errors import ChaperoneError, Permanent, Transient
from integrations.postgres.faults import Progress, translated


async def fail_with(error: Exception, *, committing: bool = False) -> ChaperoneError:
    with pytest.raises(ChaperoneError) as told:
        async with translated("clinic-db", Progress(committing)):
            raise error
    return told.value


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (psycopg.OperationalError("gone"), Transient),
        (errors.AdminShutdown("gone"), Transient),
        (errors.QueryCanceled("statement timeout"), Transient),
        (errors.LockNotAvailable("lock timeout"), Transient),
        (errors.DeadlockDetected("deadlock"), Transient),
        (errors.InternalError_("tuple concurrently updated"), Transient),
        (TimeoutError(), Transient),
        (errors.InsufficientPrivilege("no"), Permanent),
        (errors.DependentObjectsStillExist("no"), Permanent),
        (errors.SyntaxError("no"), Permanent),
    ],
)
async def test_what_may_pass_is_transient_and_the_rest_is_permanent(
    error: Exception, kind: type[ChaperoneError]
) -> None:
    assert type(await fail_with(error)) is kind


@pytest.mark.parametrize("error", [psycopg.OperationalError("gone"), TimeoutError(), errors.InternalError_("busy")])
@pytest.mark.parametrize("committing", [True, False])
async def test_the_outcome_is_unknown_only_once_a_commit_was_sent(error: Exception, committing: bool) -> None:
    told = await fail_with(error, committing=committing)
    assert isinstance(told, Transient)
    assert told.outcome_unknown is committing


async def test_the_servers_own_words_stay_out_because_they_can_quote_values() -> None:
    assert "Jane Doe" not in str(await fail_with(errors.UniqueViolation("Key (name)=(Jane Doe) already exists")))
