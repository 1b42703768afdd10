"""How the server is set up: the words for initdb and pg_ctl, and the settings of each start."""

from pathlib import Path

from core.database.embedded.binaries import Binaries
from core.database.embedded.cluster import SUPERUSER
from core.database.embedded.home import Home

_BUILTIN_LOCALE_SINCE = 17


def initdb_command(found: Binaries, data: Path, secret: Path, *, durable: bool) -> list[str]:
    locale = ["--no-locale"]
    if found.major >= _BUILTIN_LOCALE_SINCE:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    words = [found.program("initdb"), "-D", str(data), "-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={secret}"]
    return [*words, "-E", "UTF8", "--data-checksums", "--no-instructions", *locale, *([] if durable else ["--no-sync"])]


def start_command(found: Binaries, home: Home) -> list[str]:
    """To be run in the cluster's place: pg_ctl hands paths to a shell, and only relative ones are safe there."""
    data, log, settings = (str(path.relative_to(home.place)) for path in (home.data, home.log, home.settings))
    return [
        found.program("pg_ctl"),
        "start",
        "-D",
        data,
        "-l",
        log,
        "-o",
        f"--config-file={settings}",
        "-w",
        "-t",
        "60",
    ]


def server_settings(sockets: Path, port: int, *, tcp: bool, durable: bool) -> str:
    folder = str(sockets).replace("'", "''")
    return f"""\
listen_addresses = '{"127.0.0.1" if tcp else ""}'
port = {port}
unix_socket_directories = '{folder}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = '128MB'
fsync = {"on" if durable else "off"}
idle_in_transaction_session_timeout = '60s'
timezone = 'UTC'
log_timezone = 'UTC'
cluster_name = 'chaperone'
log_line_prefix = '%m [%p] %u@%d '
# Terse, because the detail of an error quotes values out of rows.
log_error_verbosity = 'terse'
"""
