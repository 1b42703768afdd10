"""Running Chaperone's own command line."""

import subprocess
from collections.abc import Mapping

from sandbox.house import environment as variables

Done = subprocess.CompletedProcess[str]


def chaperone(*words: str, environment: Mapping[str, str], within: float = 60) -> Done:
    """Run it to its end, with these variables and none of the user's own that it would read.

    Raises subprocess.TimeoutExpired.
    """
    return subprocess.run(  # noqa: S603  our own program
        variables.command(*words),
        env=variables.base() | dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=within,
    )
