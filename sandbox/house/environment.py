"""What each process of the sandbox is told through its environment, and nothing of what the user's own shell says."""

import os
import secrets
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from sandbox import aws
from sandbox.house.faults import SandboxFault

_OURS = ("AWS_", "CHAPERONE_", "DATABASE_", "GITHUB_", "LEDGER_", "OKTA_", "PG", "SLACK_", "VAULT_")
_OURS_WHOLE = ("PORT", "LOG_LEVEL", "CLINIC_POSTGRES_URL")
_LOOPBACK = "127.0.0.1,localhost,::1"
BOT_TOKEN = "xoxb-sandbox"
"""What ``sandbox.slack`` installs its app with. Good for this Slack alone, which listens on loopback alone."""


def invented() -> dict[str, str]:
    """Secrets of a new sandbox."""
    return {"signing_secret": secrets.token_hex(16)}


def base() -> dict[str, str]:
    """The user's environment without anything that Chaperone or a vendor's library would read.

    What leads to a proxy stays, but not for this machine.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS) and name not in _OURS_WHOLE}
    return kept | {"NO_PROXY": _LOOPBACK, "no_proxy": _LOOPBACK, "PYTHONUNBUFFERED": "1"}


def chaperone(
    *,
    clinic: Path,
    databases: Mapping[str, str],
    slack_url: str,
    signing_secret: str,
    aws_endpoint: str,
    ledger_key: Path,
    clock: Path,
) -> dict[str, str]:
    """The variables that make Chaperone work in this sandbox. ``databases``: app, owner and clinic (as the granter)."""
    return {
        "CHAPERONE_CONFIG": str(clinic),
        "CHAPERONE_CLOCK_FILE": str(clock),
        "LEDGER_KEY_FILE": str(ledger_key),
        "DATABASE_URL": databases["app"],
        "DATABASE_OWNER_URL": databases["owner"],
        "CLINIC_POSTGRES_URL": databases["clinic"],
        "SLACK_API_URL": f"{slack_url}/api/",
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": signing_secret,
        **aws.environment(aws_endpoint),
    }


def command(*words: str) -> list[str]:
    """Chaperone's own command line, by the interpreter that runs us. Raises SandboxFault where it is not installed."""
    script = Path(sys.executable).with_name("chaperone")
    if not script.exists():
        raise SandboxFault(
            f"There is no {script}. Install Chaperone into this environment: pip install -e '.[sandbox]'"
        )
    return [str(script), *words]


def module(name: str, *words: str) -> list[str]:
    return [sys.executable, "-m", name, *words]


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens on now, all different."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def page_port(wanted: int, tries: int = 20) -> int:
    """``wanted`` or the next free one above it; 0 leaves the choice to the system."""
    for port in range(wanted, wanted + tries if wanted else wanted):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    return 0
