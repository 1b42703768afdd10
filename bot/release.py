"""`chaperone release`: the schema brought up to date, and the ledger's signing key made once and for ever."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bot.configuration import Configuration
from bot.wiring import embedded_cluster
from core.database import migrate, pending_migrations
from core.errors import ConfigurationFault
from core.proof.checkpoint import open_note
from core.proof.errors import NotProven
from core.proof.keys import SigningKey

_LAST_NOTE = "SELECT note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Released:
    """``migrations`` are those that were applied. ``key_made`` is True the first time."""

    migrations: list[str]
    verifying_key: str
    key_file: Path
    key_made: bool


def release(configured: Configuration) -> Released:
    """Migrate, then see to the key. Safe to run again. Raises ConfigurationFault, and psycopg's errors."""
    with ExitStack() as stack:
        url = owner_url(configured, stack)
        applied = pending_migrations(url)
        migrate(url)
        key, made = _key(configured, _last_note(url))
    return Released(applied, str(key.verifying_key), configured.key_file, made)


def owner_url(configured: Configuration, stack: ExitStack) -> str:
    """Whoever may change the schema: the embedded server's owner, which ``stack`` then leaves, or as configured."""
    settings = configured.settings
    secret = settings.database_owner_url or settings.database_url
    if secret:
        return secret.get_secret_value()
    cluster = embedded_cluster(configured)
    stack.callback(cluster.stop)
    return cluster.owner_url


def application_url(configured: Configuration, stack: ExitStack) -> str:
    """The same for the application, with its least rights."""
    if configured.settings.database_url:
        return configured.settings.database_url.get_secret_value()
    cluster = embedded_cluster(configured)
    stack.callback(cluster.stop)
    return cluster.app_url


def _last_note(url: str) -> str | None:
    with psycopg.connect(url) as connection:
        row = connection.execute(_LAST_NOTE).fetchone()
    return str(row[0]) if row else None


def _key(configured: Configuration, last_note: str | None) -> tuple[SigningKey, bool]:
    path = configured.key_file
    if path.exists():
        key = configured.signing_key()
        _require_signed(key, last_note, path)
        return key, False
    if last_note is not None:
        what = "the signing key is gone, and this ledger was signed with it. Restore it from its backup."
        raise ConfigurationFault([f"{path}:1: {what}"])
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    key = SigningKey.generate(configured.file.ledger.origin)
    key.write(path)
    return key, True


def _require_signed(key: SigningKey, last_note: str | None, path: Path) -> None:
    if last_note is None:
        return
    try:
        open_note(last_note, [key.verifying_key])
    except NotProven:
        what = "this key did not sign the ledger's last checkpoint. Restore the one that did."
        raise ConfigurationFault([f"{path}:1: {what}"]) from None
