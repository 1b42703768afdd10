"""From the names that people write in a catalogue to the ids that Identity Center wants."""

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta

from core.clock import Clock
from core.errors import Permanent
from integrations.aws_api import USER_ID, AwsApi, Instances, Missing, unique

REMEMBERED_FOR = timedelta(minutes=5)
REMEMBERED_AT_MOST = 512


class Remembered:
    """The newest answers, for five minutes of the clock. What could not be looked up is never in here."""

    def __init__(self, clock: Clock, *, at_most: int = REMEMBERED_AT_MOST) -> None:
        self._clock = clock
        self._at_most = at_most
        self._kept: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    def get(self, name: str) -> str | None:
        arn, since = self._kept.get(name, (None, self._clock.now()))
        return arn if timedelta() <= self._clock.now() - since < REMEMBERED_FOR else None

    def put(self, name: str, arn: str) -> None:
        self._kept[name] = (arn, self._clock.now())
        self._kept.move_to_end(name)
        while len(self._kept) > self._at_most:
            self._kept.popitem(last=False)

    def forget(self, name: str) -> None:
        self._kept.pop(name, None)


class Names:
    """Looks names up in Identity Center. Users are asked for each time: they come, go and are renamed."""

    def __init__(self, api: AwsApi, clock: Clock, instances: Instances) -> None:
        self._api = api
        self._instances = instances
        self._permission_sets = Remembered(clock)
        self._walking = asyncio.Lock()

    async def user(self, account: str) -> str:
        """The user id for a user name; a user id is taken as it is."""
        if USER_ID.fullmatch(account):
            return account
        store = (await self._instances.one()).store
        try:
            return await self._api.read(
                "identitystore:GetUserId",
                lambda: self._api.store.get_user_id(
                    IdentityStoreId=store, AlternateIdentifier=unique("userName", account)
                )["UserId"],
            )
        except Missing as missing:
            raise Permanent(
                f"Identity Center has no user called {account!r}. Correct accounts.aws of this person in the"
                " directory; where the user was deleted or renamed, put the user id there."
            ) from missing

    async def permission_set(self, name: str) -> str:
        """The ARN for a permission set's name; an ARN is taken as it is."""
        if name.startswith("arn:"):
            return name
        async with self._walking:  # the walk is long and throttled: those who wait find it done
            return self._permission_sets.get(name) or await self._walk(name)

    def forget(self, name: str) -> None:
        """Look this permission set up afresh next time: AWS said that the remembered one is gone."""
        self._permission_sets.forget(name)

    async def _walk(self, name: str) -> str:
        instance = (await self._instances.one()).arn
        pages = self._api.sso.get_paginator("list_permission_sets")
        arns = await self._api.read(
            "sso:ListPermissionSets",
            lambda: [arn for page in pages.paginate(InstanceArn=instance) for arn in page["PermissionSets"]],
        )
        for arn in arns:
            seen = await self._name_of(instance, arn)
            self._permission_sets.put(seen, arn)
            if seen == name:
                return arn
        raise Permanent(
            f"Identity Center has no permission set called {name!r}. Correct permission_set in the catalogue."
        )

    async def _name_of(self, instance: str, arn: str) -> str:
        try:
            return await self._api.read(
                "sso:DescribePermissionSet",
                lambda: self._api.sso.describe_permission_set(InstanceArn=instance, PermissionSetArn=arn)[
                    "PermissionSet"
                ]["Name"],
            )
        except Missing:  # deleted since it was listed
            return arn
