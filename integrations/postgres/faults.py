"""Turns what the driver raises into our errors. The server's own words stay out: they can quote values."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psycopg
from psycopg import errors

from core.errors import Permanent, Transient
from integrations.postgres.snapshot import Connection


@dataclass
class Progress:
    """How far a change has come: ``committing`` from the moment the COMMIT may have reached the server."""

    committing: bool = False


@asynccontextmanager
async def translated(target: str, progress: Progress) -> AsyncIterator[None]:
    """Raises Transient for what may pass (``outcome_unknown`` once a COMMIT was sent), Permanent for the rest."""
    try:
        yield
    except (psycopg.OperationalError, TimeoutError) as error:
        raise Transient(
            f"The database server of {target} does not answer or broke off ({_name(error)}). "
            "Trying again; check that it runs and can be reached.",
            outcome_unknown=progress.committing,
        ) from error
    except errors.InternalError_ as error:  # "tuple concurrently updated": two sessions altered the same role
        raise Transient(
            f"Somebody else is changing the same role at {target}. Trying again.", outcome_unknown=progress.committing
        ) from error
    except errors.InsufficientPrivilege as error:
        raise Permanent(
            f"The login that Chaperone uses at {target} lacks a right ({_name(error)}). "
            "Run `chaperone check`, which names the missing GRANT."
        ) from error
    except psycopg.Error as error:
        raise Permanent(
            f"The database server of {target} refused the change ({_name(error)}). Its log says why; mend that first."
        ) from error


@asynccontextmanager
async def committed(connection: Connection, progress: Progress) -> AsyncIterator[None]:
    """One transaction. ``progress`` knows afterwards whether its COMMIT was sent."""
    async with connection.transaction():
        yield
        progress.committing = True


def _name(error: Exception) -> str:
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    return f"{type(error).__name__} {state}" if state else type(error).__name__
