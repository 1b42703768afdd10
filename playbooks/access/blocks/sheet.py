"""Everything that a card about one request shows, loaded together so that it tells one truth."""

from dataclasses import dataclass

from playbooks.access.blocks.parts import length, plain
from playbooks.access.lifecycle import GRANTING, REVOKED, REVOKING
from playbooks.access.models import AccessApproval, AccessGrant, AccessRequest
from playbooks.access.policy import Entitlement


@dataclass(frozen=True, slots=True)
class Sheet:
    """A request with its grant and approvals as they are now.

    ``entitlement`` is None once it has left the catalogue. ``path_title`` as the policies call it. ``approvers`` are
    the Slack ids of those who were asked. ``past_grants`` counts this person's earlier grants on this target.
    """

    request: AccessRequest
    grant: AccessGrant | None
    approvals: tuple[AccessApproval, ...]
    entitlement: Entitlement | None
    path_title: str
    approvers: tuple[str, ...]
    past_grants: int = 0
    page_after: int = 5

    @property
    def title(self) -> str:
        """What is asked for, in words: “EHR database: read”."""
        if self.entitlement is None:
            return self.request.entitlement
        return f"{self.entitlement.target.title}: {self.entitlement.title}"

    @property
    def asked_for(self) -> str:
        return f"*{plain(self.title)}* (`{self.request.entitlement}`) for {length(self.request.duration)}"

    @property
    def failing(self) -> bool:
        """A revoke that has failed at least once and is not done."""
        return self.grant is not None and self.grant.status == REVOKING and self.grant.failures > 0

    @property
    def in_hand(self) -> bool:
        return self.grant is not None and self.grant.status in {GRANTING, REVOKING}

    @property
    def ended(self) -> bool:
        return self.grant is not None and self.grant.status == REVOKED
