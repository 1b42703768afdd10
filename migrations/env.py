"""How Alembic reaches the database: URL from core.database.migrate, one runner at a time, short lock waits."""

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

_RELEASE_LOCK = 0x63686170  # "chap": two releases at once take turns

engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
with engine.connect() as connection:
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = '15min'"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _RELEASE_LOCK})
    connection.commit()
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
