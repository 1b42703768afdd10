"""Commands: load, decide, advance, enqueue. One transaction each, and nothing outside is touched."""

from playbooks.access.commands.ask import Ask, ask
from playbooks.access.commands.decide import Approve, Deny, approve, deny, turn_away
from playbooks.access.commands.desk import Desk, Timing
from playbooks.access.commands.end import EndEarly, Withdraw, end_early, withdraw
from playbooks.access.commands.time import expire_grant, expire_request, remind

__all__ = [
    "Approve",
    "Ask",
    "Deny",
    "Desk",
    "EndEarly",
    "Timing",
    "Withdraw",
    "approve",
    "ask",
    "deny",
    "end_early",
    "expire_grant",
    "expire_request",
    "remind",
    "turn_away",
    "withdraw",
]
