"""Alembic migrations. `chaperone release` runs them; script.py.mako says what each must keep."""
