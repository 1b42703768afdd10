"""The account-assignment calls of Identity Center, in its own terms. When to make them is decided elsewhere."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypedDict

import structlog

from core.errors import Permanent
from integrations.aws_api import AwsApi

Kind = Literal["grant", "revoke"]

log = structlog.get_logger(__name__)


class _Triple(TypedDict):
    """What every call about one assignment names."""

    InstanceArn: str
    PermissionSetArn: str
    PrincipalId: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """One user's direct assignment: ids and ARNs as AWS writes them."""

    instance: str
    account: str
    permission_set: str
    principal: str

    @property
    def triple(self) -> _Triple:
        return {
            "InstanceArn": self.instance,
            "PermissionSetArn": self.permission_set,
            "PrincipalId": self.principal,
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far AWS is with a change.

    ``reason`` is AWS's own on FAILED. ``vendor_request_ids`` name the calls as CloudTrail does.
    """

    status: str
    request: str
    reason: str
    vendor_request_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ticket:
    """What it takes to ask after a change from any process, later. Kept as JSON text."""

    kind: Kind
    request: str
    assignment: Assignment

    def text(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> "Ticket":
        try:
            fields: dict[str, Any] = json.loads(text)
            kind: Kind = "grant" if fields["kind"] == "grant" else "revoke"
            return cls(kind, str(fields["request"]), Assignment(**fields["assignment"]))
        except (ValueError, TypeError, KeyError) as fault:
            raise Permanent("This is no ticket of Identity Center. Read the access back instead.") from fault


class Assignments:
    """Create, delete, ask after, list. Raises what ``integrations.aws_api`` explains."""

    def __init__(self, api: AwsApi) -> None:
        self._api = api

    async def create(self, wanted: Assignment) -> Progress:
        progress = await self._api.change(
            "sso:CreateAccountAssignment",
            lambda: _creation(
                self._api.sso_changes.create_account_assignment(
                    **wanted.triple, TargetId=wanted.account, TargetType="AWS_ACCOUNT", PrincipalType="USER"
                )
            ),
        )
        return _logged("sso:CreateAccountAssignment", progress)

    async def delete(self, wanted: Assignment) -> Progress:
        progress = await self._api.change(
            "sso:DeleteAccountAssignment",
            lambda: _deletion(
                self._api.sso_changes.delete_account_assignment(
                    **wanted.triple, TargetId=wanted.account, TargetType="AWS_ACCOUNT", PrincipalType="USER"
                )
            ),
        )
        return _logged("sso:DeleteAccountAssignment", progress)

    async def ask(self, ticket: Ticket) -> Progress:
        """How far the change is. Raises Missing when AWS no longer (or not yet) knows the request."""
        instance = ticket.assignment.instance
        if ticket.kind == "grant":
            return await self._api.read(
                "sso:DescribeAccountAssignmentCreationStatus",
                lambda: _creation(
                    self._api.sso.describe_account_assignment_creation_status(
                        InstanceArn=instance, AccountAssignmentCreationRequestId=ticket.request
                    )
                ),
            )
        return await self._api.read(
            "sso:DescribeAccountAssignmentDeletionStatus",
            lambda: _deletion(
                self._api.sso.describe_account_assignment_deletion_status(
                    InstanceArn=instance, AccountAssignmentDeletionRequestId=ticket.request
                )
            ),
        )

    async def held(self, wanted: Assignment) -> list[tuple[str, str]]:
        """Every (permission set, principal) that the user has in this account, own and through groups."""
        pages = self._api.sso.get_paginator("list_account_assignments_for_principal")
        return await self._api.read(
            "sso:ListAccountAssignmentsForPrincipal",
            lambda: [
                (one["PermissionSetArn"], one["PrincipalId"])
                for page in pages.paginate(
                    InstanceArn=wanted.instance,
                    PrincipalId=wanted.principal,
                    PrincipalType="USER",
                    Filter={"AccountId": wanted.account},
                )
                for one in page["AccountAssignments"]
            ],
        )


def _logged(operation: str, progress: Progress) -> Progress:
    log.info(
        "aws.changed",
        operation=operation,
        status=progress.status,
        request=progress.request,
        vendor_request_ids=progress.vendor_request_ids,
    )
    return progress


def _creation(reply: Mapping[str, Any]) -> Progress:
    return _progress(reply["AccountAssignmentCreationStatus"], reply)


def _deletion(reply: Mapping[str, Any]) -> Progress:
    return _progress(reply["AccountAssignmentDeletionStatus"], reply)


def _progress(status: Mapping[str, str], reply: Mapping[str, Any]) -> Progress:
    """Read AWS's AccountAssignmentOperationStatus, whose reason stands there on FAILED only."""
    return Progress(
        status["Status"],
        status["RequestId"],
        status.get("FailureReason", "AWS gave no reason"),
        tuple(filter(None, [reply["ResponseMetadata"].get("RequestId")])),
    )
