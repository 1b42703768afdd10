"""Whether a request really comes from Slack (https://docs.slack.dev/authentication/verifying-requests-from-slack)."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.clock import Clock
from core.errors import Refused

WINDOW = 300
"""Seconds by which a timestamp may be off: an older request is a replay."""

_LONGEST_TIMESTAMP = 12


class Forged(Refused):
    """The request is not signed by Slack, or not lately. Its text goes into the log, never into the reply."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Checks requests against one signing secret. ``clock`` is the machine's: Slack does not travel in time."""

    secret: bytes = field(repr=False)
    clock: Clock

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Raises Forged. Compares in constant time."""
        timestamp = headers.get("x-slack-request-timestamp", "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP):
            raise Forged("The timestamp is missing or no number.")
        if abs(self.clock.now().timestamp() - int(timestamp)) > WINDOW:
            raise Forged("The timestamp is more than five minutes off. Check this machine's clock.")
        signed = b"v0:" + timestamp.encode() + b":" + body
        expected = "v0=" + hmac.digest(self.secret, signed, "sha256").hex()
        if not hmac.compare_digest(expected.encode(), headers.get("x-slack-signature", "").encode()):
            raise Forged("The signature does not fit. Check SLACK_SIGNING_SECRET.")
