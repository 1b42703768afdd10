"""The directory as AWS IAM Identity Center's identity store has it, with Slack accounts bound to its users.

https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/welcome.html. A subject is a user id. The
store knows neither managers nor trainings: those stand in the file of bindings.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import NotFound, Permanent, Transient
from integrations.aws_api import USER_ID, AwsApi, Instances, Missing, external, unique
from integrations.directory.bindings import Binding, load_bindings
from integrations.directory.living_file import LivingFile
from integrations.ports import Person

if TYPE_CHECKING:
    from mypy_boto3_identitystore.type_defs import AlternateIdentifierTypeDef, DescribeUserResponseTypeDef

SLACK_ISSUER = "slack:"
"""Without a file of bindings: users carry an external id whose issuer is ``slack:`` and the team's id."""


STRANGER = "The directory binds this Slack account to nobody who works here. Ask its owner to add it."


class IdentityStoreDirectory:
    """Users, groups and memberships of one identity store.

    ``bindings`` names a ``slack.yaml``; without it Slack accounts are the users' external ids. Each answer is asked
    for afresh: nobody is let in on what was true a while ago. Raises ConfigurationFault when made on faulty bindings.
    """

    def __init__(self, api: AwsApi, *, bindings: Path | None = None, instance_arn: str | None = None) -> None:
        self._api = api
        self._instances = Instances(api, arn=instance_arn)
        self._bindings = LivingFile(bindings, load_bindings) if bindings else None
        if self._bindings:
            self._bindings.load()

    async def person(self, subject: str) -> Person:
        unknown = f"The identity store knows no user {subject!r}. Ask its owner to add them."
        if not USER_ID.fullmatch(subject):
            raise NotFound(unknown)
        with _asking(unknown):
            return await self._person(subject, await self._group_names())

    async def by_slack(self, team: str, user: str) -> Person:
        if not team or not user:
            raise NotFound(STRANGER)
        with _asking(STRANGER):
            found = await self._person(await self._bound(team, user), await self._group_names())
        if found.guest:
            raise NotFound(STRANGER)
        return found

    async def members(self, group: str) -> Sequence[Person]:
        with _asking(f"The identity store has no group {group!r}. Correct the name in the policy."):
            subjects, names = await asyncio.gather(self._member_ids(group), self._group_names())
            people = await asyncio.gather(*(self._still_there(subject, names) for subject in subjects))
        return tuple(person for person in people if person and person.active and not person.guest)

    async def _bound(self, team: str, user: str) -> str:
        if self._bindings is None:
            return await self._user_id(external(f"{SLACK_ISSUER}{team}", user))
        binding = self._bindings.now().of_slack(team, user)
        if binding is None:
            raise NotFound(STRANGER)
        return await self._user_id(unique("userName", binding.user))

    async def _person(self, subject: str, group_names: Mapping[str, str]) -> Person:
        store = (await self._instances.one()).store
        user = await self._api.read(
            "identitystore:DescribeUser",
            lambda: _whole(self._api.store.describe_user(IdentityStoreId=store, UserId=subject)),
        )
        user_name = user["UserName"]
        binding = self._binding(user, user_name)
        return Person(
            subject=subject,
            name=user.get("DisplayName", user_name),
            email=next((one["Value"] for one in user.get("Emails", []) if "Value" in one), ""),
            active=user.get("UserStatus", "ENABLED") == "ENABLED",
            slack_team=binding.slack_team if binding else "",
            slack_user=binding.slack_user if binding else "",
            manager=await self._manager(binding),
            groups=await self._groups(subject, group_names),
            accounts={**(binding.accounts if binding else {}), "aws": user_name},
            training_until=binding.training_until if binding else None,
            guest=(binding is not None and binding.guest) or user.get("UserType", "").casefold() == "guest",
        )

    def _binding(self, user: "DescribeUserResponseTypeDef", user_name: str) -> Binding | None:
        if self._bindings is not None:
            return self._bindings.now().of_user(user_name)
        for one in user.get("ExternalIds", []):
            if one["Issuer"].startswith(SLACK_ISSUER):
                return Binding(
                    user=user_name, slack_team=one["Issuer"].removeprefix(SLACK_ISSUER), slack_user=one["Id"]
                )
        return None

    async def _manager(self, binding: Binding | None) -> str | None:
        """The manager's user id; their name where the store no longer has them, so that asking for them fails."""
        if binding is None or binding.manager is None:
            return None
        try:
            return await self._user_id(unique("userName", binding.manager))
        except Missing:
            return binding.manager

    async def _user_id(self, identifier: "AlternateIdentifierTypeDef") -> str:
        store = (await self._instances.one()).store
        return await self._api.read(
            "identitystore:GetUserId",
            lambda: self._api.store.get_user_id(IdentityStoreId=store, AlternateIdentifier=identifier)["UserId"],
        )

    async def _groups(self, subject: str, names: Mapping[str, str]) -> frozenset[str]:
        store = (await self._instances.one()).store
        pages = self._api.store.get_paginator("list_group_memberships_for_member")
        ids = await self._api.read(
            "identitystore:ListGroupMembershipsForMember",
            lambda: [
                one["GroupId"]
                for page in pages.paginate(IdentityStoreId=store, MemberId={"UserId": subject})
                for one in page["GroupMemberships"]
                if "GroupId" in one
            ],
        )
        return frozenset(names[one] for one in ids if one in names)

    async def _group_names(self) -> dict[str, str]:
        store = (await self._instances.one()).store
        pages = self._api.store.get_paginator("list_groups")
        return await self._api.read(
            "identitystore:ListGroups",
            lambda: {
                one["GroupId"]: one.get("DisplayName", one["GroupId"])
                for page in pages.paginate(IdentityStoreId=store)
                for one in page["Groups"]
            },
        )

    async def _member_ids(self, group: str) -> list[str]:
        store = (await self._instances.one()).store
        group_id = await self._api.read(
            "identitystore:GetGroupId",
            lambda: self._api.store.get_group_id(
                IdentityStoreId=store, AlternateIdentifier=unique("displayName", group)
            )["GroupId"],
        )
        pages = self._api.store.get_paginator("list_group_memberships")
        return await self._api.read(
            "identitystore:ListGroupMemberships",
            lambda: [
                one["MemberId"]["UserId"]
                for page in pages.paginate(IdentityStoreId=store, GroupId=group_id)
                for one in page["GroupMemberships"]
                if "MemberId" in one and "UserId" in one["MemberId"]
            ],
        )

    async def _still_there(self, subject: str, names: Mapping[str, str]) -> Person | None:
        """The member, or None when the user was deleted and only the membership is left."""
        try:
            return await self._person(subject, names)
        except Missing:
            return None


def _whole(user: "DescribeUserResponseTypeDef") -> "DescribeUserResponseTypeDef":
    """The reply, unless it was cut short: then this raises KeyError, which the caller takes for a lost reply."""
    user["UserName"]
    return user


@contextmanager
def _asking(unknown: str) -> Iterator[None]:
    """Turn "no such thing" into NotFound and every other refusal into "cannot be asked"."""
    try:
        yield
    except Missing as missing:
        raise NotFound(unknown) from missing
    except Permanent as fault:
        raise Transient(f"The directory cannot be asked. {fault}") from fault
