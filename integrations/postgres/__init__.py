"""PostgreSQL role membership as an access provider."""

from integrations.postgres.provider import PostgresProvider
from integrations.postgres.setup import prepare_target

__all__ = ["PostgresProvider", "prepare_target"]
