"""The rows of the access playbook. All instants are UTC; people are named by the directory's subject."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

_INSTANT = DateTime(timezone=True)


class AccessRequest(SQLModel, table=True):
    """One wish for one entitlement, and what became of it."""

    __tablename__ = "access_request"

    id: UUID = Field(primary_key=True)
    status: str
    submission: str | None = None
    """Slack's id of the form that was sent, so that a replay of it is one request."""
    requester: str
    requester_name: str
    requester_slack: str | None = None
    target: str
    entitlement: str
    duration_seconds: int
    reason: str
    purpose: str | None = None
    minimum_necessary: str | None = None
    path: str | None = None
    policy_hash: str
    decided_by_policies: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    approvals_needed: int = 0
    asked: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    """The subjects who could approve when the request was made."""
    asked_slack: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    """The same people's Slack ids, whose Home tabs show the request."""
    asked_fallback: bool = False
    """Nobody of the path's own approvers was there, so its fallback was asked."""
    created_at: datetime = Field(sa_type=_INSTANT)
    expires_at: datetime = Field(sa_type=_INSTANT)
    decided_at: datetime | None = Field(default=None, sa_type=_INSTANT)
    decided_by: str | None = None
    decided_by_name: str | None = None
    note: str | None = None

    @property
    def duration(self) -> timedelta:
        return timedelta(seconds=self.duration_seconds)


class AccessApproval(SQLModel, table=True):
    """One person's yes to one request. The database lets nobody say it twice, and nobody take it back."""

    __tablename__ = "access_approval"

    request_id: UUID = Field(primary_key=True)
    approver: str = Field(primary_key=True)
    approver_name: str
    slack_user: str | None = None
    policy_hash: str
    at: datetime = Field(sa_type=_INSTANT)


class AccessGrant(SQLModel, table=True):
    """One entitlement given for a while. ``due_at`` is the truth about when it ends."""

    __tablename__ = "access_grant"

    id: UUID = Field(primary_key=True)
    status: str
    request_id: UUID
    subject: str
    account: str
    vendor: str
    target: str
    entitlement: str
    parameters: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    duration_seconds: int
    began_at: datetime = Field(sa_type=_INSTANT)
    due_at: datetime = Field(sa_type=_INSTANT)
    remind_at: datetime | None = Field(default=None, sa_type=_INSTANT)
    active_at: datetime | None = Field(default=None, sa_type=_INSTANT)
    ended_at: datetime | None = Field(default=None, sa_type=_INSTANT)
    """When somebody ended it before its time; None where it ran out."""
    ended_by: str | None = None
    end_reason: str | None = None
    revoked_at: datetime | None = Field(default=None, sa_type=_INSTANT)
    lag_seconds: float | None = None
    """From the moment it should have been gone to the read-back that showed it gone."""
    standing: bool = False
    """The person held the entitlement before, in their own right: it is never taken from them."""
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    after: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    ticket: str | None = None
    vendor_request_ids: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    sessions_ended: int | None = None
    failures: int = 0
    last_error: str | None = None
    retry_at: datetime | None = Field(default=None, sa_type=_INSTANT)
    claim: UUID | None = None
    """The worker's token: only who claimed the row last may record an outcome."""
    claimed_until: datetime | None = Field(default=None, sa_type=_INSTANT)

    @property
    def duration(self) -> timedelta:
        return timedelta(seconds=self.duration_seconds)

    @property
    def to_be_gone_at(self) -> datetime:
        """The instant from which lag is measured: an early end, else the due time."""
        return self.ended_at or self.due_at
