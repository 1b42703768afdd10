"""Which Identity Center we speak to, and the identity store that belongs to it."""

from dataclasses import dataclass

from core.errors import Permanent
from integrations.aws_api.clients import AwsApi


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance's ARN and the id of its identity store."""

    arn: str
    store: str


class Instances:
    """The instance named by configuration (its ARN), or the only one there is. Asked once, then kept."""

    def __init__(self, api: AwsApi, *, arn: str | None = None) -> None:
        self._api = api
        self._wanted = arn
        self._found: Instance | None = None

    async def one(self) -> Instance:
        """The one to use. Raises Permanent, naming those seen, when there is none or no telling which."""
        if self._found is None:
            self._found = self._choose(await self._list())
        return self._found

    async def _list(self) -> list[Instance]:
        pages = self._api.sso.get_paginator("list_instances")
        return await self._api.read(
            "sso:ListInstances",
            lambda: [
                Instance(one["InstanceArn"], one["IdentityStoreId"])
                for page in pages.paginate()
                for one in page["Instances"]
            ],
        )

    def _choose(self, instances: list[Instance]) -> Instance:
        fitting = [one for one in instances if self._wanted in {None, one.arn}]
        if len(fitting) == 1:
            return fitting[0]
        seen = ", ".join(one.arn for one in instances) or "none"
        raise Permanent(
            f"Identity Center shows these instances here: {seen}. Run in the region and management account of the"
            " one you mean, and name its ARN where there are several."
        )
