"""Ana's own hands at the targets: she connects and asks, whatever Chaperone says about it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
import yaml

from sandbox import aws
from sandbox.house.attending import last_words

if TYPE_CHECKING:
    from mypy_boto3_sso_admin import SSOAdminClient

Session = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Database:
    """A target database as one person's own login sees it."""

    url: str = field(repr=False)

    async def refusal(self) -> str:
        """What the server says when they try to come in; empty when it lets them."""
        try:
            session = await self.enter()
        except psycopg.OperationalError as error:
            return last_words(error)
        await session.close()
        return ""

    async def enter(self) -> Session:
        """Raises psycopg.OperationalError."""
        return await psycopg.AsyncConnection.connect(self.url, autocommit=True, application_name="psql")


async def asked(session: Session, query: LiteralString) -> Sequence[tuple[Any, ...]]:
    """Raises psycopg.Error."""
    return await (await session.execute(query)).fetchall()


async def refused(session: Session, statement: LiteralString) -> str:
    """What the server says against a statement; empty when it does it."""
    try:
        await session.execute(statement)
    except psycopg.Error as error:
        return last_words(error)
    return ""


async def is_cut(session: Session) -> bool:
    """Whether the server has ended the session."""
    try:
        await session.execute("SELECT 1")
    except psycopg.OperationalError:
        return True
    return False


@dataclass(frozen=True, slots=True)
class Aws:
    """The AWS account as its Identity Center tells it, asked at moto itself."""

    endpoint: str
    clinic: Path

    async def holds(self, user: str, account: str, permission_set: str) -> bool:
        """Whether the user has the permission set in the account."""
        return await asyncio.to_thread(self._holds, user, account, permission_set)

    def _holds(self, user: str, account: str, permission_set: str) -> bool:
        seeded = aws.seed(self.endpoint, self.clinic)
        subject = next(each["subject"] for each in self._people() if (each.get("accounts") or {}).get("aws") == user)
        client: SSOAdminClient = aws.session().client("sso-admin", endpoint_url=self.endpoint)
        try:
            listed = client.list_account_assignments(
                InstanceArn=client.list_instances()["Instances"][0]["InstanceArn"],
                AccountId=account,
                PermissionSetArn=seeded.permission_sets[permission_set],
            )
        finally:
            client.close()
        return seeded.users[subject] in {each["PrincipalId"] for each in listed["AccountAssignments"]}

    def _people(self) -> list[dict[str, Any]]:
        return list(yaml.safe_load((self.clinic / "people.yaml").read_text(encoding="utf-8"))["people"])
