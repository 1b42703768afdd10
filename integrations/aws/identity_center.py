"""AccessProvider for AWS IAM Identity Center: one account assignment for one user.

Identity Center takes no idempotency key, works asynchronously and cannot end a role session that is already open
(https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreateAccountAssignment.html). So each change is
observed before and after, and the number of live sessions reads as "cannot tell".
"""

import re
from datetime import datetime

from core.clock import Clock
from core.errors import Permanent, Transient
from integrations.aws.assignments import Assignment, Assignments, Kind, Progress, Ticket
from integrations.aws.names import Names
from integrations.aws_api import AwsApi, Instances, Missing
from integrations.ports import Access, Observed, Receipt

ROUNDS = 5
"""Deletions in one go before we come back later: a store that keeps duplicates gives them up one by one."""


class IdentityCenter:
    """Gives and takes account assignments.

    ``Access.parameters``: ``account`` (12 digits) and ``permission_set`` (name or ARN). ``Access.account``: the
    identity store's user name, or user id. Run in the management account: AWS answers
    ListAccountAssignmentsForPrincipal nowhere else.
    """

    native_expiry = False

    def __init__(self, api: AwsApi, *, clock: Clock, instance_arn: str | None = None) -> None:
        self._api = api
        self._instances = Instances(api, arn=instance_arn)
        self._names = Names(api, clock, self._instances)
        self._assignments = Assignments(api)

    async def observe(self, access: Access) -> Observed:
        wanted = await self._assignment(access)
        held = await self._assignments.held(wanted)
        return Observed(
            present=(wanted.permission_set, wanted.principal) in held,
            entitlements=tuple(sorted({_in_words(one, wanted.principal) for one in held})),
        )

    async def grant(self, access: Access, *, until: datetime, key: str) -> Receipt:  # noqa: ARG002  AWS takes neither
        """Create the assignment unless it stands. Its end is ours to bring about: AWS has no expiry for it."""
        wanted = await self._assignment(access)
        if await self._stands(wanted):
            return Receipt("done")
        try:
            progress = await self._assignments.create(wanted)
        except Missing:
            self._names.forget(access.parameters["permission_set"])
            raise
        return _granted(wanted, progress)

    async def revoke(self, access: Access, *, key: str) -> Receipt:  # noqa: ARG002  AWS takes no key
        """Delete until the read-back shows nothing.

        The first deletion is made even where nothing is seen: an assignment still being created is not listed, and
        AWS answers such a deletion with a conflict, which brings us back until the matter is settled.
        """
        wanted = await self._assignment(access)
        try:
            return await self._take(wanted)
        except Missing:
            self._names.forget(access.parameters["permission_set"])
            return await self._taken(await self._assignment(access))

    async def poll(self, ticket: str) -> Receipt:
        change = Ticket.read(ticket)
        try:
            progress = await self._assignments.ask(change)
        except Missing:
            return await self._unknown(change)
        if progress.status == "IN_PROGRESS":
            return Receipt("pending", progress.vendor_request_ids, ticket)
        if change.kind == "grant":
            return _granted(change.assignment, progress)
        return await self._after_deletion(change.assignment, progress)

    async def check(self) -> str:
        instance = await self._instances.one()
        await self._api.read(
            "sso:ListPermissionSets",
            lambda: self._api.sso.list_permission_sets(InstanceArn=instance.arn, MaxResults=1),
        )
        await self._api.read(
            "identitystore:ListUsers",
            lambda: self._api.store.list_users(IdentityStoreId=instance.store, MaxResults=1),
        )
        return f"IAM Identity Center answers: {instance.arn}, identity store {instance.store}."

    async def _assignment(self, access: Access) -> Assignment:
        account = _parameter(access, "account")
        if not re.fullmatch(r"\d{12}", account):
            raise Permanent(f"Target {access.target}: account {account!r} is not 12 digits. Correct the catalogue.")
        permission_set = await self._names.permission_set(_parameter(access, "permission_set"))
        instance = (await self._instances.one()).arn
        return Assignment(instance, account, permission_set, await self._names.user(access.account))

    async def _stands(self, wanted: Assignment) -> bool:
        return (wanted.permission_set, wanted.principal) in await self._assignments.held(wanted)

    async def _take(self, wanted: Assignment) -> Receipt:
        ids: tuple[str, ...] = ()
        for _ in range(ROUNDS):
            try:
                progress = await self._assignments.delete(wanted)
            except Missing:
                if not ids:
                    raise
                return await self._taken(wanted, ids)
            ids = (*ids, *progress.vendor_request_ids)
            if progress.status == "IN_PROGRESS":
                return _pending("revoke", wanted, progress, ids)
            if not await self._stands(wanted):
                return Receipt("done", ids)
            if progress.status == "FAILED":
                raise _failed("delete", progress)
        raise Transient(f"AWS still shows the assignment after {ROUNDS} deletions. It is tried again.")

    async def _taken(self, wanted: Assignment, ids: tuple[str, ...] = ()) -> Receipt:
        """AWS knows nothing to delete: done if the list agrees."""
        if await self._stands(wanted):
            raise Transient("AWS lists an assignment that it will not delete yet. It is tried again.")
        return Receipt("done", ids)

    async def _after_deletion(self, wanted: Assignment, progress: Progress) -> Receipt:
        if not await self._stands(wanted):
            return Receipt("done", progress.vendor_request_ids)
        if progress.status == "FAILED":
            raise _failed("delete", progress)
        try:
            return await self._take(wanted)
        except Missing:
            return await self._taken(wanted)

    async def _unknown(self, change: Ticket) -> Receipt:
        """AWS does not know the request: what the account shows decides, and a doubt is not a failure."""
        if await self._stands(change.assignment) == (change.kind == "grant"):
            return Receipt("done")
        raise Transient("AWS does not know this request (any more). It is read back again.", outcome_unknown=True)


def _granted(wanted: Assignment, progress: Progress) -> Receipt:
    if progress.status == "IN_PROGRESS":
        return _pending("grant", wanted, progress, progress.vendor_request_ids)
    if progress.status == "SUCCEEDED":
        return Receipt("done", progress.vendor_request_ids)
    raise _failed("create", progress)


def _pending(kind: Kind, wanted: Assignment, progress: Progress, ids: tuple[str, ...]) -> Receipt:
    return Receipt("pending", ids, Ticket(kind, progress.request, wanted).text())


def _failed(verb: str, progress: Progress) -> Permanent:
    return Permanent(
        f"AWS could not {verb} the assignment: {progress.reason}. Mend that at AWS, then try again."
        f" (AWS request {progress.request})"
    )


def _in_words(held: tuple[str, str], principal: str) -> str:
    permission_set, holder = held
    return permission_set if holder == principal else f"{permission_set} (through group {holder})"


def _parameter(access: Access, name: str) -> str:
    try:
        return access.parameters[name]
    except KeyError:
        raise Permanent(f"Target {access.target} has no parameter {name!r}. Add it in the catalogue.") from None
